#include "app/export/formats.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "app/export/figure/figure.h"
#include "app/export/film/frame_sink.h"
#include "app/export/handout/handout.h"
#include "app/export/pdf.h"
#include "app/export/svg/svg.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"

namespace gf::exporting {
namespace {

// --- pictures

constexpr const char* kHandoutEnding = ".html";

PictureWriter writer_of(std::string bytes) {
  return [bytes = std::move(bytes)](const std::string& path) { return write_whole_file(path, bytes); };
}

/// A figure, in the format that the path names.
Result<PictureWriter> draw_as_figure(const char* ending, const scene::SceneInput& input, const doc::Document& document,
                                     const PictureOptions& options) {
  if (!input.run) return fail(ErrorCode::InvalidArgument, text("A figure shows a run; run a prompt first."), "draw_figure");
  GF_TRY_ASSIGN(const Figure figure, figure_of(options.figure, input, document));
  const bool page = std::string_view(ending) == kHandoutEnding;
  GF_TRY_ASSIGN(std::string bytes, page ? handout_of(figure, input, document, options) : draw_figure(figure, ending, options));
  return writer_of(std::move(bytes));
}

Result<PictureWriter> draw_as_png(render::Offscreen* target, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                  const doc::Document& document, const PictureOptions& options) {
  GF_TRY_ASSIGN(render::Image image, draw_picture(*target, builder, input, document, options));
  return [image = std::move(image)](const std::string& path) { return write_png(image, path); };
}

Result<PictureWriter> draw_as_svg(render::Offscreen* target, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                  const doc::Document& document, const PictureOptions& options) {
  GF_TRY_ASSIGN(std::string svg, draw_svg(*target, builder, input, document, options));
  return [svg = std::move(svg)](const std::string& path) { return write_svg(svg, path); };
}

Result<PictureWriter> draw_as_pdf(render::Offscreen* target, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                  const doc::Document& document, const PictureOptions& options) {
  GF_TRY_ASSIGN(const std::string svg, draw_svg(*target, builder, input, document, options));
  GF_TRY_ASSIGN(std::string pdf, pdf_of_svg(svg, options, input.model->weights->name));
  return writer_of(std::move(pdf));
}

Result<PictureWriter> describe_as_json(render::Offscreen*, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                       const doc::Document& document, const PictureOptions& options) {
  GF_TRY_ASSIGN(const scene::Frame composed, compose(builder, input, document, options));
  std::string json = scene_json(composed.scene, composed.camera, options.width, options.height, input, document);
  return writer_of(std::move(json));
}

Result<PictureWriter> write_as_page(render::Offscreen*, scene::SceneBuilder&, const scene::SceneInput& input, const doc::Document& document,
                                    const PictureOptions& options) {
  GF_TRY_ASSIGN(std::string page, handout_of(input, document, options));
  return writer_of(std::move(page));
}

constexpr PictureFormat kPictureFormats[] = {
    {".png", phrase("PNG pictures"), true, true, draw_as_png},
    {".svg", phrase("SVG drawings, which stay sharp at any size"), true, true, draw_as_svg},
    {".pdf", phrase("PDF pages, for papers"), true, true, draw_as_pdf},
    {kHandoutEnding, phrase("hand-outs: one page for any browser, with the numbers under the pointer"), true, false, write_as_page},
    {".scene.json", phrase("descriptions of a picture"), false, false, describe_as_json},
};

// --- films

Result<void> check_mp4(const std::string&, const FilmOptions& options) {
  if (options.width % 2 != 0 || options.height % 2 != 0)
    return fail(ErrorCode::InvalidArgument,
                text("An MP4 has even sizes: ask for {0}x{1} in place of {2}x{3}.", options.width + options.width % 2,
                     options.height + options.height % 2, options.width, options.height),
                "check_film");
  return check_ffmpeg();
}

Result<void> check_gif(const std::string&, const FilmOptions& options) {
  constexpr int kMostGifFps = 50;
  if (options.fps > kMostGifFps)
    return fail(ErrorCode::InvalidArgument,
                text("A GIF has at most {0} frames a second; ask for fewer than {1}, or for an .mp4.", kMostGifFps, options.fps),
                "check_film");
  return check_ffmpeg();
}

Result<void> check_frames(const std::string& path, const FilmOptions&) { return check_folder(without_slash(path)); }
Result<std::unique_ptr<FrameSink>> open_folder(const std::string& path, const FilmOptions&) { return open_frames(without_slash(path)); }

constexpr FilmFormat kFilmFormats[] = {
    {".mp4", phrase("MP4 film"), 30, check_mp4, open_mp4},
    // It counts hundredths of a second, which 30 frames a second do not divide.
    {".gif", phrase("GIF"), 20, check_gif, open_gif},
    {"/", phrase("PNG frames in a folder"), 30, check_frames, open_folder},
};

// --- both

bool ends_in(std::string_view path, std::string_view ending) {
  const auto small = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return path.size() >= ending.size() && std::ranges::equal(path.substr(path.size() - ending.size()), ending, {}, small);
}

template <class Format>
const Format* format_of(std::span<const Format> formats, std::string_view path) {
  const auto found = std::ranges::find_if(formats, [&](const Format& f) { return ends_in(path, f.ending); });
  return found == formats.end() ? nullptr : &*found;
}

std::string one_or_other(const std::vector<std::string>& endings) {
  std::string words = endings.front();
  for (std::size_t i = 1; i + 1 < endings.size(); ++i) words += ", " + endings[i];
  return endings.size() > 1 ? text("{0} or {1}", words, endings.back()) : words;
}

}  // namespace

Result<PictureWriter> PictureFormat::draw(render::Offscreen* target, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                          const doc::Document& document, const PictureOptions& options) const {
  if (options.figure.empty()) return draw_scene(target, builder, input, document, options);
  if (!drawn)
    return fail(ErrorCode::Unsupported, text("A figure has no scene to describe; write it as {0}.", picture_endings(true)), "draw_figure");
  return draw_as_figure(ending, input, document, options);
}

std::span<const PictureFormat> picture_formats() { return kPictureFormats; }
std::span<const FilmFormat> film_formats() { return kFilmFormats; }

const PictureFormat* picture_format(std::string_view path) { return format_of(picture_formats(), path); }
const FilmFormat* film_format(std::string_view path) { return format_of(film_formats(), path); }

std::string picture_endings(bool drawn_alone) {
  std::vector<std::string> endings;
  for (const PictureFormat& f : kPictureFormats)
    if (f.drawn || !drawn_alone) endings.emplace_back(f.ending);
  return one_or_other(endings);
}

std::string film_endings() {
  std::vector<std::string> endings;
  for (const FilmFormat& f : kFilmFormats) endings.push_back(f.is_folder() ? text("{0} (a folder)", f.ending) : f.ending);
  return one_or_other(endings);
}

}  // namespace gf::exporting

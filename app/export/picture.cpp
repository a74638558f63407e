#include "app/export/picture.h"

#include <QBuffer>
#include <QByteArray>
#include <QImage>
#include <chrono>
#include <thread>

#include "app/export/legend_marks.h"
#include "app/scene/views.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"

namespace gf::exporting {
namespace {

constexpr std::chrono::minutes kLongestWait{5};

/// Builds until all weights have been read: they are read in the background, and a scene shows those that had been when it was built.
Result<void> build_all(scene::Composer& composer, const scene::SceneInput& input, const scene::ViewState& view, const scene::Pane& pane,
                       const std::optional<scene::Pane>& page) {
  const auto start = std::chrono::steady_clock::now();
  for (composer.build(input, view, pane, page); !composer.settled(); composer.build(input, view, pane, page)) {
    if (std::chrono::steady_clock::now() - start > kLongestWait)
      return fail(ErrorCode::Device, text("The weights were not read after five minutes; is the machine overloaded? Try again."),
                  "compose");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return {};
}

/// The share of the height that the caption of a frame takes from below; 0 without one.
float share_of_caption(const scene::Frame& frame, const PictureOptions& options, float letters) {
  constexpr float kLine = 17;
  const glm::vec2 screen = glm::vec2(options.width, options.height) / options.dpr;
  const auto box = caption_box(options.legend ? frame.legend : std::vector<scene::LegendRow>{},
                               {.text = options.caption, .moment = options.moment, .widest = options.widest}, screen, kLine * letters,
                               measured_in_letters, frame.legend_room);
  return box ? 1 - box->low.y / screen.y : 0;
}

}  // namespace

float letters_of(const scene::ViewState& view) {
  return view.camera && view.camera->chosen_in.known() ? view.camera->chosen_in.letters : 1;
}

scene::Pane pane_of(const PictureOptions& options, float letters, bool halved) {
  scene::Pane pane;
  pane.presentation = letters;
  pane.spoken = options.spoken;
  pane.size = glm::vec2(halved ? render::half_of(options.width) : options.width, options.height) / options.dpr;
  if (!options.legend) return pane;
  // As a window of this size has it: a low picture's legend would take room from what it speaks of.
  pane.legend_rows = scene::legend_rows_for(pane);
  pane.foot = scene::legend_share(pane);
  return pane;
}

Result<scene::Frame> compose(scene::SceneBuilder& builder, const scene::SceneInput& asked, const doc::Document& document,
                             const PictureOptions& options, bool moving) {
  scene::Pane pane = pane_of(options, letters_of(document), scene::is_halved(document, asked.run != nullptr));
  GF_TRY_ASSIGN(const scene::SceneInput input, scene::read_for(document.view, asked));
  scene::ViewState view = document;
  // The scene is laid out as in the view that the camera was chosen in; in another layout it would see other things.
  std::optional<scene::Pane> page;
  if (view.camera && view.camera->chosen_in.known()) {
    page = scene::pane_of(view.camera->chosen_in);
    view.camera = render::shown_in(*view.camera, pane.aspect(), pane.foot);
  }
  scene::Composer composer(builder);
  GF_TRY(build_all(composer, input, view, pane, page));
  const scene::Frame frame = composer.frame({}, moving);
  // The numbers of an operation at work stand above the caption.
  const float caption = frame.scene.focus ? share_of_caption(frame, options, pane.presentation) : 0;
  if (caption <= pane.spoken) return frame;
  pane.spoken = caption;
  GF_TRY(build_all(composer, input, view, pane, page));
  return composer.frame({}, moving);
}

render::Overlay picture_overlay(const scene::Frame& frame, const doc::Document& document, const PictureOptions& options, Caption caption) {
  if (!options.legend && caption.text.empty() && caption.moment.empty() && !(caption.veil > 0)) return {};
  return legend_overlay(options.legend ? frame.legend : std::vector<scene::LegendRow>{}, document.theme, std::move(caption),
                        letters_of(document), frame.legend_room);
}

Result<render::Image> draw_picture(render::Offscreen& target, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                   const doc::Document& document, const PictureOptions& options) {
  EXPECTS(options.width > 0 && options.height > 0 && options.dpr > 0, "a picture has a size");
  GF_TRY_ASSIGN(const scene::Frame composed, compose(builder, input, document, options));
  const render::Overlay overlay =
      picture_overlay(composed, document, options, {.text = options.caption, .moment = options.moment, .widest = options.widest});
  return target.draw(*composed.scene.scene, composed.camera, options.width, options.height, options.dpr, overlay);
}

std::optional<std::string> png_of(const render::Image& image) {
  const QImage picture(image.pixels.data(), image.width, image.height, image.width * 4, QImage::Format_RGBA8888);
  QByteArray bytes;
  QBuffer buffer(&bytes);
  // Opaque pictures lose the alpha channel: smaller, and every viewer shows the same.
  if (!buffer.open(QIODevice::WriteOnly) || !picture.convertToFormat(QImage::Format_RGB888).save(&buffer, "PNG")) return std::nullopt;
  return bytes.toStdString();
}

Result<void> write_png(const render::Image& image, const std::string& path, const WholeFileOptions& file) {
  // Encoded in memory first: on a full disk libpng would print to standard error, and the caller would not learn the reason.
  const auto bytes = png_of(image);
  if (!bytes)
    return fail(ErrorCode::OutOfMemory, text("There is not enough memory for the picture {0}; ask for a smaller one.", path), "write_png");
  return write_whole_file(path, *bytes, file);
}

}  // namespace gf::exporting

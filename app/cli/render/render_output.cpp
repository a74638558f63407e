#include "app/cli/render/render_output.h"

#include <cstdio>

#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/render/render_options.h"
#include "app/export/svg/svg.h"
#include "model/base/files/input_files.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

Result<Json> write_scene(const Shown& shown, scene::SceneBuilder& builder, const std::string& path) {
  const exporting::PictureOptions& o = shown.picture;
  GF_TRY_ASSIGN(const scene::Frame composed, exporting::compose(builder, shown.input, shown.document, o));
  GF_TRY(write_whole_file(path, exporting::scene_json(composed.scene, composed.camera, o.width, o.height, shown.input)));
  return Json{{"file", path}, {"size", {o.width, o.height}}};
}

Json picture_reply(const Shown& shown, const std::string& path) {
  return {{"file", path}, {"size", {shown.picture.width, shown.picture.height}}, {"sidecar", exporting::sidecar_path(path)}};
}

Result<Json> write_picture(const Shown& shown, scene::SceneBuilder& builder, const RenderOutput& output) {
  GF_TRY_ASSIGN(const auto target, open_target());
  GF_TRY_ASSIGN(const render::Image image, exporting::draw_picture(*target, builder, shown.input, shown.document, shown.picture));
  if (output.until_drawn) {
    std::puts("drawn");
    return Json();
  }
  GF_TRY(exporting::write_png(image, output.path));
  GF_TRY(exporting::write_sidecar(shown.document, shown.input, shown.picture, output.path));
  return picture_reply(shown, output.path);
}

Result<Json> write_shapes(const Shown& shown, scene::SceneBuilder& builder, const std::string& path) {
  GF_TRY_ASSIGN(const auto target, open_target());
  GF_TRY_ASSIGN(const std::string svg, exporting::draw_svg(*target, builder, shown.input, shown.document, shown.picture));
  GF_TRY(exporting::write_svg(svg, path));
  GF_TRY(exporting::write_sidecar(shown.document, shown.input, shown.picture, path));
  return picture_reply(shown, path);
}

Result<Json> write_film(const Shown& shown, scene::SceneBuilder& builder, const std::string& path) {
  const exporting::PictureOptions& p = shown.picture;
  const exporting::FilmOptions options = exporting::film_options(p, shown.film);
  GF_TRY(exporting::check_film(path, options));
  GF_TRY_ASSIGN(const auto target, open_target());
  const auto shots = exporting::plan_film(shown.document, shown.input, shown.film.plan, p.caption);
  Json reply;
  reply["file"] = path;
  GF_TRY_ASSIGN(reply, film_shots(*target, builder, shots, options, path, "filming", std::move(reply)));
  GF_TRY(exporting::write_sidecar(shown.document, shown.input, p, path, shown.film));
  reply["sidecar"] = exporting::sidecar_path(path);
  return reply;
}

}  // namespace

Result<std::unique_ptr<render::Offscreen>> open_target() {
  auto device = render::Device::create({});
  if (!device && device.error().message.find("mesa-vulkan-drivers") == std::string::npos)
    device.error().message +=
        " " + text("Pictures need a Vulkan 1.3 driver; on Debian: apt install mesa-vulkan-drivers (.scene.json needs none).");
  GF_TRY(device);
  return render::Offscreen::create(*device);
}

Result<Json> film_shots(render::Offscreen& target, scene::SceneBuilder& builder, std::span<const exporting::Shot> shots,
                        const exporting::FilmOptions& options, const std::string& path, const std::string& doing, Json reply) {
  const Interrupt interrupt;
  ProgressBar bar(doing);
  const auto progress = [&bar](int done, int frames) { bar.set(static_cast<double>(done) / frames); };
  GF_TRY_ASSIGN(const exporting::FilmReport report,
                exporting::write_film(target, builder, shots, options, path, progress, interrupt.token()));
  reply["size"] = {options.width, options.height};
  reply["frames"] = report.frames;
  reply["fps"] = options.fps;
  reply["seconds"] = report.seconds;
  reply["ms_per_frame"] = report.wall_ms / report.frames;
  return reply;
}

Result<Json> write_output(const Shown& shown, scene::SceneBuilder& builder, const RenderOutput& output) {
  GF_TRY_ASSIGN(const PictureKind kind, picture_kind(output.path));
  // Checked before anything is drawn.
  GF_TRY(check_output(output.path));
  if (kind != PictureKind::SceneJson) GF_TRY(check_output(exporting::sidecar_path(output.path)));
  switch (kind) {
    case PictureKind::SceneJson: return write_scene(shown, builder, output.path);
    case PictureKind::Film: return write_film(shown, builder, output.path);
    case PictureKind::Svg: return write_shapes(shown, builder, output.path);
    case PictureKind::Png: break;
  }
  return write_picture(shown, builder, output);
}

}  // namespace gf::cli

#include "app/cli/render/render_output.h"

#include <cstdio>

#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/render/render_options.h"
#include "app/export/svg/svg.h"
#include "model/base/input_files.h"
#include "model/base/whole_file.h"

namespace gf::cli {
namespace {

Result<Json> write_scene(const Shown& shown, scene::Machine& machine, const std::string& path) {
  const exporting::PictureOptions& o = shown.picture;
  GF_TRY_ASSIGN(const scene::Frame composed, exporting::compose(machine, shown.input, shown.document, o));
  GF_TRY(write_whole_file(path, exporting::scene_json(composed.scene, composed.camera, o.width, o.height, shown.input)));
  return Json{{"file", path}, {"size", {o.width, o.height}}};
}

Json picture_reply(const Shown& shown, const std::string& path) {
  return {{"file", path}, {"size", {shown.picture.width, shown.picture.height}}, {"sidecar", exporting::sidecar_path(path)}};
}

Result<Json> write_picture(const Shown& shown, scene::Machine& machine, const RenderOutput& output) {
  GF_TRY_ASSIGN(const auto target, open_target());
  GF_TRY_ASSIGN(const render::Image image, exporting::draw_picture(*target, machine, shown.input, shown.document, shown.picture));
  if (output.until_drawn) {
    std::puts("drawn");
    return Json();
  }
  GF_TRY(exporting::write_png(image, output.path));
  GF_TRY(exporting::write_sidecar(shown.document, shown.input, shown.picture, output.path));
  return picture_reply(shown, output.path);
}

Result<Json> write_shapes(const Shown& shown, scene::Machine& machine, const std::string& path) {
  GF_TRY_ASSIGN(const auto target, open_target());
  GF_TRY_ASSIGN(const std::string svg, exporting::draw_svg(*target, machine, shown.input, shown.document, shown.picture));
  GF_TRY(exporting::write_svg(svg, path));
  GF_TRY(exporting::write_sidecar(shown.document, shown.input, shown.picture, path));
  return picture_reply(shown, path);
}

Result<Json> write_film(const Shown& shown, scene::Machine& machine, const std::string& path) {
  const exporting::PictureOptions& p = shown.picture;
  const exporting::FilmOptions options = exporting::film_options(p, shown.film);
  GF_TRY(exporting::check_film(path, options));
  GF_TRY_ASSIGN(const auto target, open_target());
  const auto shots = exporting::plan_film(shown.document, shown.input, shown.film.plan, p.caption);
  const Interrupt interrupt;
  GF_TRY_ASSIGN(const exporting::FilmReport report, [&] {
    ProgressBar bar("filming");
    const auto progress = [&bar](int done, int frames) { bar.set(static_cast<double>(done) / frames); };
    return exporting::write_film(*target, machine, shots, options, path, progress, interrupt.token());
  }());
  GF_TRY(exporting::write_sidecar(shown.document, shown.input, p, path, shown.film));
  return Json{{"file", path},
              {"size", {p.width, p.height}},
              {"frames", report.frames},
              {"fps", options.fps},
              {"seconds", report.seconds},
              {"ms_per_frame", report.wall_ms / report.frames},
              {"sidecar", exporting::sidecar_path(path)}};
}

}  // namespace

Result<std::unique_ptr<render::Offscreen>> open_target() {
  auto device = render::Device::create({});
  if (!device && device.error().message.find("mesa-vulkan-drivers") == std::string::npos)
    device.error().message += " Pictures need a Vulkan 1.3 driver; on Debian: apt install mesa-vulkan-drivers (.scene.json needs none).";
  GF_TRY(device);
  return render::Offscreen::create(*device);
}

Result<Json> write_output(const Shown& shown, scene::Machine& machine, const RenderOutput& output) {
  GF_TRY_ASSIGN(const PictureKind kind, picture_kind(output.path));
  // Said before anything is drawn.
  GF_TRY(check_output(output.path));
  if (kind != PictureKind::SceneJson) GF_TRY(check_output(exporting::sidecar_path(output.path)));
  switch (kind) {
    case PictureKind::SceneJson: return write_scene(shown, machine, output.path);
    case PictureKind::Film: return write_film(shown, machine, output.path);
    case PictureKind::Svg: return write_shapes(shown, machine, output.path);
    case PictureKind::Png: break;
  }
  return write_picture(shown, machine, output);
}

}  // namespace gf::cli

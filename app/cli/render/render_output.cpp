#include "app/cli/render/render_output.h"

#include <cstdio>
#include <utility>

#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/render/render_options.h"
#include "app/export/formats.h"
#include "model/base/files/input_files.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

Result<Json> write_picture(const Shown& shown, scene::SceneBuilder& builder, const exporting::PictureFormat& format, RenderOutput output) {
  std::unique_ptr<render::Offscreen> target;
  if (exporting::needs_device(format, shown.picture)) {
    GF_TRY_ASSIGN(target, output.target.valid() ? output.target.get() : open_target());
  }
  GF_TRY_ASSIGN(const auto write, format.draw(target.get(), builder, shown.input, shown.document, shown.picture));
  if (output.until_drawn) {
    std::puts("drawn");
    return Json();
  }
  GF_TRY(write(output.path));
  Json reply{{"file", output.path}, {"size", {shown.picture.width, shown.picture.height}}};
  if (!format.drawn) return reply;
  GF_TRY(exporting::write_sidecar(shown.document, shown.input, shown.picture, output.path));
  reply["sidecar"] = exporting::sidecar_path(output.path);
  return reply;
}

Result<Json> write_film(const Shown& shown, scene::SceneBuilder& builder, const std::string& path) {
  const exporting::PictureOptions& p = shown.picture;
  const exporting::FilmOptions options = exporting::film_options(p, shown.film);
  GF_TRY(exporting::check_film(path, options));
  GF_TRY_ASSIGN(const auto target, open_target());
  auto shots = exporting::plan_film(shown.document, shown.input, shown.film.plan, p.caption);
  if (shown.document.follow) GF_TRY(exporting::let_follow(shots, builder, options));
  Json reply;
  reply["file"] = path;
  GF_TRY_ASSIGN(reply, film_shots(*target, builder, shots, options, path, "filming", std::move(reply)));
  GF_TRY(exporting::write_sidecar(shown.document, shown.input, p, path, shown.film));
  reply["sidecar"] = exporting::sidecar_path(path);
  return reply;
}

}  // namespace

Target open_target() {
  auto device = render::Device::create({});
  if (!device && device.error().message.find("mesa-vulkan-drivers") == std::string::npos)
    device.error().message +=
        " " + text("Pictures need a Vulkan 1.3 driver; on Debian: apt install mesa-vulkan-drivers (.scene.json needs none).");
  GF_TRY(device);
  return render::Offscreen::create(*device);
}

std::future<Target> begin_target() { return std::async(std::launch::async, open_target); }

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

Result<Json> write_output(const Shown& shown, scene::SceneBuilder& builder, RenderOutput output) {
  GF_TRY(check_format(output.path));
  const exporting::PictureFormat* format = exporting::picture_format(output.path);
  // Checked before anything is drawn.
  GF_TRY(check_output(output.path));
  if (format == nullptr || format->drawn) GF_TRY(check_output(exporting::sidecar_path(output.path)));
  return format != nullptr ? write_picture(shown, builder, *format, std::move(output)) : write_film(shown, builder, output.path);
}

}  // namespace gf::cli

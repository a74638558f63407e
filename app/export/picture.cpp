#include "app/export/picture.h"

#include <QBuffer>
#include <QByteArray>
#include <QImage>
#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

#include "app/scene/cards/cell_numbers.h"
#include "app/scene/cards/explain.h"
#include "app/scene/views.h"
#include "model/base/whole_file.h"

namespace gf::exporting {
namespace picture {
namespace {

constexpr std::chrono::minutes kLongestWait{5};

glm::vec2 size_of(const PictureOptions& o) { return {static_cast<float>(o.width), static_cast<float>(o.height)}; }

}  // namespace
}  // namespace picture

scene::Pane pane_of(const PictureOptions& options, const scene::ViewState& view) {
  scene::Pane pane;
  pane.size = picture::size_of(options) / options.dpr;
  if (options.legend) pane.foot = std::min(0.25F, legend_height(pane.size.x, view.selection.has_value()) / pane.size.y);
  return pane;
}

Result<Composition> compose(scene::Machine& machine, const scene::SceneInput& asked, const doc::Document& document,
                            const PictureOptions& options) {
  const scene::Pane pane = pane_of(options, document);
  GF_TRY_ASSIGN(const scene::SceneInput input, scene::read_for(document.view, asked));
  scene::MachineScene built = machine.build(input, document, pane);
  const auto start = std::chrono::steady_clock::now();
  // Weights are read in the background; only a new build shows what has come.
  while (!machine.settled()) {
    if (std::chrono::steady_clock::now() - start > picture::kLongestWait)
      return fail(ErrorCode::Device, "The weights were not read after five minutes; is the machine overloaded? Try again.", "compose");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    built = machine.build(input, document, pane);
  }
  Composition result{std::move(built), document.camera ? *document.camera : machine.home(input, document, pane)};
  if (document.selection) scene::add_arcs(result.scene, scene::explain(*document.selection, input, document), input.model->weights->config);
  auto labels = scene::cell_labels(result.scene, result.camera, picture::size_of(options), options.dpr);
  auto& all = result.scene.scene->labels;
  all.insert(all.end(), std::make_move_iterator(labels.begin()), std::make_move_iterator(labels.end()));
  return result;
}

render::Overlay picture_overlay(const Composition& composed, const doc::Document& document, const PictureOptions& options,
                                Caption caption) {
  if (!options.legend && caption.text.empty() && caption.moment.empty()) return {};
  std::vector<LegendRow> rows;
  if (options.legend)
    rows =
        legend_rows(composed.scene, composed.camera, picture::size_of(options), document.selection ? &document.selection->tensor : nullptr);
  return legend_overlay(std::move(rows), document.theme, std::move(caption));
}

Result<render::Image> draw_picture(render::Offscreen& target, scene::Machine& machine, const scene::SceneInput& input,
                                   const doc::Document& document, const PictureOptions& options) {
  EXPECTS(options.width > 0 && options.height > 0 && options.dpr > 0, "a picture has a size");
  GF_TRY_ASSIGN(const Composition composed, compose(machine, input, document, options));
  const render::Overlay overlay = picture_overlay(composed, document, options, {.text = options.caption, .moment = {}, .widest = {}});
  return target.draw(*composed.scene.scene, composed.camera, options.width, options.height, options.dpr, overlay);
}

Result<void> write_png(const render::Image& image, const std::string& path) {
  const QImage picture(image.pixels.data(), image.width, image.height, image.width * 4, QImage::Format_RGBA8888);
  // By way of memory: on a full disk libpng would say so itself on standard error, and nobody the reason.
  QByteArray bytes;
  QBuffer buffer(&bytes);
  // Opaque pictures lose the alpha channel: smaller, and every viewer shows the same.
  if (!buffer.open(QIODevice::WriteOnly) || !picture.convertToFormat(QImage::Format_RGB888).save(&buffer, "PNG"))
    return fail(ErrorCode::OutOfMemory, "There is not enough memory for the picture " + path + "; ask for a smaller one.", "write_png");
  return write_whole_file(path, {bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

}  // namespace gf::exporting

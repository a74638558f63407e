#include "app/export/svg/svg.h"

#include <QByteArray>
#include <algorithm>
#include <limits>

#include "app/export/legend_marks.h"
#include "app/export/svg/svg_layers.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"
#include "renderer/labels.h"
#include "renderer/strokes.h"
#include "renderer/text/label_box.h"

namespace gf::exporting {
namespace {

constexpr int kFiner = 2;  ///< the embedded picture is so many times the size of the SVG

/// The panels alone: everything else is drawn as shapes.
render::Scene drawn_panels(const render::Scene& scene) {
  render::Scene panels = scene;
  panels.ribbons.clear();
  panels.lines.clear();
  panels.labels.clear();
  for (render::Panel& p : panels.panels)
    if (!p.hatched) p.frame.a = 0;
  if (scene.left) panels.left = std::make_shared<const render::Scene>(drawn_panels(*scene.left));
  return panels;
}

/// A scene of the picture with the part of the width that it has.
struct Side {
  const render::Scene& scene;
  render::Camera camera;
  glm::vec2 size;            ///< of the picture that the camera sees
  float from = 0;            ///< where that picture begins in the whole
  std::optional<Band> band;  ///< what of it is shown; none: all
  std::string name;          ///< before those of its layers
};
/// One, or two beside each other. Shapes are cut at the line between them as they are made, because neither shapes nor text of SVG
/// Tiny, which Qt reads for a PDF, can be clipped.
std::vector<Side> sides_of(const render::Scene& scene, const render::Camera& camera, glm::vec2 size) {
  if (!scene.left) return {{scene, camera, size, 0, std::nullopt, ""}};
  if (scene.left_camera) {
    const auto wide = static_cast<float>(render::half_of(static_cast<int>(size.x)));
    const glm::vec2 half{wide, size.y};
    return {{*scene.left, *scene.left_camera, half, 0, Band{0, wide}, "left "},
            {scene, camera, half, size.x - wide, Band{0, wide}, "right "}};
  }
  const float line = scene.split * size.x;
  return {{*scene.left, camera, size, 0, Band{0, line}, "base "}, {scene, camera, size, 0, Band{line, size.x}, "edited "}};
}

/// Drawn and encoded for a data URL.
Result<std::string> embedded_png(render::Offscreen& target, const render::Scene& scene, const render::Camera& camera,
                                 const PictureOptions& o) {
  GF_TRY_ASSIGN(const render::Image image, target.draw(scene, camera, kFiner * o.width, kFiner * o.height, kFiner * o.dpr));
  const auto bytes = png_of(image);
  if (!bytes) return fail(ErrorCode::OutOfMemory, text("There is not enough memory for the picture; ask for a smaller one."), "draw_svg");
  return QByteArray::fromRawData(bytes->data(), static_cast<qsizetype>(bytes->size())).toBase64().toStdString();
}

}  // namespace

void add_svg_strokes(SvgWriter& svg, const SvgView& v) {
  const auto add_way = [&](std::string& d, glm::vec3 a, glm::vec3 b, bool on_top) {
    if (a.z <= 0 || b.z <= 0) return;
    if (std::max(a.x, b.x) < 0 || std::max(a.y, b.y) < 0 || std::min(a.x, b.x) > v.size.x || std::min(a.y, b.y) > v.size.y) return;
    const glm::vec2 from(a), way = glm::vec2(b) - from;
    if (on_top) {
      const auto [begin, end] = v.occlusion.in_band(from, from + way);
      if (begin < end) add_segment(d, from + way * begin, from + way * end);
      return;
    }
    for (const auto& [begin, end] : v.occlusion.visible(a, b)) add_segment(d, from + way * begin, from + way * end);
  };
  for (const render::Panel& p : v.scene.panels) {
    if (p.alpha <= 0 || p.frame.a <= 0 || p.hatched) continue;
    const std::array<glm::vec3, 4> ring{v.occlusion.project(p.origin), v.occlusion.project(p.origin + p.across),
                                        v.occlusion.project(p.origin + p.across + p.down), v.occlusion.project(p.origin + p.down)};
    float area = 0;
    for (std::size_t i = 0; i < 4; ++i) area += ring[i].x * ring[(i + 1) % 4].y - ring[(i + 1) % 4].x * ring[i].y;
    const auto length = [&](std::size_t to) { return glm::distance(glm::vec2(ring[to]), glm::vec2(ring[0])); };
    const float narrow = std::abs(area) / 2 / std::max({length(1), length(3), 1.0F});
    const render::LineLook look = render::look_of_frame(p, narrow, v.dpr);
    std::string d;
    for (std::size_t i = 0; i < 4; ++i) add_way(d, ring[i], ring[(i + 1) % 4], false);
    svg.stroke(d, look.color, look.width);
  }
  for (const bool on_top : {false, true})
    for (const render::Line& l : v.scene.lines) {
      if (l.on_top != on_top) continue;
      std::string d;
      std::vector<glm::vec3> points;
      for (const glm::vec3& p : l.points) points.push_back(v.occlusion.project(p));
      for (std::size_t i = 1; i < points.size(); ++i) add_way(d, points[i - 1], points[i], on_top);
      glm::vec2 low(1e9F), high(-1e9F);
      for (const glm::vec3& p : points) {
        low = glm::min(low, glm::vec2(p));
        high = glm::max(high, glm::vec2(p));
      }
      const render::LineLook look = render::look_of_line(l, high - low, v.dpr);
      svg.stroke(d, look.color, look.width);
      if (!l.arrow || points.size() < 2 || points.back().z <= 0) continue;
      const glm::vec2 tip(points.back()), back = tip - glm::vec2(points[points.size() - 2]);
      if (glm::length(back) < 0.1F) continue;
      const glm::vec2 along = glm::normalize(back), across{along.y, -along.x};
      const float half = l.width_px * v.dpr / 2, reach = 6 * v.dpr + 5 * half, wing = 2.5F * v.dpr + 2 * half;
      std::string head;
      Polygon shape{tip, tip - along * reach + across * wing, tip - along * reach - across * wing};
      if (v.occlusion.band()) shape = within(shape, *v.occlusion.band());
      if (shape.size() > 2) add_polygon(head, shape);
      svg.fill(head, l.color);
    }
}

void add_svg_labels(SvgWriter& svg, const SvgView& v) {
  const auto placed = render::place_labels(v.scene, v.camera, v.size, v.dpr);
  // Labels of high priority are drawn last, over the fading labels beside them.
  for (auto it = placed.rbegin(); it != placed.rend(); ++it) {
    const render::Label& label = v.scene.labels[static_cast<std::size_t>(it->index)];
    // A word that crosses the line of a split stands whole on the side that has its middle; both sides mostly say the same there. One
    // that reaches out of a half of the picture would stand in the other half.
    const float middle = (it->low.x + it->high.x) / 2;
    if (const auto& band = v.occlusion.band()) {
      if (middle < band->from || middle >= band->to) continue;
      const bool half = band->to - band->from >= v.size.x;
      if (half && (it->low.x < band->from || it->high.x > band->to)) continue;
    }
    const auto faded = [&](render::Color c) { return render::Color(glm::vec3(c), c.a * it->alpha); };
    if (label.background.a > 0)
      svg.rectangle(it->low, it->high, std::min(4 * v.dpr, (it->high.y - it->low.y) / 2), faded(label.background));
    svg.text({render::label_pen(label, it->low, it->size_px), label.text, it->size_px,
              render::text_width(label.text, it->size_px, label.bold), label.bold, faded(label.color)});
  }
}

void add_svg_legend(SvgWriter& svg, const SvgView& v, const std::vector<scene::LegendRow>& rows, const Caption& caption,
                    const scene::LegendRoom& room) {
  // As in the overlay: a line is 17 pixels high, and the baseline is at 0.8 of it.
  constexpr float kLine = 17, kEms = render::kEmOfLine, kBaseline = 0.8F;
  const MeasureText measure = measured_in_letters;
  for (const Mark& m : legend_marks(rows, caption, v.scene.theme, v.size / v.dpr, kLine * v.letters, measure, room)) {
    if (m.text.empty()) {
      svg.rectangle(m.low * v.dpr, m.high * v.dpr, m.radius * v.dpr, m.color, m.outlined);
      continue;
    }
    glm::vec2 pen = m.low + glm::vec2(0, kBaseline * m.size);
    for (const std::string& line : lines_in_letters(m.text, m.size * kEms, m.wrap)) {
      const float em = m.size * kEms * v.dpr;
      svg.text({pen * v.dpr, line, em, render::text_width(line, em), false, m.color});
      pen.y += m.size;
    }
  }
}

Result<std::string> draw_svg(render::Offscreen& target, scene::SceneBuilder& builder, const scene::SceneInput& input,
                             const doc::Document& document, const PictureOptions& options) {
  EXPECTS(options.width > 0 && options.height > 0 && options.dpr > 0, "a picture has a size");
  GF_TRY_ASSIGN(const scene::Frame composed, compose(builder, input, document, options));
  const render::Scene& scene = *composed.scene.scene;
  GF_TRY_ASSIGN(const std::string png, embedded_png(target, drawn_panels(scene), composed.camera, options));
  const glm::vec2 size(options.width, options.height);
  SvgWriter svg(size, text("{0} on: {1}", input.model->weights->name, document.prompt), "Made with Glassformer " GLASSFORMER_VERSION ".");
  const auto layer = [&](const std::string& name, const auto& add, float from = 0) {
    svg.begin_group(name, from);
    add();
    svg.end_group();
  };
  layer("panels", [&] { svg.image(png); });
  for (const Side& side : sides_of(scene, composed.camera, size)) {
    const Occlusion occlusion(side.scene, side.camera, side.size, side.band);
    const SvgView view{side.scene, side.camera, side.size, options.dpr, occlusion, letters_of(document)};
    layer(side.name + "cells", [&] { add_svg_cells(svg, view); }, side.from);
    layer(side.name + "ribbons", [&] { add_svg_ribbons(svg, view); }, side.from);
    layer(side.name + "frames", [&] { add_svg_strokes(svg, view); }, side.from);
    layer(side.name + "labels", [&] { add_svg_labels(svg, view); }, side.from);
  }
  const std::vector<scene::LegendRow> rows = options.legend ? composed.legend : std::vector<scene::LegendRow>{};
  const Occlusion whole(scene, composed.camera, size);
  const SvgView view{scene, composed.camera, size, options.dpr, whole, letters_of(document)};
  layer("legend", [&] { add_svg_legend(svg, view, rows, {options.caption, {}, {}}, composed.legend_room); });
  return std::move(svg).finish();
}

Result<void> write_svg(const std::string& svg, const std::string& path) { return write_whole_file(path, svg); }

}  // namespace gf::exporting

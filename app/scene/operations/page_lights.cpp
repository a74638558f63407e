#include "app/scene/operations/page_lights.h"

#include <algorithm>
#include <cmath>

#include "app/scene/builder_state.h"
#include "model/base/numbers.h"

namespace gf::scene {
namespace {

/// Where cells of a row stand: the left upper corner of the first and the right lower one of the last.
struct Stretch {
  glm::vec3 low{0}, high{0};
};

class PageLights {
 public:
  PageLights(const Show& show, const ViewScene& scene, const ModelConfig& config, const ResultOnBoard& result, ViewScene::Focus& out)
      : show_(show), scene_(scene), config_(config), result_(result), colors_(palette_of(scene.scene->theme)), out_(out) {}

  void draw() {
    draw_marks();
    draw_moves();
    draw_cells();
    name_plate();
    fill_rows();
  }

 private:
  /// Where `count` neighbours stand from a cell on, `skip` cells after it.
  [[nodiscard]] std::optional<Stretch> stretch(const CellRef& cell, int count, int skip = 0) const {
    const auto place = scene_.find(cell, config_);
    if (!place) return std::nullopt;
    const auto at = static_cast<std::size_t>(place->panel);
    const render::Panel& panel = scene_.scene->panels[at];
    const PanelInfo& info = scene_.panels[at];
    const glm::vec3 right = panel.across / static_cast<float>(info.cols), down = panel.down / static_cast<float>(info.rows);
    const int last = std::min(place->col + skip + count, info.cols);
    Stretch s;
    s.low = panel.origin + right * static_cast<float>(place->col + skip) + down * static_cast<float>(place->row);
    s.high = panel.origin + right * static_cast<float>(last) + down * static_cast<float>(place->row + 1);
    return s;
  }

  void draw_marks() {
    for (const ShowMark& mark : show_.marks) {
      if (mark.kind == ShowMark::Kind::Column) {
        if (const auto place = scene_.find(mark.cell, config_))
          out_.changes.push_back({static_cast<std::size_t>(place->panel), std::nullopt, place->col});
        continue;
      }
      const bool masked = mark.kind == ShowMark::Kind::Masked;
      const auto s = stretch(mark.cell, mark.count, masked ? 1 : 0);
      if (!s) continue;
      render::Color color = mark.kind == ShowMark::Kind::Result ? colors_.accent
                            : mark.kind == ShowMark::Kind::Term ? colors_.edited
                                                                : colors_.text;
      if (masked) {
        render::Color closed = colors_.dim;
        closed.a = 0.35F * mark.strength;
        out_.ribbons.push_back(bar_of(s->low + glm::vec3(0, 0, kInkZ), s->high + glm::vec3(0, 0, kInkZ), closed));
        continue;
      }
      color.a *= mark.strength;
      render::Line l;
      const glm::vec3 front(0, 0, s->low.z == s->high.z ? kInkZ : 0);
      l.points = {s->low + front,
                  {s->high.x, s->low.y, s->low.z + front.z},
                  s->high + front,
                  {s->low.x, s->high.y, s->high.z + front.z},
                  s->low + front};
      l.color = color;
      l.width_px = mark.kind == ShowMark::Kind::Source ? 1.5F : 2;
      l.on_top = true;
      out_.lines.push_back(std::move(l));
    }
  }

  void draw_moves() {
    for (const ShowMove& move : show_.moves) {
      const auto to = stretch(move.to, move.to_count);
      if (!to) continue;
      const glm::vec3 half(0.5F * result_.row, 0.3F * result_.row, 0);
      Stretch from{result_.at - half, result_.at + half};
      if (move.from) {
        const auto s = stretch(*move.from, move.from_count);
        if (!s) continue;
        from = *s;
      }
      const glm::vec3 front(0, 0, kMoveZ);
      const glm::vec3 low = glm::mix(from.low, to->low, move.way) + front, high = glm::mix(from.high, to->high, move.way) + front;
      render::Color color = colors_.accent;
      // A score on its way has the colour that its cell will have.
      const auto made = std::ranges::find(show_.lines, ShowLine::Kind::Result, &ShowLine::kind);
      if (!move.from && show_.cells && made != show_.lines.end()) color = color_of_laid(made->value);
      color.a = move.from ? 0.55F * move.strength : 0.95F;
      out_.ribbons.push_back(bar_of(low, high, color));
    }
  }

  /// A plate that does not show what it is named after says what it shows, and the legend what its colours mean.
  void name_plate() {
    if (!show_.name) return;
    const auto place = scene_.find(show_.name->plate, config_);
    const auto name = place ? std::ranges::find(scene_.plate_names, static_cast<std::size_t>(place->panel), &ViewScene::PlateName::panel)
                            : scene_.plate_names.end();
    if (name == scene_.plate_names.end()) return;
    out_.renamed = ViewScene::Focus::Renamed{name->label, show_.name->words, colors_.text, colors_.tag};
  }

  /// Precondition: the show has cells.
  [[nodiscard]] render::Color color_of_laid(double v) const {
    return render::as_color(
        render::color_of(static_cast<float>(v), static_cast<float>(show_.cells->scale), 0, render::ColorMap::Signed, scene_.scene->theme));
  }

  void draw_cells() {
    if (!show_.cells) return;
    const std::string end = numbers::significant(show_.cells->scale, 3);
    if (const auto plate = scene_.find(show_.cells->first, config_)) out_.laid_in = static_cast<std::size_t>(plate->panel);
    out_.key = ViewScene::Key{show_.cells->title, "-" + end, "+" + end, show_.cells->detail, render::ColorMap::Signed};
    CellRef cell = show_.cells->first;
    for (const double v : show_.cells->values) {
      if (const auto s = stretch(cell, 1); s && std::isfinite(v)) {
        out_.ribbons.push_back(bar_of(s->low + glm::vec3(0, 0, kBoardZ), s->high + glm::vec3(0, 0, kBoardZ), color_of_laid(v)));
        out_.ribbons.back().solid = true;  // as true as the colours of the plate's own cells
      }
      ++cell.index[2];
    }
  }

  void fill_rows() {
    // Less than a cell's last hundredth, so that rounding never shows the next cell.
    constexpr double kShy = 0.01;
    for (std::size_t i = 0; i < scene_.panels.size(); ++i) {
      const PanelInfo& info = scene_.panels[i];
      if (info.tensor.is_weight() || info.tensor.hook != show_.hook) continue;
      for (const ShowFill& fill : show_.fills) {
        if (fill.head >= 0 && info.head != fill.head) continue;
        float rows = 0;
        const auto share = [&](double columns) { return static_cast<float>(std::clamp(columns, 0.0, 1.0)); };
        if (info.mapping == PanelInfo::Mapping::Folded) {
          if (info.position != show_.position) break;
          rows = share(fill.columns / std::max(1, config_.n_vocab)) * static_cast<float>(info.rows);
        } else {
          const double columns = fill.columns - info.col0, all = info.cols;
          const bool causal = info.mapping == PanelInfo::Mapping::Causal;
          const bool whole = causal ? fill.columns >= show_.position + 1 : columns >= all;
          const int row = show_.position - info.row0;
          rows = std::clamp(static_cast<float>(row) + (whole ? 1.0F : share((columns - kShy) / all)), 0.0F, static_cast<float>(info.rows));
        }
        out_.changes.push_back({i, rows, std::nullopt});
      }
    }
  }

  const Show& show_;
  const ViewScene& scene_;
  const ModelConfig& config_;
  const ResultOnBoard& result_;
  const Palette& colors_;
  ViewScene::Focus& out_;
};

}  // namespace

void light_page(const Show& show, const ViewScene& scene, const ModelConfig& config, const ResultOnBoard& result, ViewScene::Focus& out) {
  PageLights(show, scene, config, result, out).draw();
}

}  // namespace gf::scene

#include "app/export/figure/figure_layout.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace gf::exporting {
namespace {

constexpr float kTitleEms = 2.4F, kAxisEms = 1.5F, kNameGap = 0.5F, kPartGap = 2;
constexpr float kLeastNameStep = 1.15F;  ///< ems from one row's name to the next
constexpr float kSmallestName = 0.62F;   ///< of the figure's letters
constexpr float kTallestRow = 2.6F;      ///< ems, of a row whose cells are not square

float widest(const std::vector<std::string>& names, const TextEms& ems) {
  float most = 0;
  for (const std::string& name : names) most = std::max(most, ems(name));
  return std::min(most, static_cast<float>(kWidestName));
}

/// Letters of names that follow each other by `cell` pixels: smaller before names are left out.
float name_em(float cell, float em) { return std::clamp(cell / kLeastNameStep, kSmallestName * em, em); }

int step_for(float cell, float room) { return cell >= room ? 1 : static_cast<int>(std::ceil(room / std::max(cell, 1e-3F))); }

/// A round step for numbers that count up: 1, 2, 4, 8, ...
int round_step(int step) {
  int round = 1;
  while (round < step) round *= 2;
  return round;
}

struct Fitted {
  FigurePart part;
  float cell_area = 0;  ///< in pixels
};

/// `alone`: it stands in the middle of its box.
Fitted fit(const FigureMatrix& m, const FigureBox& box, float em, const TextEms& ems, bool alone) {
  Fitted f;
  const auto rows = static_cast<float>(m.rows()), cols = static_cast<float>(m.cols());
  // The name of the rows' axis stands below their names.
  const float left = em * (std::max(widest(m.row_names, ems), static_cast<float>(kAxisSize) * ems(m.row_axis)) + kNameGap);
  const float name_ems = widest(m.col_names, ems);
  const float room_w = std::max(1.0F, box.width - left);
  const auto below = [&](bool upright) { return em * (kNameGap + (upright ? name_ems : 1) + kAxisEms); };
  const auto size_of = [&](bool upright) {
    const float room_h = std::max(1.0F, box.height - em * kTitleEms - below(upright));
    if (m.causal) {
      const float cell = std::min(room_w / cols, room_h / rows);
      return std::pair(cell * cols, cell * rows);
    }
    return std::pair(room_w, std::min(room_h, rows * em * kTallestRow));
  };
  auto [w, h] = size_of(false);
  // Numbers are thinned out; words that do not fit side by side are turned.
  f.part.upright_columns = m.causal && (name_ems + 0.6F) * em > w / cols;
  if (f.part.upright_columns) std::tie(w, h) = size_of(true);
  const float aside = alone ? std::max(0.0F, (room_w - w - left) / 2) : 0;
  f.part.cells = {std::round(box.x + left + aside), std::round(box.y + em * kTitleEms), std::round(w), std::round(h)};
  f.part.title_y = box.y + em * 1.3F;
  f.part.row_em = name_em(h / rows, em);
  f.part.row_step = step_for(h / rows, f.part.row_em * kLeastNameStep * 0.999F);
  f.part.col_em = f.part.upright_columns ? name_em(w / cols, em) : em;
  f.part.col_step = m.causal ? step_for(w / cols, f.part.col_em * (f.part.upright_columns ? kLeastNameStep * 0.999F : name_ems + 0.6F))
                             : round_step(step_for(w / cols, em * (name_ems + 1)));
  f.cell_area = (w / cols) * (h / rows);
  return f;
}

}  // namespace

FigureLayout lay_out_figure(const Figure& figure, const PictureOptions& options, const TextEms& ems) {
  FigureLayout best;
  const auto width = static_cast<float>(options.width), height = static_cast<float>(options.height);
  // Letters are of a size to read where the figure is as wide as a page.
  const float em = std::max(8.0F, std::min(width / 84, height / 40)) * options.dpr;
  best.em = em;
  best.whole = {1.5F * em, 1.2F * em, std::max(1.0F, width - 3 * em), std::max(1.0F, height - 2.4F * em)};
  best.title_y = best.whole.y + em;
  best.caption_y = height - 1.2F * em;
  const float top = best.whole.y + 2 * em, bottom = best.whole.y + best.whole.height - (options.caption.empty() ? 0 : 2 * em);
  const int n = static_cast<int>(figure.matrices.size());
  float best_area = -1;
  for (int across = 1; across <= n; ++across) {
    const int down = (n + across - 1) / across;
    const FigureBox cell{0, 0, (best.whole.width - kPartGap * em * static_cast<float>(across - 1)) / static_cast<float>(across),
                         (bottom - top - em * static_cast<float>(down - 1)) / static_cast<float>(down)};
    if (cell.width <= 0 || cell.height <= 0) continue;
    std::vector<FigurePart> parts;
    float least = 1e30F;
    for (int i = 0; i < n; ++i) {
      const FigureBox box{best.whole.x + static_cast<float>(i % across) * (cell.width + kPartGap * em),
                          top + static_cast<float>(i / across) * (cell.height + em), cell.width, cell.height};
      const Fitted fitted = fit(figure.matrices[static_cast<std::size_t>(i)], box, em, ems, n == 1);
      parts.push_back(fitted.part);
      least = std::min(least, fitted.cell_area);
    }
    if (least <= best_area) continue;
    best_area = least;
    best.parts = std::move(parts);
  }
  return best;
}

}  // namespace gf::exporting

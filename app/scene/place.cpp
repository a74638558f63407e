// Finds the number of a panel's cell, and the cell of a number.
#include "app/scene/scene_builder.h"

namespace gf::scene {
namespace {

/// The row and column of `cell` on this panel, wherever they lie; nothing where the panel shows no such numbers.
std::optional<std::array<int, 2>> spot_of(const PanelInfo& p, const CellRef& cell, const ModelConfig& config) {
  const auto& i = cell.index;
  switch (p.mapping) {
    case PanelInfo::Mapping::Rows: {
      int feature = i[1];
      const RowShape shape = info_of(cell.tensor.hook.kind).shape;
      if (shape == RowShape::Heads) feature = i[1] * config.d_head + i[2];
      if (shape == RowShape::HeadsDModel) feature = i[1] * config.d_model + i[2];
      return std::array{i[0] - p.row0, feature - p.col0};
    }
    case PanelInfo::Mapping::Causal:
      if (i[0] != p.head || i[2] > i[1]) return std::nullopt;
      return std::array{i[1] - p.row0, i[2] - p.col0};
    case PanelInfo::Mapping::Matrix: return std::array{i[0] - p.row0, i[1] - p.col0};
    case PanelInfo::Mapping::Folded: {
      if (!cell.tensor.is_weight() && i[0] != p.position) return std::nullopt;
      const int feature = (cell.tensor.is_weight() ? i[0] : i[1]) - p.col0;
      if (feature < 0) return std::nullopt;
      return std::array{feature / p.cols, feature % p.cols};
    }
    case PanelInfo::Mapping::Stacked: return std::array{(i[0] - p.row0) * p.pitch + i[1] / p.cols, i[1] % p.cols};
    case PanelInfo::Mapping::Terms: return std::nullopt;  // the cell is that of the sum
  }
  return std::nullopt;
}

/// The cell of a hook with a row for each position.
CellRef cell_in_row(const TensorRef& tensor, int position, int feature, const ModelConfig& config) {
  CellRef ref{tensor, {}};
  switch (info_of(tensor.hook.kind).shape) {
    case RowShape::Heads: ref.index = {position, feature / config.d_head, feature % config.d_head}; break;
    case RowShape::HeadsDModel: ref.index = {position, feature / config.d_model, feature % config.d_model}; break;
    default: ref.index = {position, feature, -1};
  }
  return ref;
}

}  // namespace

std::optional<CellRef> PanelInfo::cell(int row, int col, const ModelConfig& config) const {
  if (row < 0 || row >= rows || col < 0 || col >= cols) return std::nullopt;
  CellRef ref;
  ref.tensor = tensor;
  switch (mapping) {
    case Mapping::Rows: return cell_in_row(tensor, row0 + row, col0 + col, config);
    case Mapping::Causal:
      if (col0 + col > row0 + row) return std::nullopt;
      ref.index = {head, row0 + row, col0 + col};
      return ref;
    case Mapping::Matrix: ref.index = {row0 + row, col0 + col, -1}; return ref;
    case Mapping::Folded: {
      const int feature = col0 + row * cols + col;
      if (tensor.is_weight()) {
        ref.index = {feature, -1, -1};
        return ref;
      }
      if (feature >= config.n_vocab) return std::nullopt;
      ref.index = {position, feature, -1};
      return ref;
    }
    case Mapping::Stacked: {
      const int within = row % pitch, feature = within * cols + col;
      if (within >= fold_rows || feature >= config.d_model) return std::nullopt;
      ref.index = {row0 + row / pitch, feature, -1};
      return ref;
    }
    case Mapping::Terms: {
      const int position = row0 + (at_row < 0 ? row : at_row), feature = col0 + (at_col < 0 ? col : at_col);
      if (info_of(tensor.hook.kind).shape != RowShape::Causal) return cell_in_row(tensor, position, feature, config);
      if (feature > position) return std::nullopt;
      ref.index = {head, position, feature};
      return ref;
    }
  }
  return std::nullopt;
}

std::optional<ViewScene::Place> ViewScene::find(const CellRef& cell, const ModelConfig& config) const {
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const PanelInfo& p = panels[i];
    if (p.tensor != cell.tensor) continue;
    const auto spot = spot_of(p, cell, config);
    if (!spot || (*spot)[0] < 0 || (*spot)[0] >= p.rows || (*spot)[1] < 0 || (*spot)[1] >= p.cols) continue;
    const render::Panel& shown = scene->panels[i];
    const float s = (static_cast<float>((*spot)[1]) + 0.5F) / static_cast<float>(p.cols);
    const float t = (static_cast<float>((*spot)[0]) + 0.5F) / static_cast<float>(p.rows);
    return Place{static_cast<int>(i), (*spot)[0], (*spot)[1], shown.origin + shown.across * s + shown.down * t};
  }
  return std::nullopt;
}

}  // namespace gf::scene

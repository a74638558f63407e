#include "app/scene/cube/cube_product.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "app/scene/sources/scales.h"
#include "app/scene/sources/weight_summary.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

constexpr double kNoTerm = std::numeric_limits<double>::quiet_NaN();
/// Sums of a product that are kept while they grow: a cube of more has the positions about the selected one alone.
constexpr long long kMostSums = 1LL << 22;

/// A cube shows one pass, in the place of a difference the edited one.
Compare shown_pass(Compare compare) { return compare == Compare::Difference ? Compare::Edited : compare; }

explaining::Pass pass_for(const SceneInput& input, Compare compare) { return explaining::pass_of(input, shown_pass(compare)); }

float largest_magnitude(std::span<const float> values) {
  float most = 0;
  for (const float v : values)
    if (std::isfinite(v)) most = std::max(most, std::abs(v));
  return most;
}

/// As scale_of() of a hook, for numbers that are in no trace.
float saturation_of(const std::vector<float>& values) {
  constexpr double kQuantile = 0.995;
  const float scale = values.empty() ? 0 : percentile_of_magnitude(values, kQuantile);
  return std::isfinite(scale) && scale > 0 ? scale : 1;
}

/// A picture, its cards and its clock ask for the same product many times in each second.
struct LastProduct {
  std::mutex mutex;
  std::weak_ptr<const CubeProduct> product;
};

}  // namespace

CubeProduct::CubeProduct(const SceneInput& input, const ViewState& view, const Cube& cube)
    : input_(input), compare_(shown_pass(view.compare)), cube_(cube) {}

std::shared_ptr<const CubeProduct> CubeProduct::of(const SceneInput& input, const ViewState& view, const Cube& cube) {
  if (!why_not_open(input, view, cube).empty()) return nullptr;
  static LastProduct last;
  {
    const std::scoped_lock lock(last.mutex);
    if (auto product = last.product.lock(); product && product->is_of(input, view, cube)) return product;
  }
  std::shared_ptr<CubeProduct> product(new CubeProduct(input, view, cube));
  const explaining::Pass pass = pass_for(input, view.compare);
  const int T = pass.trace->length();
  product->rows_ = T;
  product->cols_ = 1;
  if (!(is_by_head(cube.product.kind) ? product->of_head() : product->of_weight())) return nullptr;
  // A window of positions where all would be too many: those before the selected one.
  const auto most = static_cast<int>(std::clamp<long long>(kMostSums / std::max(1, product->cols_), 1, T));
  if (product->rows_ > most && product->weight_) {
    product->selected_ = selected_position_in(view, T);
    product->window_ = true;
    product->row0_ = std::max(0, product->selected_ - most + 1);
    product->rows_ = most;
  }
  if (!product->read_factors()) return nullptr;
  product->find_results();
  const std::scoped_lock lock(last.mutex);
  last.product = product;
  return product;
}

bool CubeProduct::is_of(const SceneInput& input, const ViewState& view, const Cube& cube) const {
  return input_ == input && compare_ == shown_pass(view.compare) && cube_.product == cube.product && cube_.head == cube.head &&
         (!window_ || selected_ == selected_position_in(view, input.run->base->length()));
}

std::optional<std::pair<int, int>> CubeProduct::sum_of(const CellRef& cell) const {
  const HookId hook = cell.tensor.hook;
  const bool plate = hook == HookId{HookKind::Pattern, cube_.product.layer} && cube_.product.kind == HookKind::AttnScores;
  if (cell.tensor.is_weight() || (hook != cube_.product && !plate)) return std::nullopt;
  const RowShape shape = info_of(hook.kind).shape;
  const bool causal = shape == RowShape::Causal, heads = shape == RowShape::Heads;
  if (causal && cell.index[0] != cube_.head) return std::nullopt;
  const int row = (causal ? cell.index[1] : cell.index[0]) - row0_;
  const int col = (causal ? cell.index[2] : heads ? cell.index[1] * head_size() + cell.index[2] : cell.index[1]) - col0_;
  if (row < 0 || row >= rows_ || col < 0 || col >= cols_) return std::nullopt;
  return std::pair{row, col};
}

bool CubeProduct::of_weight() {
  const explaining::Pass pass = pass_for(input_, compare_);
  const ModelConfig& c = pass.config;
  weight_ = weight_product(pass, cube_.product);
  if (!weight_ || weight_->matrix->view.empty()) return false;
  if (weight_->bias != nullptr && !weight_->bias->empty()) bias_ = weight_->bias;
  left_hook_ = {weight_->from, cube_.product.layer};
  depth_ = weight_->matrix->n_in();
  cols_ = weight_->outputs;
  if (cube_.head >= 0) {
    cols_ = c.d_head;
    col0_ = cube_.head * c.d_head;
  }
  // Of the logits a run keeps the last row alone, if it was not asked for all.
  if (cube_.product.kind == HookKind::Logits && !pass.trace->has(cube_.product)) {
    row0_ = rows_ - 1;
    rows_ = 1;
  }
  return true;
}

bool CubeProduct::of_head() {
  const ModelConfig& c = input_.model->weights->config;
  const int layer = cube_.product.layer;
  const bool scores = cube_.product.kind == HookKind::AttnScores;
  left_hook_ = {scores ? HookKind::Q : HookKind::Pattern, layer};
  right_hook_ = {scores ? HookKind::K : HookKind::V, layer};
  depth_ = scores ? c.d_head : rows_;
  cols_ = scores ? rows_ : c.d_head;
  if (scores) scale_ = static_cast<double>(c.score_scale(layer));
  else col0_ = cube_.head * c.d_head;
  causal_result_ = scores;
  causal_terms_ = !scores;
  return true;
}

bool CubeProduct::read_factors() {
  const explaining::Pass pass = pass_for(input_, compare_);
  const ModelConfig& c = pass.config;
  const auto depth = static_cast<std::size_t>(depth_);
  left_.assign(static_cast<std::size_t>(rows_) * depth, kNoTerm);
  for (int i = 0; i < rows_; ++i) {
    double* to = left_.data() + static_cast<std::size_t>(i) * depth;
    const int position = i + row0_;
    if (weight_) {
      const std::vector<double> input = input_of(pass, *weight_, cube_.product, position);
      if (input.size() != depth) return false;
      std::ranges::copy(input, to);
      continue;
    }
    const auto row = causal_terms_ ? pass.trace->causal_row(left_hook_, cube_.head, position)
                                   : explaining::row_of(pass, left_hook_.kind, left_hook_.layer, position)
                                         .subspan(static_cast<std::size_t>(cube_.head * c.d_head), static_cast<std::size_t>(c.d_head));
    std::ranges::copy(row.first(static_cast<std::size_t>(depth_of(i))), to);
  }
  if (!weight_) {
    right_.resize(depth * static_cast<std::size_t>(cols_));
    const int T = pass.trace->length();
    for (int t = 0; t < T; ++t) {
      const auto row = explaining::row_of(pass, right_hook_.kind, right_hook_.layer, t)
                           .subspan(static_cast<std::size_t>(cube_.head * c.d_head), static_cast<std::size_t>(c.d_head));
      for (int d = 0; d < c.d_head; ++d) {
        const int k = causal_terms_ ? t : d, j = causal_terms_ ? d : t;
        right_[static_cast<std::size_t>(k) * static_cast<std::size_t>(cols_) + static_cast<std::size_t>(j)] =
            row[static_cast<std::size_t>(d)];
      }
    }
  }
  std::vector<float> seen;
  for (const double v : left_)
    if (std::isfinite(v)) seen.push_back(static_cast<float>(v));
  left_largest_ = largest_magnitude(seen);
  left_scale_ = left_hook_.kind == HookKind::Pattern ? 1 : saturation_of(seen);
  return true;
}

std::span<const float> CubeProduct::captured_row(int i) const {
  const explaining::Pass pass = pass_for(input_, compare_);
  const auto [kind, layer] = cube_.product;
  const int position = i + row0_;
  if (kind == HookKind::AttnScores) {
    if (!pass.trace->has(cube_.product)) return {};
    return pass.trace->causal_row(cube_.product, cube_.head, position);
  }
  const auto row = explaining::row_of(pass, kind, layer, position);
  return row.empty() ? row : row.subspan(static_cast<std::size_t>(col0_), static_cast<std::size_t>(cols_));
}

void CubeProduct::find_results() {
  const explaining::Pass pass = pass_for(input_, compare_);
  const bool captured = !captured_row(0).empty();
  // An edit may act on the hook itself, or on a part that the hook is added up from: the product gives other numbers then.
  const bool acts = pass.recipe != nullptr && std::ranges::any_of(pass.recipe->edits, &Edit::enabled);
  if (!captured || acts) results_ = sums(0, rows_, terms());
  if (captured && acts) {
    edited_ = !same_as_captured();
    if (!edited_) results_.clear();
  }
  std::vector<float> seen, row(static_cast<std::size_t>(cols_));
  for (int i = 0; i < rows_; ++i) {
    read_result(i, 0, row);
    std::ranges::copy_if(row, std::back_inserter(seen), [](float v) { return std::isfinite(v); });
  }
  result_largest_ = largest_magnitude(seen);
  if (cube_.product.kind == HookKind::Logits) {
    result_mean_ = static_cast<float>(mean_of(seen));
    for (float& v : seen) v -= result_mean_;
  }
  result_scale_ = saturation_of(seen);
}

bool CubeProduct::same_as_captured() const {
  constexpr float kRounding = 1e-3F;
  for (int i = 0; i < rows_; ++i) {
    const auto kept = captured_row(i);
    const float* sums = results_.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(cols_);
    for (std::size_t j = 0; j < kept.size(); ++j)
      if (!(std::abs(kept[j] - sums[j]) <= kRounding * (1 + std::abs(kept[j])))) return false;
  }
  return true;
}

double CubeProduct::right(int k, int j) const {
  if (weight_) return static_cast<double>(weight_->matrix->at(k, weight_->column0 + col0_ + j));
  return static_cast<double>(right_[static_cast<std::size_t>(k) * static_cast<std::size_t>(cols_) + static_cast<std::size_t>(j)]);
}

void CubeProduct::read_right(int k, int j0, std::span<float> out) const {
  if (!weight_) {
    std::copy_n(right_.begin() + static_cast<std::ptrdiff_t>(k) * cols_ + j0, out.size(), out.begin());
    return;
  }
  const Matrix& m = *weight_->matrix;
  const int column = weight_->column0 + col0_ + j0;
  if (m.in_major) {
    const std::size_t at = static_cast<std::size_t>(k) * static_cast<std::size_t>(m.n_out()) + static_cast<std::size_t>(column);
    widen(m.view.data + at * size_of(m.view.dtype), m.view.dtype, out.data(), out.size());
    return;
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = m.at(k, column + static_cast<int>(i));
}

void CubeProduct::read_whole_row(int k, int j0, std::span<float> out) const {
  if (!weight_ || weight_->matrix->in_major) return read_right(k, j0, out);
  constexpr int kTogether = 16;  // floats of a line of the processor's cache
  const Matrix& m = *weight_->matrix;
  const int k0 = k / kTogether * kTogether, count = std::min(kTogether, depth_ - k0);
  const auto cols = static_cast<std::size_t>(cols_);
  const std::lock_guard lock(gathering_);
  if (gathered_.rows.empty() || gathered_.k0 != k0) {
    gathered_ = {k0, std::vector<float>(static_cast<std::size_t>(count) * cols)};
    std::array<float, kTogether> column{};
    for (std::size_t j = 0; j < cols; ++j) {
      const std::size_t at =
          (static_cast<std::size_t>(weight_->column0 + col0_) + j) * static_cast<std::size_t>(m.n_in()) + static_cast<std::size_t>(k0);
      widen(m.view.data + at * size_of(m.view.dtype), m.view.dtype, column.data(), static_cast<std::size_t>(count));
      for (std::size_t r = 0; r < static_cast<std::size_t>(count); ++r) gathered_.rows[r * cols + j] = column[r];
    }
  }
  std::copy_n(gathered_.rows.begin() + static_cast<std::ptrdiff_t>(k - k0) * cols_ + j0, out.size(), out.begin());
}

double CubeProduct::bias(int j) const {
  return bias_ == nullptr ? 0 : static_cast<double>(bias_->at(std::int64_t{weight_->column0} + col0_ + j));
}

double CubeProduct::term(int i, int k, int j) const {
  if (!there(i, j)) return kNoTerm;
  if (k == depth_ && has_bias()) return bias(j);
  return k < depth_of(i) ? left(i, k) * scale_ * right(k, j) : kNoTerm;
}

double CubeProduct::sum(int i, int j, int terms) const {
  double sum = 0;
  for (int k = 0; k < std::min(terms, depth_of(i)); ++k) sum += left(i, k) * scale_ * right(k, j);
  return terms > depth_ && has_bias() ? sum + bias(j) : sum;
}

std::vector<float> CubeProduct::sums(int i0, int i1, int terms) const {
  const auto cols = static_cast<std::size_t>(cols_);
  std::vector<float> out(static_cast<std::size_t>(i1 - i0) * cols);
  const std::lock_guard lock(mutex_);
  if (kept_.i0 != i0 || kept_.i1 != i1 || kept_.terms > terms || kept_.sums.empty())
    kept_ = {i0, i1, 0, std::vector<double>(static_cast<std::size_t>(i1 - i0) * cols, 0.0)};
  std::vector<float> row(cols);
  for (int k = kept_.terms; k < std::min(terms, depth_); ++k) {
    read_whole_row(k, 0, row);
    for (int i = i0; i < i1; ++i) {
      if (k >= depth_of(i)) continue;
      const double x = left(i, k) * scale_;
      double* sum = kept_.sums.data() + static_cast<std::size_t>(i - i0) * cols;
      for (std::size_t j = 0; j < cols; ++j) sum[j] += x * static_cast<double>(row[j]);
    }
  }
  kept_.terms = std::max(kept_.terms, std::min(terms, depth_));
  const bool with_bias = terms > depth_ && has_bias();
  for (int i = i0; i < i1; ++i)
    for (int j = 0; j < cols_; ++j) {
      const std::size_t at = static_cast<std::size_t>(i - i0) * cols + static_cast<std::size_t>(j);
      out[at] = static_cast<float>(there(i, j) ? kept_.sums[at] + (with_bias ? bias(j) : 0.0) : kNoTerm);
    }
  return out;
}

void CubeProduct::read_result(int i, int j0, std::span<float> out) const {
  if (!results_.empty()) {
    std::copy_n(results_.begin() + static_cast<std::ptrdiff_t>(i) * cols_ + j0, out.size(), out.begin());
    return;
  }
  const auto row = captured_row(i);
  for (std::size_t j = 0; j < out.size(); ++j) {
    const std::size_t at = static_cast<std::size_t>(j0) + j;
    out[j] = at < row.size() ? row[at] : std::numeric_limits<float>::quiet_NaN();
  }
}

float CubeProduct::result(int i, int j) const {
  float value = 0;
  read_result(i, j, std::span(&value, 1));
  return value;
}

long long CubeProduct::sums_in_all() const {
  return causal_result_ ? number_of(rows_ - 1, rows_ - 1 + row0_) + 1 : static_cast<long long>(rows_) * cols_;
}

std::pair<int, int> CubeProduct::cell_at(long long number) const {
  if (!causal_result_) return {static_cast<int>(number / cols_), static_cast<int>(number % cols_)};
  int i = 0;
  for (long long keys = row0_ + 1; number >= keys && i + 1 < rows_; ++keys, ++i) number -= keys;
  return {i, static_cast<int>(number)};
}

long long CubeProduct::number_of(int i, int j) const {
  if (i < 0 || j < 0 || i >= rows_ || j >= cols_ || !there(i, j)) return -1;
  if (!causal_result_) return static_cast<long long>(i) * cols_ + j;
  const long long n = i, first = row0_ + 1;
  return n * first + n * (n - 1) / 2 + j;
}

std::string why_not_open(const SceneInput& input, const ViewState& view, const Cube& cube) {
  if (!input.model || !input.run || !input.run->base || input.run->base->length() == 0)
    return text("a product needs a run: give a prompt first");
  const explaining::Pass pass = pass_for(input, view.compare);
  const ModelConfig& c = pass.config;
  const auto [kind, layer] = cube.product;
  const bool model_wide = info_of(kind).scope == HookScope::Model;
  if (!is_product(kind) || (model_wide ? layer != -1 : layer < 0 || layer >= c.n_layer) || cube.head >= c.n_head ||
      (is_by_head(kind) && cube.head < 0))
    return text("this model has no product {0}", cube_name(cube));
  if (kind == HookKind::Logits && view.hide_prediction) return text("hidden until the question is answered");
  const auto product = weight_product(pass, cube.product);
  const HookKind from = product ? product->from : kind == HookKind::AttnScores ? HookKind::Q : HookKind::Pattern;
  const HookId input_hook{from, layer};
  if (!pass.trace->has(input_hook)) return text("this run did not keep {0}, which the product reads", name_of(input_hook));
  if (kind == HookKind::Z || kind == HookKind::AttnScores) {
    const HookId other{kind == HookKind::Z ? HookKind::V : HookKind::K, layer};
    if (!pass.trace->has(other)) return text("this run did not keep {0}, which the product reads", name_of(other));
  }
  return {};
}

}  // namespace gf::scene

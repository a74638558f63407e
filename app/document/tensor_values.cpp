#include "app/document/tensor_values.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "model/base/text.h"

namespace gf::doc {
namespace {

/// What the axes of a weight are, in the order of y = x W; the layout writes grouped axes as einops does.
struct WeightAxes {
  const char* ending;
  const char *in, *out;  ///< `out` empty: a vector
  const char *in_layout, *out_layout;
};
constexpr WeightAxes kWeightAxes[] = {
    {"wte.weight", "token", "d_model", "token", "d_model"},
    {"wpe.weight", "position", "d_model", "position", "d_model"},
    {"attn.c_attn.weight", "d_model", "qkv", "d_model", "(qkv head d_head)"},
    {"attn.c_attn.bias", "qkv", "", "(qkv head d_head)", ""},
    {"attn.c_proj.weight", "z", "d_model", "(head d_head)", "d_model"},
    {"mlp.c_fc.weight", "d_model", "d_mlp", "d_model", "d_mlp"},
    {"mlp.c_fc.bias", "d_mlp", "", "d_mlp", ""},
    {"mlp.c_proj.weight", "d_mlp", "d_model", "d_mlp", "d_model"},
    {"lm_head.weight", "d_model", "token", "d_model", "token"},
};

std::vector<std::int64_t> row_major(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::vector<std::string> axes_of_shape(RowShape shape) {
  switch (shape) {
    case RowShape::One: return {"position", "one"};
    case RowShape::PerHead: return {"position", "head"};
    case RowShape::DModel: return {"position", "d_model"};
    case RowShape::Heads: return {"position", "head", "d_head"};
    case RowShape::HeadsDModel: return {"position", "head", "d_model"};
    case RowShape::DMlp: return {"position", "d_mlp"};
    case RowShape::Causal: return {"head", "query", "key"};
    case RowShape::NVocab: return {"position", "token"};
  }
  return {};
}

std::vector<std::int64_t> extents_of(RowShape shape, const ModelConfig& c, std::int64_t T) {
  switch (shape) {
    case RowShape::One: return {T, 1};
    case RowShape::PerHead: return {T, c.n_head};
    case RowShape::DModel: return {T, c.d_model};
    case RowShape::Heads: return {T, c.n_head, c.d_head};
    case RowShape::HeadsDModel: return {T, c.n_head, c.d_model};
    case RowShape::DMlp: return {T, c.d_mlp};
    case RowShape::Causal: return {c.n_head, T, T};
    case RowShape::NVocab: return {T, c.n_vocab};
  }
  return {};
}

}  // namespace

std::optional<TensorValues> TensorValues::of(const scene::TensorRef& tensor, std::shared_ptr<const Model> model,
                                             std::shared_ptr<const Trace> run) {
  TensorValues found;
  found.tensor_ = tensor;
  found.model_ = std::move(model);
  if (!tensor.is_weight()) {
    if (!run || !run->has(tensor.hook)) return std::nullopt;
    const RowShape shape = info_of(tensor.hook.kind).shape;
    found.causal_ = shape == RowShape::Causal;
    found.axes_ = axes_of_shape(shape);
    found.shape_ = extents_of(shape, run->config(), run->length());
    // Rows of all hooks but causal ones have one length; they stand in chunks of kChunkRows.
    if (!found.causal_) found.strides_ = row_major(found.shape_);
    for (const std::string& axis : found.axes_) found.layout_ += (found.layout_.empty() ? "" : " ") + axis;
    found.run_ = std::move(run);
    return found;
  }
  if (!found.model_ || !found.model_->weights->has_values()) return std::nullopt;
  for (const NamedTensor& row : found.model_->weights->table()) {
    if (row.name != tensor.weight) continue;
    found.view_ = row.view;
    found.in_major_ = row.in_major;
    found.dtype_ = row.view.dtype;
    const auto known = std::ranges::find_if(kWeightAxes, [&](const WeightAxes& axes) { return row.name.ends_with(axes.ending); });
    const bool matrix = row.view.shape.rank() == 2;
    for (std::size_t i = 0; i < row.view.shape.rank(); ++i) found.shape_.push_back(row.view.shape[i]);
    found.strides_ = row_major(found.shape_);
    if (known == std::end(kWeightAxes)) {
      found.axes_ = matrix ? std::vector<std::string>{"in", "out"} : std::vector<std::string>{"d_model"};
      found.layout_ = matrix ? "in out" : "d_model";
    } else {
      found.axes_ = matrix ? std::vector<std::string>{known->in, known->out} : std::vector<std::string>{known->in};
      const std::string in = known->in_layout, out = known->out_layout;
      found.layout_ = !matrix ? in : row.in_major ? in + " " + out : out + " " + in;
    }
    if (matrix && !row.in_major) std::swap(found.axes_[0], found.axes_[1]);
    return found;
  }
  return std::nullopt;
}

std::int64_t TensorValues::elements() const {
  std::int64_t n = 1;
  for (const std::int64_t extent : shape_) n *= extent;
  return n;
}

std::optional<float> TensorValues::at(const std::vector<std::int64_t>& index) const {
  if (tensor_.is_weight()) {
    std::int64_t flat = 0;
    for (std::size_t i = 0; i < index.size(); ++i) flat += index[i] * strides_[i];
    return view_.at(flat);
  }
  if (causal_) {
    if (index[2] > index[1]) return std::nullopt;
    return run_->causal_row(tensor_.hook, static_cast<int>(index[0]), static_cast<int>(index[1]))[static_cast<std::size_t>(index[2])];
  }
  std::int64_t within = 0;
  for (std::size_t i = 1; i < index.size(); ++i) within += index[i] * strides_[i];
  return run_->row(tensor_.hook, static_cast<int>(index[0]))[static_cast<std::size_t>(within)];
}

scene::CellRef TensorValues::cell(const std::vector<std::int64_t>& index) const {
  scene::CellRef cell{tensor_, {-1, -1, -1}};
  for (std::size_t i = 0; i < index.size() && i < cell.index.size(); ++i) cell.index[i] = static_cast<int>(index[i]);
  if (tensor_.is_weight() && !in_major_ && index.size() == 2) std::swap(cell.index[0], cell.index[1]);
  return cell;
}

std::vector<std::int64_t> TensorValues::index_of(const scene::CellRef& cell) const {
  std::vector<std::int64_t> index;
  for (std::size_t i = 0; i < shape_.size(); ++i)
    index.push_back(std::clamp<std::int64_t>(i < cell.index.size() ? cell.index[i] : 0, 0, std::max<std::int64_t>(0, shape_[i] - 1)));
  if (tensor_.is_weight() && !in_major_ && index.size() == 2) {
    index[0] = std::clamp<std::int64_t>(cell.index[1], 0, shape_[0] - 1);
    index[1] = std::clamp<std::int64_t>(cell.index[0], 0, shape_[1] - 1);
  }
  return index;
}

Inquiry<TensorHistogram> histogram_of(const scene::TensorRef& tensor, Side side) {
  return {{.key = "histogram of " + tensor.name(), .side = side, .by_run = !tensor.is_weight()},
          [tensor](const Asking& asking) -> Result<TensorHistogram> {
            // The model lives as long as its session, which is asked here.
            const std::shared_ptr<const Model> model(&asking.model(), [](const Model*) {});
            const auto values = TensorValues::of(tensor, model, tensor.is_weight() ? nullptr : asking.run.edited);
            if (!values) return fail(ErrorCode::NotCaptured, text("The run does not hold {0}.", tensor.name()));
            TensorHistogram found;
            found.bins.assign(TensorHistogram::kBins, 0);
            double low = std::numeric_limits<double>::infinity(), high = -low, sum = 0, squares = 0;
            const auto each = [&](const auto& take) -> Result<void> {
              std::vector<std::int64_t> index(values->shape().size(), 0);
              std::int64_t n = 0;
              for (bool more = values->elements() > 0; more;) {
                if ((++n & 0xFFFF) == 0 && asking.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("cancelled"));
                if (const auto value = values->at(index)) take(static_cast<double>(*value));
                std::size_t axis = index.size();
                while (axis > 0 && ++index[axis - 1] == values->shape()[axis - 1]) index[--axis] = 0;
                more = axis > 0;
              }
              return {};
            };
            GF_TRY(each([&](double x) {
              ++found.count;
              if (!std::isfinite(x)) {
                ++found.not_finite;
                return;
              }
              low = std::min(low, x), high = std::max(high, x);
              sum += x, squares += x * x;
            }));
            const std::int64_t finite = found.count - found.not_finite;
            if (finite == 0) return found;
            found.low = low, found.high = high;
            found.mean = sum / static_cast<double>(finite);
            found.deviation = std::sqrt(std::max(0.0, squares / static_cast<double>(finite) - found.mean * found.mean));
            const double width = high > low ? (high - low) / TensorHistogram::kBins : 1;
            GF_TRY(each([&](double x) {
              if (!std::isfinite(x)) return;
              const int bin = std::clamp(static_cast<int>((x - low) / width), 0, TensorHistogram::kBins - 1);
              ++found.bins[static_cast<std::size_t>(bin)];
            }));
            return found;
          }};
}

}  // namespace gf::doc

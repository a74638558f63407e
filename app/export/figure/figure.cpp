#include "app/export/figure/figure.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "app/scene/cards/explain.h"
#include "app/scene/palette.h"
#include "app/scene/sources/scales.h"
#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/tokenizer/token_words.h"

namespace gf::exporting {
namespace {

constexpr std::size_t kMostFigureCells = 1'000'000;
constexpr HookKind kOfAHead[] = {HookKind::Q, HookKind::K, HookKind::V, HookKind::AttnScores, HookKind::Pattern, HookKind::Z};

/// "pattern" of "attn.hook_pattern", "resid_post" of "hook_resid_post".
std::string_view short_name(const HookInfo& hook) {
  std::string_view name = hook.name;
  if (const auto dot = name.rfind('.'); dot != std::string_view::npos) name.remove_prefix(dot + 1);
  if (name.starts_with("hook_")) name.remove_prefix(5);
  return name;
}

/// Two LayerNorms have a scale each: their short name alone does not say which.
bool is_own_name(const HookInfo& hook) { return std::ranges::count(hook_table(), short_name(hook), short_name) == 1; }

std::string_view figure_name(const HookInfo& hook) { return is_own_name(hook) ? short_name(hook) : hook.name; }

bool has_heads(RowShape shape) { return shape == RowShape::Heads || shape == RowShape::HeadsDModel || shape == RowShape::Causal; }

/// "4.7", "4": block and head.
struct FigurePlace {
  std::optional<int> block, head;
};
std::optional<FigurePlace> figure_place(std::string_view words) {
  const auto number = [](std::string_view digits) -> std::optional<int> {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() && value >= 0 ? std::optional(value) : std::nullopt;
  };
  if (words.empty()) return FigurePlace{};
  const auto dot = words.find('.');
  FigurePlace place{number(words.substr(0, dot)), std::nullopt};
  if (!place.block) return std::nullopt;
  if (dot == std::string_view::npos) return place;
  place.head = number(words.substr(dot + 1));
  return place.head ? std::optional(place) : std::nullopt;
}

Error unknown_figure(std::string_view words, const ModelConfig& c) {
  return {ErrorCode::InvalidArgument,
          text("'{0}' is not a figure of this model, which has blocks 0 to {1} of {2} heads; write {3}", words, c.n_layer - 1, c.n_head,
               figure_names()),
          "figure_of"};
}

/// Reads the cells of one matrix.
class FigureReader {
 public:
  FigureReader(const scene::SceneInput& input, const scene::ViewState& view) : input_(input), view_(view) {
    view_.time = 1e18;
    view_.cube.reset();  // a figure shows all of a run
  }

  [[nodiscard]] Result<FigureMatrix> matrix(HookId hook, std::optional<int> head) const {
    const HookInfo& info = info_of(hook.kind);
    FigureMatrix m;
    m.title = text(info.title);
    m.map = view_.compare == scene::Compare::Difference ? render::ColorMap::Difference : scene::map_of(info.unit);
    const bool causal = info.shape == RowShape::Causal;
    m.row_names = token_names();
    m.row_axis = causal ? text("query") : text("position");
    m.col_axis = causal                           ? text("key")
                 : info.shape == RowShape::NVocab ? text("token")
                 : info.shape == RowShape::DMlp   ? text("neuron")
                                                  : text("dimension");
    m.causal = causal;
    if (causal) m.col_names = m.row_names;
    else m.col_names = dimension_names(info.shape, head);
    if (m.row_names.size() * m.col_names.size() > kMostFigureCells)
      return fail(ErrorCode::InvalidArgument,
                  text("{0} has {1} times {2} numbers here, more than a figure can show; take a shorter prompt, or one head", m.title,
                       m.row_names.size(), m.col_names.size()),
                  "figure_of");
    m.values.reserve(m.row_names.size() * m.col_names.size());
    bool any = false;
    for (int row = 0; row < m.rows(); ++row)
      for (int col = 0; col < m.cols(); ++col) {
        const auto value =
            causal && col > row ? std::nullopt : scene::value_of({{hook, {}}, index(info.shape, head, row, col)}, input_, view_);
        any = any || value.has_value();
        m.values.push_back(value.value_or(std::numeric_limits<float>::quiet_NaN()));
      }
    if (!any)
      return fail(ErrorCode::InvalidArgument, text("{0} was not captured in this run, and cannot be recomputed from what was", m.title),
                  "figure_of");
    m.scale = scale(hook, m.values);
    return m;
  }

 private:
  [[nodiscard]] const ModelConfig& config() const { return input_.model->weights->config; }
  [[nodiscard]] std::vector<std::string> token_names() const {
    std::vector<std::string> names;
    const Trace& trace = view_.compare == scene::Compare::Base ? *input_.run->base : *input_.run->edited;
    for (const TokenId id : trace.ids()) names.push_back(token_words(input_.model->tokenizer.get(), id));
    return names;
  }
  /// Of a row, or of the part of it that is a head's.
  [[nodiscard]] int width(RowShape shape, bool of_head) const {
    return static_cast<int>(row_size(shape, config(), 0)) / (of_head ? config().n_head : 1);
  }
  [[nodiscard]] std::vector<std::string> dimension_names(RowShape shape, std::optional<int> head) const {
    std::vector<std::string> names;
    for (int i = 0, count = width(shape, head.has_value()); i < count; ++i) names.push_back(std::to_string(i));
    return names;
  }
  [[nodiscard]] std::array<int, 3> index(RowShape shape, std::optional<int> head, int row, int col) const {
    switch (shape) {
      case RowShape::Causal: return {*head, row, col};
      case RowShape::Heads:
      case RowShape::HeadsDModel: {
        const int wide = width(shape, true);
        return head ? std::array{row, *head, col} : std::array{row, col / wide, col % wide};
      }
      default: return {row, col, -1};
    }
  }
  /// The scene's, or the largest |value| where the run did not keep what the scale is taken from.
  [[nodiscard]] float scale(HookId hook, const std::vector<float>& values) const {
    if (input_.run->base->has(hook)) return scene::scale_of(*input_.run->base, hook);
    float largest = 0;
    for (const float v : values)
      if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
    return largest > 0 ? largest : 1;
  }

  const scene::SceneInput& input_;
  scene::ViewState view_;
};

}  // namespace

std::string figure_names() {
  std::vector<std::string_view> names;
  for (const HookInfo& hook : hook_table()) names.push_back(figure_name(hook));
  return text("'head 4.7', or a tensor with its block and head, as in 'pattern 4.7' or 'resid_post 3': {0}", listed(names));
}

std::vector<std::string> figures_with(const scene::CellRef& cell) {
  if (cell.tensor.is_weight()) return {};
  const HookInfo& hook = info_of(cell.tensor.hook.kind);
  const std::string name(figure_name(hook));
  if (hook.scope == HookScope::Model) return {name};
  const std::string block = std::to_string(cell.tensor.hook.layer);
  if (!has_heads(hook.shape)) return {name + " " + block};
  const std::string head = block + "." + std::to_string(cell.index[hook.shape == RowShape::Causal ? 0 : 1]);
  return {"head " + head, name + " " + head};
}

Result<Figure> figure_of(std::string_view words, const scene::SceneInput& input, const scene::ViewState& view) {
  EXPECTS(input.run != nullptr, "a figure shows a run");
  const ModelConfig& c = input.model->weights->config;
  const auto space = words.rfind(' ');
  const std::string_view name = words.substr(0, space);
  const auto place = figure_place(space == std::string_view::npos ? std::string_view() : words.substr(space + 1));
  if (!place || (place->block && *place->block >= c.n_layer) || (place->head && *place->head >= c.n_head))
    return tl::unexpected(unknown_figure(words, c));
  const FigureReader reader(input, view);
  Figure figure;
  // Which run it is, where there are two.
  const std::string run = !input.run->has_edits()                      ? std::string()
                          : view.compare == scene::Compare::Base       ? text("base run")
                          : view.compare == scene::Compare::Difference ? text("edited − base")
                                                                       : text("edited run");
  const auto titled = [&](const std::string& what) { return run.empty() ? what : what + " · " + run; };
  if (name == "head") {
    if (!place->head) return tl::unexpected(unknown_figure(words, c));
    figure.title = titled(text("block {0}, head {1}", *place->block, *place->head));
    for (const HookKind kind : kOfAHead) {
      GF_TRY_ASSIGN(FigureMatrix matrix, reader.matrix({kind, *place->block}, place->head));
      figure.matrices.push_back(std::move(matrix));
    }
    return figure;
  }
  const auto hook =
      std::ranges::find_if(hook_table(), [&](const HookInfo& h) { return h.name == name || (is_own_name(h) && short_name(h) == name); });
  if (hook == hook_table().end() || (hook->scope == HookScope::Block) != place->block.has_value() ||
      (place->head && !has_heads(hook->shape)))
    return tl::unexpected(unknown_figure(words, c));
  if (hook->shape == RowShape::Causal && !place->head)
    return fail(ErrorCode::InvalidArgument,
                text("{0} differs from head to head: name one, as in '{1} {2}.0'", text(hook->title), name, *place->block), "figure_of");
  GF_TRY_ASSIGN(FigureMatrix matrix, reader.matrix({hook->kind, place->block.value_or(-1)}, place->head));
  figure.title = titled(!place->block ? input.model->weights->name
                        : place->head ? text("block {0}, head {1}", *place->block, *place->head)
                                      : text("block {0}", *place->block));
  figure.matrices.push_back(std::move(matrix));
  return figure;
}

}  // namespace gf::exporting

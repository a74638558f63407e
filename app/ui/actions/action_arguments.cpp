#include "app/ui/actions/action_arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "app/document/lab.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

template <class... Parts>
tl::unexpected<Error> bad_argument(std::string_view english, const Parts&... parts) {
  return fail(ErrorCode::InvalidArgument, gf::text(english, parts...), "action");
}

template <class T>
std::optional<T> all_of(const std::string& word) {
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

/// The extents of a cell's three indices, in the order of scene::CellRef; 0: the hook does not use that index.
std::array<int, 3> extents_of(RowShape shape, const ModelConfig& c, int length) {
  switch (shape) {
    case RowShape::One: return {length, 1, 0};
    case RowShape::PerHead: return {length, c.n_head, 0};
    case RowShape::DModel: return {length, c.d_model, 0};
    case RowShape::Heads: return {length, c.n_head, c.d_head};
    case RowShape::HeadsDModel: return {length, c.n_head, c.d_model};
    case RowShape::DMlp: return {length, c.d_mlp, 0};
    case RowShape::Causal: return {c.n_head, length, length};
    case RowShape::NVocab: return {length, c.n_vocab, 0};
  }
  return {};
}

}  // namespace

Result<std::string> word_at(const ActionArguments& arguments, std::size_t at, std::string_view what) {
  if (at < arguments.size()) return arguments[at];
  return bad_argument("{0} is missing.", what);
}

std::string word_or_nothing(const ActionArguments& arguments, std::size_t at) {
  return at < arguments.size() ? arguments[at] : std::string();
}

Result<long long> whole_number(const std::string& word, long long low, long long high) {
  const auto value = all_of<long long>(word);
  if (value && *value >= low && *value <= high) return *value;
  return bad_argument("\"{0}\" is not a whole number from {1} to {2}.", word, low, high);
}

Result<double> number(const std::string& word, double low, double high) {
  const auto value = all_of<double>(word);
  if (value && *value >= low && *value <= high) return *value;
  return bad_argument("\"{0}\" is not a number from {1} to {2}.", word, numbers::significant(low, 6), numbers::significant(high, 6));
}

Result<std::size_t> one_of(const std::string& word, const std::vector<const char*>& words) {
  const auto found = std::ranges::find_if(words, [&](const char* w) { return word == w; });
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string list;
  for (const char* w : words) list += (list.empty() ? "" : ", ") + std::string(w);
  return bad_argument("\"{0}\" is not one of {1}.", word, list);
}

Result<bool> on_or_off(const ActionArguments& arguments, std::size_t at, bool now) {
  if (at >= arguments.size()) return !now;
  GF_TRY_ASSIGN(const std::size_t which, one_of(arguments[at], {"off", "on"}));
  return which == 1;
}

Result<HeadName> head_named(const std::string& word, const ModelConfig& config) {
  if (const auto head = scene::one_head_named(word, &config)) return HeadName{head->layer, head->head};
  return bad_argument("There is no head \"{0}\"; write BLOCK.HEAD, with blocks 0 to {1} and heads 0 to {2}.", word, config.n_layer - 1,
                      config.n_head - 1);
}

Result<scene::CellRef> cell_named(const ActionArguments& arguments, std::size_t at, const ModelConfig& config, int length) {
  GF_TRY_ASSIGN(const std::string name, word_at(arguments, at, gf::text("The name of a hook, such as blocks.0.attn.hook_z,")));
  const auto hook = parse_hook(name, config.n_layer);
  if (!hook) return bad_argument("There is no hook \"{0}\" in this model, whose blocks are 0 to {1}.", name, config.n_layer - 1);
  scene::CellRef cell;
  cell.tensor.hook = *hook;
  const RowShape shape = info_of(hook->kind).shape;
  const auto extents = extents_of(shape, config, length);
  const bool causal = shape == RowShape::Causal;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] == 0) {
      if (arguments.size() > at + 1 + i) return bad_argument("{0} has {1} indices.", name, i);
      break;
    }
    if (at + 1 + i < arguments.size()) {
      GF_TRY_ASSIGN(const long long index, whole_number(arguments[at + 1 + i], 0, extents[i] - 1));
      cell.index[i] = static_cast<int>(index);
    } else {
      cell.index[i] = i == (causal ? 1U : 0U) ? length - 1 : 0;
    }
  }
  if (causal && cell.index[2] > cell.index[1])
    return bad_argument("A query looks at no key behind it: key {0} stands after query {1}.", cell.index[2], cell.index[1]);
  return cell;
}

Result<std::shared_ptr<const Model>> model_of(const ActionContext& context) {
  if (auto model = context.lab.model()) return model;
  return fail(ErrorCode::NotFound, gf::text("No model is open yet."), "action");
}

Result<std::shared_ptr<const Run>> run_of(const ActionContext& context) {
  if (auto run = context.lab.run()) return run;
  return fail(ErrorCode::NotFound, gf::text("There is no run yet; run a prompt first."), "action");
}

}  // namespace gf::ui

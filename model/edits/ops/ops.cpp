#include <algorithm>
#include <cmath>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/edits/axes.h"
#include "model/edits/edit_error.h"
#include "model/edits/edit_reader.h"
#include "model/edits/ops/operation.h"
#include "model/edits/vector_key.h"

namespace gf {

namespace {
constexpr const EditOperation* kEditOperations[] = {
#define EDIT_OP(op, name) &ops::name,
#include "model/edits/ops/ops.def"
#undef EDIT_OP
};
}  // namespace

std::span<const EditOperation* const> edit_operations() { return kEditOperations; }

const EditOperation& operation_of(EditOp op) {
  const EditOperation& found = *kEditOperations[static_cast<std::size_t>(op)];
  EXPECTS(found.op == op, "ops.def and the operation's own file agree");
  return found;
}

const EditOperation* find_operation(std::string_view name) {
  const auto found = std::ranges::find_if(kEditOperations, [name](const EditOperation* o) { return name == o->name; });
  return found == std::end(kEditOperations) ? nullptr : *found;
}

const char* name_of(EditOp op) { return operation_of(op).name; }

std::string problem_of(const Edit& edit) {
  const EditOperation& operation = operation_of(edit.op);
  for (const RecipeKey& key : recipe_keys())
    if (operation.needs.has(key.key) && key.write(edit).is_null() && !(key.key == EditKey::Vector && edit.vector))
      return text("{0} needs {1}", ticked(operation.name), ticked(key.name));
  const auto kind = kind_named(edit.hook);
  if (!kind) return {};
  for (const auto* vector : vectors_of(edit))
    if (*vector)
      if (std::string what = problem_of(**vector, edit, *kind); !what.empty()) return what;
  return operation.check == nullptr ? std::string() : operation.check(edit, *kind);
}

std::string words_of(const Edit& edit) { return operation_of(edit.op).words(edit); }
std::string tag_of(const Edit& edit) { return operation_of(edit.op).tag(edit); }

tl::unexpected<Error> EditBinding::wrong(const std::string& what) const { return edit_error(number_ + 1, what); }

std::vector<int> EditBinding::positions() const {
  std::vector<int> rows;
  for (int p = 0; p < context.n_total; ++p)
    if (selects(edit.positions, p, step_length(p, context.n_prompt), context.n_prompt)) rows.push_back(p);
  return rows;
}

std::size_t EditBinding::most_keys() const {
  std::size_t most = 0;
  for (int step = context.n_prompt; step <= context.n_total; ++step) {
    std::size_t n = 0;
    for (int k = 0; k < step; ++k) n += selects(edit.keys, k, step, context.n_prompt) ? 1 : 0;
    most = std::max(most, n);
  }
  return most;
}

std::span<const std::shared_ptr<const Trace>> EditBinding::sources() const {
  if (context.sources.empty()) return {};
  EXPECTS(number_ < context.sources.size(), "sources for each edit of the recipe");
  return context.sources[number_];
}

const std::vector<float>* EditBinding::difference(const VectorSource& vector, HookId hook) const {
  for (const RunDifference& known : context.differences)
    if (known.hook == hook && known.vector == vector) return &known.values;
  return nullptr;
}

namespace ops {

std::string number_words(float value) { return numbers::significant(static_cast<double>(value), 4); }
std::string exact_number_words(float value) { return numbers::significant(static_cast<double>(value), 6); }

void take_given(const Edit& /*edit*/, std::span<const float> given, std::span<float> x) { std::ranges::copy(given, x.begin()); }

void add_given(const Edit& /*edit*/, std::span<const float> given, std::span<float> x) {
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += given[i];
}

void slope_of_constant(const Edit& /*edit*/, std::span<const float> /*given*/, std::span<const float> /*x*/, std::span<float> slope) {
  std::ranges::fill(slope, 0.0F);
}

void slope_of_shift(const Edit& /*edit*/, std::span<const float> /*given*/, std::span<const float> /*x*/, std::span<float> /*slope*/) {}

void slope_of_set_along(const Edit& /*edit*/, std::span<const float> given, std::span<const float> /*x*/, std::span<float> slope) {
  set_along(given, 0, slope);
}

void add_along(std::span<const float> direction, double more, std::span<float> x) {
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<float>(static_cast<double>(x[i]) + more * static_cast<double>(direction[i]));
}

void set_along(std::span<const float> direction, double value, std::span<float> x) {
  double along = 0;
  for (std::size_t i = 0; i < x.size(); ++i) along += static_cast<double>(x[i]) * static_cast<double>(direction[i]);
  add_along(direction, value - along, x);
}

namespace {

/// The numbers of a list, of which each head takes all.
Result<std::vector<float>> numbers_of_list(const EditBinding& binding, const std::vector<float>& v, const BoundEdit& bound) {
  const bool causal = bound.shape == RowShape::Causal;
  const std::size_t selected = causal ? binding.most_keys() : bound.group;
  if (v.size() != selected)
    return binding.wrong(
        text("the vector has {0} numbers, but the last axis of {1} has {2} selected entries", v.size(), binding.edit.hook, selected));
  std::vector<float> numbers;
  if (causal) numbers = v;
  for (std::size_t i = 0; i < bound.elements.size(); ++i) numbers.push_back(v[i % v.size()]);
  return numbers;
}

bool make_unit(std::span<float> v) {
  double squares = 0;
  for (const float x : v) squares += static_cast<double>(x) * static_cast<double>(x);
  if (squares == 0) return false;
  for (float& x : v) x = static_cast<float>(static_cast<double>(x) / std::sqrt(squares));
  return true;
}

}  // namespace

Result<std::vector<float>> numbers_of(const EditBinding& binding, const VectorSource& vector, bool unit, BoundEdit& bound) {
  EXPECTS(vector.file.empty() && vector.tokens.empty(), "the vector's file or tokens were resolved");
  std::vector<float> numbers;
  if (!vector.runs.empty() || vector.whole_axis) {
    const std::vector<float>* whole = vector.whole_axis ? &vector.values : binding.difference(vector, bound.hook);
    if (whole == nullptr) {
      bound.waits = true;
      return numbers;
    }
    // A row has one vector for each head, tokens have the same for all.
    for (const std::uint32_t place : bound.elements) numbers.push_back((*whole)[place % whole->size()]);
  } else {
    GF_TRY_ASSIGN(numbers, numbers_of_list(binding, vector.values, bound));
  }
  EXPECTS(!unit || bound.group > 0, "directions are refused where rows differ in length");
  for (std::size_t start = 0; unit && start < numbers.size(); start += bound.group)
    if (!make_unit(std::span(numbers).subspan(start, bound.group)))
      return binding.wrong(text("the vector of {0} is 0, which is not a direction", ticked(operation_of(binding.edit.op).name)));
  return numbers;
}

Result<void> bind_vector(const EditBinding& binding, BoundEdit& bound) {
  if (!binding.edit.vector) return {};
  GF_TRY_ASSIGN(bound.values, numbers_of(binding, *binding.edit.vector, false, bound));
  return {};
}

Result<void> bind_direction(const EditBinding& binding, BoundEdit& bound) {
  GF_TRY_ASSIGN(bound.values, numbers_of(binding, *binding.edit.vector, true, bound));
  return {};
}

std::string check_direction(const Edit& edit, HookKind kind) {
  if (info_of(kind).shape != RowShape::Causal) return {};
  return text("{0} is not possible at {1}: its rows differ in length, so no direction fits them", ticked(operation_of(edit.op).name),
              edit.hook);
}

std::string vector_words(const std::optional<VectorSource>& vector) {
  if (vector && vector->feature >= 0) return text("feature {0}", vector->feature);
  if (!vector || vector->plain()) return text("a vector");
  if (!vector->runs.empty())
    return text("the mean difference of prompts ({0} against {1})", vector->runs.size(), vector->other_runs.size());
  if (vector->against.empty()) return text("the direction of “{0}”", vector->tokens);
  return text("the direction of “{0}” against “{1}”", vector->tokens, vector->against);
}

std::string feature_tag(const std::optional<VectorSource>& vector) {
  return "f" + (vector && vector->feature >= 0 ? std::to_string(vector->feature) : std::string());
}

}  // namespace ops

}  // namespace gf

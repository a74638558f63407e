#include <algorithm>

#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/edits/axes.h"
#include "model/edits/edit_error.h"
#include "model/edits/edit_reader.h"
#include "model/edits/ops/operation.h"

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
    if (operation.needs.has(key.key) && key.write(edit).is_null()) return text("{0} needs {1}", ticked(operation.name), ticked(key.name));
  const auto hook = parse_hook(edit.hook, kAnyLayer);
  return operation.check == nullptr || !hook ? std::string() : operation.check(edit, hook->kind);
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

namespace ops {

std::string number_words(float value) { return numbers::significant(static_cast<double>(value), 4); }
std::string exact_number_words(float value) { return numbers::significant(static_cast<double>(value), 6); }

void take_other(const Edit& /*edit*/, std::span<const float> other, std::span<float> x) { std::ranges::copy(other, x.begin()); }

Result<void> bind_vector(const EditBinding& binding, BoundEdit& bound) {
  if (!binding.edit.vector) return {};
  EXPECTS(binding.edit.vector->file.empty(), "the vector's file was read");
  const std::vector<float>& v = binding.edit.vector->values;
  const bool causal = bound.shape == RowShape::Causal;
  const std::size_t selected = causal ? binding.most_keys() : bound.group;
  if (v.size() != selected)
    return binding.wrong(
        text("the vector has {0} numbers, but the last axis of {1} has {2} selected entries", v.size(), binding.edit.hook, selected));
  if (causal) bound.values = v;
  for (std::size_t i = 0; i < bound.elements.size(); ++i) bound.values.push_back(v[i % v.size()]);
  return {};
}

}  // namespace ops

}  // namespace gf

// Reads the arguments of actions. Each error says in one sentence what is wrong.
#pragma once

#include <vector>

#include "app/scene/sources/tensor_ref.h"
#include "app/ui/actions/actions.h"
#include "model/session.h"

namespace gf::ui {

struct HeadName {
  int layer = 0, head = 0;
};

/// The argument at `at`; `what` names it in the error. Errors of all functions below: InvalidArgument.
[[nodiscard]] Result<std::string> word_at(const ActionArguments& arguments, std::size_t at, std::string_view what);
/// The same; empty where there is none.
[[nodiscard]] std::string word_or_nothing(const ActionArguments& arguments, std::size_t at);
[[nodiscard]] Result<long long> whole_number(const std::string& word, long long low, long long high);
[[nodiscard]] Result<double> number(const std::string& word, double low, double high);
/// The index of `word` in `words`.
[[nodiscard]] Result<std::size_t> one_of(const std::string& word, const std::vector<const char*>& words);
/// "on" or "off"; without an argument the opposite of `now`.
[[nodiscard]] Result<bool> on_or_off(const ActionArguments& arguments, std::size_t at, bool now);
/// "4.3": head 3 of block 4.
[[nodiscard]] Result<HeadName> head_named(const std::string& word, const ModelConfig& config);
/// A hook and its indices from `at` on, such as "blocks.3.attn.hook_z" 5 1 0; the indices of a pattern are head, query and
/// key. A position or query that is left out is the last of the run, any other index is 0.
[[nodiscard]] Result<scene::CellRef> cell_named(const ActionArguments& arguments, std::size_t at, const ModelConfig& config, int length);

/// The open model. Errors: NotFound.
[[nodiscard]] Result<std::shared_ptr<const Model>> model_of(const ActionContext& context);
/// The newest run. Errors: NotFound.
[[nodiscard]] Result<std::shared_ptr<const Run>> run_of(const ActionContext& context);

}  // namespace gf::ui

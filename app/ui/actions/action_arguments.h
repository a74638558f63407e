// What stands in an action's arguments, read with a sentence for whatever is wrong.
#pragma once

#include <vector>

#include "app/scene/sources/tensor_ref.h"
#include "app/ui/actions/actions.h"
#include "model/session.h"

namespace gf::ui {

struct HeadName {
  int layer = 0, head = 0;
};

/// Each names `what` it expected, and where. Errors: InvalidArgument.
[[nodiscard]] Result<std::string> word_at(const ActionArguments& arguments, std::size_t at, std::string_view what);
[[nodiscard]] Result<long long> whole_number(const std::string& word, long long low, long long high);
[[nodiscard]] Result<double> number(const std::string& word, double low, double high);
/// The place of `word` in `words`.
[[nodiscard]] Result<std::size_t> one_of(const std::string& word, const std::vector<const char*>& words);
/// "on" or "off"; without an argument the other of what is.
[[nodiscard]] Result<bool> on_or_off(const ActionArguments& arguments, std::size_t at, bool now);
/// "4.3": block and head of that model.
[[nodiscard]] Result<HeadName> head_named(const std::string& word, const ModelConfig& config);
/// A hook with its indices, as "blocks.3.attn.hook_z" 5 1 0 from `at` on. Indices that are left out are the run's last
/// position and 0; of a pattern they are head, query and key.
[[nodiscard]] Result<scene::CellRef> cell_named(const ActionArguments& arguments, std::size_t at, const ModelConfig& config, int length);

/// The model, or a sentence that there is none.
[[nodiscard]] Result<std::shared_ptr<const Model>> model_of(const ActionContext& context);
[[nodiscard]] Result<std::shared_ptr<const Run>> run_of(const ActionContext& context);

}  // namespace gf::ui

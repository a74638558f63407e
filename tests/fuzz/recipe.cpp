// Recipes: read, written and read again, bound to a small model, at work on rows of exactly the right size.
#include "model/edits/recipe.h"

#include "model/edits/compiled.h"
#include "model/edits/sources.h"
#include "model/hooks.h"
#include "model/tokenizer/tokenizer.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

namespace gf::fuzz {

ModelConfig small_model() {
  ModelConfig c;
  c.n_layer = 2, c.n_head = 2, c.d_model = 4, c.d_head = 2, c.d_mlp = 6, c.n_ctx = 8, c.n_vocab = 5;
  return c;
}

void apply_all(CompiledEdits& edits, const ModelConfig& c, int n_prompt, int n_total) {
  for (int first = 0; first < n_total;) {
    const int rows = first == 0 ? n_prompt : 1, length = first + rows;
    edits.begin_step(first, rows, length);
    for (const HookId hook : all_hooks(c.n_layer)) {
      if (!edits.touches(hook)) continue;
      if (info_of(hook.kind).shape == RowShape::Causal) {
        for (int q = first; q < length; ++q) {
          std::vector<float> row(static_cast<std::size_t>(c.n_head * (q + 1)), 0.25F);
          edits.apply_causal(hook, q, row.data());
        }
      } else {
        const std::size_t width = row_size(info_of(hook.kind).shape, c, first);
        std::vector<float> values(width * static_cast<std::size_t>(rows), 0.5F);
        edits.apply(hook, first, rows, values.data(), width);
      }
    }
    first = length;
  }
  EXPECTS(edits.first_block() <= c.n_layer, "edits begin in the model");
}

}  // namespace gf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const auto recipe = parse_recipe(fuzz::text_of(data, size), "/fuzz");
  if (!recipe) {
    EXPECTS(!recipe.error().message.empty(), "an error says something");
    return 0;
  }
  const auto again = parse_recipe(to_json(*recipe), "/fuzz");
  EXPECTS(again && *again == *recipe, "a recipe that was written is read as the same");
  for (const Edit& edit : recipe->edits) EXPECTS(!summary(edit).empty(), "an edit has a line");
  static const ModelConfig config = fuzz::small_model();
  static const auto tokenizer = *load_tokenizer("/fuzz/none", config.n_vocab);
  const auto resolved = resolve_sources(*recipe, config, *tokenizer);
  if (!resolved) return 0;
  constexpr int n_prompt = 3, n_total = 5;
  const CompileContext context{.config = config, .n_prompt = n_prompt, .n_total = n_total, .base = nullptr, .sources = {}};
  const auto edits = compile(*resolved, context);
  if (!edits) return 0;
  fuzz::apply_all(**edits, config, n_prompt, n_total);
  EXPECTS((*edits)->receipts().size() == recipe->edits.size(), "a receipt for each edit");
  return 0;
}

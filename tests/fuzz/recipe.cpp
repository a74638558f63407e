// Recipes: read, written and read again, bound to a small model, at work on rows of exactly the right size.
#include "model/edits/recipe.h"

#include <cmath>

#include "model/edits/compiled.h"
#include "model/edits/sources.h"
#include "model/hooks.h"
#include "model/tokenizer/tokenizer.h"
#include "model/trace.h"
#include "model/trace_writer.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

namespace gf::fuzz {

ModelConfig small_model() {
  ModelConfig c;
  c.n_layer = 2, c.n_head = 2, c.d_model = 4, c.d_head = 2, c.d_mlp = 6, c.n_ctx = 8, c.n_vocab = 5;
  return c;
}

/// What a recipe reads of a model: its sizes and the columns of W_U.
Weights small_weights() {
  static const std::vector<float> columns = [] {
    std::vector<float> v(20);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = std::sin(static_cast<float>(i));
    return v;
  }();
  Weights w;
  w.config = small_model();
  w.unembed = {{reinterpret_cast<const std::byte*>(columns.data()), DType::F32, Shape{5, 4}}, false};
  return w;
}

/// A run with other numbers at each place of every hook.
Trace small_run(const ModelConfig& c, int length) {
  CapturePlan plan;
  for (const HookInfo& info : hook_table()) plan.want(info.kind);
  Trace trace(c, plan);
  auto writer = TraceWriter::open(trace, {.first_position = 0, .rows = length, .first_block = 0, .end_block = c.n_layer});
  EXPECTS(writer.has_value(), "memory for a small run");
  for (const HookId hook : all_hooks(c.n_layer))
    for (int p = 0; p < length; ++p) {
      float* row = (*writer)->row(hook, p);
      for (std::size_t i = 0; row != nullptr && i < row_size(info_of(hook.kind).shape, c, p); ++i)
        row[i] = std::cos(static_cast<float>(i) + 3 * static_cast<float>(p));
    }
  const std::vector<TokenId> ids(static_cast<std::size_t>(length), TokenId(1));
  const std::vector<std::shared_ptr<const TokenStats>> stats(ids.size(), std::make_shared<const TokenStats>());
  (*writer)->commit(ids, length, stats, std::make_shared<const std::vector<float>>(static_cast<std::size_t>(c.n_vocab)));
  return trace;
}

/// A row for each vector of two lists of runs.
std::vector<RunDifference> differences_of(const Recipe& recipe, const Trace& run) {
  std::vector<RunDifference> found;
  for (const Edit& edit : recipe.edits)
    for (const auto* vector : vectors_of(edit))
      for (const HookId hook : hooks_named(edit.hook, run.config().n_layer)) {
        if (!*vector || (*vector)->runs.empty() || info_of(hook.kind).shape == RowShape::Causal) continue;
        const auto row = run.row(hook, run.length() - 1);
        found.push_back({**vector, hook, {row.begin(), row.end()}});
      }
  return found;
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
  static const Weights weights = fuzz::small_weights();
  static const ModelConfig& config = weights.config;
  static const auto tokenizer = *load_tokenizer("/fuzz/none", config.n_vocab);
  const auto resolved = resolve_sources(*recipe, weights, *tokenizer);
  if (!resolved) return 0;
  constexpr int n_prompt = 3, n_total = 5;
  static const Trace run = fuzz::small_run(config, n_total);
  const auto differences = fuzz::differences_of(*resolved, run);
  const CompileContext context{
      .config = config, .n_prompt = n_prompt, .n_total = n_total, .base = &run, .sources = {}, .differences = differences};
  const auto edits = compile(*resolved, context);
  if (!edits) return 0;
  fuzz::apply_all(**edits, config, n_prompt, n_total);
  EXPECTS((*edits)->receipts().size() == recipe->edits.size(), "a receipt for each edit");
  return 0;
}

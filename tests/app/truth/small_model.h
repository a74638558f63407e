// A small model with random weights in memory, and runs of it by the naive backend.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "app/scene/scene_builder.h"
#include "model/backend.h"
#include "model/edits/compiled.h"
#include "model/session.h"

namespace gf::testing_models {

struct Lcg {
  std::uint64_t state;
  std::uint32_t next() {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>(state >> 33);
  }
  float uniform() { return static_cast<float>(next() % 65536) / 32768.0F - 1.0F; }
  int below(int n) { return static_cast<int>(next() % static_cast<std::uint32_t>(n)); }
};

/// Every id decodes to one byte, so that labels have something to show.
class ByteTokenizer : public Tokenizer {
 public:
  explicit ByteTokenizer(int n) : n_(n) {}
  [[nodiscard]] Result<std::vector<TokenSpan>> encode(std::string_view text, bool) const override {
    std::vector<TokenSpan> spans;
    for (std::size_t i = 0; i < text.size(); ++i) spans.push_back({TokenId(static_cast<int>(text[i] - '!') % n_), i, i + 1});
    return spans;
  }
  [[nodiscard]] std::string bytes_of(TokenId id) const override { return std::string(1, static_cast<char>('!' + id.v % 90)); }
  [[nodiscard]] int n_vocab() const override { return n_; }
  [[nodiscard]] std::string kind() const override { return "test"; }

 private:
  int n_;
};

inline ModelConfig small_config() {
  ModelConfig c;
  c.n_layer = 3;
  c.n_head = 3;
  c.d_head = 6;
  c.d_model = 18;
  c.d_mlp = 40;  // not a multiple of d_model: the fold has a remainder
  c.n_ctx = 24;
  c.n_vocab = 57;
  c.activation = Activation::GeluErf;
  c.tied = false;
  c.scale_attn_by_layer = true;
  return c;
}

inline std::shared_ptr<const Model> random_model(const ModelConfig& c, std::uint64_t seed) {
  auto w = std::make_shared<Weights>();
  w->config = c;
  w->name = "random";
  w->format = "memory";
  Lcg rng{seed};
  const auto make = [&](Shape shape, float size, float center = 0) {
    auto memory = std::make_shared<std::vector<float>>(static_cast<std::size_t>(shape.elements()));
    for (float& v : *memory) v = center + size * rng.uniform();
    w->storage.push_back(memory);
    return TensorView{reinterpret_cast<const std::byte*>(memory->data()), DType::F32, shape};
  };
  const std::int64_t d = c.d_model, m = c.d_mlp;
  w->wte = make({c.n_vocab, d}, 0.8F);
  w->wpe = make({c.n_ctx, d}, 0.3F);
  w->unembed = {c.tied ? w->wte : make({c.n_vocab, d}, 0.6F), false};
  const auto norm = [&] { return LayerNormWeights{make({d}, 0.3F, 1.0F), make({d}, 0.2F)}; };
  for (int b = 0; b < c.n_layer; ++b) {
    BlockWeights block;
    block.ln1 = norm();
    block.qkv = {make({d, 3 * d}, 0.4F), true};
    block.b_qkv = make({3 * d}, 0.1F);
    block.o = {make({d, d}, 0.3F), true};
    block.b_o = make({d}, 0.1F);
    block.ln2 = norm();
    block.in = {make({d, m}, 0.3F), true};
    block.b_in = make({m}, 0.1F);
    block.out = {make({m, d}, 0.2F), true};
    block.b_out = make({d}, 0.1F);
    w->blocks.push_back(std::move(block));
  }
  w->ln_f = norm();
  auto model = std::make_shared<Model>();
  model->weights = w;
  model->tokenizer = std::make_shared<ByteTokenizer>(c.n_vocab);
  return model;
}

/// Every hook, results included.
inline CapturePlan everything() {
  CapturePlan plan = CapturePlan::full();
  plan.kinds.assign(plan.kinds.size(), true);
  return plan;
}

inline std::shared_ptr<const Trace> forward(const Model& model, const std::vector<TokenId>& ids, const CapturePlan& plan,
                                            CompiledEdits* edits) {
  auto backend = make_naive_backend();
  EXPECTS(backend->load(model.weights).has_value(), "the naive backend takes any model");
  auto trace = std::make_shared<Trace>(model.weights->config, plan);
  ForwardStep step;
  step.ids = ids;
  step.n_prompt = static_cast<int>(ids.size());
  step.edits = edits;
  EXPECTS(backend->forward(*trace, step).has_value(), "the naive backend runs any prompt");
  return trace;
}

/// Base and edited run. Edits that the program does not offer yet work here too.
inline std::shared_ptr<const Run> run_of(const Model& model, const std::vector<TokenId>& ids, const CapturePlan& plan,
                                         const std::string& recipe_json = {}) {
  auto run = std::make_shared<Run>();
  run->request.prompt = ids;
  run->request.plan = plan;
  run->base = run->edited = forward(model, ids, plan, nullptr);
  if (recipe_json.empty()) return run;
  auto recipe = parse_recipe(recipe_json);
  EXPECTS(recipe.has_value(), "a recipe of the test");
  run->request.recipe = *recipe;
  CompileContext context;
  context.config = model.weights->config;
  context.n_prompt = context.n_total = static_cast<int>(ids.size());
  context.base = run->base.get();
  auto compiled = compile(*recipe, context);
  EXPECTS(compiled.has_value(), "a recipe of the test");
  run->edited = forward(model, ids, plan, compiled->get());
  run->receipts = (*compiled)->receipts();
  return run;
}

inline std::vector<TokenId> random_ids(int count, int n_vocab, std::uint64_t seed) {
  Lcg rng{seed};
  std::vector<TokenId> ids;
  for (int i = 0; i < count; ++i) ids.emplace_back(rng.below(n_vocab));
  return ids;
}

inline scene::SceneInput input_of(std::shared_ptr<const Model> model, std::shared_ptr<const Run> run) {
  return {std::move(model), std::move(run)};
}

}  // namespace gf::testing_models

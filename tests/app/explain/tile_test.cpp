// The card of a Stream tile against a lens and norms that are computed here from trace and weights.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

#include "app/scene/cards/explain.h"
#include "app/scene/stream/stream_reading.h"
#include "model/base/numbers.h"
#include "tests/app/truth/small_model.h"

namespace gf {
namespace {

using scene::Card;
using scene::CellRef;
using scene::SceneInput;

constexpr const char* kCutHead = R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})";

SceneInput small_input(const std::string& recipe, CapturePlan plan = testing_models::everything()) {
  static const auto model = testing_models::random_model(testing_models::small_config(), 7);
  return {model, testing_models::run_of(*model, testing_models::random_ids(9, 57, 3), plan, recipe)};
}

scene::ViewState in_stream(scene::Compare compare = scene::Compare::Edited) {
  scene::ViewState view;
  view.view = scene::View::Stream;
  view.compare = compare;
  return view;
}

CellRef tile_cell(int depth, int position, int n_layer) {
  const HookId hook = depth < n_layer ? HookId{HookKind::ResidPre, depth} : HookId{HookKind::ResidPost, n_layer - 1};
  return {{hook, {}}, {position, 2, -1}};
}

double length_of(std::span<const float> row) {
  double squares = 0;
  for (const float x : row) squares += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(squares);
}

/// softmax(ln_final(x) W_U), in double.
std::vector<double> naive_lens(std::span<const float> x, const Weights& w) {
  const auto n = static_cast<double>(x.size());
  double mean = 0, squares = 0, sum = 0;
  for (const float v : x) mean += static_cast<double>(v) / n;
  for (const float v : x) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean) / n;
  std::vector<double> p(static_cast<std::size_t>(w.config.n_vocab));
  for (int token = 0; token < w.config.n_vocab; ++token) {
    double logit = 0;
    for (int i = 0; i < w.config.d_model; ++i) {
      const double normalized =
          (static_cast<double>(x[static_cast<std::size_t>(i)]) - mean) / std::sqrt(squares + static_cast<double>(w.config.layer_norm_eps));
      logit += (normalized * static_cast<double>(w.ln_f.gamma.at(i)) + static_cast<double>(w.ln_f.beta.at(i))) *
               static_cast<double>(w.unembed.at(i, token));
    }
    p[static_cast<std::size_t>(token)] = std::exp(logit);
    sum += std::exp(logit);
  }
  for (double& v : p) v /= sum;
  return p;
}

void compare_tile(const SceneInput& input, const Trace& trace, scene::Compare compare) {
  const ModelConfig& c = trace.config();
  for (int depth = 0; depth <= c.n_layer; ++depth)
    for (const int position : {0, 4, trace.length() - 1}) {
      SCOPED_TRACE("depth " + std::to_string(depth) + " position " + std::to_string(position));
      const CellRef cell = tile_cell(depth, position, c.n_layer);
      const Card card = scene::explain(cell, input, in_stream(compare));
      ASSERT_TRUE(card.tile);
      const auto row = trace.row(cell.tensor.hook, position);
      const std::vector<double> p = naive_lens(row, *input.model->weights);
      std::vector<int> order(p.size());
      std::iota(order.begin(), order.end(), 0);
      std::ranges::sort(order, [&](int a, int b) { return p[static_cast<std::size_t>(a)] > p[static_cast<std::size_t>(b)]; });
      ASSERT_EQ(card.tile->words.size(), 5U);
      for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_NEAR(card.tile->words[i].probability, p[static_cast<std::size_t>(order[i])], 1e-5);
        EXPECT_EQ(card.tile->words[i].text, '"' + visible_text(input.model->tokenizer->bytes_of(TokenId(order[i]))) + '"');
      }
      double entropy = 0;
      for (const double v : p) entropy -= v > 0 ? v * std::log(v) : 0;
      EXPECT_NEAR(*card.tile->entropy_nats, entropy, 1e-4);
      EXPECT_NEAR(*card.tile->stream_norm, length_of(row), 1e-6);
      EXPECT_EQ(card.tile->block, depth - 1);
      EXPECT_EQ(card.tile->attention_norm.has_value(), depth > 0);
      if (depth == 0) continue;
      EXPECT_NEAR(*card.tile->attention_norm, length_of(trace.row({HookKind::AttnOut, depth - 1}, position)), 1e-6);
      EXPECT_NEAR(*card.tile->mlp_norm, length_of(trace.row({HookKind::MlpOut, depth - 1}, position)), 1e-6);
    }
}

TEST(TileCard, gives_the_lens_and_the_norms_of_the_run_that_shows) {
  const SceneInput input = *scene::with_readings(small_input(kCutHead));
  compare_tile(input, *input.run->edited, scene::Compare::Edited);
  compare_tile(input, *input.run->base, scene::Compare::Base);
  EXPECT_EQ(scene::explain(tile_cell(3, 4, 3), input, in_stream()).tile->title, "logit lens of the edited run");
  EXPECT_EQ(scene::explain(tile_cell(3, 4, 3), input, in_stream(scene::Compare::Base)).tile->title, "logit lens of the base run");
}

TEST(TileCard, says_that_the_lens_is_not_there_yet_and_has_the_norms_already) {
  const SceneInput input = small_input({});
  const Card card = scene::explain(tile_cell(2, 4, 3), input, in_stream());
  ASSERT_TRUE(card.tile);
  EXPECT_TRUE(card.tile->words.empty());
  EXPECT_FALSE(card.tile->entropy_nats);
  EXPECT_EQ(card.tile->note, "not computed yet: the lens is reading this run");
  EXPECT_NEAR(*card.tile->mlp_norm, length_of(input.run->base->row({HookKind::MlpOut, 1}, 4)), 1e-6);
  const Card later = scene::explain(tile_cell(2, 4, 3), *scene::with_readings(input), in_stream());
  EXPECT_EQ(later.tile->words.size(), 5U);
  EXPECT_EQ(later.tile->note, "");
}

TEST(TileCard, says_what_the_run_did_not_keep) {
  CapturePlan plan = CapturePlan::defaults();
  plan.kinds[static_cast<std::size_t>(HookKind::MlpOut)] = false;
  const SceneInput input = small_input({}, plan);
  const Card card = scene::explain(tile_cell(2, 4, 3), input, in_stream());
  ASSERT_TRUE(card.tile);
  EXPECT_EQ(card.tile->note, "this run did not keep what the lens reads");
  EXPECT_FALSE(card.tile->mlp_norm);
  EXPECT_NE(scene::to_text(card).find("MLP not captured"), std::string::npos) << scene::to_text(card);
}

TEST(TileCard, is_of_the_stream_alone_and_of_what_is_computed) {
  const SceneInput input = *scene::with_readings(small_input({}));
  EXPECT_FALSE(scene::explain(tile_cell(2, 4, 3), input, {}).tile) << "the Machine has no tiles";
  EXPECT_FALSE(scene::explain({{{HookKind::Pattern, 1}, {}}, {0, 4, 2}}, input, in_stream()).tile);
  scene::ViewState early = in_stream();
  early.time = 0;
  EXPECT_FALSE(scene::explain(tile_cell(2, 4, 3), input, early).tile);
}

TEST(TileCard, reads_as_text) {
  const SceneInput input = *scene::with_readings(small_input({}));
  const Card card = scene::explain(tile_cell(2, 4, 3), input, in_stream());
  const std::string text = scene::to_text(card);
  for (const auto& word : card.tile->words)
    EXPECT_NE(text.find("  " + word.text + ' ' + numbers::percent(word.probability) + '\n'), std::string::npos) << text;
  EXPECT_NE(text.find(" nats\nnorm of the stream here: "), std::string::npos) << text;
  EXPECT_NE(text.find("norm of what block 1 wrote: attention "), std::string::npos) << text;
}

TEST(TileCard, says_NaN_where_the_stream_is_not_a_number) {
  const std::string at = R"({"hook": "blocks.0.hook_mlp_out", "positions": [4], "op": "scale", "factor": )";
  const SceneInput input =
      *scene::with_readings(small_input(R"({"version": 1, "edits": [)" + at + "1e38}, " + at + "1e38}, " + at + "0}]}"));
  const Card card = scene::explain(tile_cell(2, 4, 3), input, in_stream());
  ASSERT_TRUE(card.tile);
  const std::string text = scene::to_text(card);
  EXPECT_NE(text.find("value NaN\n"), std::string::npos) << text;
  EXPECT_NE(text.find("entropy NaN nats\nnorm of the stream here: NaN\n"), std::string::npos) << text;
}

TEST(Explain, names_more_terms_where_it_is_asked_to) {
  const SceneInput input = small_input({});
  const CellRef cell{{{HookKind::Z, 1}, {}}, {8, 1, 3}};
  const Card usual = scene::explain(cell, input, {}), more = scene::explain(cell, input, {}, scene::kMostTerms);
  ASSERT_EQ(usual.terms.size(), 5U);
  ASSERT_EQ(more.terms.size(), 9U) << "all keys of position 8";
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(usual.terms[i].text, more.terms[i].text);
  EXPECT_EQ(usual.formula, more.formula);
}

}  // namespace
}  // namespace gf

// Dictionaries and the question about them, beside what SAELens 6 gives (tests/golden/dictionaries).
#include <filesystem>
#include <gtest/gtest.h>

#include "model/analysis/question.h"
#include "model/dictionaries/coding.h"
#include "model/dictionaries/naive_coding.h"
#include "model/io/dictionaries/open_dictionary.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

std::string dictionaries_folder() { return (std::filesystem::path(golden_folder()) / "dictionaries").string(); }

class Features : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(dictionaries_folder() + "/case.json");
    golden = Json::parse(file);
    session = session_of(open_case_model(golden_folder() + "/models/hf-sharded-bf16"));
    ASSERT_NE(session, nullptr);
    request.prompt = ids_of(golden["ids"]);
    request.plan = CapturePlan::full();
    run = session->run(request).value();
  }
  static std::string path_of(const Json& one) { return dictionaries_folder() + "/" + one["name"].get<std::string>(); }
  std::shared_ptr<const FittedDictionary> fitted(const Json& one) const {
    const auto dictionary = open_dictionary(path_of(one));
    EXPECT_TRUE(dictionary) << dictionary.error().message;
    auto fits = fit_dictionary(*dictionary, *session->model().weights);
    EXPECT_TRUE(fits) << fits.error().message;
    return *fits;
  }
  Asking asking(const std::string& dictionary) const {
    Params params(find_question("features")->params);
    EXPECT_TRUE(params.set("dictionary", dictionary));
    return {.session = *session, .request = request, .run = run, .a = {}, .b = {}, .params = params};
  }
  Answer answer(const Asking& asked) const {
    auto found = ask(*find_question("features"), asked);
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(Answer());
  }

  Json golden;
  std::unique_ptr<Session> session;
  RunRequest request;
  gf::Run run;
};

TEST_F(Features, are_those_of_SAELens) {
  ASSERT_EQ(golden["dictionaries"].size(), 9U);
  for (const Json& one : golden["dictionaries"]) {
    SCOPED_TRACE(one["name"].get<std::string>());
    const auto dictionary = fitted(one);
    EXPECT_EQ(name_of(dictionary->in), one["hook"].get<std::string>());
    const auto read = [&](int p) { return run.edited->row(dictionary->in, p); };
    const auto active = encode(*dictionary, read, run.edited->length());
    ASSERT_TRUE(active);
    for (const auto& [position, features] : one["features"].items()) {
      const int p = std::stoi(position);
      ASSERT_EQ(active->features_of(p).size(), features.size()) << "position " << p;
      for (std::size_t i = 0; i < features.size(); ++i) {
        EXPECT_EQ(active->features_of(p)[i], features[i][0].get<int>());
        expect_near(static_cast<double>(active->activations_of(p)[i]), features[i][1], 1e-5, 1e-3, "activation");
      }
    }
    std::vector<float> row(static_cast<std::size_t>(dictionary->dictionary->d_out()));
    for (int p = 0; p < run.edited->length(); ++p) {
      decode(*dictionary, active->features_of(p), active->activations_of(p), read(p), row);
      double squares = 0;
      for (const float x : row) squares += static_cast<double>(x) * static_cast<double>(x);
      expect_near(std::sqrt(squares), one["reconstruction_norm"][static_cast<std::size_t>(p)], 1e-5, 1e-3, "norm");
    }
    for (std::size_t i = 0; i < row.size(); ++i)
      expect_near(static_cast<double>(row[i]), one["reconstruction_last"][i], 1e-4, 1e-3, "reconstruction");
  }
}

TEST_F(Features, the_question_gives_what_SAELens_gives) {
  for (const Json& one : golden["dictionaries"]) {
    SCOPED_TRACE(one["name"].get<std::string>());
    const Answer found = answer(asking(path_of(one)));
    EXPECT_NEAR(found.number("l0"), one["l0"].get<double>(), 1e-6);
    if (!one["explained_variance"].is_null())
      expect_near(found.number("explained_variance"), one["explained_variance"], 1e-4, 1e-3, "explained");
    double loss = 0;
    for (int p = 1; p < run.edited->length(); ++p) loss -= static_cast<double>(run.edited->stats(p).logprob) / (run.edited->length() - 1);
    EXPECT_NEAR(found.number("loss"), loss, 1e-5);
    EXPECT_EQ(found.words("hook").words.front(), one["hook"].get<std::string>());
  }
}

TEST_F(Features, fast_and_naive_code_alike) {
  for (const Json& one : golden["dictionaries"]) {
    SCOPED_TRACE(one["name"].get<std::string>());
    const auto dictionary = fitted(one);
    const auto read = [&](int p) { return run.edited->row(dictionary->in, p); };
    const auto active = encode(*dictionary, read, run.edited->length());
    ASSERT_TRUE(active);
    std::vector<float> row(static_cast<std::size_t>(dictionary->dictionary->d_out()));
    for (int p = 0; p < run.edited->length(); ++p) {
      const auto all = naive_encode(*dictionary, read(p));
      for (int f = 0; f < static_cast<int>(all.size()); ++f)
        EXPECT_NEAR(active->at(p, f), all[static_cast<std::size_t>(f)],
                    1e-4 + 1e-4 * std::abs(static_cast<double>(all[static_cast<std::size_t>(f)])))
            << p << " " << f;
      const auto want = naive_decode(*dictionary, all, read(p));
      decode(*dictionary, active->features_of(p), active->activations_of(p), read(p), row);
      for (std::size_t i = 0; i < row.size(); ++i) EXPECT_NEAR(row[i], want[i], 1e-3 + 1e-4 * std::abs(static_cast<double>(want[i])));
    }
  }
}

TEST_F(Features, top_lists_the_strongest_and_what_each_writes_towards_a_token) {
  Asking asked = asking(dictionaries_folder() + "/standard");
  asked.a = TokenId(3);
  ASSERT_TRUE(asked.params.set("top", "3"));
  const Answer found = answer(asked);
  const auto& top = found.table("top");
  EXPECT_EQ(top.axes, (std::vector<std::string>{"position", "k"}));
  EXPECT_EQ(top.places, 16);
  ASSERT_EQ(top.rows(), 48U);
  const auto& activations = std::get<std::vector<float>>(top.find("activation")->cells);
  const auto& features = std::get<std::vector<int>>(top.find("feature")->cells);
  EXPECT_EQ(features[0], 69) << "the strongest at position 0 of the golden values";
  EXPECT_NEAR(activations[0], 2.65694, 1e-3);
  EXPECT_GE(activations[0], activations[1]);
  // By hand: a d, centred, over ln_final's scale, times gamma and W_U.
  const Weights& w = *session->model().weights;
  const auto d = open_dictionary(dictionaries_folder() + "/standard").value()->decoder_row(features[0]);
  double mean = 0, sum = 0;
  for (const float x : d) mean += static_cast<double>(x) / static_cast<double>(d.size());
  for (std::size_t i = 0; i < d.size(); ++i)
    sum += (static_cast<double>(d[i]) - mean) * static_cast<double>(w.ln_f.gamma.at(static_cast<std::int64_t>(i))) *
           static_cast<double>(w.unembed.at(static_cast<int>(i), 3));
  sum *= static_cast<double>(activations[0]) / static_cast<double>(run.edited->row({HookKind::LnFinalScale, -1}, 0)[0]);
  EXPECT_NEAR(std::get<std::vector<float>>(top.find("contribution")->cells)[0], sum, 1e-4);
}

TEST_F(Features, a_feature_has_words_neighbours_and_activations) {
  Asking asked = asking(dictionaries_folder() + "/standard");
  ASSERT_TRUE(asked.params.set("feature", "69"));
  const Answer found = answer(asked);
  EXPECT_NEAR(found.grid("activations").at(0), 2.65694, 1e-3);
  EXPECT_EQ(found.table("words_for").rows(), 5U);
  const auto& near = std::get<std::vector<float>>(found.table("nearest").find("cosine")->cells);
  ASSERT_EQ(near.size(), 5U);
  EXPECT_GE(near[0], near[4]);
  const auto dictionary = open_dictionary(dictionaries_folder() + "/standard").value();
  const auto own = dictionary->decoder_row(69),
             other = dictionary->decoder_row(std::get<std::vector<int>>(found.table("nearest").find("feature")->cells)[0]);
  double dot = 0, a = 0, b = 0;
  for (std::size_t i = 0; i < own.size(); ++i)
    dot += static_cast<double>(own[i]) * static_cast<double>(other[i]), a += static_cast<double>(own[i]) * static_cast<double>(own[i]),
        b += static_cast<double>(other[i]) * static_cast<double>(other[i]);
  EXPECT_NEAR(near[0], dot / std::sqrt(a * b), 1e-5);
  ASSERT_TRUE(asked.params.set("feature", "96"));
  EXPECT_EQ(ask(*find_question("features"), asked).error().message, "there is no feature 96; the dictionary has features 0 to 95");
}

TEST_F(Features, the_loss_with_the_reconstruction_is_that_of_a_run_with_it) {
  const Json& one = golden["dictionaries"][0];
  const auto dictionary = fitted(one);
  const Answer found = answer(asking(path_of(one)));
  // The same by recipes: each position gets its row.
  Recipe recipe;
  for (int p = 0; p < run.edited->length(); ++p) {
    const auto read = run.edited->row(dictionary->in, p);
    Edit edit;
    edit.hook = one["hook"];
    edit.op = EditOp::Zero;
    edit.positions = Selector::only(p);
    recipe.edits.push_back(edit);
    edit.op = EditOp::Add;
    edit.vector.emplace().values = naive_decode(*dictionary, naive_encode(*dictionary, read), read);
    recipe.edits.push_back(edit);
  }
  const auto loss_of = [&](const Recipe& with) {
    RunRequest edited = request;
    edited.recipe = with;
    const gf::Run made = session->run(edited).value();
    double loss = 0;
    for (int p = 1; p < made.edited->length(); ++p)
      loss -= static_cast<double>(made.edited->stats(p).logprob) / (made.edited->length() - 1);
    return loss;
  };
  EXPECT_NEAR(found.number("loss_reconstructed"), loss_of(recipe), 2e-4);
  const Recipe zeros =
      parse_recipe(R"({"version": 1, "edits": [{"hook": ")" + one["hook"].get<std::string>() + R"(", "op": "zero"}]})").value();
  EXPECT_NEAR(found.number("loss_zeroed"), loss_of(zeros), 1e-5);
}

TEST_F(Features, what_folding_took_off_the_values_is_taken_off) {
  const auto folder = std::filesystem::path(GLASSFORMER_BUILD_DIR) / "test-files" / "folded-values";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder.parent_path());
  std::filesystem::copy(dictionaries_folder() + "/hook-z", folder);
  std::ifstream file(folder / "cfg.json");
  Json config = Json::parse(file);
  config["metadata"]["model_from_pretrained_kwargs"] = {{"fold_value_biases", true}, {"fold_ln", true}};
  std::ofstream(folder / "cfg.json") << config.dump();
  const Weights& w = *session->model().weights;
  const auto folded = fit_dictionary(open_dictionary(folder.string()).value(), w).value();
  const auto plain = fit_dictionary(open_dictionary(dictionaries_folder() + "/hook-z").value(), w).value();
  ASSERT_EQ(folded->offset.size(), 32U);
  const BlockWeights& block = w.blocks[0];
  double b = static_cast<double>(block.b_qkv.at(2 * 32 + 5));
  for (int i = 0; i < 32; ++i) b += static_cast<double>(block.ln1.beta.at(i)) * static_cast<double>(block.qkv.at(i, 2 * 32 + 5));
  EXPECT_NEAR(folded->offset[5], b, 1e-5) << "b_V + beta W_V";
  EXPECT_NE(folded->offset[5], 0);
  std::vector<float> without(32), row(32);
  const auto z = run.edited->row(folded->in, 7);
  for (std::size_t i = 0; i < z.size(); ++i) without[i] = z[i] - folded->offset[i];
  const auto want = naive_encode(*plain, without), got = naive_encode(*folded, z);
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-4);
  const auto active = encode(*folded, [&](int) { return z; }, 1).value();
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(active.at(0, static_cast<int>(i)), want[i], 1e-4);
  // What is written has it again.
  const auto written = naive_decode(*folded, got, z), less = naive_decode(*plain, want, without);
  for (std::size_t i = 0; i < z.size(); ++i) EXPECT_NEAR(written[i], less[i] + folded->offset[i], 1e-3);
}

TEST_F(Features, edits_on_a_feature_keep_the_error) {
  for (const char* name : {"standard", "topk", "topk-rescaled", "jumprelu", "gated", "layer-norm", "no-b-dec", "hook-z"}) {
    SCOPED_TRACE(name);
    const Json& one = *std::ranges::find_if(golden["dictionaries"], [&](const Json& d) { return d["name"] == name; });
    const auto dictionary = fitted(one);
    const int T = run.edited->length(), feature = one["features"]["7"][0][0];
    const std::string place = R"({"hook": ")" + one["hook"].get<std::string>() + R"(", "dictionary": {"file": ")" + path_of(one) +
                              R"(", "feature": )" + std::to_string(feature) + "}, ";
    for (const auto& [op, becomes] : std::vector<std::pair<std::string, std::function<double(double)>>>{
             {R"("op": "zero"})", [](double) { return 0.0; }},
             {R"("op": "scale", "factor": 2.5})", [](double a) { return 2.5 * a; }},
             {R"("op": "clamp", "value": 1.5})", [](double) { return 1.5; }}}) {
      RunRequest edited = request;
      const auto recipe = parse_recipe(R"({"version": 1, "edits": [)" + place + op + "]}");
      ASSERT_TRUE(recipe) << recipe.error().message;
      edited.recipe = *recipe;
      const auto made = session->run(edited);
      ASSERT_TRUE(made) << made.error().message;
      double squares = 0;
      for (int p = 0; p < T; ++p) {
        // x + decode(f') - decode(f), by the naive twin.
        const auto x = run.edited->row(dictionary->in, p);
        auto f = naive_encode(*dictionary, x);
        const auto before = naive_decode(*dictionary, f, x);
        f[static_cast<std::size_t>(feature)] = static_cast<float>(becomes(static_cast<double>(f[static_cast<std::size_t>(feature)])));
        const auto after = naive_decode(*dictionary, f, x);
        const auto got = made->edited->row(dictionary->in, p);
        for (std::size_t i = 0; i < x.size(); ++i) {
          const double change = static_cast<double>(after[i]) - static_cast<double>(before[i]);
          EXPECT_NEAR(static_cast<double>(got[i]), static_cast<double>(x[i]) + change, 1e-4 + 1e-4 * std::abs(static_cast<double>(x[i])))
              << p << " " << i;
          squares += change * change;
        }
      }
      EXPECT_EQ(made->receipts.front().fired, static_cast<long long>(T) * dictionary->dictionary->d_in());
      EXPECT_NEAR(made->receipts.front().norm, std::sqrt(squares), 1e-4 + 1e-3 * std::sqrt(squares));
      EXPECT_GT(made->receipts.front().norm, 0);
    }
  }
}

TEST_F(Features, a_feature_is_a_direction_where_a_vector_can_stand) {
  const std::string file = dictionaries_folder() + "/topk";
  const auto row = open_dictionary(file).value()->decoder_row(20);
  RunRequest edited = request;
  edited.recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.3.hook_resid_pre", "op": "add", "factor": 3, "positions": [5],
    "dictionary": {"file": ")" +
                               file + R"(", "feature": 20}}]})")
                      .value();
  const auto made = session->run(edited);
  ASSERT_TRUE(made) << made.error().message;
  const HookId hook{HookKind::ResidPre, 3};
  for (std::size_t i = 0; i < row.size(); ++i) EXPECT_NEAR(made->edited->row(hook, 5)[i], run.edited->row(hook, 5)[i] + 3 * row[i], 1e-5);
  EXPECT_EQ(parse_recipe(to_json(edited.recipe)).value(), edited.recipe) << "it is written as it is read";
}

TEST_F(Features, recipes_say_what_does_not_fit) {
  const auto says = [&](const std::string& edit) {
    const auto recipe = parse_recipe(R"({"version": 1, "edits": [)" + edit + "]}", dictionaries_folder());
    if (!recipe) return recipe.error().message;
    RunRequest edited = request;
    edited.recipe = *recipe;
    const auto made = session->run(edited);
    return made ? std::string("it ran") : made.error().message;
  };
  EXPECT_EQ(says(R"({"hook": "blocks.3.hook_resid_pre", "op": "zero", "dictionary": {"file": "topk", "feature": 96}})"),
            "edit 1: there is no feature 96; the dictionary dictionaries/topk has features 0 to 95");
  EXPECT_EQ(says(R"({"hook": "blocks.1.hook_resid_pre", "op": "zero", "dictionary": {"file": "topk", "feature": 1}})"),
            "edit 1: the dictionary dictionaries/topk reads blocks.3.hook_resid_pre, so 'zero' of its features acts there and not at "
            "blocks.1.hook_resid_pre");
  EXPECT_EQ(says(R"({"hook": "blocks.2.hook_resid_post", "op": "zero", "dictionary": {"file": "topk", "feature": 1}})"), "it ran")
      << "the stream between two blocks has two names";
  EXPECT_EQ(says(R"({"hook": "blocks.3.hook_resid_pre", "op": "scale", "dictionary": {"file": "topk", "feature": 1}})"),
            "edit 1: 'scale' needs 'factor'");
  EXPECT_EQ(
      says(R"({"hook": "blocks.3.hook_resid_pre", "op": "clamp", "value": 1, "dims": [1], "dictionary": {"file": "topk", "feature": 1}})"),
      "edit 1: a feature is read off whole rows of blocks.3.hook_resid_pre; leave out the selectors of its last axes");
  EXPECT_EQ(says(R"({"hook": "blocks.3.hook_resid_pre", "op": "clamp", "value": 1, "dictionary": {"file": "topk"}})"),
            "edit 1: 'dictionary' must have a 'feature', a whole number from 0 on");
  EXPECT_EQ(says(R"({"hook": "blocks.3.mlp.hook_post", "op": "add", "dictionary": {"file": "topk", "feature": 1}})"),
            "edit 1: the dictionary dictionaries/topk writes rows of 32 numbers, which does not fit blocks.3.mlp.hook_post");
  EXPECT_NE(says(R"({"hook": "blocks.3.hook_mlp_out", "op": "zero", "dictionary": {"file": "transcoder", "feature": 1}})")
                .find("is a transcoder"),
            std::string::npos);
}

}  // namespace
}  // namespace gf::testing

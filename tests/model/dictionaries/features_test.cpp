// Dictionaries and the question about them, beside what SAELens 6 gives (tests/golden/dictionaries).
#include <filesystem>
#include <gtest/gtest.h>

#include "model/analysis/question.h"
#include "model/dictionaries/coding.h"
#include "model/dictionaries/naive_coding.h"
#include "model/dictionaries/one_feature.h"
#include "model/io/dictionaries/open_dictionary.h"
#include "tests/model/dictionaries/random_dictionary.h"
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

/// A dictionary of random numbers whose config has more keys in its metadata.
std::string random_dictionary_with(const std::string& name, int d, const std::string& hook, const Json& more) {
  const auto folder = std::filesystem::path(GLASSFORMER_BUILD_DIR) / "test-files" / ("features-" + name);
  std::filesystem::remove_all(folder);
  save_random_dictionary(folder, d, 24, hook);
  Json config = Json::parse(std::ifstream(folder / "cfg.json"));
  config["metadata"].update(more);
  std::ofstream(folder / "cfg.json") << config.dump();
  return folder.string();
}

/// A standard dictionary's features of an input and what it makes of them again, by its tensors alone.
struct PlainCode {
  std::vector<double> features, reconstruction;
};
PlainCode plain_code(const Dictionary& d, const std::vector<double>& x) {
  PlainCode code;
  code.reconstruction.assign(d.bias_out.begin(), d.bias_out.end());
  for (int f = 0; f < d.features(); ++f) {
    double p = static_cast<double>(d.bias[static_cast<std::size_t>(f)]);
    for (std::size_t i = 0; i < x.size(); ++i)
      p += (x[i] - static_cast<double>(d.bias_in[i])) * static_cast<double>(d.encoder.at(static_cast<int>(i), f));
    code.features.push_back(std::max(p, 0.0));
    for (std::size_t i = 0; i < x.size(); ++i)
      code.reconstruction[i] += code.features.back() * static_cast<double>(d.decoder.at(f, static_cast<int>(i)));
  }
  return code;
}

TEST_F(Features, of_one_head_are_read_in_its_numbers_alone) {
  const ModelConfig& c = session->model().weights->config;
  const auto width = static_cast<std::size_t>(c.d_head);
  const std::string path = random_dictionary_with("head", c.d_head, "blocks.1.attn.hook_z", {{"hook_head_index", 1}});
  const auto dictionary = open_dictionary(path).value();
  Asking asked = asking(path);
  ASSERT_TRUE(asked.params.set("top", "24"));
  const Answer found = answer(asked);
  const auto& top = found.table("top");
  const auto& positions = std::get<std::vector<int>>(top.find("position")->cells);
  const auto& features = std::get<std::vector<int>>(top.find("feature")->cells);
  const auto& activations = std::get<std::vector<float>>(top.find("activation")->cells);
  const int T = run.edited->length();
  std::vector<double> mean(width);
  std::vector<std::vector<double>> z, again;
  std::size_t active = 0;
  Recipe recipe;
  for (int p = 0; p < T; ++p) {
    const auto row = run.edited->row({HookKind::Z, 1}, p).subspan(width, width);
    z.emplace_back(row.begin(), row.end());
    const PlainCode code = plain_code(*dictionary, z.back());
    again.push_back(code.reconstruction);
    for (std::size_t i = 0; i < width; ++i) mean[i] += z.back()[i] / T;
    for (std::size_t i = 0; i < features.size(); ++i)
      if (positions[i] == p) {
        EXPECT_NEAR(static_cast<double>(activations[i]), code.features[static_cast<std::size_t>(features[i])], 1e-4);
        ++active;
      }
    Edit edit = edit_of_head(1, 1);
    edit.positions = Selector::only(p);
    recipe.edits.push_back(edit);
    edit.op = EditOp::Add;
    edit.vector.emplace().values.assign(code.reconstruction.begin(), code.reconstruction.end());
    recipe.edits.push_back(edit);
  }
  EXPECT_EQ(active, features.size());
  EXPECT_GT(active, 0U);
  double errors = 0, distances = 0;
  for (std::size_t p = 0; p < z.size(); ++p)
    for (std::size_t i = 0; i < width; ++i) {
      errors += std::pow(z[p][i] - again[p][i], 2);
      distances += std::pow(z[p][i] - mean[i], 2);
    }
  EXPECT_NEAR(found.number("explained_variance"), 1 - errors / distances, 1e-3 * (1 + errors / distances));
  const auto loss_of = [&](const Recipe& with) {
    RunRequest edited = request;
    edited.recipe = with;
    const auto own = session->run(edited).value();
    double loss = 0;
    for (int p = 1; p < T; ++p) loss -= static_cast<double>(own.edited->stats(p).logprob) / (T - 1);
    return loss;
  };
  EXPECT_NEAR(found.number("loss_reconstructed"), loss_of(recipe), 1e-4);
  Recipe cut;
  cut.edits.push_back(edit_of_head(1, 1));
  EXPECT_NEAR(found.number("loss_zeroed"), loss_of(cut), 1e-4) << "the other heads stay";

  // Cutting one of its features moves this head alone, by its decoder row.
  const auto with_cut = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "dictionary": {"file": ")" +
                                     path + R"(", "feature": )" + std::to_string(features[0]) + "}}]}");
  ASSERT_TRUE(with_cut) << with_cut.error().message;
  RunRequest edited = request;
  edited.recipe = *with_cut;
  const auto own = session->run(edited);
  ASSERT_TRUE(own) << own.error().message;
  const auto before = run.edited->row({HookKind::Z, 1}, 0), after = own->edited->row({HookKind::Z, 1}, 0);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool in_head = i >= width && i < 2 * width;
    const double moved = in_head ? -static_cast<double>(activations[0]) *
                                       static_cast<double>(dictionary->decoder.at(features[0], static_cast<int>(i - width)))
                                 : 0;
    EXPECT_NEAR(static_cast<double>(after[i]) - static_cast<double>(before[i]), moved, 1e-4) << i;
  }
}

TEST_F(Features, of_the_MLPs_input_are_read_behind_gamma_and_beta) {
  const Weights& w = *session->model().weights;
  const std::string path = random_dictionary_with("mlp-in", w.config.d_model, "blocks.1.mlp.hook_in", Json::object());
  const auto dictionary = open_dictionary(path).value();
  const auto fitted = fit_dictionary(dictionary, w).value();
  EXPECT_EQ(name_of(fitted->in), "blocks.1.ln2.hook_normalized");
  const Answer found = answer(asking(path));
  const auto& features = std::get<std::vector<int>>(found.table("top").find("feature")->cells);
  const auto& activations = std::get<std::vector<float>>(found.table("top").find("activation")->cells);
  const auto row = run.edited->row({HookKind::Ln2Normalized, 1}, 0);
  const LayerNormWeights& ln2 = w.blocks[1].ln2;
  std::vector<double> x;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    x.push_back(static_cast<double>(row[i]) * static_cast<double>(ln2.gamma.at(at)) + static_cast<double>(ln2.beta.at(at)));
  }
  const PlainCode code = plain_code(*dictionary, x);
  EXPECT_NEAR(static_cast<double>(activations[0]), code.features[static_cast<std::size_t>(features[0])], 1e-4);
  EXPECT_NEAR(static_cast<double>(activations[0]), std::ranges::max(code.features), 1e-4);
  const auto active = encode(*fitted, [&](int) { return row; }, 1).value();
  std::vector<float> back(row.size());
  decode(*fitted, active.features_of(0), active.activations_of(0), row, back);
  for (std::size_t i = 0; i < back.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    EXPECT_NEAR(static_cast<double>(back[i]) * static_cast<double>(ln2.gamma.at(at)) + static_cast<double>(ln2.beta.at(at)),
                code.reconstruction[i], 1e-3);
  }
  // The slope of an edit of a feature, by differences.
  const int feature = features[0];
  const auto edited = [&](std::vector<float> of) {
    set_feature_in_row(*fitted, feature, feature_in_row(*fitted, feature, of), 0.5, of);
    double m = 0;
    for (std::size_t i = 0; i < of.size(); ++i) m += std::sin(static_cast<double>(i)) * static_cast<double>(of[i]);
    return m;
  };
  std::vector<float> slope;
  for (std::size_t i = 0; i < row.size(); ++i) slope.push_back(static_cast<float>(std::sin(static_cast<double>(i))));
  slope_of_feature(*fitted, feature, {0, 0.5}, row, slope);
  for (std::size_t i = 0; i < row.size(); i += 5) {
    std::vector<float> more(row.begin(), row.end()), less = more;
    constexpr float h = 0.01F;
    more[i] += h, less[i] -= h;
    EXPECT_NEAR(static_cast<double>(slope[i]), (edited(more) - edited(less)) / (2 * static_cast<double>(h)), 5e-3) << i;
  }
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

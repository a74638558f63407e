// Dictionaries that read one head, the MLP's input, or values without their bias: each in the numbers that it was trained on.
#include "model/dictionaries/coding.h"
#include "model/dictionaries/naive_coding.h"
#include "model/dictionaries/one_feature.h"
#include "tests/model/dictionaries/features_of_run.h"
#include "tests/model/dictionaries/random_dictionary.h"

namespace gf::testing {
namespace {

using FeaturePlaces = FeaturesOfRun;

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

TEST_F(FeaturePlaces, of_one_head_are_read_in_its_numbers_alone) {
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

TEST_F(FeaturePlaces, of_the_MLPs_input_are_read_behind_gamma_and_beta) {
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

TEST_F(FeaturePlaces, what_folding_took_off_the_values_is_taken_off) {
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

}  // namespace
}  // namespace gf::testing

// Dictionaries and the question about them, beside what SAELens 6 gives (tests/golden/dictionaries).
#include "model/analysis/neurons.h"
#include "model/dictionaries/coding.h"
#include "model/dictionaries/naive_coding.h"
#include "tests/model/dictionaries/features_of_run.h"

namespace gf::testing {
namespace {

using Features = FeaturesOfRun;

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

TEST_F(Features, writers_of_a_word_are_those_whose_words_have_it_strongest) {
  const Weights& w = *session->model().weights;
  int linear = 0;
  for (const Json& one : golden["dictionaries"]) {
    SCOPED_TRACE(one["name"].get<std::string>());
    const auto dictionary = fitted(one);
    Asking asked = asking(path_of(one));
    ASSERT_TRUE(asked.params.set("word", "#3"));
    ASSERT_TRUE(asked.params.set("top", "1000"));
    asked.wanted = {"writers"};
    const Answer found = answer(asked);
    const auto& features = std::get<std::vector<int>>(found.table("writers").find("feature")->cells);
    const auto& logits = std::get<std::vector<float>>(found.table("writers").find("logit")->cells);
    if (written_to_stream(w, dictionary->out, dictionary->written_row(0, w.config)).empty()) {
      EXPECT_TRUE(features.empty()) << "another operation reads it";
      continue;
    }
    ++linear;
    ASSERT_EQ(features.size(), static_cast<std::size_t>(dictionary->dictionary->features()));
    EXPECT_TRUE(std::ranges::is_sorted(logits, std::greater()));
    for (const std::size_t i : {std::size_t{0}, features.size() / 2, features.size() - 1}) {
      const auto written = written_to_stream(w, dictionary->out, dictionary->written_row(features[i], w.config));
      const auto words = vocabulary_of(w, written, w.config.n_vocab).writes_for;
      const auto word = std::ranges::find(words, TokenId(3), &NeuronVocabulary::Token::id);
      EXPECT_NEAR(logits[i], word->logit, 1e-4 * (1 + std::abs(word->logit))) << features[i];
    }
  }
  EXPECT_GT(linear, 3);
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

}  // namespace
}  // namespace gf::testing

// The dictionary that comes with fable: found by its name, as good as its record says, and named truly.
#include <fstream>
#include <gtest/gtest.h>

#include "model/analysis/question.h"
#include "model/base/text.h"
#include "model/corpus/corpus_index.h"
#include "model/io/dictionaries/names_file.h"
#include "model/io/dictionaries/open_dictionary.h"
#include "tests/model/io/files.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;

class FableDictionary : public ::testing::Test {
 protected:
  std::shared_ptr<const Model> model = open_case_model("fable");
  std::unique_ptr<Session> session = session_of(model);
  std::shared_ptr<const FittedDictionary> fitted = open_fitted("fable", {}, *model->weights).value();
  Json record = Json::parse(std::ifstream(fs::path(fitted->dictionary->config.path) / "training.json"));
  std::string text_path = corpus::resolve_corpus("").value();

  [[nodiscard]] corpus::CorpusIndex index() const {
    const auto path = corpus::index_path(*model, text_path, corpus::print_of_text(text_path).value(), fitted.get());
    EXPECT_TRUE(path) << path.error().message;
    EXPECT_EQ(fs::path(*path).parent_path().parent_path(), fs::path(fitted->dictionary->config.path)) << "it comes with its index";
    return corpus::CorpusIndex::read(*path).value();
  }
};

TEST_F(FableDictionary, is_found_by_its_name_and_fits_its_model) {
  const auto bundled = bundled_dictionaries();
  ASSERT_EQ(bundled.size(), 1U);
  EXPECT_EQ(bundled.front().name, "fable");
  EXPECT_TRUE(names_bundled_dictionary("fable"));
  EXPECT_FALSE(names_bundled_dictionary("sort-nano"));
  EXPECT_EQ(fitted->dictionary->config.activation, FeatureActivation::TopK);
  EXPECT_EQ(fitted->dictionary->features(), record["call"]["features"].get<int>());
  EXPECT_EQ(name_of(fitted->in), record["call"]["site"].get<std::string>());
  EXPECT_EQ(fitted->dictionary->config.k, record["call"]["k"].get<int>());
  EXPECT_TRUE(fitted->dictionary->warnings.empty());
  std::uintmax_t bytes = 0;
  for (const auto& file : fs::recursive_directory_iterator(fitted->dictionary->config.path))
    if (file.is_regular_file()) bytes += file.file_size();
  EXPECT_LT(bytes, 4U << 20);
  const auto nothing = open_dictionary("no-such-dictionary");
  ASSERT_FALSE(nothing);
  EXPECT_NE(nothing.error().message.find("name one that comes with the program: fable"), std::string::npos) << nothing.error().message;
}

TEST_F(FableDictionary, explains_what_its_record_says) {
  const Json& last = record["curve"].back();
  RunRequest request;
  request.prompt = corpus::read_corpus(*model, text_path).value().ids;
  request.prompt.resize(256, TokenId(0));
  const auto run = session->run(request).value();
  Asking asking{.session = *session, .request = request, .run = run, .a = {}, .b = {}, .params = Params(find_question("features")->params)};
  ASSERT_TRUE(asking.params.set("dictionary", "fable"));
  const auto answer = ask(*find_question("features"), asking);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NEAR(answer->number("explained_variance"), last["held_out_explained_variance"].get<double>(), 0.1);
  EXPECT_NEAR(answer->number("l0"), last["held_out_l0"].get<double>(), 1.5);
  const double lost = answer->number("loss_reconstructed") - answer->number("loss");
  EXPECT_LT(lost, 0.25 * (answer->number("loss_zeroed") - answer->number("loss")));
  EXPECT_FALSE(answer->table("top").find("name") == nullptr);
}

TEST_F(FableDictionary, its_index_holds_what_the_model_does) {
  const corpus::CorpusIndex known = index();
  EXPECT_EQ(known.progress.done, known.identity().passages());
  const auto length = static_cast<std::size_t>(known.identity().passage_tokens);
  for (const NamedFeature& named : fitted->dictionary->names) {
    const corpus::Example& best = known.units()[static_cast<std::size_t>(named.feature)].top.front();
    ASSERT_GE(best.passage, 0);
    const auto passage = known.ids().subspan(static_cast<std::size_t>(best.passage) * length, length);
    const auto values = corpus::activations_in(*session, passage, {corpus::Unit::Kind::Feature, 0, named.feature}, fitted.get()).value();
    EXPECT_NEAR(values[static_cast<std::size_t>(best.place)], best.activation, 1e-3 * best.activation) << named.feature;
  }
}

TEST_F(FableDictionary, a_name_says_what_the_strongest_places_share) {
  const corpus::CorpusIndex known = index();
  const auto length = static_cast<std::ptrdiff_t>(known.identity().passage_tokens);
  ASSERT_GE(fitted->dictionary->names.size(), 12U);
  for (const NamedFeature& named : fitted->dictionary->names) {
    int there = 0, held = 0;
    for (const corpus::Example& example : known.units()[static_cast<std::size_t>(named.feature)].top) {
      if (example.passage < 0) continue;
      ++there;
      const std::ptrdiff_t place = example.passage * length + example.place;
      const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, place + named.from);
      const std::ptrdiff_t last = std::min<std::ptrdiff_t>(std::ssize(known.ids()) - 1, place + named.to);
      const auto ids = known.ids().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first + 1));
      held += named.holds(model->tokenizer->decode({ids.begin(), ids.end()})) ? 1 : 0;
    }
    EXPECT_GE(there, 8) << "feature " << named.feature << " is hardly ever active";
    EXPECT_GE(held, 0.8 * there) << "feature " << named.feature << ", " << named.name << ": " << held << " of " << there;
  }
}

TEST_F(FableDictionary, a_recipe_names_it_too) {
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": ")" + name_of(fitted->in) +
                                   R"(", "op": "clamp", "value": 20, "dictionary": {"file": "fable", "feature": 3}}]})");
  ASSERT_TRUE(recipe) << recipe.error().message;
  RunRequest request;
  request.prompt = model->tokenizer->ids_of("Once upon a time").value();
  request.recipe = *recipe;
  const auto run = session->run(request);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_TRUE(run->receipts.front().changed);
}

TEST(FeatureNames, of_a_file_that_is_wrong_are_left_out_with_a_sentence) {
  const auto path = (test::fresh_folder() / kFeatureNamesFile).string();
  const auto message = [&](const std::string& json) {
    test::write_text(path, json);
    const auto names = read_feature_names(path, 10);
    return names ? std::to_string(names->size()) + " names" : names.error().message;
  };
  const auto has = [](const std::string& sentence, const char* part) { return sentence.find(part) != std::string::npos; };
  EXPECT_EQ(message(R"({"version": 1, "names": []})"), "0 names");
  EXPECT_EQ(message(R"({"version": 1, "names": [{"feature": 9, "name": "x", "contains": ["y"]}]})"), "1 names");
  for (const char* entry :
       {R"({"feature": 10, "name": "x", "contains": ["y"]})", R"({"feature": -1, "name": "x", "contains": ["y"]})",
        R"({"feature": 1.5, "name": "x", "contains": ["y"]})", R"({"feature": 1, "name": "", "contains": ["y"]})",
        R"({"feature": 1, "name": "x"})", R"({"feature": 1, "name": "x", "contains": [""]})",
        R"({"feature": 1, "name": "x", "contains": "y"})", R"({"feature": 1, "name": "x", "contains": ["y"], "from": 2})",
        R"({"feature": 1, "name": "x", "contains": ["y"], "to": 1e9})", "7"})
    EXPECT_TRUE(has(message(std::string(R"({"version": 1, "names": [)") + entry + "]}"), "entry 1 should have a feature from 0 to 9"))
        << entry;
  EXPECT_TRUE(has(
      message(R"({"version": 1, "names": [{"feature": 1, "name": "x", "ends_in": ["y"]}, {"feature": 1, "name": "z", "ends_in": ["y"]}]})"),
      "feature 1 is named twice"));
  for (const char* json : {"", "[]", "{\"version\": 2, \"names\": []}", "{\"version\": 1}", "\x01\xff"})
    EXPECT_TRUE(has(message(json), "are left out: it should be an object with version 1 and a list of names")) << json;
}

}  // namespace
}  // namespace gf::testing

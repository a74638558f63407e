// Sets of prompts with tags, and the questions that read all of one.
#include "model/analysis/tagged_set.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "model/analysis/question.h"
#include "model/analysis/row_states.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;

const auto kNoText = [](const std::string&) -> Result<std::vector<TokenId>> { return fail(ErrorCode::InvalidArgument, "no text"); };

class TaggedSets : public ::testing::Test {
 protected:
  fs::path folder = fs::temp_directory_path() / ("tagged-" + std::to_string(::getpid()));
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }
  Result<TaggedSet> read(const std::string& lines) const {
    const fs::path path = folder / "set.jsonl";
    std::ofstream(path) << lines;
    return read_tagged_set(path.string(), kNoText, 10, 4);
  }
};

TEST_F(TaggedSets, have_ids_and_tags) {
  const auto set =
      read("{\"ids\": [1, 2, 3], \"tags\": {\"a\": true, \"b\": 1.5, \"c\": \"x\"}}\n\n{\"prompt\": [4, 5, 6], \"position\": -2}\n");
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->name, "set.jsonl");
  ASSERT_EQ(set->rows.size(), 2U);
  EXPECT_EQ(set->rows[0].ids, ids_of({1, 2, 3}));
  EXPECT_EQ(std::get<std::string>(set->rows[0].tags.at("a")), "true");
  EXPECT_EQ(std::get<double>(set->rows[0].tags.at("b")), 1.5);
  EXPECT_EQ(set->rows[1].ids, ids_of({4, 5})) << "it ends at its position";
}

TEST_F(TaggedSets, name_the_rows_that_cannot_be_used) {
  const auto set = read(R"({"ids": [1]}
nonsense
{"ids": [10]}
{"ids": [1, 2, 3, 4, 5]}
{"ids": [1], "tags": {"a": [1]}}
{"ids": [1], "position": 1}
{"prompt": "said"}
{"tags": {}}
)");
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->rows.size(), 1U);
  std::vector<std::string> why;
  for (const auto& failed : set->failed) why.push_back(std::to_string(failed.row) + ": " + failed.why);
  ASSERT_EQ(why.size(), 7U);
  EXPECT_EQ(why[0], "2: it is not a JSON object with a prompt");
  EXPECT_EQ(why[2], "4: it has 5 tokens, but the model's context is 4");
  EXPECT_EQ(why[3], "5: its tag \"a\" is neither a word nor a number");
  EXPECT_EQ(why[4], "6: its \"position\" is not what it should be");
  EXPECT_EQ(why[5], "7: no text");
  EXPECT_EQ(why[6], "8: it has no prompt");
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("{}\n"));
}

TaggedSet set_of(const std::vector<TagValue>& tags) {
  TaggedSet set;
  set.name = "s";
  for (const TagValue& tag : tags) set.rows.push_back({set.rows.size() + 1, "", ids_of({1}), {{"t", tag}}});
  return set;
}

TEST(TagColumn, two_values_are_classes_and_more_numbers_are_numbers) {
  const auto words = tag_column(set_of({"no", "yes", "no", "yes"}), "", 2);
  ASSERT_TRUE(words) << words.error().message;
  EXPECT_EQ(words->labels, (std::vector<int>{0, 1, 0, 1}));
  EXPECT_EQ(words->one, "yes");
  const auto two = tag_column(set_of({3.0, 1.0, 3.0, 1.0}), "t", 2);
  EXPECT_EQ(two->labels, (std::vector<int>{1, 0, 1, 0}));
  EXPECT_EQ(two->zero, "1");
  const auto numbers = tag_column(set_of({3.0, 1.0, 2.0}), "t", 2);
  EXPECT_EQ(numbers->targets, (std::vector<double>{3, 1, 2}));
}

TEST(TagColumn, says_what_is_missing) {
  const auto says = [](const TaggedSet& set, const char* tag, int folds) {
    const auto column = tag_column(set, tag, folds);
    return column ? "it took it" : column.error().message;
  };
  EXPECT_EQ(says(set_of({"a", "b", "c"}), "t", 2), "The tag 't' has 3 values; a direction needs two, or numbers to predict.");
  EXPECT_EQ(says(set_of({"a", "a"}), "t", 2), "The tag 't' has 1 values; a direction needs two, or numbers to predict.");
  EXPECT_EQ(says(set_of({"a", "b"}), "u", 2), "The prompts of s have no tag 'u'; there are t.");
  EXPECT_EQ(says(set_of({"a", "b"}), "t", 5), "The tag 't' stands on 2 prompts, too few for 5 folds; give more prompts or fewer folds.");
  EXPECT_EQ(says(set_of({"a", "a", "b", "b"}), "t", 2),
            "All prompts outside rows 1 to 2 have one value of 't', so that nothing can be learnt from them; mix the rows.");
  TaggedSet bare = set_of({"a", "b"});
  bare.rows[0].tags["u"] = 1.0;
  EXPECT_EQ(says(bare, "", 2), "The prompts of s have the tags t, u; choose one with --tag.");
  for (TaggedPrompt& row : bare.rows) row.tags.clear();
  EXPECT_EQ(says(bare, "", 2), "The prompts of s have no tags; give each row \"tags\": {\"name\": value}.");
}

/// fable and its bundled statements.
class Truth : public ::testing::Test {
 protected:
  static std::shared_ptr<const Model> model() {
    static const auto kModel = open_case_model("fable");
    return kModel;
  }
  static std::shared_ptr<const TaggedSet> bundled(const std::string& name, std::size_t most = 1000) {
    auto set = read_tagged_set(
        asset_path("sets/" + name + ".jsonl").value(), [](const std::string& said) { return model()->tokenizer->ids_of(said); },
        model()->weights->config.n_vocab, model()->weights->config.n_ctx);
    EXPECT_TRUE(set) << set.error().message;
    EXPECT_TRUE(set->failed.empty());
    if (set->rows.size() > most) set->rows.resize(most);
    return std::make_shared<const TaggedSet>(std::move(*set));
  }
  static Result<Answer> asked(const char* name, const std::shared_ptr<const TaggedSet>& set, int threads = 2, const std::string& tag = "",
                              std::vector<std::string> wanted = {}) {
    Session::Options options;
    options.threads = threads;
    const auto session = session_of(model(), options);
    const Question& question = *find_question(name);
    Params params(question.params);
    EXPECT_TRUE(params.set("tag", tag));
    Asking asking{
        .session = *session, .request = {}, .run = {}, .a = {}, .b = {}, .params = params, .set = set, .wanted = std::move(wanted)};
    return ask(question, asking);
  }
  /// About the bundled statements, with the directions.
  static const Result<Answer>& of_statements() {
    static const auto kAnswer = asked("directions", bundled("truth"), 2, "", {"direction", "mean"});
    return kAnswer;
  }
  /// The logit of " true" less that of " false" after a prompt, under a recipe.
  static double leaning(Session& session, const TaggedPrompt& prompt, const Recipe& recipe) {
    RunRequest request;
    request.prompt = prompt.ids;
    request.recipe = recipe;
    const auto run = session.run(request);
    EXPECT_TRUE(run) << run.error().message;
    const auto logits = run->edited->last_logits();
    const auto logit = [&](const char* word) {
      return static_cast<double>(logits[static_cast<std::size_t>(model()->tokenizer->ids_of(word)->front().v)]);
    };
    return logit(" true") - logit(" false");
  }
};

TEST_F(Truth, is_told_by_deep_blocks_and_by_no_baseline) {
  const auto& answer = of_statements();
  ASSERT_TRUE(answer) << answer.error().message;
  const Grid &difference = answer->grid("accuracy.difference"), &logistic = answer->grid("accuracy.logistic");
  const Grid &shuffled = answer->grid("baselines.shuffled"), &untrained = answer->grid("baselines.untrained");
  EXPECT_GT(difference.at(5), 0.9F);
  EXPECT_GT(logistic.at(5), 0.95F);
  EXPECT_GT(logistic.at(3), 0.85F);
  EXPECT_LT(logistic.at(1), 0.6F);
  EXPECT_GT(answer->grid("auc.logistic").at(5), 0.97F);
  EXPECT_GT(answer->grid("separation").at(5), 2 * answer->grid("separation").at(0));
  for (int layer = 0; layer < 6; ++layer) {
    EXPECT_LT(shuffled.at(layer), 0.65F) << layer;
    EXPECT_LT(untrained.at(layer), 0.75F) << layer;
  }
  EXPECT_LT(answer->number("baselines.position"), 0.65);
  EXPECT_LT(answer->number("baselines.length"), 0.65);
  EXPECT_EQ(answer->words("classes").words, (std::vector<std::string>{"false", "true"}));
}

TEST_F(Truth, pushed_along_its_direction_flips_the_word) {
  const auto set = bundled("truth");
  const auto& answer = of_statements();
  ASSERT_TRUE(answer) << answer.error().message;
  constexpr int kLayer = 4;
  const Grid& directions = answer->grid("direction");
  const auto width = static_cast<std::size_t>(directions.shape[1]);
  const auto session = session_of(model());
  int flipped = 0, right = 0, asked_about = 0;
  for (const TaggedPrompt& prompt : set->rows) {
    if (++asked_about > 40) break;
    const bool is_true = std::get<std::string>(prompt.tags.at("truth")) == "true";
    Edit push;
    push.hook = "blocks.4.hook_resid_post";
    push.op = EditOp::Add;
    push.positions = Selector{Selector::Kind::Last, {}, {}, {}};
    push.vector.emplace();
    const auto own = std::span(directions.values).subspan(kLayer * width, width);
    push.vector->values.assign(own.begin(), own.end());
    push.factor = is_true ? -2.0F : 2.0F;
    Recipe recipe;
    const bool said = leaning(*session, prompt, recipe) > 0;
    recipe.edits.push_back(push);
    right += said == is_true ? 1 : 0;
    flipped += (leaning(*session, prompt, recipe) > 0) != said ? 1 : 0;
  }
  EXPECT_GE(right, 38);
  EXPECT_GE(flipped, 38);
}

TEST_F(Truth, is_the_same_on_any_number_of_threads) {
  const auto set = bundled("truth", 30);
  for (const char* name : {"directions", "head-probes"}) {
    const auto one = asked(name, set, 1), three = asked(name, set, 3);
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(*one, *three) << name;
  }
}

TEST_F(Truth, of_heads_is_probed_in_their_own_z) {
  const auto set = bundled("truth", 60);
  const auto answer = asked("head-probes", set, 2, "", {"recipe", "top", "accuracy"});
  ASSERT_TRUE(answer) << answer.error().message;
  // The naive twin: one head's numbers, taken from runs one by one.
  const auto tags = tag_column(*set, "", 5);
  const auto session = session_of(model());
  const auto& layers = std::get<std::vector<int>>(answer->table("top").find("layer")->cells);
  const auto& heads = std::get<std::vector<int>>(answer->table("top").find("head")->cells);
  ASSERT_EQ(layers.size(), 8U);
  RowMatrix own(set->rows.size(), 32);
  for (std::size_t i = 0; i < own.n; ++i) {
    RunRequest request;
    request.prompt = set->rows[i].ids;
    const auto run = session->run(request);
    ASSERT_TRUE(run);
    const auto z = run->base->row({HookKind::Z, layers[0]}, run->base->length() - 1);
    std::ranges::copy(z.subspan(static_cast<std::size_t>(heads[0]) * 32, 32), own.row(i).begin());
  }
  const ProbeSpace space(own);
  const auto scores = held_out_scores(space, 5, [&](const RowList& rows) { return logistic_probe(space, tags->labels, rows); });
  EXPECT_NEAR(accuracy_of(scores, tags->labels), answer->grid("accuracy").at(layers[0], heads[0]), 0.04);
  const auto recipe = parse_recipe(answer->words("recipe").words.front());
  ASSERT_TRUE(recipe) << recipe.error().message;
  ASSERT_EQ(recipe->edits.size(), 8U);
  double squares = 0;
  for (const float x : recipe->edits[0].vector->values) squares += static_cast<double>(x) * static_cast<double>(x);
  EXPECT_NEAR(squares, 1, 1e-5);
  const auto& sigmas = std::get<std::vector<float>>(answer->table("top").find("sigma")->cells);
  EXPECT_NEAR(*recipe->edits[0].factor, 15 * sigmas[0], 1e-4 * 15 * sigmas[0]);
}

TEST_F(Truth, of_places_is_a_number_to_predict) {
  const auto answer = asked("directions", bundled("places"), 2, "longitude");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->grid("r2").shape, (std::vector<int>{6}));
  EXPECT_EQ(answer->find("accuracy.logistic"), nullptr);
  EXPECT_GT(answer->grid("spearman").at(2), 0.5F) << "fable knows the continents of its countries, not where they lie";
  EXPECT_LT(answer->grid("r2").at(2), 0.5F);
  EXPECT_LT(answer->grid("baselines_spearman.untrained").at(2), 0.3F);
  EXPECT_LT(answer->grid("baselines_spearman.shuffled").at(2), 0.3F);
  EXPECT_EQ(asked("directions", bundled("places")).error().message,
            "The prompts of places.jsonl have the tags latitude, longitude; choose one with --tag.");
}

}  // namespace
}  // namespace gf::testing

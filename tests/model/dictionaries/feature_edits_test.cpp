// Edits on features: what they change and keep, how they are named, and what does not fit.
#include "model/dictionaries/coding.h"
#include "model/dictionaries/naive_coding.h"
#include "tests/model/dictionaries/features_of_run.h"

namespace gf::testing {
namespace {

using FeatureEdits = FeaturesOfRun;

TEST_F(FeatureEdits, edits_on_a_feature_keep_the_error) {
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

TEST_F(FeatureEdits, a_feature_is_a_direction_where_a_vector_can_stand) {
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

TEST_F(FeatureEdits, recipes_say_what_does_not_fit) {
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

TEST_F(FeatureEdits, say_which_feature_in_a_few_letters) {
  const auto tag = [](const std::string& op) {
    const auto recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.3.hook_resid_post", )" + op +
                                     R"(, "dictionary": {"file": "d", "feature": 69}}]})");
    EXPECT_TRUE(recipe) << recipe.error().message;
    return recipe ? tag_of(recipe->edits.front()) : std::string();
  };
  EXPECT_EQ(tag(R"("op": "zero")"), "cut f69");
  EXPECT_EQ(tag(R"("op": "scale", "factor": 2)"), "f69 ×2");
  EXPECT_EQ(tag(R"("op": "clamp", "value": 3)"), "f69 = 3");
  EXPECT_EQ(tag(R"("op": "add")"), "+f69");
  EXPECT_EQ(tag(R"("op": "add", "factor": 2)"), "+2 f69");
}

}  // namespace
}  // namespace gf::testing

// Gains and offsets of heads that are fitted: gradients and steps beside PyTorch's, and what fitting gains on prompts that it has
// not seen.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "model/analysis/head_fit.h"
#include "model/analysis/question.h"
#include "model/base/logits.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

class Lofit : public ::testing::Test {
 protected:
  void SetUp() override {
    golden = Json::parse(std::ifstream(golden_folder() + "/lofit/sort-nano.json"));
    session = session_of(open_case_model("sort-nano"));
    for (std::size_t i = 0; i < golden["prompts"].size(); ++i)
      prompts.push_back({ids_of(golden["prompts"][i]), TokenId(golden["targets"][i].get<int>()), {}});
    for (const Json& head : golden["heads"]) heads.push_back({head[0].get<int>(), head[1].get<int>()});
    options.rate = golden["rate"];
    options.l1 = golden["l1"];
    options.epochs = golden["steps"];
    options.batch = static_cast<int>(prompts.size());
  }
  [[nodiscard]] const ModelConfig& config() const { return session->model().weights->config; }
  Json golden;
  std::unique_ptr<Session> session;
  std::vector<TaughtPrompt> prompts;
  std::vector<UnitRef> heads;
  HeadFitOptions options;
};

void expect_all_near(const auto& got, const Json& want, double absolute, double relative, const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i)
    expect_near(static_cast<double>(got[i]), want[i].get<double>(), absolute, relative, what + " " + std::to_string(i));
}

TEST_F(Lofit, loss_and_gradient_are_PyTorchs) {
  HeadValues values(config());
  for (std::size_t i = 0; i < values.gain.size(); ++i) {
    values.gain[i] = static_cast<float>(1 + 0.3 * std::sin(0.7 * static_cast<double>(i)));
    values.offset[i] = static_cast<float>(0.2 * std::cos(1.3 * static_cast<double>(i)));
  }
  std::vector<const TaughtPrompt*> all;
  for (const TaughtPrompt& prompt : prompts) all.push_back(&prompt);
  HeadSlopes slopes;
  const auto loss = taught_loss(*session, all, values, &slopes, {});
  ASSERT_TRUE(loss) << loss.error().message;
  EXPECT_NEAR(*loss, golden["loss"], 1e-4 * golden["loss"].get<double>());
  expect_all_near(slopes.gain, golden["gain_slope"], 2e-4, 1e-3, "gain");
  expect_all_near(slopes.offset, golden["offset_slope"], 2e-4, 1e-3, "offset");
  EXPECT_NEAR(taught_loss(*session, all, values, nullptr, {}).value(), *loss, 1e-6);
}

TEST_F(Lofit, phases_go_step_for_step_as_PyTorchs) {
  HeadFit fit(*session, prompts, options, {});
  int told = 0;
  fit.on_step = [&] { ++told; };
  const auto scaled = fit.scales();
  ASSERT_TRUE(scaled) << scaled.error().message;
  EXPECT_EQ(told, fit.steps());
  expect_all_near(scaled->losses, golden["scale_losses"], 1e-3, 1e-3, "loss");
  const auto norms = scaling_norms(scaled->values, config());
  for (int layer = 0; layer < config().n_layer; ++layer)
    for (int head = 0; head < config().n_head; ++head)
      expect_near(static_cast<double>(norms[static_cast<std::size_t>(layer * config().n_head + head)]),
                  golden["importance"][static_cast<std::size_t>(layer)][static_cast<std::size_t>(head)], 1e-3, 2e-3, "importance");
  const auto fitted = fit.offsets(heads, true);
  ASSERT_TRUE(fitted) << fitted.error().message;
  expect_all_near(fitted->losses, golden["offset_losses"], 1e-3, 1e-3, "loss");
  const auto width = static_cast<std::size_t>(config().d_head);
  for (std::size_t k = 0; k < heads.size(); ++k) {
    const std::size_t begin = static_cast<std::size_t>(heads[k].layer * config().n_head + heads[k].index) * width;
    expect_near(static_cast<double>(fitted->values.gain[begin]), golden["gains"][k], 1e-3, 1e-3, "gain");
    expect_all_near(std::span(fitted->values.offset).subspan(begin, width), golden["offsets"][k], 1e-3, 1e-3, "offset");
  }
  const HeadValues as_it_is(config());
  for (std::size_t i = 0; i < as_it_is.gain.size(); ++i) {
    const auto layer = static_cast<int>(i / width) / config().n_head, head = static_cast<int>(i / width) % config().n_head;
    if (std::ranges::find(heads, UnitRef{layer, head}) != heads.end()) continue;
    EXPECT_EQ(fitted->values.gain[i], 1) << "no other head is touched";
    EXPECT_EQ(fitted->values.offset[i], 0);
  }
}

TEST_F(Lofit, without_gain_the_offset_is_all_that_is_learnt) {
  HeadFit fit(*session, prompts, options, {});
  const auto fitted = fit.offsets(heads, false);
  ASSERT_TRUE(fitted) << fitted.error().message;
  EXPECT_EQ(std::ranges::count(fitted->values.gain, 1.0F), std::ssize(fitted->values.gain));
  const Recipe recipe = recipe_of_heads(fitted->values, heads, config());
  ASSERT_EQ(recipe.edits.size(), 2U);
  EXPECT_EQ(recipe.edits[0].op, EditOp::Add);
  EXPECT_EQ(heads_of_recipe(recipe, config()).value(), heads);
}

TEST_F(Lofit, can_be_stopped) {
  std::stop_source stop;
  HeadFit fit(*session, prompts, options, stop.get_token());
  fit.on_step = [&] { stop.request_stop(); };
  const auto fitted = fit.scales();
  ASSERT_FALSE(fitted);
  EXPECT_EQ(fitted.error().code, ErrorCode::Cancelled);
}

/// Sixty bundled prompts in which one gives something to another, and fable, which is taught to name the giver.
class LofitOfFable : public ::testing::Test {
 protected:
  static std::shared_ptr<const Model> model() {
    static const auto kModel = open_case_model("fable");
    return kModel;
  }
  static std::shared_ptr<const TaggedSet> prompts() {
    const ModelConfig& c = model()->weights->config;
    auto set = read_tagged_set(
        asset_path("sets/indirect-objects.jsonl").value(), [](const std::string& said) { return model()->tokenizer->ids_of(said); },
        c.n_vocab, c.n_ctx);
    EXPECT_TRUE(set) << set.error().message;
    set->rows.resize(60);
    return std::make_shared<const TaggedSet>(std::move(*set));
  }
  static Result<Answer> asked(const std::vector<std::pair<std::string, std::string>>& params, int threads = 2) {
    Session::Options options;
    options.threads = threads;
    const auto session = session_of(model(), options);
    const Question& question = *find_question("lofit");
    Asking asking{.session = *session, .request = {}, .run = {}, .a = {}, .b = {}, .params = Params(question.params), .set = prompts()};
    for (const auto& [name, value] : params) GF_TRY(asking.params.set(name, value));
    for (const PartInfo& part : question.parts) asking.wanted.emplace_back(part.name);
    return ask(question, asking);
  }
};

TEST_F(LofitOfFable, teaches_eight_heads_to_name_the_giver) {
  const auto answer = asked({{"opposite", "yes"}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_GT(answer->number("accuracy.after"), answer->number("accuracy.before") + 0.2);
  EXPECT_GT(answer->number("logprob.after"), answer->number("logprob.before") + 2);
  EXPECT_EQ(std::get<std::vector<int>>(answer->table("top").find("layer")->cells).front(), 4);
  EXPECT_EQ(std::get<std::vector<int>>(answer->table("top").find("head")->cells).front(), 7) << "the head that names the receiver";
  const auto& heads = answer->table("top");
  ASSERT_EQ(heads.rows(), 8U);
  const Grid& importance = answer->grid("importance");
  const auto& first = std::get<std::vector<float>>(heads.find("importance")->cells);
  EXPECT_EQ(first.front(), *std::ranges::max_element(importance.values));
  EXPECT_TRUE(std::ranges::is_sorted(first, std::greater{}));

  // The recipe does in a run what was fitted.
  const auto recipe = parse_recipe(answer->words("recipe").words.front());
  ASSERT_TRUE(recipe) << recipe.error().message;
  const auto set = prompts();
  const auto taught = taught_prompts(*set, *model(), true).value();
  const auto session = session_of(model());
  double logprob = 0;
  const std::size_t held_out = taught.size() / 5;
  for (const TaughtPrompt& prompt : std::span(taught).last(held_out)) {
    RunRequest request;
    request.prompt = prompt.ids;
    request.recipe = *recipe;
    const auto run = session->run(request);
    ASSERT_TRUE(run) << run.error().message;
    logprob += logprob_of(run->edited->last_logits(), prompt.target.index()) / static_cast<double>(held_out);
  }
  EXPECT_NEAR(logprob, answer->number("logprob.after"), 1e-3);
}

TEST_F(LofitOfFable, takes_the_heads_that_are_named_and_those_of_a_recipe) {
  const auto named = asked({{"heads", "5.1,4.7"}, {"epochs", "1"}, {"fit", "offset"}});
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(named->find("importance"), nullptr) << "nothing was ranked";
  EXPECT_EQ(std::get<std::vector<int>>(named->table("top").find("head")->cells), (std::vector<int>{1, 7}));
  const auto file = std::filesystem::temp_directory_path() / ("lofit-" + std::to_string(::getpid()) + ".json");
  std::ofstream(file) << named->words("recipe").words.front();
  const auto again = asked({{"heads", file.string()}, {"epochs", "1"}, {"fit", "offset"}}, 1);
  std::filesystem::remove(file);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->words("recipe").words, named->words("recipe").words) << "on any number of threads";
  const auto says = [](const std::string& heads) {
    const auto answer = asked({{"heads", heads}});
    return answer ? std::string("it took it") : answer.error().message;
  };
  EXPECT_EQ(says("6.0"), "There is no head 6.0: the model has 6 blocks of 8 heads.");
  EXPECT_NE(says("nose").find("nose"), std::string::npos) << says("nose");
}

TEST(TaughtPrompts, are_the_rows_with_one_token_as_their_answer) {
  const auto model = open_case_model("fable");
  TaggedSet set;
  set.name = "s";
  set.rows.push_back({1, "", ids_of({5, 6}), {}, " Mary", " John"});
  set.rows.push_back({2, "", ids_of({5}), {}});
  set.rows.push_back({3, "", ids_of({7}), {}, "#9", ""});
  const auto taught = taught_prompts(set, *model, false);
  ASSERT_TRUE(taught) << taught.error().message;
  ASSERT_EQ(taught->size(), 2U);
  EXPECT_EQ((*taught)[1].target, TokenId(9));
  EXPECT_FALSE((*taught)[1].against);
  const auto opposite = taught_prompts(set, *model, true);
  ASSERT_EQ(opposite->size(), 1U);
  EXPECT_EQ(opposite->front().target, (*taught)[0].against);
  set.rows[2].target = " many words of it";
  EXPECT_TRUE(taught_prompts(set, *model, false).error().message.starts_with("row 3: "));
  set.rows.resize(2);
  set.rows.erase(set.rows.begin());
  EXPECT_EQ(taught_prompts(set, *model, false).error().message,
            "The prompts of s have no word that should follow; give each row \"target\": \" word\".");
}

}  // namespace
}  // namespace gf::testing

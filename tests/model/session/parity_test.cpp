// The check of a model's numbers: it finds them right where they are right, and says where they are wrong.
#include "model/run/parity.h"

#include "model/backend.h"
#include "model/io/reference_file.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;
using With = ParityCheck::With;

/// A folder with the files of sort-nano, to spoil them; goes with the test.
class CopiedModel : public ::testing::Test {
 protected:
  CopiedModel() : folder(fs::temp_directory_path() / ("parity-" + std::to_string(::getpid()))) {
    fs::remove_all(folder);
    fs::copy(std::string(GLASSFORMER_SOURCE_DIR) + "/assets/models/sort-nano", folder);
  }
  ~CopiedModel() override {
    set_backend_maker({});
    fs::remove_all(folder);
  }
  Json reference() const {
    std::ifstream in(folder / "reference.json");
    return Json::parse(in);
  }
  void set_reference(const Json& json) const { std::ofstream(folder / "reference.json") << json.dump(); }
  Result<Parity> check(Session::Options options = {}) const { return check_parity(*session_of(open_case_model(folder), options), false); }
  fs::path folder;
};

TEST(Parity, of_the_bundled_models_with_pytorch_holds) {
  for (const char* name : {"fable", "sort-nano", "induction-nano"}) {
    const auto model = open_case_model(name);
    const auto parity = check_parity(*session_of(model), false);
    ASSERT_TRUE(parity) << parity.error().message;
    ASSERT_EQ(parity->checks.size(), 3U) << name;
    EXPECT_TRUE(parity->holds()) << summary(*parity);
    EXPECT_EQ(parity->checks[0].with, With::Reference);
    EXPECT_EQ(parity->checks[1].with, With::Naive);
    EXPECT_EQ(parity->checks[2].with, With::OneByOne);
    EXPECT_EQ(parity->checks[1].compared, static_cast<long long>(parity->checks[1].positions) * model->weights->config.n_vocab);
    EXPECT_EQ(parity->checks[2].positions, 3);
    EXPECT_GT(parity->checks[0].compared, 20);
    for (const ParityCheck& one : parity->checks) EXPECT_LT(one.largest, 1e-4) << name << ", " << name_of(one.with);
    EXPECT_TRUE(summary(*parity).starts_with("equals PyTorch to ")) << summary(*parity);
  }
}

TEST(Parity, of_other_models_is_that_of_plain_loops) {
  const auto parity = check_parity(*session_of(open_case_model(golden_folder() + "/models/hf-bin-legacy")), false);
  ASSERT_TRUE(parity) << parity.error().message;
  ASSERT_EQ(parity->checks.size(), 2U);
  EXPECT_TRUE(parity->holds());
  EXPECT_TRUE(summary(*parity).starts_with("equals plain loops in double to ")) << summary(*parity);
}

TEST_F(CopiedModel, differs_from_a_reference_of_other_weights_and_says_where) {
  Json other = reference();
  other["logits"][4][1] = other["logits"][4][1].get<double>() + 0.25;
  set_reference(other);
  const auto parity = check();
  ASSERT_TRUE(parity) << parity.error().message;
  EXPECT_FALSE(parity->holds());
  ASSERT_TRUE(parity->checks[0].wrong);
  EXPECT_EQ(parity->checks[0].wrong->position, 4);
  EXPECT_EQ(parity->checks[0].wrong->token.v, other["columns"][1].get<int>());
  EXPECT_EQ(summary(*parity), "differs from PyTorch by 0.25");
  EXPECT_FALSE(parity->checks[1].wrong) << "the plain loops have the same weights";
  const std::vector<std::string> lines = details(*parity, *open_case_model(folder));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_NE(lines[0].find("at position 4 the logit of \"B\" is "), std::string::npos) << lines[0];
}

TEST_F(CopiedModel, is_not_compared_with_a_reference_that_does_not_fit) {
  const auto refused = [&](const Json& json) {
    set_reference(json);
    const auto parity = check();
    return parity ? std::string() : parity.error().message;
  };
  Json short_row = reference(), beyond = reference(), without = reference();
  short_row["logits"][0].erase(0);
  beyond["ids"][0] = 3;
  without.erase("columns");
  EXPECT_NE(refused(short_row).find("it has not a row of logits for each token"), std::string::npos);
  EXPECT_NE(refused(beyond).find("its \"ids\" are not tokens of the model"), std::string::npos);
  EXPECT_NE(refused(without).find("\"columns\" is missing"), std::string::npos);
  EXPECT_NE(refused(Json::array()).find("it is not a JSON object"), std::string::npos);
}

/// Computes single rows with other weights than many rows, as a cache of keys and values that is wrong would.
class TwoMinds final : public Backend {
 public:
  explicit TwoMinds(std::shared_ptr<const Weights> other) : other_(std::move(other)) {}
  std::string name() const override { return "two minds"; }
  Result<void> load(std::shared_ptr<const Weights> weights) override {
    GF_TRY(many_->load(std::move(weights)));
    return single_->load(other_);
  }
  Result<void> forward(Trace& trace, const ForwardStep& step) override {
    return step.ids.size() == 1 && step.first_position > 0 ? single_->forward(trace, step) : many_->forward(trace, step);
  }

 private:
  std::shared_ptr<const Weights> other_;
  std::unique_ptr<Backend> many_ = make_cpu_backend(1), single_ = make_cpu_backend(1);
};

TEST_F(CopiedModel, is_wrong_where_tokens_one_by_one_are_another_pass) {
  set_backend_maker([](const std::string&, int) { return std::make_unique<TwoMinds>(open_case_model("sort-nano@50")->weights); });
  const auto parity = check();
  ASSERT_TRUE(parity) << parity.error().message;
  EXPECT_FALSE(parity->checks[0].wrong);
  EXPECT_FALSE(parity->checks[1].wrong);
  ASSERT_TRUE(parity->checks[2].wrong);
  EXPECT_TRUE(summary(*parity).starts_with("token by token it differs by ")) << summary(*parity);
}

}  // namespace
}  // namespace gf::testing

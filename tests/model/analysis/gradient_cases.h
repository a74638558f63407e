// The reference values of PyTorch's autograd, and questions about them.
#pragma once

#include "model/analysis/question.h"
#include "tests/model/session/golden.h"

namespace gf::testing {

/// Those that have gradients.json.
inline std::vector<ReferenceCase> gradient_cases() {
  std::vector<ReferenceCase> cases;
  for (const ReferenceCase& c : all_golden_cases())
    if (std::filesystem::exists(std::filesystem::path(GLASSFORMER_SOURCE_DIR) / "tests/golden" / c.folder / "gradients.json"))
      cases.push_back(c);
  return cases;
}

inline void flatten(const Json& nested, std::vector<double>& into) {
  if (nested.is_array())
    for (const Json& x : nested) flatten(x, into);
  else into.push_back(nested.get<double>());
}

/// `scale`: effects are compared as differences of m.
inline void expect_values(const std::vector<float>& got, const Json& want, const std::string& what, double scale = 1) {
  std::vector<double> values;
  flatten(want, values);
  ASSERT_EQ(got.size(), values.size()) << what;
  for (std::size_t i = 0; i < values.size(); ++i)
    expect_near(static_cast<double>(got[i]) * scale, values[i] * scale, 5e-4, 2e-4, what + " " + std::to_string(i));
}

class ByGradients : public GoldenCase {
 protected:
  void SetUp() override {
    GoldenCase::SetUp();
    std::ifstream file(std::filesystem::path(folder) / "gradients.json");
    ASSERT_TRUE(file);
    want = Json::parse(file);
    request.prompt = ids_of(want["ids"]);
  }

  Answer answer(const char* name, const std::vector<std::pair<const char*, std::string>>& given = {}) {
    const Question& question = *find_question(name);
    Params params(question.params);
    for (const auto& [param, value] : given) EXPECT_TRUE(params.set(param, value)) << param;
    if (params.row("clean") != nullptr) {
      params.set_prompt("clean", ids_of(want["clean_ids"]));
      params.set_prompt("corrupt", ids_of(want["corrupt_ids"]));
    }
    auto result = ask(question, {.session = *session,
                                 .request = request,
                                 .run = session->run(request).value(),
                                 .a = TokenId(want["a"].get<int>()),
                                 .b = TokenId(want["b"].get<int>()),
                                 .params = params});
    EXPECT_TRUE(result) << name << ": " << result.error().message;
    return result.value_or(Answer());
  }
  Json want;
};

/// Questions about a small model, without reference values.
class GradientQuestions : public ::testing::Test {
 protected:
  std::unique_ptr<Session> session = session_of(open_case_model("sort-nano"));
  Asking asking(const char* question, const std::string& recipe = "") {
    RunRequest request;
    request.prompt = ids_of({2, 1, 0, 2, 1, 2, 0});
    if (!recipe.empty()) request.recipe = parse_recipe(R"({"version": 1, "edits": [)" + recipe + "]}").value();
    return {.session = *session,
            .request = request,
            .run = session->run(request).value(),
            .a = TokenId(1),
            .b = TokenId(0),
            .params = Params(find_question(question)->params)};
  }
};

}  // namespace gf::testing

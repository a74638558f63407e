// A model with the dictionaries that SAELens wrote for it, and its run (tests/golden/dictionaries).
#pragma once
#include <filesystem>
#include <gtest/gtest.h>

#include "model/analysis/question.h"
#include "model/io/dictionaries/open_dictionary.h"
#include "tests/model/session/golden.h"

namespace gf::testing {

inline std::string dictionaries_folder() { return (std::filesystem::path(golden_folder()) / "dictionaries").string(); }

class FeaturesOfRun : public ::testing::Test {
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

}  // namespace gf::testing

// Every lesson that comes with the program: whole, and true of its models.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "app/lessons/check.h"
#include "app/lessons/facts.h"
#include "app/lessons/lesson.h"
#include "model/io/loaders.h"

namespace gf::lessons {
namespace {

TEST(BundledLessons, every_claim_holds) {
  const auto names = bundled_lessons();
  EXPECT_GE(names.size(), 20U);
  EXPECT_EQ(names.front(), "first-look");
  for (const std::string& name : names) {
    const auto folder = resolve_lesson(name);
    ASSERT_TRUE(folder);
    const auto faults = check_lesson(*folder);
    ASSERT_TRUE(faults) << name << ": " << faults.error().message;
    for (const Fault& fault : *faults) ADD_FAILURE() << name << ": " << fault.sentence();
  }
}

TEST(BundledLessons, every_step_claims_something) {
  for (const std::string& name : bundled_lessons()) {
    const auto lesson = read_lesson(*resolve_lesson(name));
    ASSERT_TRUE(lesson) << lesson.error().message;
    for (const Step& step : lesson->steps) EXPECT_FALSE(step.expect.empty()) << name << ", " << step.id;
  }
}

TEST(BundledLessons, the_readme_names_every_function_and_key) {
  const auto path = asset_path("lessons/README.md");
  ASSERT_TRUE(path);
  std::ifstream in(*path);
  std::stringstream text;
  text << in.rdbuf();
  for (const auto functions : {model_functions(), run_functions(), analysis_functions()})
    for (const Facts::Function& f : functions) EXPECT_NE(text.str().find(f.usage), std::string::npos) << f.usage;
}

}  // namespace
}  // namespace gf::lessons

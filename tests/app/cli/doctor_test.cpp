// What the program says of the machine: every row that people ask for, on machines that lack things.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "app/doctor/inspect.h"
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

/// Sets a variable of the environment for its lifetime; nullptr unsets it.
class EnvironmentWith {
 public:
  EnvironmentWith(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~EnvironmentWith() { set(before_ ? before_->c_str() : nullptr); }
  EnvironmentWith(const EnvironmentWith&) = delete;
  EnvironmentWith& operator=(const EnvironmentWith&) = delete;

 private:
  void set(const char* value) const {
    if (value != nullptr) setenv(name_, value, 1);
    else unsetenv(name_);
  }
  const char* name_;
  std::optional<std::string> before_;
};

Json row_of(const Json& answer, const std::string& id) {
  for (const Json& row : answer["rows"])
    if (row["id"] == id) return row;
  ADD_FAILURE() << "no row " << id << " in " << answer.dump();
  return {};
}

TEST(Doctor, tells_of_everything_that_people_ask_for) {
  const Json answer = program({"doctor", "--json"}).json();
  EXPECT_EQ(answer["version"], GLASSFORMER_VERSION);
  for (const char* id : {"program", "processor", "instructions", "memory", "vulkan", "cuda", "display", "fonts", "ffmpeg", "models"}) {
    const Json row = row_of(answer, id);
    EXPECT_NE(row["title"], "") << id;
    EXPECT_NE(row["found"], "") << id;
    EXPECT_TRUE(row["state"] == "used" || row["state"] == "idle" || row["state"] == "missing") << row;
    EXPECT_TRUE(row["state"] != "missing" || row["advice"] != "") << "what is missing comes with an advice: " << row;
  }
  EXPECT_EQ(row_of(answer, "program")["state"], "used") << answer;
  const auto drawing =
      std::ranges::count_if(answer["rows"], [](const Json& row) { return row["id"] == "vulkan" && row["state"] == "used"; });
  EXPECT_LE(drawing, 1);
}

TEST(Doctor, says_the_same_to_people) {
  const Outcome o = program({"doctor"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.out.find("memory: "), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("ffmpeg: "), std::string::npos) << o.out;
}

TEST(Doctor, says_what_to_do_on_a_bare_machine) {
  const EnvironmentWith path("PATH", "/nowhere"), drivers("VK_DRIVER_FILES", "/nowhere.json"), display("DISPLAY", nullptr),
      platform("QT_QPA_PLATFORM", nullptr), isa("GLASSFORMER_ISA", "plain");
  const Json answer = program({"doctor", "--json"}).json();
  EXPECT_EQ(row_of(answer, "ffmpeg")["state"], "missing");
  EXPECT_NE(row_of(answer, "ffmpeg")["advice"].get<std::string>().find("install ffmpeg"), std::string::npos);
  EXPECT_EQ(row_of(answer, "vulkan")["state"], "missing");
  EXPECT_NE(row_of(answer, "vulkan")["advice"].get<std::string>().find("mesa-vulkan-drivers"), std::string::npos);
  EXPECT_EQ(row_of(answer, "display")["state"], "missing");
  EXPECT_TRUE(row_of(answer, "instructions")["found"].get<std::string>().find("plain") != std::string::npos ||
              row_of(answer, "instructions")["state"] == "missing");
}

TEST(Doctor, a_row_is_a_line_and_its_advice_another) {
  EXPECT_EQ(doctor::to_text({{.id = "a", .title = "memory", .found = "much"},
                             {.id = "b", .title = "graphics", .found = "old card", .state = doctor::State::Missing, .advice = "Buy one."},
                             {.id = "b", .title = "graphics", .found = "slow card", .state = doctor::State::Idle}}),
            "+ memory: much\n- graphics: old card\n    Buy one.\no graphics: slow card\n");
}

TEST(Program, names_no_folder_of_its_build) {
  const std::string bytes = content(std::string(GLASSFORMER_BUILD_DIR) + "/glassformer");
  ASSERT_FALSE(bytes.empty());
  EXPECT_EQ(bytes.find(GLASSFORMER_SOURCE_DIR "/"), std::string::npos);
  EXPECT_EQ(bytes.find(GLASSFORMER_BUILD_DIR), std::string::npos);
}

}  // namespace
}  // namespace gf::testing

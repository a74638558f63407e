// Notices of what deserves a look though nothing has failed.
#include <chrono>
#include <fstream>

#include "tests/app/document/lab_fixture.h"

namespace gf::doc {
namespace {

using NoticesTest = LabFixture;
using Cause = Errors::Cause;
using Notice = Errors::Notice;

constexpr const char* kSpecial = "the text holds <|endoftext|>, which is read as plain text";

TEST(Errors, are_let_go_before_the_notices_below_them) {
  Errors errors;
  errors.put(Notice::SpecialToken, "one");
  errors.put(Notice::NotANumber, "two");
  errors.set(Cause::Run, {ErrorCode::Io, "broken", ""});
  EXPECT_EQ(errors.notices(), "one\ntwo");
  errors.dismiss();
  EXPECT_FALSE(errors.newest());
  EXPECT_EQ(errors.notices(), "one\ntwo");
  errors.put(Notice::SpecialToken, "");
  EXPECT_EQ(errors.notices(), "two");
  errors.dismiss();
  EXPECT_EQ(errors.notices(), "");
}

TEST_F(NoticesTest, a_special_token_that_is_read_as_text_is_said_once_for_a_prompt) {
  Lab lab(loop.post());
  lab.open_model("fable");
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.notices(), "");
  const auto run = [&](const std::string& prompt) {
    lab.execute(set_prompt(prompt));
    EXPECT_TRUE(settle(lab));
    EXPECT_FALSE(lab.error());
  };
  run("<|endoftext|>Once upon");
  EXPECT_EQ(lab.notices(), kSpecial);
  lab.set_cut({0, 1}, true);
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.notices(), kSpecial) << "it stands until it is dismissed";
  lab.dismiss();
  EXPECT_EQ(lab.notices(), "");
  lab.set_cut({0, 2}, true);
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.notices(), "") << "the same prompt again";
  run("Once upon");
  EXPECT_EQ(lab.notices(), "");
  run("<|endoftext|>Once upon");
  EXPECT_EQ(lab.notices(), "") << "it was said for this prompt";
  run("Once <|endoftext|>");
  EXPECT_EQ(lab.notices(), kSpecial) << "another prompt";
  run("Once");
  EXPECT_EQ(lab.notices(), "") << "it goes with its prompt";
}

TEST(Errors, that_are_asked_for_again_stay_away_once_they_are_dismissed) {
  Errors errors;
  const Error broken{ErrorCode::OutOfMemory, "no memory for the reading", ""}, other{ErrorCode::Io, "another fault", ""};
  errors.tell(Cause::Study, broken);
  errors.tell(Cause::Study, broken);
  ASSERT_TRUE(errors.newest());
  errors.dismiss();
  EXPECT_FALSE(errors.newest()) << "one error, told twice";
  errors.tell(Cause::Study, broken);
  EXPECT_FALSE(errors.newest());
  errors.tell(Cause::Study, other);
  ASSERT_TRUE(errors.newest());
  EXPECT_EQ(errors.newest()->message, "another fault");
  errors.clear(Cause::Study);
  errors.tell(Cause::Study, broken);
  EXPECT_TRUE(errors.newest()) << "the cause was mended in between";
}

TEST_F(NoticesTest, a_special_token_is_said_of_the_model_that_has_it) {
  Lab lab(loop.post());
  const auto open = [&](const char* model) {
    lab.open_model(model);
    EXPECT_TRUE(
        loop.pump_until([&] { return lab.error() || (lab.model() && lab.model()->weights->name.starts_with(model) && lab.up_to_date()); }));
  };
  open("fable");
  lab.execute(set_prompt("<|endoftext|>AB"));
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.notices(), kSpecial);
  open("sort-nano");
  EXPECT_EQ(lab.notices(), "") << "its vocabulary has no such token";
  open("fable");
  EXPECT_EQ(lab.notices(), "") << "it was said for this prompt";
}

TEST_F(NoticesTest, the_first_hook_with_a_nan_is_named_until_a_run_has_none) {
  Lab lab(loop.post());
  lab.open_model("fable");
  ASSERT_TRUE(settle(lab));
  const std::string at = R"({"hook": "blocks.0.attn.hook_q", "positions": [3], "op": "scale", "factor": )";
  const auto recipe = parse_recipe(R"({"version": 1, "edits": [)" + at + "1e38}, " + at + "1e38}, " + at + "0}]}");
  ASSERT_TRUE(recipe);
  lab.execute({"", [&](Document& d) { d.recipe = *recipe; }, {}});
  ASSERT_TRUE(settle(lab));
  ASSERT_TRUE(lab.run()->first_nan);
  EXPECT_EQ(lab.notices(),
            "blocks.0.attn.hook_q is the first hook with a value that is not a number (NaN), at position 3; all that comes of it is NaN "
            "too");
  EXPECT_FALSE(lab.error()) << "a NaN is not a failure";
  lab.execute(clear_edits());
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.notices(), "");
}

TEST_F(NoticesTest, a_model_file_that_is_written_to_while_it_is_open_is_named) {
  namespace fs = std::filesystem;
  fs::copy(GLASSFORMER_SOURCE_DIR "/assets/models/sort-nano", folder_ / "model", fs::copy_options::recursive);
  const fs::path weights = folder_ / "model" / "model.safetensors";
  fs::permissions(weights, fs::perms::owner_all, fs::perm_options::add);
  fs::last_write_time(weights, fs::file_time_type(std::chrono::seconds(1'000'000)));
  Lab lab(loop.post());
  lab.open_model((folder_ / "model").string());
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.notices(), "");
  std::fstream(weights, std::ios::in | std::ios::out | std::ios::binary).seekp(-1, std::ios::end).put('x');
  lab.set_cut({0, 0}, true);
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.notices(), "the file " + weights.string() +
                               " was written to while it was open, so the numbers may be of neither model; open the model again");
}

}  // namespace
}  // namespace gf::doc

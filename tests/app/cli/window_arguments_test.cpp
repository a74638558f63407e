// The arguments of the window. Mistakes in them are said even where there is no display.
#include "app/cli/window_arguments.h"

#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

tl::expected<cli::WindowArguments, int> parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "glassformer");
  return cli::window_arguments(static_cast<int>(words.size()), words.data());
}

TEST(WindowArguments, are_read_in_every_form) {
  const std::string session = scratch_file("a session.json").string();
  std::ofstream(session) << "{}";
  EXPECT_EQ(parsed({})->model, "");
  EXPECT_EQ(parsed({"--session", session.c_str()})->session, session) << "the form that the help shows";
  EXPECT_EQ(parsed({("--session=" + session).c_str()})->session, session);
  const auto both = parsed({"fable", "--prompt", "Once upon"});
  EXPECT_EQ(both->model, "fable");
  EXPECT_EQ(both->prompt, "Once upon");
  EXPECT_EQ(parsed({"--prompt=", "sort-nano@150"})->prompt, "");
  EXPECT_EQ(parsed({"sort-nano@150"})->model, "sort-nano@150");
  const auto features = parsed({"fable", "--dictionary", "fable"});
  EXPECT_EQ(features->model, "fable");
  EXPECT_EQ(features->dictionary, "fable");
}

TEST(WindowArguments, take_a_session_or_a_recipe_as_a_desktop_opens_it) {
  const std::string session = scratch_file("mine.glassformer.json").string(), recipe = scratch_file("cut.glassformer-recipe.json").string();
  std::ofstream(session) << "{}";
  std::ofstream(recipe) << "{}";
  EXPECT_EQ(parsed({session.c_str()})->session, session);
  EXPECT_EQ(parsed({session.c_str()})->model, "");
  EXPECT_EQ(parsed({recipe.c_str()})->recipe, recipe);
  EXPECT_EQ(parsed({recipe.c_str(), "--prompt", "Once"})->prompt, "Once");
  EXPECT_EQ(parsed({session.c_str(), "--prompt", "Once"}).error(), 2);
}

struct Mistake {
  std::vector<std::string> words;
  int code;
  std::string says;
};

TEST(WindowArguments, that_mean_nothing_are_said_before_a_display_is_looked_for) {
  const std::string session = scratch_file("b.json").string();
  std::ofstream(session) << "{}";
  const std::vector<Mistake> mistakes = {
      {{"rnu"}, 2, "rnu is neither a command nor a model; did you mean run?"},
      {{"analyse", "fable", "--what", "dla"}, 2, "analyse is neither a command nor a model; did you mean analyze?"},
      {{"Fabel"}, 2, "Fabel is neither a command nor a model; did you mean fable?"},
      {{"xyzzyplugh"}, 2, "xyzzyplugh is neither a command nor a model; 'glassformer --help' shows"},
      {{"./nowhere/model"}, 1, "./nowhere/model"},
      {{"sort-nano@7"}, 1, "sort-nano has no checkpoint at step 7"},
      {{"--prompt", "x", "run"}, 2, "run is a command, which comes first"},
      {{"fable", "more"}, 2, "more"},
      {{"fable", "--promt", "x"}, 2, "--promt"},
      {{"-platform", "offscreen"}, 2, "-platform"},
      {{"--session"}, 2, "--session"},
      {{"--session", ""}, 2, "the name is empty"},
      {{"--session", session, "fable"}, 2, "--session"},
      {{"--session", session, "--prompt", "x"}, 2, "--session"},
      {{"--session", "/nowhere.json"}, 1, "There is no session file /nowhere.json"},
      {{"--session", "/dev/zero"}, 1, "There is no session file /dev/zero"},
      {{"--version", "junk"}, 2, "junk is not expected here"}};
  for (const auto& [words, code, says] : mistakes) {
    const Outcome o = program(words);
    EXPECT_EQ(o.code, code) << words.front() << o.err;
    EXPECT_EQ(o.out, "");
    EXPECT_TRUE(o.err.starts_with("glassformer: ")) << o.err;
    EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
    EXPECT_NE(o.err.find(says), std::string::npos) << o.err;
    EXPECT_EQ(o.err.find("display"), std::string::npos) << o.err;
  }
  EXPECT_NE(program({"fable"}).err.find("there is no display"), std::string::npos);
}

}  // namespace
}  // namespace gf::testing

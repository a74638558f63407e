// Questions and answers as a whole: what is listed is what is answered.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "model/analysis/question.h"
#include "tests/model/dictionaries/random_dictionary.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

std::string joined(const std::vector<std::string>& axes) {
  std::string all;
  for (const std::string& axis : axes) all += (all.empty() ? "" : ",") + axis;
  return all;
}

/// Kind, axes and unit of a part, as a line.
struct Described {
  std::string operator()(const Grid& g) const { return "grid [" + joined(g.axes) + "] " + g.unit; }
  std::string operator()(const Answer::Number& n) const { return "number [] " + n.unit; }
  std::string operator()(const Answer::Tokens& t) const { return "tokens [" + joined(t.axes) + "] "; }
  std::string operator()(const Answer::Words& w) const { return "words [" + joined(w.axes) + "] "; }
  std::string operator()(const Answer::Table&) const { return "table [] "; }
  std::string operator()(const Answer::Undefined&) const { return "undefined"; }
};
std::string described(const PartInfo& part) {
  constexpr const char* kKinds[] = {"grid", "number", "tokens", "words", "table"};
  return std::string(kKinds[static_cast<std::size_t>(part.kind)]) + " [" + part.axes + "] " + part.unit;
}

/// A text for sort-nano, with a cache of its own for its index.
std::string letters() {
  static const std::string path = [] {
    const auto folder = std::filesystem::temp_directory_path() / ("glassformer_answers_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    EXPECT_EQ(setenv("XDG_CACHE_HOME", folder.c_str(), 1), 0);
    std::ofstream(folder / "letters.txt") << "ABCCABACBBCAACBABCABBACCABCABACBACBCBABCACBABCAB";
    return (folder / "letters.txt").string();
  }();
  return path;
}

class Asked : public ::testing::Test {
 protected:
  std::unique_ptr<Session> session = session_of(open_case_model("sort-nano"));
  /// Ten prompts whose tags are two classes, and numbers, with a token that should follow.
  static std::shared_ptr<const TaggedSet> tagged_prompts() {
    TaggedSet set;
    set.name = "ten";
    for (int i = 0; i < 10; ++i)
      set.rows.push_back({static_cast<std::size_t>(i + 1),
                          "",
                          ids_of({i % 3, (i + 1) % 2, (i * 7) % 3}),
                          {{"class", std::string(i % 2 == 0 ? "even" : "odd")}, {"number", static_cast<double>(i % 5)}},
                          "#" + std::to_string(i % 3)});
    return std::make_shared<const TaggedSet>(std::move(set));
  }
  /// Everything that any question could want.
  Asking asking(const Question& question, bool tag_is_number = false) {
    RunRequest request;
    request.prompt = ids_of({2, 1, 0, 2, 1, 2, 0});
    Params params(question.params);
    for (const Param& param : question.params) {
      if (std::string_view(param.name) == "corpus") {
        EXPECT_TRUE(params.set("corpus", letters()));
      }
      if (std::string_view(param.name) == "context") {
        EXPECT_TRUE(params.set("context", "6"));
      }
      if (std::string_view(question.name) == "examples" && std::string_view(param.name) == "unit") {
        EXPECT_TRUE(params.set("unit", "1.2"));
      }
      if (!param.required) continue;
      const char* value = param.kind == Param::Kind::Prompt ? "2,1,0,1,1,2,0" : param.kind == Param::Kind::Text ? "1,2" : "1.2";
      EXPECT_TRUE(params.set(param.name, value));
      if (std::string_view(param.name) == "dictionary") {
        const auto folder = std::filesystem::path(GLASSFORMER_BUILD_DIR) / "test-files" / "answers-dictionary";
        const int d_model = session->model().weights->config.d_model;
        if (!std::filesystem::exists(folder)) save_random_dictionary(folder, d_model, 40, "blocks.1.hook_resid_pre");
        EXPECT_TRUE(params.set(param.name, folder.string()));
        continue;
      }
    }
    if (params.row("tag") != nullptr) {
      EXPECT_TRUE(params.set("tag", tag_is_number ? "number" : "class"));
    }
    return {.session = *session,
            .request = request,
            .run = session->run(request).value(),
            .a = TokenId(1),
            .b = TokenId(0),
            .params = params,
            .set = tagged_prompts()};
  }
};

TEST_F(Asked, every_answer_has_the_parts_that_its_question_lists) {
  for (const Question* question : questions()) {
    const auto answer = ask(*question, asking(*question));
    ASSERT_TRUE(answer) << question->name << ": " << answer.error().message;
    for (const Answer::Part& part : answer->parts()) {
      const auto listed = std::ranges::find_if(question->parts, [&](const PartInfo& info) { return part.name == info.name; });
      ASSERT_NE(listed, question->parts.end()) << question->name << " does not list '" << part.name << "'";
      EXPECT_EQ(std::visit(Described(), part.value), described(*listed)) << question->name << "." << part.name;
      EXPECT_NE(listed->only, PartInfo::Only::Wanted) << question->name << "." << part.name;
    }
    for (const PartInfo& info : question->parts)
      if (info.only == PartInfo::Only::Always || info.only == PartInfo::Only::WithTarget || info.only == PartInfo::Only::WithClasses) {
        EXPECT_NE(answer->find(info.name), nullptr) << question->name << "." << info.name;
      }
  }
}

TEST_F(Asked, every_part_that_is_wanted_by_name_is_there) {
  for (const Question* question : questions())
    for (const PartInfo& info : question->parts) {
      Asking one = asking(*question, info.only == PartInfo::Only::WithNumbers);
      one.wanted = {info.name};
      if (info.only == PartInfo::Only::WithEdits) {
        one.request.recipe = parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.1.hook_attn_out", "op": "zero"}]})").value();
        one.run = session->run(one.request).value();
      }
      const auto answer = ask(*question, one);
      ASSERT_TRUE(answer) << question->name << ": " << answer.error().message;
      const Answer::Value* found = answer->find(info.name);
      ASSERT_NE(found, nullptr) << question->name << "." << info.name;
      EXPECT_EQ(std::visit(Described(), *found), described(info));
    }
}

TEST_F(Asked, says_what_lacks) {
  const Question& dla = *find_question("dla");
  Asking asked = asking(dla);
  asked.a.reset();
  EXPECT_EQ(lacks(dla, asked)->what, Lack::What::Target);
  EXPECT_EQ(ask(dla, asked).error().message, "dla needs a token to explain");
  asked.run = {};
  EXPECT_EQ(lacks(dla, asked)->what, Lack::What::Prompt);
  const Question& patch = *find_question("patch-sweep");
  Asking without = asking(patch);
  without.params = Params(patch.params);
  EXPECT_STREQ(lacks(patch, without)->param->name, "clean");
  const Question& heads = *find_question("heads");
  Asking bare = asking(heads);
  bare.run = {};
  EXPECT_EQ(ask(heads, bare).error().message, "heads needs a prompt");
  ASSERT_TRUE(bare.params.set("repeat-random", "3"));
  EXPECT_FALSE(lacks(heads, bare)) << "random tokens take the prompt's place";
  EXPECT_EQ(ask(heads, bare)->grid("induction").shape, (std::vector<int>{3, 3}));
  Asking beyond = asking(heads);
  beyond.position = 7;
  EXPECT_EQ(ask(heads, beyond).error().message, "position 7 is not in the run, whose positions are 0 to 6");
}

TEST_F(Asked, a_position_counts_from_the_end_where_it_is_negative) {
  const Question& dla = *find_question("dla");
  Asking asked = asking(dla);
  asked.position = -3;
  const double from_end = ask(dla, asked)->number("total");
  asked.position = 4;
  EXPECT_EQ(ask(dla, asked)->number("total"), from_end);
  asked.position = -1;
  EXPECT_NE(ask(dla, asked)->number("total"), from_end);
}

TEST_F(Asked, lengths_in_the_stream_are_those_of_its_rows) {
  const Question& norms = *find_question("stream-norms");
  const Asking asked = asking(norms);
  const auto answer = ask(norms, asked);
  ASSERT_TRUE(answer) << answer.error().message;
  const auto length = [&](HookId hook, int position) {
    double squares = 0;
    for (const float x : asked.trace().row(hook, position)) squares += static_cast<double>(x) * static_cast<double>(x);
    return std::sqrt(squares);
  };
  EXPECT_EQ(answer->grid("resid").shape, (std::vector<int>{4, 7}));
  EXPECT_NEAR(answer->grid("resid").at(2, 5), length({HookKind::ResidPre, 2}, 5), 1e-4);
  EXPECT_NEAR(answer->grid("resid").at(3, 6), length({HookKind::ResidPost, 2}, 6), 1e-4);
  EXPECT_NEAR(answer->grid("attn_out").at(1, 4), length({HookKind::AttnOut, 1}, 4), 1e-4);
  EXPECT_NEAR(answer->grid("mlp_out").at(0, 3), length({HookKind::MlpOut, 0}, 3), 1e-4);
}

TEST(Questions, parts_are_found_by_name) {
  const auto induction = find_part("heads.induction");
  ASSERT_TRUE(induction);
  EXPECT_STREQ(induction->question->name, "heads");
  EXPECT_STREQ(induction->part->axes, "layer,head");
  EXPECT_EQ(induction->name(), "heads.induction");
  EXPECT_EQ(find_part("importance")->name(), "importance");
  EXPECT_EQ(find_part("circuits.composition.q")->name(), "circuits.composition.q");
  for (const char* name : {"", "heads", "heads.", "heads.nose", "nose", "nose.induction", "importance.x"})
    EXPECT_FALSE(find_part(name)) << name;
}

TEST(Questions, all_scores_of_heads_are_known_without_asking) {
  std::vector<std::string> names;
  for (const PartRef& part : parts_with_axes("layer,head")) names.push_back(part.name());
  for (const char* name :
       {"dla.heads", "heads.previous", "heads.sink", "heads.duplicate", "heads.induction", "ablate-sweep.delta", "circuits.copying"})
    EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
  EXPECT_EQ(std::ranges::find(names, "patch-sweep.head_z"), names.end()) << "it needs another prompt";
}

TEST(Questions, names_are_unique_and_everything_has_words) {
  std::vector<std::string> names;
  for (const Question* q : questions()) {
    names.emplace_back(q->name);
    EXPECT_NE(std::string(q->title), "");
    EXPECT_NE(std::string(q->doc), "");
    std::vector<std::string> parts;
    for (const PartInfo& part : q->parts) {
      parts.emplace_back(part.name);
      EXPECT_NE(std::string(part.title), "") << q->name << "." << part.name;
      EXPECT_NE(std::string(part.doc), "") << q->name << "." << part.name;
    }
    std::ranges::sort(parts);
    EXPECT_EQ(std::ranges::adjacent_find(parts), parts.end()) << q->name;
    for (const Param& param : q->params) EXPECT_NE(std::string(param.doc), "") << q->name << " " << param.name;
    EXPECT_EQ(Params(q->params), Params(q->params)) << "fallbacks are allowed";
  }
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

constexpr std::string_view kColours[] = {"red", "green"};
constexpr Param kRows[] = {
    {.name = "n", .kind = Param::Kind::Whole, .doc = "", .fallback = "5", .low = 1, .high = 10},
    {.name = "x", .kind = Param::Kind::Number, .doc = "", .fallback = "0.05", .low = Param::kAboveZero, .high = 1e300},
    {.name = "one", .kind = Param::Kind::Choice, .doc = "", .fallback = "red", .choices = kColours},
    {.name = "some", .kind = Param::Kind::Choices, .doc = "", .fallback = "red,green", .choices = kColours},
    {.name = "other", .kind = Param::Kind::Prompt, .doc = ""},
    {.name = "unit", .kind = Param::Kind::Neuron, .doc = ""},
    {.name = "flag", .kind = Param::Kind::Flag, .doc = "", .fallback = "no"},
    {.name = "seed", .kind = Param::Kind::Seed, .doc = "", .fallback = "0"},
    {.name = "note", .kind = Param::Kind::Text, .doc = ""},
};

TEST(Params, read_what_they_write) {
  Params p{kRows};
  EXPECT_EQ(p.key(), "n=5;x=0.05;one=red;some=red,green;other=;unit=;flag=no;seed=0;note=");
  EXPECT_FALSE(p.given("other"));
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{{"n", "7"},
                                                                                              {"x", "0.1"},
                                                                                              {"one", "green"},
                                                                                              {"some", "green"},
                                                                                              {"other", "1,2,3"},
                                                                                              {"unit", "4.17"},
                                                                                              {"flag", "yes"},
                                                                                              {"seed", "18446744073709551615"},
                                                                                              {"note", "a;b\\"}}) {
    ASSERT_TRUE(p.set(name, value)) << name;
    EXPECT_TRUE(p.changed(name)) << name;
    EXPECT_EQ(p.written(static_cast<std::size_t>(p.row(name) - kRows)), value);
  }
  EXPECT_EQ(p.whole("n"), 7);
  EXPECT_EQ(p.number("x"), 0.1);
  EXPECT_EQ(p.text("one"), "green");
  EXPECT_EQ(p.choices("some"), std::vector<std::string>{"green"});
  EXPECT_EQ(p.prompt("other"), ids_of({1, 2, 3}));
  EXPECT_EQ(p.unit("unit"), (UnitRef{4, 17}));
  EXPECT_TRUE(p.flag("flag"));
  EXPECT_EQ(p.seed("seed"), 18446744073709551615U);
  EXPECT_EQ(p.key(), "n=7;x=0.1;one=green;some=green;other=1,2,3;unit=4.17;flag=yes;seed=18446744073709551615;note=a\\;b\\\\");
  EXPECT_NE(p, Params{kRows});
  ASSERT_TRUE(p.set("other", ""));
  EXPECT_FALSE(p.given("other"));
}

TEST(Params, say_what_is_allowed) {
  Params p{kRows};
  const auto says = [&](const char* name, const char* value) {
    const auto done = p.set(name, value);
    return done ? "it took " + std::string(value) : done.error().message;
  };
  EXPECT_EQ(says("n", "11"), "'11' for n is not a whole number from 1 to 10");
  EXPECT_EQ(says("n", "two"), "'two' for n is not a whole number from 1 to 10");
  EXPECT_EQ(says("x", "0"), "'0' for x is not a number above 0");
  EXPECT_EQ(says("x", "nan"), "'nan' for x is not a number above 0");
  EXPECT_EQ(says("one", "blue"), "there is no one 'blue'; there are red, green");
  EXPECT_EQ(says("some", "red,blue"), "there is no some 'blue'; there are red, green");
  EXPECT_EQ(says("other", "1,x"), "'x' for other is not a token id; ids are written as 1,2,3");
  EXPECT_EQ(says("unit", "4"), "'4' is not BLOCK.INDEX, like 3.17");
  EXPECT_EQ(says("flag", "maybe"), "'maybe' for flag is not yes or no");
  EXPECT_EQ(says("nose", "1"), "there is no parameter 'nose' here");
  EXPECT_EQ(p, Params{kRows}) << "what is refused changes nothing";
}

TEST(Answer, holds_parts_by_name) {
  Answer answer;
  answer.add("heads", Grid::of({"layer", "head"}, {2, 3}, "logit"));
  answer.add("total", Answer::Number{2.5, "logit"});
  answer.add("list", Answer::Table{{{"layer", "", std::vector<int>{1, 2}}, {"x", "nats", std::vector<float>{0.5F, 1.5F}}}});
  EXPECT_EQ(answer.grid("heads").shape, (std::vector<int>{2, 3}));
  EXPECT_EQ(answer.number("total"), 2.5);
  EXPECT_EQ(answer.table("list").rows(), 2U);
  EXPECT_EQ(answer.table("list").find("x")->unit, "nats");
  EXPECT_EQ(answer.find("nose"), nullptr);
  EXPECT_EQ(answer.get<Grid>("total"), nullptr) << "it is a number";
  EXPECT_EQ(Answer(Answer::Number{1, ""}).parts().front().name, "");
  EXPECT_EQ(flat_index({2, 3, 4}, {1, 2, 3}), 23U);
}

}  // namespace
}  // namespace gf::testing

// Sentences go through text(), numbers through numbers.h, and translations fit the sentences of the program.
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <iostream>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/house/sentences.h"

namespace gf::house {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> sentences_in(std::string_view source) {
  std::vector<Sentence> found;
  collect_sentences(source, "", found);
  std::vector<std::string> out;
  for (const Sentence& s : found) out.push_back(s.english);
  return out;
}

TEST(Sentences, are_read_off_calls) {
  using List = std::vector<std::string>;
  EXPECT_EQ(sentences_in(R"(say(text("one {0}", x)); gf::text("two " "and more"))"), (List{"one {0}", "two and more"}));
  EXPECT_EQ(sentences_in(R"(phrase("in a table") // text("in a comment"))"), (List{"in a table"}));
  EXPECT_EQ(sentences_in(R"(counted(f(a, b), "{0} token", "{0} tokens of {1}", c))"), (List{"{0} token", "{0} tokens of {1}"}));
  EXPECT_EQ(sentences_in(R"(text(on ? "on" : "off", x); text("a \"quoted\" word"))"), (List{"on", "off", "a \"quoted\" word"}));
  EXPECT_EQ(sentences_in(R"(visible_text("no"); text(bytes); context("no"))"), List{});
}

TEST(Sentences, of_the_program_are_many) { EXPECT_GT(all_sentences(kRoot).size(), 300U); }

/// A language may lack sentences: the program then says them in English, and this test counts them. A language must not
/// translate a sentence that the program no longer has, and must keep all places of a sentence.
TEST(Languages, translate_what_is_said) {
  const auto english = all_sentences(kRoot);
  const fs::path folder = kRoot / "assets/translations";
  if (!fs::exists(folder)) GTEST_SKIP() << "there is no translation yet: a language is a file in assets/translations";
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const auto language = entry.path().stem().string();
    const auto file = nlohmann::json::parse(read_all(entry.path()));
    std::size_t there = 0;
    for (const auto& [sentence, translation] : file.items()) {
      ASSERT_TRUE(translation.is_string()) << language << ": " << sentence;
      EXPECT_TRUE(english.contains(sentence)) << language << " translates what is not said: " << sentence;
      EXPECT_EQ(places_of(translation.get<std::string>()), places_of(sentence)) << language << ": " << sentence;
      there += english.contains(sentence) ? 1 : 0;
    }
    std::cout << language << " has " << there << " of " << english.size() << " sentences\n";
    RecordProperty(language + "_lacks", static_cast<int>(english.size() - there));
  }
}

/// Lines of the sources that break a rule, as "file:line  text".
std::string breaches(const std::string& pattern, const std::vector<std::string>& but_in) {
  const std::regex rule(pattern);
  std::string out;
  for (const auto& path : sources_of(kRoot)) {
    const std::string name = fs::relative(path, kRoot).generic_string();
    if (std::ranges::any_of(but_in, [&](const std::string& start) { return name.starts_with(start); })) continue;
    std::stringstream lines(without_comments(read_all(path)));
    std::string line;
    for (int n = 1; std::getline(lines, line); ++n)
      if (std::regex_search(line, rule)) out += name + ":" + std::to_string(n) + "  " + line + "\n";
  }
  return out;
}

/// Errors whose sentence is a literal, as "file:line". The code and its sentence may stand on different lines.
std::string bare_errors(std::string_view source, const std::string& name) {
  static const std::regex kRule(R"(\bErrorCode::\w+,\s*(std::string\()?")");
  const std::string code = without_comments(source);
  std::string out;
  for (std::sregex_iterator at(code.begin(), code.end(), kRule), end; at != end; ++at)
    out += name + ":" + std::to_string(1 + std::count(code.begin(), code.begin() + at->position(), '\n')) + "\n";
  return out;
}

TEST(Words, of_errors_go_through_text) {
  std::string found;
  for (const auto& path : sources_of(kRoot)) found += bare_errors(read_all(path), fs::relative(path, kRoot).generic_string());
  EXPECT_EQ(found, "") << "an error's sentence goes through text()";
  EXPECT_EQ(bare_errors("return fail(ErrorCode::Io, \"x\");", "a"), "a:1\n");
  EXPECT_EQ(bare_errors("\nreturn Error{ErrorCode::Io,\n  \"x\" + y};", "a"), "a:2\n");
  EXPECT_EQ(bare_errors("error_ = {ErrorCode::Io, std::string(\"x\") + y};", "a"), "a:1\n");
  EXPECT_EQ(bare_errors("fail(ErrorCode::Io, text(\"x\"))", "a"), "");
}

TEST(Words, go_through_text) {
  EXPECT_EQ(breaches(R"(\btr\()", {}), "") << "the window's words go through text()";
  EXPECT_EQ(breaches(R"(\bset(Text|ToolTip|WindowTitle|PlaceholderText|AccessibleName)\("[^"]*[a-z]{3})", {}), "")
      << "what a control says goes through text()";
  EXPECT_EQ(breaches(R"(\badd_(option|flag)\([^"]*"[^"]*"[^"]*, "[^"]* )", {}), "") << "what an option is for goes through text()";
  EXPECT_EQ(breaches(R"(\b(description|footer)\(")", {}), "") << "what an option is for goes through text()";
}

TEST(Numbers, are_written_in_one_place) {
  EXPECT_EQ(breaches(R"(%[-+0-9.*]*[efgEFG]\b)", {"model/base/numbers."}), "") << "use model/base/numbers.h";
  EXPECT_EQ(breaches(R"(QString::number\([^)]*'[efg]')", {}), "") << "use model/base/numbers.h";
}

TEST(Logits, become_probabilities_in_one_place) {
  EXPECT_EQ(breaches(R"(double (log_sum|logsumexp|log_sum_exp)\(std)", {"model/base/logits."}), "") << "use model/base/logits.h";
}

}  // namespace
}  // namespace gf::house

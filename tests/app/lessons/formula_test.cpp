// What is drawn for a formula, read back, is the expression that it stands for: in the window, in films, on the command line.
#include "app/lessons/formula.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "app/lessons/lesson.h"
#include "app/lessons/markdown.h"
#include "tests/app/lessons/formula_reading.h"

namespace gf::lessons {
namespace {

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size() || a.empty()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) && !std::isfinite(b[i])) continue;  // a division by zero
    if (!(std::abs(a[i] - b[i]) <= 1e-9 * (1 + std::abs(a[i])))) return false;
  }
  return true;
}

/// Empty where both texts are read as the expression of the source, whatever the reader's habit.
std::string misread(const std::string& tex, const std::string& html, const std::string& plain) {
  for (const Habit habit : {Habit::FromTheLeft, Habit::FactorsFirst}) {
    const auto meant = values_of(spelled_out_tex(tex), habit);
    if (!same(meant, values_of(spelled_out_html(html), habit))) return tex + "\nis drawn as " + html;
    if (!same(meant, values_of(spelled_out_plain(plain), habit))) return tex + "\nis drawn as " + plain;
  }
  return {};
}
std::string misread(const std::string& tex) { return misread(tex, formula_html(tex), formula_plain(tex)); }

std::vector<std::string> formulas_in(const std::string& markdown) {
  std::vector<std::string> all;
  for (std::size_t at = markdown.find('$'); at != std::string::npos; at = markdown.find('$', at)) {
    const std::size_t end = markdown.find('$', at + 1);
    if (end == std::string::npos) break;
    all.push_back(markdown.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return all;
}

TEST(Formula, of_every_lesson_is_drawn_as_the_expression_that_it_stands_for) {
  int count = 0;
  for (const std::string& name : bundled_lessons()) {
    const auto lesson = read_lesson(*resolve_lesson(name));
    ASSERT_TRUE(lesson) << lesson.error().message;
    for (const auto& [language, texts] : lesson->texts)
      for (const auto& [step, text] : texts.steps) {
        std::vector<std::string> all{text.text, text.question, text.hint, text.right};
        all.insert(all.end(), text.options.begin(), text.options.end());
        for (const std::string& markdown : all)
          for (const std::string& tex : formulas_in(markdown)) {
            ++count;
            EXPECT_EQ(misread(tex), "") << name << ", " << step << ", " << language;
            EXPECT_FALSE(formula_fault(tex)) << *formula_fault(tex);
            EXPECT_NE(to_plain(markdown).find(formula_plain(tex)), std::string::npos) << tex;
            EXPECT_NE(to_html(markdown).find(formula_html(tex)), std::string::npos) << tex;
          }
      }
  }
  EXPECT_GE(count, 35);
}

TEST(Formula, gets_the_brackets_that_it_needs) {
  const std::pair<const char*, const char*> drawn[] = {
      {"y_k = \\gamma_k \\cdot \\frac{x_k - \\mu}{\\sigma} + \\beta_k",
       "y\u2096 = \u03B3\u2096 \u00B7 (x\u2096 \u2212 \u03BC) / \u03C3 + \u03B2\u2096"},
      {"\\frac{a}{b} - 1", "a / b \u2212 1"},
      {"\\frac{a}{b c}", "a / (b c)"},
      {"\\frac{a}{b + c}", "a / (b + c)"},
      {"\\frac{1}{256} \\sum_k x_k", "(1 / 256) \u2211\u2096 x\u2096"},
      {"\\sum_k \\frac{x_k}{n}", "\u2211\u2096 (x\u2096 / n)"},
      {"\\frac{\\frac{a}{b}}{c}", "(a / b) / c"},
      {"\\frac{a}{\\frac{b}{c}}", "a / (b / c)"},
      {"a / \\frac{b}{c}", "a / (b / c)"},
      {"\\frac{a}{b} \\cdot c", "(a / b) \u00B7 c"},
      {"\\frac{a}{b}^2", "(a / b)\u00B2"},
      {"{a + b}^2", "(a + b)\u00B2"},
      {"\\frac{a_i}{b_i^2}", "a\u1D62 / b\u1D62\u00B2"},
      {"\\frac{(a + b) c}{(a + b)(c + d)}", "(a + b) c / ((a + b)(c + d))"},
      {"\\sqrt{\\frac{a}{b}}", "\u221A(a / b)"},
      {"\\frac{x}{\\sqrt{d}}", "x / \u221A(d)"},
      {"\\ln \\frac{a}{b}", "ln (a / b)"},
      {"\\frac{\\exp(l_i)}{\\sum_k \\exp(l_k)}", "exp(l\u1D62) / (\u2211\u2096 exp(l\u2096))"},
      {"\\frac{\\ln x}{2}", "(ln x) / 2"},
      {"x^{a + b}", "x^(a + b)"},
      {"\\frac{{a + b}^2}{{c + d}^2}", "(a + b)\u00B2 / (c + d)\u00B2"},
      {"{x^2}^3", "(x\u00B2)\u00B3"},
      {"{x_i}^2", "x\u1D62\u00B2"},
      {"{\\ln(x)}^2", "(ln(x))\u00B2"},
      {"\\frac{\\log_2 x}{y}", "(log\u2082 x) / y"},
      {"2^{-1}", "2\u207B\u00B9"},
      {"e^{-x}", "e^(\u2212x)"},
      {"a_{ij} x^2 W_O", "a\u1D62\u2C7C x\u00B2 W_O"},
      {"W_Oz", "W_(O)z"},
      {"W_{pos}[i]", "W\u209A\u2092\u209B[i]"},
      {"x_{after} = x_{before} + MLP", "x_after = x_before + MLP"},
      {"4 d^2 = 262{,}144", "4 d\u00B2 = 262,144"},
  };
  for (const auto& [tex, plain] : drawn) {
    EXPECT_EQ(formula_plain(tex), plain);
    EXPECT_EQ(misread(tex), "");
  }
}

TEST(Formula, is_misread_without_its_brackets) {
  EXPECT_NE(misread("\\frac{x - \\mu}{\\sigma}", "x - \u03BC / \u03C3", "(x - \u03BC) / \u03C3"), "");
  EXPECT_NE(misread("\\frac{1}{2} x", "(1 / 2) x", "1 / 2 x"), "") << "some read the half, others 1 / (2 x)";
  EXPECT_NE(misread("x_{ij}", "x<sub>ij</sub>", "x\u1D62j"), "");
  EXPECT_EQ(misread("\\frac{x - \\mu}{\\sigma}", "(x - \u03BC) / \u03C3", "(x - \u03BC) / \u03C3"), "");
}

/// A formula of random parts, at most so many levels deep.
std::string random_formula(std::mt19937& random, int depth) {
  const auto one_of = [&](std::initializer_list<const char*> all) { return std::string(*(all.begin() + random() % all.size())); };
  const auto factor = [&]() -> std::string {
    switch (depth > 0 ? random() % 9 : random() % 3) {
      case 0: return one_of({"a", "b", "x", "\\mu", "\\gamma", "W"});
      case 1: return one_of({"2", "0.5", "256", "262{,}144"});
      case 2: return one_of({"x_i", "q_{ij}", "x^2", "W_O", "x_{after}", "b_k^{-1}", "e^{-x}"});
      case 3:
      case 4: return "\\frac{" + random_formula(random, depth - 1) + "}{" + random_formula(random, depth - 1) + "}";
      case 5: return "\\sqrt{" + random_formula(random, depth - 1) + "}";
      case 6: return "(" + random_formula(random, depth - 1) + ")";
      case 7: return one_of({"\\exp", "\\ln"}) + "(" + random_formula(random, depth - 1) + ")";
      default: return "{" + random_formula(random, depth - 1) + "}^2";
    }
  };
  std::string formula = factor();
  for (int i = 0, n = static_cast<int>(random() % 3); i < n; ++i)
    formula += one_of({" + ", " - ", " \\cdot ", " ", " / ", " ", " \\sum_k "}) + factor();
  return formula;
}

TEST(Formula, of_any_parts_is_read_as_it_is_meant) {
  std::mt19937 random(7);
  for (int i = 0; i < 3'000; ++i) ASSERT_EQ(misread(random_formula(random, 3)), "");
}

TEST(Formula, is_set_with_true_scripts_and_italic_letters) {
  EXPECT_EQ(formula_html("s_{ij} = q_i \\cdot k_j / \\sqrt{32}"),
            "<i>s</i><sub><i>ij</i></sub> = <i>q</i><sub><i>i</i></sub> \u00B7 <i>k</i><sub><i>j</i></sub> / \u221A(32)");
  EXPECT_EQ(formula_html("\\ln x^2"), "ln <i>x</i><sup>2</sup>");
  EXPECT_EQ(formula_html("a < \\text{all}"), "<i>a</i> &lt; all");
}

TEST(Formula, tells_what_cannot_be_read) {
  const std::pair<const char*, const char*> faults[] = {
      {"\\foo x", "uses \\foo, which is not known"},
      {"\\frac{a}", "lacks what \\frac needs, in braces"},
      {"\\sqrt 2", "lacks what \\sqrt needs, in braces"},
      {"x_{i", "has a '{' that is not closed"},
      {"x}", "has a '}' that closes nothing"},
      {"x^", "has nothing behind a '^'"},
  };
  for (const auto& [tex, fault] : faults) EXPECT_EQ(formula_fault(tex).value_or(""), fault) << tex;
  EXPECT_FALSE(formula_fault("\\frac{x_k - \\mu}{\\sigma}"));
}

TEST(Formula, survives_nonsense) {
  EXPECT_EQ(formula_html("}"), "");
  EXPECT_NO_FATAL_FAILURE(static_cast<void>(formula_html(std::string(5000, '{') + std::string(5000, '_') + "\\frac{")));
  EXPECT_EQ(formula_plain("\\frac{}{}"), " / ");
}

}  // namespace
}  // namespace gf::lessons

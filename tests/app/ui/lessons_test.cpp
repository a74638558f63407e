// Lessons in the window: what a question hides, the frame round its right answer, and that fonts have every character.
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRawFont>
#include <QTableWidget>
#include <QTest>
#include <QTextDocument>
#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "app/lessons/formula.h"
#include "app/lessons/markdown.h"
#include "app/ui/docks/lessons_dock.h"
#include "app/ui/heads/head_grid.h"
#include "app/ui/shell/dock_frames.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/token_chips.h"
#include "model/io/loaders.h"
#include "renderer/imgui/gui_context.h"
#include "renderer/labels.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

/// A window with a lesson at one of its steps, whose run is there.
class LessonScreen : public Screen {
 public:
  LessonScreen(const std::string& lesson, const std::string& step) {
    open("fable");
    EXPECT_TRUE(until([&] { return !player().lessons().empty(); }));
    EXPECT_EQ(run("lesson " + lesson), "");
    while (player().active() && player().step().id != step) run("next-step");
    EXPECT_TRUE(player().active()) << step;
    EXPECT_TRUE(settle());
    QCoreApplication::processEvents();
  }
  lessons::Player& player() { return window().player(); }
  bool judged() {
    return until(
        [&] { return player().verdict() != lessons::Player::Verdict::Judging && player().verdict() != lessons::Player::Verdict::None; });
  }
  template <class Widget>
  Widget& find(const char* name) {
    auto* found = window().findChild<Widget*>(name);
    EXPECTS(found, "the window has this widget");
    return *found;
  }
  bool framed(const char* name) { return find<QWidget>(name).property("right").toBool(); }
  void answer(const char* token) {
    find<QLineEdit>("lesson_token").setText(token);
    find<QPushButton>("lesson_check").click();
  }
};

/// All that the window says of a word, tooltips and descriptions included; empty: nothing.
std::string mentions(Screen& screen, const QString& word) {
  std::string all;
  for (const DockInfo& dock : docks())
    if (const std::string text = screen.dock(dock.id); has(text, word.toStdString())) all += std::string(dock.id) + ":\n" + text;
  if (const std::string text = screen_text(screen.window()); has(text, word.toStdString())) all += "the window:\n" + text;
  for (const QWidget* widget : screen.window().findChildren<QWidget*>())
    for (const QString& said : {widget->toolTip(), widget->accessibleDescription(), widget->accessibleName(), widget->statusTip()})
      if (said.contains(word)) all += widget->objectName().toStdString() + ": " + said.toStdString() + "\n";
  const auto& prediction = screen.window().prompt().chips().prediction();
  if (prediction && (prediction->text + prediction->tooltip).contains(word)) all += "the chip behind the prompt\n";
  return all;
}

TEST(LessonDocks, have_the_first_that_a_step_names_in_front_of_their_stack) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  auto* features = screen.window().findChild<QDockWidget*>("features_dock");
  auto* logits = screen.window().findChild<QDockWidget*>("logits_dock");
  ASSERT_TRUE(features && logits);
  screen.window().tabifyDockWidget(features, logits);  // as on a small screen
  ASSERT_EQ(screen.run("lesson features"), "");
  for (lessons::Player& player = screen.window().player(); player.active() && player.index() + 1 < player.count();
       screen.run("next-step")) {
    ASSERT_TRUE(screen.settle());
    QCoreApplication::processEvents();
    const auto& named = player.step().docks;
    if (named.empty()) continue;
    EXPECT_TRUE(screen.window().docks().in_front(named.front())) << player.step().id;
    EXPECT_TRUE(screen.window().docks().in_front("lessons")) << player.step().id;
  }
}

TEST(LessonQuestion, hides_the_prediction_until_it_is_answered) {
  LessonScreen screen("first-look", "predict");
  EXPECT_EQ(mentions(screen, "Paris"), "");
  EXPECT_TRUE(has(screen.dock("logits"), "Hidden until the lesson's question is answered.\n"));
  EXPECT_EQ(screen.window().prompt().chips().prediction()->text.toStdString(), "?");
  (void)screen.dock("lessons");
  screen.answer("Rome");
  ASSERT_TRUE(screen.judged());
  EXPECT_EQ(mentions(screen, "Paris"), "") << "a wrong answer shows nothing";
  (void)screen.dock("lessons");
  EXPECT_FALSE(screen.framed("lesson_token"));
  screen.answer("paris");
  ASSERT_TRUE(screen.until([&] { return screen.player().verdict() == lessons::Player::Verdict::Right; }));
  EXPECT_TRUE(screen.framed("lesson_token"));
  EXPECT_TRUE(has(screen.dock("logits"), "·Paris")) << screen.dock("logits");
  EXPECT_EQ(screen.window().prompt().chips().prediction()->text.toStdString(), "·Paris ?");
}

TEST(LessonQuestion, writes_no_answer_when_the_user_generates) {
  LessonScreen screen("first-look", "predict");
  const auto refused = [&] {
    EXPECT_TRUE(screen.settle());
    const bool kept = screen.lab().document().continuation.empty() && mentions(screen, "Paris").empty();
    return kept && has(screen_text(screen.window()), "The lesson asks which token comes next: answer first, then generate it.");
  };
  screen.find<QPushButton>("generate_button").click();
  EXPECT_TRUE(refused());
  screen.lab().dismiss();
  for (const char* keys : {"Ctrl+Right", "Ctrl+G"}) {
    screen.window().viewport().setFocus();
    screen.key(keys);
    EXPECT_TRUE(refused()) << keys;
    screen.lab().dismiss();
  }
  screen.window().prompt().chips().on_prediction();
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(mentions(screen, "Paris"), "");
  screen.find<QPushButton>("generate_button").click();
  (void)screen.dock("lessons");
  screen.answer("paris");
  ASSERT_TRUE(screen.until([&] { return screen.player().verdict() == lessons::Player::Verdict::Right; }));
  EXPECT_FALSE(has(screen_text(screen.window()), "answer first")) << "the sentence goes with the question";
  screen.find<QPushButton>("generate_button").click();
  ASSERT_TRUE(screen.until([&] { return !screen.lab().document().continuation.empty(); }));
}

TEST(LessonQuestion, frames_the_right_word_in_the_logits_dock) {
  LessonScreen screen("first-look", "predict");
  screen.answer(" PARIS");
  ASSERT_TRUE(screen.judged());
  (void)screen.dock("logits");
  const auto& table = screen.find<QTableWidget>("logits_table");
  ASSERT_EQ(table.item(0, 0)->text().toStdString(), "·Paris");
  // Of two rows that differ in nothing but the frame, the framed one has its colour at the upper edge.
  const QImage picture = table.viewport()->grab().toImage();
  const auto accent_in = [&](int row) {
    const QRect box = table.visualItemRect(table.item(row, 0));
    int count = 0;
    for (int x = box.left(); x < box.right(); ++x) count += picture.pixelColor(x, box.top() + 1) == skin().accent;
    return count;
  };
  EXPECT_GT(accent_in(0), 10);
  EXPECT_EQ(accent_in(1), 0);
}

TEST(LessonQuestion, frames_the_right_head_and_the_right_option) {
  {
    LessonScreen screen("attention", "find");
    screen.find<QAbstractButton>("lesson_head_4_6").click();
    ASSERT_TRUE(screen.judged());
    EXPECT_FALSE(screen.framed("lesson_head_4_6"));
    screen.find<QAbstractButton>("lesson_head_4_7").click();
    ASSERT_TRUE(screen.until([&] { return screen.player().verdict() == lessons::Player::Verdict::Right; }));
    EXPECT_TRUE(screen.framed("lesson_head_4_7"));
    EXPECT_EQ(screen.lab().document().highlights.size(), 1U) << "in the scene as well";
  }
  LessonScreen screen("tokens", "choice");
  screen.find<QAbstractButton>("lesson_option_1").click();
  ASSERT_TRUE(screen.judged());
  EXPECT_TRUE(screen.framed("lesson_choice_1"));
  EXPECT_FALSE(screen.framed("lesson_choice_0"));
}

TEST(LessonQuestion, cuts_no_option_however_narrow_the_dock_is) {
  LessonScreen screen("residual", "other");
  (void)screen.dock("lessons");
  auto& frame = screen.find<QWidget>("lesson_choice_2");
  const QLabel* words = frame.findChild<QLabel*>();
  ASSERT_TRUE(words);
  Dock& dock = screen.window().docks().dock("lessons");
  for (const int width : {240, 330, 480}) {
    dock.setFixedWidth(width);
    QCoreApplication::sendPostedEvents();
    QCoreApplication::processEvents();
    EXPECT_LE(words->mapTo(&dock, QPoint(words->width(), 0)).x(), width) << width;
    EXPECT_GE(words->height(), words->heightForWidth(words->width())) << width;
  }
  QTest::mouseClick(const_cast<QLabel*>(words), Qt::LeftButton);
  ASSERT_TRUE(screen.judged());
  EXPECT_TRUE(screen.framed("lesson_choice_2")) << "a click on the words chooses the option";
}

std::set<std::string> shown_docks(Screen& screen) {
  std::set<std::string> ids;
  for (const DockInfo& dock : docks())
    if (screen.window().docks().shown(dock.id)) ids.insert(dock.id);
  return ids;
}

TEST(LessonDocks, are_those_of_the_step_after_present_wherever_the_lesson_began) {
  std::set<std::string> wanted;
  {
    LessonScreen in_window("cut-a-head", "direct");
    wanted = shown_docks(in_window);
  }
  EXPECT_TRUE(wanted.contains("probe") && wanted.contains("logits"));
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  EXPECT_EQ(screen.run("present on"), "");
  EXPECT_EQ(screen.run("lesson cut-a-head"), "");
  while (screen.window().player().step().id != "direct") ASSERT_EQ(screen.run("next-step"), "");
  EXPECT_EQ(shown_docks(screen), std::set<std::string>{"lessons"});
  EXPECT_EQ(screen.run("present off"), "");
  EXPECT_EQ(shown_docks(screen), wanted);
}

TEST(LessonGrid, stands_below_the_text_in_present_where_the_step_speaks_of_it) {
  LessonScreen screen("cut-a-head", "until");
  auto& grid = screen.find<HeadGridView>("lesson_grid");
  (void)screen.dock("lessons");
  EXPECT_TRUE(grid.isHidden()) << "the Probe dock has one";
  EXPECT_EQ(screen.run("present on"), "");
  QCoreApplication::processEvents();
  ASSERT_FALSE(grid.isHidden());
  EXPECT_GE(grid.width(), grid.minimumSizeHint().width());
  QTest::mouseClick(&grid, Qt::LeftButton, Qt::NoModifier, grid.cell_rect(0, 0).center());
  EXPECT_TRUE(screen.lab().is_cut({0, 0}));
  EXPECT_TRUE(screen.until([&] { return screen.player().verdict() == lessons::Player::Verdict::Right; }));
  EXPECT_EQ(screen.run("next-step"), "");
  EXPECT_EQ(screen.run("next-step"), "");
  EXPECT_TRUE(grid.isHidden()) << screen.player().step().id << " does not speak of it";
  EXPECT_EQ(screen.run("present off"), "");
}

/// The words of a lesson, as its Markdown.
std::vector<std::string> words_of(const lessons::Lesson& lesson) {
  std::vector<std::string> all;
  for (const auto& [language, texts] : lesson.texts) {
    all.insert(all.end(), {texts.title, texts.about});
    for (const auto& [step, text] : texts.steps) {
      all.insert(all.end(), {text.text, text.question, text.hint, text.right});
      all.insert(all.end(), text.options.begin(), text.options.end());
    }
  }
  return all;
}

TEST(LessonText, has_every_character_in_the_fonts_of_window_and_film) {
  need_application();
  std::vector<QRawFont> fonts;
  for (const char* file : {"fonts/Inter-Regular.otf", "fonts/DejaVuSans.ttf", "fonts/Chinese.otf"})
    fonts.emplace_back(QString::fromStdString(*asset_path(file)), 14.0);
  render::GuiContext films;
  static_cast<void>(render::text_width("\u4E2D", 1));  // as a film measures its captions
  films.set_scale(1);
  EXPECT_FALSE(films.has_letter(U'\u9F98')) << "the test can tell a character that lacks";
  // What formulas may hold, and what the lessons do hold.
  std::vector<std::string> all{
      "$x_{0123456789aehijklmnoprstuvx+-} x^{0123456789dikmnt+-} \\sqrt{\\alpha\\beta\\gamma\\epsilon\\mu\\pi\\sigma\\Delta} \\cdot "
      "\\times "
      "\\sum \\le \\ge \\approx \\to \\infty \\pm$",
      "\u2713 \u2022"};
  for (const char letter : std::string("0123456789aehijklmnoprstuvx")) all.push_back(std::string("$x_") + letter + "$");
  for (const char letter : std::string("0123456789dikmnt")) all.push_back(std::string("$x^") + letter + "$");
  for (const std::string& name : lessons::bundled_lessons())
    for (const std::string& words : words_of(*lessons::read_lesson(*lessons::resolve_lesson(name)))) all.push_back(words);
  for (const std::string& markdown : all) {
    QTextDocument shown;
    shown.setHtml(lesson_html(markdown));
    const QString plain = QString::fromStdString(lessons::to_plain(markdown));
    for (const char32_t code : (shown.toPlainText() + plain).toStdU32String()) {
      if (code < 0x20) continue;
      const bool in_window =
          std::ranges::any_of(fonts, [&](const QRawFont& font) { return font.supportsCharacter(static_cast<uint>(code)); });
      EXPECT_TRUE(in_window) << "the window lacks U+" << std::hex << static_cast<unsigned>(code) << " of " << markdown;
    }
    for (const char32_t code : plain.toStdU32String())
      EXPECT_TRUE(code < 0x20 || films.has_letter(code))
          << "films lack U+" << std::hex << static_cast<unsigned>(code) << " of " << markdown;
  }
}

TEST(LessonText, shows_the_formula_of_layernorm_with_its_brackets) {
  LessonScreen screen("layernorm", "gamma");
  const auto& caption = screen.find<QLabel>("lesson_caption");
  EXPECT_TRUE(caption.text().contains(QString::fromStdString(lessons::formula_html("\\frac{x_k - \\mu}{\\sigma}"))));
  QTextDocument shown;
  shown.setHtml(caption.text());
  EXPECT_TRUE(shown.toPlainText().contains(QStringLiteral("yk = γk · (xk − μ) / σ + βk"))) << shown.toPlainText().toStdString();
}

}  // namespace
}  // namespace gf::ui

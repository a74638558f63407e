// The Why dock: the command line's numbers, what a bar selects and cuts, what it follows.
#include "app/ui/docks/why_dock.h"

#include <QAbstractButton>
#include <QKeyEvent>
#include <QLabel>
#include <QTest>

#include "app/ui/plots/waterfall.h"
#include "app/ui/widgets/token_field.h"
#include "app/ui/widgets/words.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

using Kind = doc::StreamPart::Kind;

/// Shows the dock and waits for its rows.
WhyDock& shown_why(Screen& screen) {
  (void)screen.dock("why");
  auto& dock = dynamic_cast<WhyDock&>(screen.window().docks().dock("why"));
  EXPECT_TRUE(screen.until([&] { return !dock.rows().empty(); }));
  return dock;
}

Waterfall& plot_of(WhyDock& dock) { return *static_cast<Waterfall*>(dock.findChild<QWidget*>("why_plot")); }

void press(WhyDock& dock, const char* button) { dock.findChild<QAbstractButton*>(button)->click(); }

testing::Json asked_why(const std::string& what) {
  const testing::Outcome o = testing::program(
      {"analyze", "fable", "--prompt", doc::kDefaultPrompt, "--what", what, "--target", " Mary", "--against", " John", "--json"});
  EXPECT_EQ(o.code, 0) << o.err;
  return o.json();
}

int bar_of(const WhyDock& dock, const doc::StreamPart& part) {
  for (std::size_t i = 0; i < dock.rows().size(); ++i)
    if (dock.rows()[i].part == part) return static_cast<int>(i);
  return -1;
}

double value_of(const WhyDock& dock, const doc::StreamPart& part) {
  const int bar = bar_of(dock, part);
  EXPECT_GE(bar, 0) << key_of(part);
  return bar < 0 ? 0 : dock.rows()[static_cast<std::size_t>(bar)].value;
}

/// With A and B as the command line is asked.
WhyDock& why_mary(Screen& screen) {
  screen.open("fable");
  screen.run("target \" Mary\"");
  screen.run("rival \" John\"");
  return shown_why(screen);
}

TEST(WhyDock, adds_up_to_the_total_and_says_what_the_command_line_says) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  const testing::Json dla = asked_why("dla")["dla"];
  ASSERT_TRUE(screen.until([&] { return std::abs(value_of(dock, {Kind::Logits}) - dla["total"].get<double>()) < 1e-4; }));
  plot_of(dock).on_open(bar_of(dock, {Kind::Attention, 4}));
  for (int head = 0; head < 8; ++head)
    EXPECT_NEAR(value_of(dock, {Kind::Head, 4, head}), dla["heads"]["values"][4][static_cast<std::size_t>(head)].get<double>(), 1e-4);
  for (int layer = 0; layer < 6; ++layer)
    EXPECT_NEAR(value_of(dock, {Kind::Mlp, layer}), dla["mlp"]["values"][static_cast<std::size_t>(layer)].get<double>(), 1e-4);
  EXPECT_NEAR(value_of(dock, {Kind::Embed}), dla["embed"].get<double>(), 1e-4);
  double sum = 0;
  for (const WhyRow& row : dock.rows())
    if (row.depth == 0 && !row.sum) sum += row.value;
  EXPECT_NEAR(sum, dla["total"].get<double>(), 1e-3);
}

TEST(WhyDock, opens_an_mlp_into_neurons_that_add_up_to_it) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  plot_of(dock).on_open(bar_of(dock, {Kind::Mlp, 3}));
  const auto is_neuron = [](const WhyRow& row) { return row.part && row.part->kind == Kind::Neuron; };
  ASSERT_TRUE(screen.until([&] { return std::ranges::any_of(dock.rows(), is_neuron); }));
  double sum = 0;
  for (const WhyRow& row : dock.rows())
    if (row.depth == 1) sum += row.value;
  EXPECT_NEAR(sum, value_of(dock, {Kind::Mlp, 3}), 1e-6);
}

TEST(WhyDock, shows_the_strongest_parts_first) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  press(dock, "why_strongest");
  ASSERT_TRUE(screen.until([&] { return dock.rows().size() == 18; })) << "16 parts, the others, the total";
  for (std::size_t i = 1; i < 16; ++i) EXPECT_GE(std::abs(dock.rows()[i - 1].value), std::abs(dock.rows()[i].value));
  const testing::Json dla = asked_why("dla")["dla"];
  double most = 0;
  for (const testing::Json& layer : dla["heads"]["values"])
    for (const testing::Json& head : layer) most = std::max(most, std::abs(head.get<double>()));
  for (const testing::Json& mlp : dla["mlp"]["values"]) most = std::max(most, std::abs(mlp.get<double>()));
  for (const char* single : {"embed", "pos_embed", "constant"}) most = std::max(most, std::abs(dla[single].get<double>()));
  EXPECT_NEAR(std::abs(dock.rows().front().value), most, 1e-4);
}

TEST(WhyDock, keeps_what_is_cut_among_the_strongest_so_that_it_can_be_restored) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  press(dock, "why_strongest");
  screen.run("cut-head 4.3");
  ASSERT_TRUE(screen.until([&] {
    const int bar = bar_of(dock, {Kind::Head, 4, 3});
    return bar >= 0 && plot_of(dock).bars()[static_cast<std::size_t>(bar)].cut && value_of(dock, {Kind::Head, 4, 3}) == 0;
  }));
  plot_of(dock).on_cut(bar_of(dock, {Kind::Head, 4, 3}));
  EXPECT_FALSE(screen.lab().is_cut({4, 3}));
}

TEST(WhyDock, by_gradient_is_what_act_grad_says_with_the_other_sign) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  press(dock, "why_gradient");
  const testing::Json found = asked_why("act-grad")["act_grad"];
  const double mlp = -found["mlp"]["values"][0].get<double>();
  ASSERT_TRUE(screen.until([&] { return bar_of(dock, {Kind::Logits}) < 0 && std::abs(value_of(dock, {Kind::Mlp, 0}) - mlp) < 1e-3; }));
  plot_of(dock).on_open(bar_of(dock, {Kind::Attention, 4}));
  EXPECT_NEAR(value_of(dock, {Kind::Head, 4, 3}), -found["heads"]["values"][4][3].get<double>(), 1e-3);
}

TEST(WhyDock, selects_what_is_clicked_and_follows_what_is_selected) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  plot_of(dock).on_select(bar_of(dock, {Kind::Mlp, 2}));
  ASSERT_TRUE(screen.lab().document().selection);
  EXPECT_EQ(screen.lab().document().selection->tensor.name(), "blocks.2.hook_mlp_out");
  screen.run("select blocks.4.attn.hook_z 13 3 0");
  EXPECT_EQ(plot_of(dock).current(), bar_of(dock, {Kind::Attention, 4})) << "its heads do not show";
  plot_of(dock).on_open(bar_of(dock, {Kind::Attention, 4}));
  EXPECT_EQ(plot_of(dock).current(), bar_of(dock, {Kind::Head, 4, 3}));
}

TEST(WhyDock, cuts_and_restores_with_the_keyboard_and_shows_base_beside_it) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  Waterfall& plot = plot_of(dock);
  const int bar = bar_of(dock, {Kind::Mlp, 0});
  plot.set_current(bar);
  plot.setFocus();
  QTest::keyClick(&plot, Qt::Key_Delete);
  ASSERT_TRUE(screen.settle());
  ASSERT_EQ(screen.lab().document().recipe.edits.size(), 1U);
  EXPECT_EQ(screen.lab().document().recipe.edits[0].hook, "blocks.0.hook_mlp_out");
  ASSERT_TRUE(screen.until([&] { return plot.bars()[static_cast<std::size_t>(bar)].before && value_of(dock, {Kind::Mlp, 0}) == 0; }));
  EXPECT_TRUE(plot.bars()[static_cast<std::size_t>(bar)].cut);
  QTest::keyClick(&plot, Qt::Key_Delete);
  EXPECT_TRUE(screen.lab().document().recipe.empty());
  screen.run("undo");
  EXPECT_EQ(screen.lab().document().recipe.edits.size(), 1U);
}

TEST(WhyDock, keeps_its_cursor_on_the_part_that_del_cuts) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  Waterfall& plot = plot_of(dock);
  screen.run("select blocks.4.attn.hook_z 13 3 0");
  const auto cut_and_wait = [&](doc::StreamPart part) {
    const auto edits = screen.lab().document().recipe.edits.size();
    plot.set_current(bar_of(dock, part));
    plot.setFocus();
    QTest::keyClick(&plot, Qt::Key_Delete);
    ASSERT_EQ(screen.lab().document().recipe.edits.size(), edits + 1);
    ASSERT_TRUE(screen.settle());
    ASSERT_TRUE(screen.until([&] { return bar_of(dock, part) >= 0 && value_of(dock, part) == 0; })) << key_of(part);
    EXPECT_EQ(plot.current(), bar_of(dock, part)) << key_of(part);
  };
  cut_and_wait({Kind::Mlp, 2});
  plot.on_open(bar_of(dock, {Kind::Mlp, 3}));
  const auto neuron = [](const WhyRow& row) { return row.part && row.part->kind == Kind::Neuron; };
  ASSERT_TRUE(screen.until([&] { return std::ranges::any_of(dock.rows(), neuron); }));
  cut_and_wait(*std::ranges::find_if(dock.rows(), neuron)->part);
  press(dock, "why_strongest");
  ASSERT_TRUE(screen.until([&] { return bar_of(dock, {Kind::Head, 5, 1}) >= 0; }));
  cut_and_wait({Kind::Head, 5, 1});
}

TEST(WhyDock, moves_by_arrow_keys_and_says_the_bar) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  Waterfall& plot = plot_of(dock);
  plot.setFocus();
  QTest::keyClick(&plot, Qt::Key_Down);
  QTest::keyClick(&plot, Qt::Key_Down);
  EXPECT_EQ(plot.current(), 1);
  EXPECT_TRUE(plot.accessibleDescription().startsWith("position embedding: ")) << plot.accessibleDescription().toStdString();
  plot.set_current(bar_of(dock, {Kind::Attention, 0}));
  QTest::keyClick(&plot, Qt::Key_Right);
  EXPECT_GE(bar_of(dock, {Kind::Head, 0, 0}), 0);
  QTest::keyClick(&plot, Qt::Key_Left);
  EXPECT_LT(bar_of(dock, {Kind::Head, 0, 0}), 0);
}

TEST(WhyDock, finds_words_by_their_letters) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  auto* field = static_cast<TokenField*>(dock.findChild<QWidget*>("why_rival"));
  EXPECT_EQ(field->text().toStdString(), "·John");
  field->setFocus(Qt::MouseFocusReason);
  field->selectAll();
  QTest::keyClicks(field, "mar");
  EXPECT_TRUE(field->found("mar").contains("·Mary"));
  EXPECT_TRUE(field->found("mar").front().contains("mar", Qt::CaseInsensitive));
  field->setText("·garden");
  QTest::keyClick(field, Qt::Key_Return);
  EXPECT_EQ(screen.lab().document().rival, " garden");
}

TEST(WhyDock, del_that_is_held_cuts_once) {
  Screen screen;
  WhyDock& dock = why_mary(screen);
  Waterfall& plot = plot_of(dock);
  plot.set_current(bar_of(dock, {Kind::Mlp, 0}));
  plot.setFocus();
  QTest::keyClick(&plot, Qt::Key_Delete);
  for (int i = 0; i < 3; ++i) {
    QKeyEvent again(QEvent::KeyPress, Qt::Key_Delete, Qt::NoModifier, QString(), true);
    QCoreApplication::sendEvent(&plot, &again);
  }
  EXPECT_EQ(screen.lab().document().recipe.edits.size(), 1U);
}

TEST(WhyDock, keeps_b_for_its_prompt_alone) {
  Screen screen;
  (void)why_mary(screen);
  screen.run("set-prompt \"The capital of France is\"");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.lab().document().rival, "");
  const auto& top = screen.lab().run()->base->stats(4).top;
  EXPECT_NE(screen.lab().rival(), std::nullopt);
  EXPECT_TRUE(std::ranges::any_of(top, [&](const auto& token) { return token.id == *screen.lab().rival(); })) << "the run's own";
  screen.run("undo");
  EXPECT_EQ(screen.lab().document().rival, " John");
}

TEST(WhyDock, says_that_a_word_lacks_its_blank_and_puts_it_there) {
  Screen screen;
  screen.open("fable");
  screen.run("target \" Mary\"");
  WhyDock& dock = shown_why(screen);
  auto* said = dock.findChild<QLabel*>("why_blanks");
  EXPECT_FALSE(said->isVisible());
  const auto two = screen.lab().model()->tokenizer->ids_of("an");
  ASSERT_TRUE(two && two->size() == 1) << "else another word serves this test";
  screen.run("rival an");
  ASSERT_TRUE(screen.settle());
  ASSERT_TRUE(said->isVisible());
  EXPECT_TRUE(has(said->text().toStdString(), "“an” without a blank in front is another token")) << said->text().toStdString();
  EXPECT_TRUE(has(said->text().toStdString(), "take “·an”")) << said->text().toStdString();
  emit said->linkActivated(QStringLiteral("1"));
  EXPECT_EQ(screen.lab().document().rival, " an");
  ASSERT_TRUE(screen.settle());
  EXPECT_FALSE(said->isVisible());
}

}  // namespace
}  // namespace gf::ui

// The Decoding dock: the command line's log of what was kept and cut.
#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QTableWidget>
#include <gtest/gtest.h>

#include "app/document/decoding_steps.h"
#include "app/ui/widgets/words.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

QTableWidget& decoding_table(Screen& screen, const char* name) {
  return *screen.window().docks().dock("decoding").findChild<QTableWidget*>(name);
}

void generate_by_chance(Screen& screen) {
  screen.open("fable");
  for (const char* line : {"temperature 1.5", "top-k 40", "top-p 0.9", "seed 7", "generate 4"}) {
    EXPECT_EQ(screen.run(line), "") << line;
    EXPECT_TRUE(screen.settle()) << line;
  }
  ASSERT_TRUE(screen.until([&] { return screen.lab().document().continuation.size() == 4; }));
  (void)screen.dock("decoding");
  ASSERT_TRUE(screen.until([&] { return decoding_table(screen, "decoding_steps").rowCount() == 5; })) << screen.dock("decoding");
}

TEST(DecodingDock, has_the_log_of_the_command_line) {
  Screen screen;
  generate_by_chance(screen);
  const testing::Outcome o = testing::program({"run", "fable", "--prompt", doc::kDefaultPrompt, "-n", "4", "--temperature", "1.5",
                                               "--top-k", "40", "--top-p", "0.9", "--seed", "7", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json log = o.json()["log"];
  ASSERT_EQ(log.size(), 4U);
  auto& steps = decoding_table(screen, "decoding_steps");
  for (int row = 0; row < 4; ++row) {
    const testing::Json& step = log[static_cast<std::size_t>(row)];
    EXPECT_EQ(steps.item(row, 3)->text().toStdString(), std::to_string(step["kept"].get<int>())) << row;
    EXPECT_EQ(steps.item(row, 1)->text().toStdString(),
              token_text(*screen.lab().model(), screen.lab().document().continuation[static_cast<std::size_t>(row)]).toStdString());
    steps.setCurrentCell(row, 0);
    emit steps.cellClicked(row, 0);
    EXPECT_EQ(screen.lab().document().selected_position, 13 + row);
    const auto& tokens = decoding_table(screen, "decoding_tokens");
    const testing::Json& best = step["candidates"][0];
    EXPECT_EQ(tokens.item(0, 0)->text().toStdString(),
              token_text(*screen.lab().model(), TokenId(best["id"].get<std::int32_t>())).toStdString());
    EXPECT_EQ(tokens.item(0, 5)->text().toStdString(), fixed(best["score"].get<double>(), 2).toStdString());
  }
}

TEST(DecodingDock, says_what_comes_next_before_anything_is_generated) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("decoding");
  ASSERT_TRUE(screen.until([&] { return decoding_table(screen, "decoding_steps").rowCount() == 1; }));
  const std::string text = screen.dock("decoding");
  EXPECT_TRUE(has(text,
                  "greedy: always the likeliest token, stops at “<|endoftext|>” · nothing is generated yet: Ctrl+Right generates a "
                  "token\n"))
      << text;
  EXPECT_TRUE(has(text, "next | ·Mary | likeliest | ")) << text;
  EXPECT_TRUE(has(text, "·Mary | chosen | 98.7 %")) << text;
}

TEST(DecodingDock, has_every_control_and_says_what_each_cut) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("decoding");
  Dock& dock = screen.window().docks().dock("decoding");
  const auto set = [&](const char* name, double value) { dock.findChild<QDoubleSpinBox*>(name)->setValue(value); };
  set("sampling_min_p", 0.01);
  set("sampling_typical_p", 0.6);
  set("sampling_repetition", 1.5);
  set("sampling_presence", 0.25);
  auto* stop = dock.findChild<QLineEdit*>("sampling_stop");
  stop->setFocus(Qt::ShortcutFocusReason);
  screen.type("\"\\n\" \"The end\"");
  screen.key("Return");
  dock.findChild<QCheckBox*>("sampling_eos")->click();
  const SamplerOptions& sampler = screen.lab().document().sampler;
  EXPECT_FALSE(sampler.greedy) << "min p and typical p draw";
  EXPECT_EQ(sampler.min_p, 0.01F);
  EXPECT_EQ(sampler.typical_p, 0.6F);
  EXPECT_EQ(sampler.repetition_penalty, 1.5F);
  EXPECT_EQ(sampler.presence_penalty, 0.25F);
  EXPECT_EQ(sampler.stop, (std::vector<std::string>{"\n", "The end"}));
  EXPECT_FALSE(sampler.stop_at_eos);
  ASSERT_TRUE(screen.rest());
  const std::string text = screen.dock("decoding");
  EXPECT_TRUE(has(text, "min p 0.01, typical p 0.6, repetition penalty 1.5, presence penalty 0.25, stops at the text \"\\n\" \"The end\""))
      << text;
  EXPECT_TRUE(has(text, " below min p")) << text;
  EXPECT_TRUE(has(text, " penalized")) << text;
  EXPECT_EQ(stop->text().toStdString(), "\"\\n\" \"The end\"");
  for (int i = 0; i < 6; ++i) screen.run("undo");
  EXPECT_EQ(screen.lab().document().sampler, SamplerOptions{});
}

TEST(DecodingDock, says_why_generation_stopped) {
  Screen screen;
  screen.open("fable", "Once upon a time");
  (void)screen.dock("decoding");
  ASSERT_EQ(screen.run("stop-text ,"), "");
  ASSERT_EQ(screen.run("generate 40"), "");
  ASSERT_TRUE(screen.until([&] { return !screen.lab().document().continuation.empty() && !screen.lab().busy(); }));
  EXPECT_LT(screen.lab().document().continuation.size(), 40U);
  EXPECT_EQ(screen.window().last_message().toStdString(), "Generation stopped where the text ',' was complete.");
  ASSERT_TRUE(screen.rest());
  EXPECT_TRUE(has(screen.dock("decoding"), "Generation stopped where the text ',' was complete.")) << screen.dock("decoding");
}

}  // namespace
}  // namespace gf::ui

// The Decoding dock: the command line's log of what was kept and cut.
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
  EXPECT_TRUE(has(text, "greedy: always the likeliest token · nothing is generated yet: Ctrl+Right generates a token\n")) << text;
  EXPECT_TRUE(has(text, "next | ·Mary | likeliest | ")) << text;
  EXPECT_TRUE(has(text, "·Mary | chosen | 98.7 %")) << text;
}

}  // namespace
}  // namespace gf::ui

// Tokens that are pieces of one character are shown as that character, wherever a text's tokens stand side by side.
#include <QHelpEvent>
#include <gtest/gtest.h>

#include "app/ui/actions/action_runner.h"
#include "app/ui/widgets/token_chips.h"
#include "app/ui/widgets/words.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

constexpr const char* kCat = "\xE7\x8C\xAB";  // three bytes, and fable has no token for them

TEST(Pieces, of_a_character_are_one_chip_and_carry_its_name_in_lists) {
  Screen screen;
  screen.open("fable", std::string("a ") + kCat + " b");
  const auto ids = screen.lab().run()->base->ids();
  const QStringList labels = token_labels(*screen.lab().model(), ids);
  const auto first = static_cast<int>(labels.indexOf(QString::fromUtf8(kCat) + " 1/3"));
  ASSERT_GE(first, 0) << labels.join(" | ").toStdString();
  EXPECT_EQ(labels[first + 2], QString::fromUtf8(kCat) + " 3/3");
  const auto& chips = *static_cast<TokenChips*>(screen.window().findChild<QWidget*>("token_chips"));
  for (int piece = first; piece < first + 2; ++piece)
    EXPECT_EQ(chips.chip_rect(piece).right() + 1, chips.chip_rect(piece + 1).left()) << "piece " << piece << " touches the next one";
  EXPECT_LT(chips.chip_rect(first - 1).right() + 1, chips.chip_rect(first).left()) << "another token stands apart";
  EXPECT_LT(chips.chip_rect(first + 2).right() + 1, chips.chip_rect(first + 3).left());
  screen.run("select-position " + std::to_string(first + 1));
  EXPECT_TRUE(chips.accessibleDescription().contains(QString::fromUtf8(kCat) + " 2/3")) << chips.accessibleDescription().toStdString();
  const auto choices = screen.window().runner().choices(*find_action("select-position"));
  EXPECT_EQ(choices[static_cast<std::size_t>(first)].label, "Position " + std::to_string(first) + ": token “" + kCat + " 1/3”");
  screen.run("select blocks.0.hook_resid_post 1 0");
  EXPECT_TRUE(has(screen.dock("data"), std::string(kCat) + " 2/3"));
  EXPECT_TRUE(screen.until([&] { return has(screen.dock("lens"), std::string(kCat) + " 2/3"); })) << screen.dock("lens");
}

}  // namespace
}  // namespace gf::ui

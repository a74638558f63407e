// What a terminal may be shown, and what the program says of itself when a contract is broken.
#include "model/base/printable.h"

#include <gtest/gtest.h>

#include "model/base/error.h"
#include "model/base/shell_word.h"

namespace gf {
namespace {

TEST(Printable, writes_out_control_characters_alone) {
  EXPECT_EQ(printable("\x1b[2J\x07\r\x7f"), "\\x1b[2J\\x07\\x0d\\x7f");
  EXPECT_EQ(printable("a\tb\nc"), "a\tb\nc");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2J \xC2\x80\xC2\x9F"),
            "\\x9b2J \\x80\\x9f")
      << "U+0080 to U+009F";
  EXPECT_EQ(printable("caf\xC3\xA9 \xC2\xA0 \xE4\xB8\xAD \xF0\x9F\x99\x82"), "caf\xC3\xA9 \xC2\xA0 \xE4\xB8\xAD \xF0\x9F\x99\x82");
  EXPECT_EQ(printable("\xC2"), "\xC2");
  EXPECT_EQ(printable(std::string(1, '\0')), "\\x00");
}

TEST(PrintableLine, writes_out_what_ends_a_line) {
  EXPECT_EQ(printable_line("a\nb\r\tc"), "a\\nb\\x0d\\tc");
  EXPECT_EQ(printable_line("caf\xC3\xA9"), "caf\xC3\xA9");
}

TEST(ShellWord, is_one_word_of_a_shell_whatever_is_in_it) {
  EXPECT_EQ(shell_word("models/fable-2.bin"), "models/fable-2.bin");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("$(rm x) it's `y`\n"), "'$(rm x) it'\\''s `y`\n'");
  EXPECT_EQ(shell_quoted("plain"), "'plain'");
}

TEST(Contract, names_the_place_in_the_sources_and_no_folder_of_the_build) {
  EXPECT_DEATH(EXPECTS(1 + 1 == 3, "arithmetic holds"),
               R"(^tests/model/base/printable_test\.cpp:[0-9]+: contract broken: arithmetic holds \(1 \+ 1 == 3\))");
  EXPECT_DEATH(contract_failed("c", "why", "/elsewhere/lib/x.h", 7), R"(^x\.h:7: contract broken: why \(c\))");
}

}  // namespace
}  // namespace gf

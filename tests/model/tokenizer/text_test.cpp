#include <gtest/gtest.h>

#include "model/tokenizer/token_words.h"
#include "model/tokenizer/tokenizer.h"
#include "model/tokenizer/unicode.h"
#include "model/tokenizer/utf8.h"

namespace gf {
namespace {

TEST(VisibleText, shows_what_a_label_would_swallow) {
  EXPECT_EQ(visible_text(" Mary"), "·Mary");
  EXPECT_EQ(visible_text("  a b"), "··a b");
  EXPECT_EQ(visible_text("a\n\t\r"), "a\\n\\t\\r");
  EXPECT_EQ(visible_text(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(visible_text("\xe4\xbd"), "\\xe4\\xbd");
  EXPECT_EQ(visible_text("你 é"), "你 é");
  EXPECT_EQ(visible_text("\u200b\ufeff\u0085"), "\\u200b\\ufeff\\u0085");
  EXPECT_EQ(visible_text(""), "");
}

/// Its tokens have the letters a to c; the others are padding.
class LettersTokenizer : public Tokenizer {
 public:
  [[nodiscard]] Result<std::vector<TokenSpan>> encode(std::string_view, bool) const override { return std::vector<TokenSpan>{}; }
  [[nodiscard]] std::string bytes_of(TokenId id) const override {
    return id.v < 3 ? " " + std::string(1, static_cast<char>('a' + id.v)) : "";
  }
  [[nodiscard]] int n_vocab() const override { return 3; }
  [[nodiscard]] std::string kind() const override { return "test"; }
};

TEST(TokenWords, are_the_text_or_the_id_where_there_is_none) {
  const LettersTokenizer letters;
  EXPECT_EQ(token_words(&letters, TokenId(1)), "·b");
  EXPECT_EQ(quoted_token(&letters, TokenId(1)), "\"·b\"");
  EXPECT_EQ(token_words(&letters, TokenId(48)), "#48");
  EXPECT_EQ(quoted_token(&letters, TokenId(48)), "#48");
  EXPECT_EQ(token_words(nullptr, TokenId(0)), "#0");
  EXPECT_EQ(quoted_token(nullptr, TokenId(0)), "#0");
}

TEST(ValidUtf8, broken_sequences_become_one_mark_each) {
  EXPECT_EQ(valid_utf8("naïve"), "naïve");
  EXPECT_EQ(valid_utf8("a\xff"
                       "b"),
            "a\ufffd"
            "b");
  EXPECT_EQ(valid_utf8("\xe4\xbd"), "\ufffd") << "one sequence cut short";
  EXPECT_EQ(valid_utf8("\xe4\xbd"
                       "a"),
            "\ufffd"
            "a");
  EXPECT_EQ(valid_utf8("\xc0\x80"), "\ufffd\ufffd") << "overlong";
  EXPECT_EQ(valid_utf8("\xed\xa0\x80"), "\ufffd\ufffd\ufffd") << "a surrogate";
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80"), "\ufffd\ufffd\ufffd\ufffd") << "beyond U+10FFFF";
}

/// Each id is one of these pieces.
class Pieces : public Tokenizer {
 public:
  explicit Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  [[nodiscard]] Result<std::vector<TokenSpan>> encode(std::string_view, bool) const override { return std::vector<TokenSpan>(); }
  [[nodiscard]] std::string bytes_of(TokenId id) const override { return pieces_[id.index()]; }
  [[nodiscard]] int n_vocab() const override { return static_cast<int>(pieces_.size()); }
  [[nodiscard]] std::string kind() const override { return "pieces"; }

 private:
  std::vector<std::string> pieces_;
};

TEST(TokenTexts, join_the_pieces_of_one_character) {
  const auto texts = [](const std::vector<std::string>& pieces) {
    std::vector<TokenId> ids;
    for (std::size_t i = 0; i < pieces.size(); ++i) ids.emplace_back(static_cast<std::int32_t>(i));
    return token_texts(Pieces(pieces), ids);
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(texts({"a \xf0\x9f", "\x99", "\x82 b"}), (List{"a \xf0\x9f\x99\x82", "", " b"})) << "a smile over three tokens";
  EXPECT_EQ(texts({"one", "", " two"}), (List{"one", "", " two"}));
  EXPECT_EQ(texts({"\xe4\xbd", "x"}), (List{"\ufffd", "x"})) << "a character that is not finished";
  EXPECT_EQ(texts({"\x82", "\x99z"}), (List{"\ufffd", "\ufffdz"}));
  EXPECT_EQ(texts({}), List{});
}

TEST(TokenWords, show_pieces_of_one_character_as_that_character) {
  const auto labels = [](const std::vector<std::string>& pieces) {
    std::vector<TokenId> ids;
    for (std::size_t i = 0; i < pieces.size(); ++i) ids.emplace_back(static_cast<std::int32_t>(i));
    const Pieces tokenizer(pieces);
    std::vector<std::string> all;
    for (const TokenPiece& piece : token_pieces(&tokenizer, ids)) all.push_back(piece.label());
    return all;
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(labels({"a", "\xf0\x9f", "\x99", "\x82", " b"}),
            (List{"a", "\xf0\x9f\x99\x82 1/3", "\xf0\x9f\x99\x82 2/3", "\xf0\x9f\x99\x82 3/3", "·b"}));
  EXPECT_EQ(labels({" \xe7\x8c", "\xab!"}), (List{"·\xe7\x8c\xab! 1/2", "·\xe7\x8c\xab! 2/2"})) << "a token may hold more than its piece";
  EXPECT_EQ(labels({"\xe7\x8c", "x"}), (List{"\\xe7\\x8c", "x"})) << "a character that is not finished is no character";
  EXPECT_EQ(labels({"\xe7\x8c", "\xab\xe7", "\x8b\x97"}).back(), "\xe7\x8c\xab\xe7\x8b\x97 3/3") << "two characters that hang together";
  EXPECT_EQ(labels({}), List{});
}

TEST(Utf8, every_character_is_written_and_read_back) {
  for (std::uint32_t code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 37) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, code);
    const Utf8Char c = utf8_at(text, 0);
    ASSERT_TRUE(c.valid && c.code == code && c.bytes == text.size()) << code;
    for (std::size_t cut = 1; cut < text.size(); ++cut) ASSERT_FALSE(is_valid_utf8(text.substr(0, cut))) << code;
  }
}

TEST(Columns, of_a_terminal_are_two_for_chinese) {
  EXPECT_EQ(terminal_columns("head 3"), 6U);
  EXPECT_EQ(terminal_columns("头 3，"), 6U);
  EXPECT_EQ(terminal_columns("e\u0301"), 1U) << "an accent stands over its letter";
  EXPECT_EQ(terminal_columns("\xff"
                             "a"),
            2U);
  EXPECT_EQ(terminal_columns(""), 0U);
}

}  // namespace
}  // namespace gf

// What text measures, and what the atlas holds.
#include "renderer/text/font.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <thread>

#include "renderer/labels.h"
#include "renderer/text/kerning.h"
#include "renderer/text/utf8.h"

namespace gf::render {
namespace {

std::u32string decode(std::string_view text) {
  std::u32string out;
  while (!text.empty()) out += next_code_point(text);
  return out;
}

TEST(Utf8, decodes_every_length) { EXPECT_EQ(decode("a\u00e9\u4e2d\U0001F600"), U"a\u00e9\u4e2d\U0001F600"); }

TEST(Utf8, shows_wrong_bytes_one_by_one) {
  EXPECT_EQ(decode("\xff"
                   "a"),
            U"\uFFFD"
            U"a");
  EXPECT_EQ(decode("\xc3"), U"\uFFFD");                      // cut off
  EXPECT_EQ(decode("\xc0\xaf"), U"\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(decode("\xed\xa0\x80"), U"\uFFFD\uFFFD\uFFFD");  // surrogate
  EXPECT_EQ(decode("\xe4\xb8z"), U"\uFFFD\uFFFDz");
}

TEST(Font, widths_scale_with_size) {
  const float at10 = text_width("resid_pre", 10);
  EXPECT_GT(at10, 35);
  EXPECT_LT(at10, 60);
  EXPECT_NEAR(text_width("resid_pre", 30), 3 * at10, 0.01F);
  EXPECT_GT(text_width("resid_pre", 10, true), at10);
  EXPECT_EQ(text_width("", 10), 0);
}

TEST(Font, kerns_what_inter_kerns) {
  const auto apart = [](const char* a, const char* b) { return text_width(a, 100) + text_width(b, 100); };
  EXPECT_LT(text_width("To", 100), apart("T", "o") - 4);
  EXPECT_LT(text_width("AV", 100), apart("A", "V") - 2);
  EXPECT_NEAR(text_width("HH", 100), apart("H", "H"), 0.01F);
}

TEST(Font, a_broken_kerning_table_is_ignored) {
  std::vector<unsigned char> bytes(64, 0xFF);
  EXPECT_EQ(KerningTable(bytes).advance(1, 2), 0);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i * 37);
  EXPECT_EQ(KerningTable(bytes).advance(1, 2), 0);
  EXPECT_TRUE(KerningTable().empty());
}

TEST(Font, covers_latin_greek_and_cyrillic_and_the_symbols_of_cards) {
  for (const char32_t code : U"Az\u00e9\u0142\u03bb\u0416\u00b7\u2423\u21b5\u2192\u00d7\u2212\u2581") {
    if (code != 0) {
      EXPECT_TRUE(FontSet::shared().has(code)) << std::hex << static_cast<unsigned>(code);
    }
  }
  EXPECT_FALSE(FontSet::shared().has(0x07));
}

TEST(Font, missing_characters_are_visible_boxes) {
  std::vector<ShapedGlyph> glyphs;
  FontSet::shared().shape("\x07", false, glyphs);
  ASSERT_EQ(glyphs.size(), 1U);
  EXPECT_GT(FontSet::shared().image(glyphs[0].key).width, 0);
}

TEST(Font, spaces_advance_but_draw_nothing) {
  std::vector<ShapedGlyph> glyphs;
  const float width = FontSet::shared().shape("a b", false, glyphs);
  ASSERT_EQ(glyphs.size(), 2U);
  EXPECT_EQ(glyphs[0].x, 0);
  EXPECT_GT(glyphs[1].x, 0.6F);
  EXPECT_EQ(width, FontSet::shared().width("a b", false));
}

TEST(Font, glyphs_of_the_atlas_do_not_touch) {
  std::vector<ShapedGlyph> glyphs;
  FontSet::shared().shape("The quick brown fox, 0123456789 \u0394\u0416", true, glyphs);
  std::vector<GlyphImage> images;
  std::sort(glyphs.begin(), glyphs.end(), [](auto& a, auto& b) { return a.key < b.key; });
  glyphs.erase(std::unique(glyphs.begin(), glyphs.end(), [](auto& a, auto& b) { return a.key == b.key; }), glyphs.end());
  for (const ShapedGlyph& glyph : glyphs) images.push_back(FontSet::shared().image(glyph.key));
  for (std::size_t i = 0; i < images.size(); ++i) {
    EXPECT_LE(images[i].x + images[i].width, kAtlasSize);
    for (std::size_t j = 0; j < i; ++j) {
      const bool apart = images[i].x > images[j].x + images[j].width || images[j].x > images[i].x + images[i].width ||
                         images[i].y > images[j].y + images[j].height || images[j].y > images[i].y + images[i].height;
      EXPECT_TRUE(apart) << i << " and " << j;
    }
  }
}

TEST(Font, each_upload_is_reported_once) {
  std::vector<ShapedGlyph> glyphs;
  FontSet::shared().shape("upload", false, glyphs);
  for (const ShapedGlyph& glyph : glyphs) (void)FontSet::shared().image(glyph.key);
  std::size_t seen = 0;
  const auto all = FontSet::shared().uploads(seen);
  EXPECT_GE(all.size(), 6U);
  EXPECT_TRUE(FontSet::shared().uploads(seen).empty());
  for (const auto& upload : all) {
    EXPECT_EQ(upload.texels.size(), static_cast<std::size_t>(upload.width) * static_cast<std::size_t>(upload.height));
  }
}

TEST(Font, many_threads_measure_alike) {
  const float expected = text_width("logits ln_final W_U", 12);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 200; ++k) EXPECT_EQ(text_width("logits ln_final W_U", 12), expected);
    });
  }
}

}  // namespace
}  // namespace gf::render

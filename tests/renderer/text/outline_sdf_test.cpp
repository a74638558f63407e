// Own distances beside those of FreeType's rasteriser, its slow twin.
#include "renderer/text/outline_sdf.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_MODULE_H

#include <cmath>
#include <gtest/gtest.h>
#include <string>

namespace gf::render {
namespace {

struct OpenFace {
  FT_Library library = nullptr;
  FT_Face face = nullptr;
  explicit OpenFace(const char* file) {
    FT_Init_FreeType(&library);
    FT_Int spread = 6;
    FT_Property_Set(library, "sdf", "spread", &spread);
    const std::string path = std::string(GLASSFORMER_SOURCE_DIR) + "/assets/fonts/" + file;
    FT_New_Face(library, path.c_str(), 0, &face);
  }
  ~OpenFace() {
    FT_Done_Face(face);
    FT_Done_FreeType(library);
  }
};

TEST(OutlineSdf, equals_the_distances_of_freetype) {
  for (const char* file : {"Inter-Regular.otf", "Inter-SemiBold.otf", "DejaVuSans.ttf"}) {
    OpenFace open(file);
    ASSERT_NE(open.face, nullptr) << file;
    for (const char32_t code : {U'A', U'g', U'o', U'8', U'%', U'i', U',', U'\u0416'}) {
      const unsigned glyph = FT_Get_Char_Index(open.face, code);
      const SdfBitmap own = glyph_sdf(open.face, glyph, 40, 6);
      FT_Set_Pixel_Sizes(open.face, 0, 40);
      ASSERT_EQ(FT_Load_Glyph(open.face, glyph, FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP), 0);
      ASSERT_EQ(FT_Render_Glyph(open.face->glyph, FT_RENDER_MODE_SDF), 0);
      const FT_Bitmap& theirs = open.face->glyph->bitmap;
      int compared = 0;
      int far = 0;
      for (int y = 0; y < own.height; ++y) {
        for (int x = 0; x < own.width; ++x) {
          const int tx = x + own.left - open.face->glyph->bitmap_left;
          const int ty = y + open.face->glyph->bitmap_top - own.top;
          if (tx < 0 || ty < 0 || tx >= static_cast<int>(theirs.width) || ty >= static_cast<int>(theirs.rows)) continue;
          const int a = own.texels[static_cast<std::size_t>(y * own.width + x)];
          const int b = theirs.buffer[ty * theirs.pitch + tx];
          ++compared;
          if (std::abs(a - b) > 4) ++far;  // a fifth of a texel; FreeType rounds the outline to 1/64
        }
      }
      EXPECT_GT(compared, 100) << file << ' ' << static_cast<unsigned>(code);
      EXPECT_LE(far, compared / 50) << file << ' ' << static_cast<unsigned>(code) << " of " << compared;
    }
  }
}

TEST(OutlineSdf, blank_glyphs_are_empty) {
  OpenFace open("Inter-Regular.otf");
  EXPECT_TRUE(glyph_sdf(open.face, FT_Get_Char_Index(open.face, ' '), 40, 6).texels.empty());
}

TEST(OutlineSdf, the_missing_box_is_hollow) {
  const SdfBitmap box = missing_glyph_sdf(40, 6);
  const auto at = [&](int x, int y) { return static_cast<int>(box.texels[static_cast<std::size_t>(y * box.width + x)]); };
  EXPECT_LT(at(box.width / 2, box.height / 2), 128);
  EXPECT_GT(at(7, box.height / 2), 128);
  EXPECT_LT(at(1, box.height / 2), 128);
}

}  // namespace
}  // namespace gf::render

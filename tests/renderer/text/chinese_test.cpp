// The bundled faces have what the program says in Chinese, also where the system has no Chinese face.
#include <ft2build.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>
#include <string>

#include "renderer/imgui/gui_context.h"
#include "renderer/labels.h"
#include "renderer/text/font.h"
#include "renderer/text/utf8.h"

namespace gf::render {
namespace {

namespace fs = std::filesystem;

const fs::path kAssets = fs::path(GLASSFORMER_SOURCE_DIR) / "assets";

/// The characters of a file that are not ASCII.
std::set<char32_t> letters_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  std::set<char32_t> all;
  for (std::string_view rest = bytes; !rest.empty();)
    if (const char32_t code = next_code_point(rest); code >= 0x80) all.insert(code);
  return all;
}

struct BundledFaces {
  FT_Library library = nullptr;
  std::vector<FT_Face> faces;
  BundledFaces() {
    FT_Init_FreeType(&library);
    for (const char* file : {"Inter-Regular.otf", "DejaVuSans.ttf", "Chinese.otf"}) {
      FT_Face face = nullptr;
      EXPECT_EQ(FT_New_Face(library, (kAssets / "fonts" / file).c_str(), 0, &face), 0) << file;
      if (face != nullptr) faces.push_back(face);
    }
  }
  ~BundledFaces() {
    for (FT_Face face : faces) FT_Done_Face(face);
    FT_Done_FreeType(library);
  }
  [[nodiscard]] bool have(char32_t code) const {
    return std::ranges::any_of(faces, [code](FT_Face face) { return FT_Get_Char_Index(face, code) != 0; });
  }
};

TEST(ChineseFace, has_every_character_of_every_translation) {
  const BundledFaces bundled;
  EXPECT_FALSE(bundled.have(U'\u9F98')) << "the test can tell a character that lacks";
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kAssets)) {
    if (entry.path().filename() != "zh.json") continue;
    ++files;
    for (const char32_t code : letters_of(entry.path()))
      EXPECT_TRUE(bundled.have(code)) << entry.path() << " has U+" << std::hex << static_cast<unsigned>(code)
                                      << ", which no bundled face has; run assets/fonts/make_chinese.py";
  }
  EXPECT_GT(files, 1);
}

TEST(ChineseFace, gives_the_overlay_its_letters_once_they_are_wanted) {
  GuiContext overlay;
  const float ems = text_width("头", 1);
  EXPECT_NEAR(ems, 1, 0.01F) << "a Chinese character is a square";
  EXPECT_TRUE(FontSet::shared().wants_chinese());
  overlay.set_scale(1);
  for (const char32_t code : U"注意力头：中文。") {
    const bool is_end = code == 0;
    EXPECT_TRUE(is_end || overlay.has_letter(code)) << static_cast<unsigned>(code);
  }
  EXPECT_FALSE(overlay.set_scale(1)) << "the same letters again";
}

}  // namespace
}  // namespace gf::render

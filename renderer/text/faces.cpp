#include "renderer/text/faces.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_TRUETYPE_TABLES_H

#include <filesystem>

namespace gf::render {
namespace {

constexpr std::size_t kRegular = 0, kBold = 1, kChinese = 3;
constexpr float kMissingAdvance = 0.64F;

// The bundled file, else the system's copy.
std::string first_present(const std::vector<std::string>& candidates) {
  for (const std::string& path : candidates) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) return path;
  }
  return {};
}

std::vector<unsigned char> table(FT_Face face, FT_ULong tag) {
  FT_ULong length = 0;
  if (FT_Load_Sfnt_Table(face, tag, 0, nullptr, &length) != 0) return {};
  std::vector<unsigned char> bytes(length);
  if (FT_Load_Sfnt_Table(face, tag, 0, bytes.data(), &length) != 0) return {};
  return bytes;
}

}  // namespace

std::string cjk_font_file() {
  const std::string system = "/usr/share/fonts/";
  return first_present({system + "opentype/noto/NotoSansCJK-Regular.ttc", system + "noto-cjk/NotoSansCJK-Regular.ttc",
                        system + "google-noto-cjk/NotoSansCJK-Regular.ttc", system + "truetype/wqy/wqy-microhei.ttc",
                        system + "truetype/droid/DroidSansFallbackFull.ttf"});
}

FontSet::Faces::Faces(const std::string& folder) {
  if (FT_Init_FreeType(&library_) != 0) library_ = nullptr;
  const std::string system = "/usr/share/fonts/";
  const auto add = [&](const std::vector<std::string>& candidates) {
    Face face;
    face.path = first_present(candidates);
    faces_.push_back(std::move(face));
  };
  add({folder + "/Inter-Regular.otf", system + "opentype/inter/Inter-Regular.otf"});
  add({folder + "/Inter-SemiBold.otf", system + "opentype/inter/Inter-SemiBold.otf"});
  add({folder + "/DejaVuSans.ttf", system + "truetype/dejavu/DejaVuSans.ttf"});
  add({folder + "/Chinese.otf"});
  add({cjk_font_file()});
  for (const bool bold : {false, true}) {
    for (char32_t code = 0; code < 128; ++code) ascii_[bold ? 1 : 0][code] = find(code, bold);
  }
}

FontSet::Faces::~Faces() {
  for (const Face& face : faces_) {
    if (face.handle != nullptr) FT_Done_Face(face.handle);
  }
  if (library_ != nullptr) FT_Done_FreeType(library_);
}

FontSet::Faces::Face* FontSet::Faces::open(std::size_t index) {
  Face& face = faces_[index];
  if (!face.tried) {
    face.tried = true;
    if (library_ != nullptr && !face.path.empty() && FT_New_Face(library_, face.path.c_str(), 0, &face.handle) != 0) {
      face.handle = nullptr;
    }
    if (face.handle != nullptr && index <= kBold) {
      face.kerning = KerningTable(table(face.handle, FT_MAKE_TAG('G', 'P', 'O', 'S')));
    }
  }
  return face.handle != nullptr ? &face : nullptr;
}

CharacterGlyph FontSet::Faces::find(char32_t code, bool bold) {
  // No face is asked for control characters: each is a box.
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return {0, kMissingAdvance};
  for (std::size_t i = bold ? kBold : kRegular; i < faces_.size(); ++i) {
    if (!bold && i == kBold) continue;
    const Face* face = open(i);
    if (face == nullptr) continue;
    const unsigned index = FT_Get_Char_Index(face->handle, code);
    if (index == 0 || FT_Load_Glyph(face->handle, index, FT_LOAD_NO_SCALE) != 0) continue;
    if (i >= kChinese) wants_chinese_ = true;
    const auto em = static_cast<float>(face->handle->units_per_EM);
    return {static_cast<GlyphKey>((i + 1) << 24U | index), static_cast<float>(face->handle->glyph->metrics.horiAdvance) / em};
  }
  return {0, kMissingAdvance};
}

CharacterGlyph FontSet::Faces::glyph(char32_t code, bool bold) {
  if (code < 128) return ascii_[bold ? 1 : 0][code];
  auto& known = others_[bold ? 1 : 0];
  if (const auto at = known.find(code); at != known.end()) return at->second;
  return known[code] = find(code, bold);
}

std::vector<char32_t> FontSet::Faces::chinese() {
  std::vector<char32_t> all;
  const Face* face = open(kChinese);
  if (face == nullptr) return all;
  unsigned index = 0;
  for (FT_ULong code = FT_Get_First_Char(face->handle, &index); index != 0; code = FT_Get_Next_Char(face->handle, code, &index))
    all.push_back(static_cast<char32_t>(code));
  return all;
}

float FontSet::Faces::kerning(GlyphKey left, GlyphKey right) {
  if (left == 0 || right == 0 || left >> 24U != right >> 24U) return 0;
  const Face& face = faces_[(left >> 24U) - 1];
  if (face.kerning.empty()) return 0;
  const std::uint64_t pair = static_cast<std::uint64_t>(left) << 32U | right;
  if (const auto at = pairs_.find(pair); at != pairs_.end()) return at->second;
  const int units = face.kerning.advance(left & 0xFFFFFFU, right & 0xFFFFFFU);
  return pairs_[pair] = static_cast<float>(units) / static_cast<float>(face.handle->units_per_EM);
}

SdfBitmap FontSet::Faces::draw(GlyphKey key) {
  if (key == 0) return missing_glyph_sdf(kGlyphEmPx, kGlyphSpread);
  return glyph_sdf(faces_[(key >> 24U) - 1].handle, key & 0xFFFFFFU, kGlyphEmPx, kGlyphSpread);
}

}  // namespace gf::render

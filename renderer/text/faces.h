// The chain of typefaces behind FontSet: which face has a character, its advance, and kerning. Not thread safe.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "renderer/text/font.h"
#include "renderer/text/kerning.h"
#include "renderer/text/outline_sdf.h"

struct FT_LibraryRec_;

namespace gf::render {

struct CharacterGlyph {
  GlyphKey key = 0;
  float advance = 0;  ///< ems
};

/// A GlyphKey is (face + 1) << 24 | glyph index; 0 stands for the missing character.
struct FontSet::Faces {
  explicit Faces(const std::string& folder);
  ~Faces();
  Faces(const Faces&) = delete;
  Faces& operator=(const Faces&) = delete;

  CharacterGlyph glyph(char32_t code, bool bold);
  float kerning(GlyphKey left, GlyphKey right);
  SdfBitmap draw(GlyphKey key);
  /// Ascending; empty without that face.
  std::vector<char32_t> chinese();
  /// Whether a character was asked for that only the faces behind DejaVu have.
  [[nodiscard]] bool wants_chinese() const { return wants_chinese_; }

 private:
  struct Face {
    std::string path;
    FT_FaceRec_* handle = nullptr;
    bool tried = false;
    KerningTable kerning;
  };
  Face* open(std::size_t index);
  CharacterGlyph find(char32_t code, bool bold);

  FT_LibraryRec_* library_ = nullptr;
  std::vector<Face> faces_;
  std::array<std::array<CharacterGlyph, 128>, 2> ascii_{};
  std::array<std::unordered_map<char32_t, CharacterGlyph>, 2> others_;
  std::unordered_map<std::uint64_t, float> pairs_;
  bool wants_chinese_ = false;
};

}  // namespace gf::render

// Typefaces: what a line of text measures, and the atlas of signed distances that its glyphs are drawn from.
// Needs no device. Inter first, then DejaVu Sans, then the bundled Chinese face, which has the program's own words, then the system's CJK
// face where there is one, then a box.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gf::render {

/// Folder with Inter-Regular.otf, Inter-SemiBold.otf, DejaVuSans.ttf and Chinese.otf, among the program's own files (own_folders()); empty
/// where it is not there. The overlay loads its faces from there as well.
[[nodiscard]] std::string font_directory();
/// The system's typeface for Chinese, Japanese and Korean; empty: it has none of those that are looked for.
[[nodiscard]] std::string cjk_font_file();

/// A face's glyph. 0 is the box for missing characters.
using GlyphKey = std::uint32_t;

/// One glyph of a shaped line: pen position from the line's start, in ems.
struct ShapedGlyph {
  GlyphKey key = 0;
  float x = 0;
};

/// Where a glyph lies in the atlas (texels), and about the pen, in ems with y down from the baseline.
struct GlyphImage {
  int x = 0, y = 0, width = 0, height = 0;  ///< width 0: blank
  float left = 0, top = 0;
};

inline constexpr int kGlyphEmPx = 40;    ///< atlas texels an em
inline constexpr int kGlyphSpread = 6;   ///< texels from the edge to the end of the range
inline constexpr int kAtlasSize = 2048;  ///< square, one byte a texel: about 2,000 glyphs; further ones are boxes

/// Vertical extent of a line about its baseline, in ems. Its middle is the middle between that of capitals and that
/// of small letters, so that a line centred on a row looks centred.
inline constexpr float kLineAbove = 0.82F;
inline constexpr float kLineBelow = 0.22F;

/// Faces and atlas of the process. Thread safe; glyphs are drawn when first asked for, never before.
class FontSet {
 public:
  static FontSet& shared();
  ~FontSet();

  /// Width of a line in ems, kerned.
  [[nodiscard]] float width(std::string_view text, bool bold);
  /// Appends the line's glyphs, blanks left out; returns its width in ems.
  float shape(std::string_view text, bool bold, std::vector<ShapedGlyph>& out);
  [[nodiscard]] GlyphImage image(GlyphKey key);
  /// Characters that no face has are shown as boxes; this says whether that is the case for one.
  [[nodiscard]] bool has(char32_t code);

  /// The characters of the bundled Chinese face, ascending; empty where its file is missing.
  [[nodiscard]] std::vector<char32_t> chinese();
  /// Whether a Chinese character was measured or shaped since the start: the overlay then has them too, which costs it a fraction of a
  /// second and some megabytes that others need not spend.
  [[nodiscard]] bool wants_chinese();

  /// A rectangle of the atlas that changed, with its texels, row-major.
  struct Upload {
    int x = 0, y = 0, width = 0, height = 0;
    std::vector<std::uint8_t> texels;
  };
  /// All glyphs drawn after the first `seen`; advances `seen`. A fresh copy of the atlas starts with seen = 0.
  [[nodiscard]] std::vector<Upload> uploads(std::size_t& seen);

 private:
  FontSet();
  struct Faces;
  struct Atlas;
  std::mutex mutex_;
  std::unique_ptr<Faces> faces_;
  std::unique_ptr<Atlas> atlas_;
};

}  // namespace gf::render

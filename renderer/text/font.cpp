#include "renderer/text/font.h"

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "model/base/files/own_folders.h"
#include "renderer/text/faces.h"
#include "renderer/text/utf8.h"

namespace gf::render {
namespace {

/// Empty: the program's own fonts are nowhere.
std::string fonts_folder() {
  std::error_code error;
  for (const auto& folder : own_folders())
    if (std::filesystem::is_directory(folder / "fonts", error)) return (folder / "fonts").string();
  return {};
}

}  // namespace

std::string font_directory() {
  static const std::string folder = fonts_folder();
  return folder;
}

// Shelves from left to right, downwards; one texel of air between neighbours keeps linear filtering apart.
struct FontSet::Atlas {
  std::unordered_map<GlyphKey, GlyphImage> images;
  std::vector<Upload> log;
  int x = 1, y = 1, shelf = 0;

  bool place(int width, int height, GlyphImage& out) {
    if (x + width + 1 > kAtlasSize) x = 1, y += shelf + 1, shelf = 0;
    if (x + width + 1 > kAtlasSize || y + height + 1 > kAtlasSize) return false;
    out.x = x, out.y = y, out.width = width, out.height = height;
    x += width + 1;
    shelf = std::max(shelf, height);
    return true;
  }
};

FontSet& FontSet::shared() {
  static FontSet set;
  return set;
}

FontSet::FontSet() : faces_(std::make_unique<Faces>(font_directory())), atlas_(std::make_unique<Atlas>()) {}
FontSet::~FontSet() = default;

float FontSet::width(std::string_view text, bool bold) {
  const std::scoped_lock lock(mutex_);
  float x = 0;
  GlyphKey before = 0;
  while (!text.empty()) {
    const CharacterGlyph glyph = faces_->glyph(next_code_point(text), bold);
    x += faces_->kerning(before, glyph.key) + glyph.advance;
    before = glyph.key;
  }
  return x;
}

float FontSet::shape(std::string_view text, bool bold, std::vector<ShapedGlyph>& out) {
  const std::scoped_lock lock(mutex_);
  float x = 0;
  GlyphKey before = 0;
  while (!text.empty()) {
    const char32_t code = next_code_point(text);
    const CharacterGlyph glyph = faces_->glyph(code, bold);
    x += faces_->kerning(before, glyph.key);
    if (code != U' ') out.push_back({glyph.key, x});
    x += glyph.advance;
    before = glyph.key;
  }
  return x;
}

bool FontSet::has(char32_t code) {
  const std::scoped_lock lock(mutex_);
  return faces_->glyph(code, false).key != 0;
}

std::vector<char32_t> FontSet::chinese() {
  const std::scoped_lock lock(mutex_);
  return faces_->chinese();
}

bool FontSet::wants_chinese() {
  const std::scoped_lock lock(mutex_);
  return faces_->wants_chinese();
}

GlyphImage FontSet::image(GlyphKey key) {
  const std::scoped_lock lock(mutex_);
  if (const auto at = atlas_->images.find(key); at != atlas_->images.end()) return at->second;
  // The box goes in first, so that there is one to fall back on when the atlas is full.
  for (const GlyphKey wanted : {GlyphKey{0}, key}) {
    if (atlas_->images.contains(wanted)) continue;
    SdfBitmap bitmap = faces_->draw(wanted);
    GlyphImage image;
    if (!bitmap.texels.empty() && !atlas_->place(bitmap.width, bitmap.height, image)) {
      return atlas_->images[wanted] = atlas_->images[0];
    }
    image.left = static_cast<float>(bitmap.left) / static_cast<float>(kGlyphEmPx);
    image.top = -static_cast<float>(bitmap.top) / static_cast<float>(kGlyphEmPx);
    atlas_->images[wanted] = image;
    if (image.width > 0) {
      atlas_->log.push_back({image.x, image.y, image.width, image.height, std::move(bitmap.texels)});
    }
  }
  return atlas_->images[key];
}

std::vector<FontSet::Upload> FontSet::uploads(std::size_t& seen) {
  const std::scoped_lock lock(mutex_);
  std::vector<Upload> out(atlas_->log.begin() + static_cast<std::ptrdiff_t>(std::min(seen, atlas_->log.size())), atlas_->log.end());
  seen = atlas_->log.size();
  return out;
}

}  // namespace gf::render

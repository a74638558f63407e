// Kerning out of an OpenType GPOS table: FreeType only knows the older `kern` table, which Inter does not have.
// Source: OpenType 1.9, "GPOS — Glyph Positioning Table", lookup types 2 and 9, feature `kern`.
#pragma once

#include <cstdint>
#include <vector>

namespace gf::render {

/// Safe to use for any bytes: what points outside the table counts as absent.
class KerningTable {
 public:
  KerningTable() = default;
  explicit KerningTable(std::vector<unsigned char> gpos);
  [[nodiscard]] bool empty() const { return subtables_.empty(); }
  /// What the first glyph's advance changes by before the second, in font units.
  [[nodiscard]] int advance(std::uint32_t first, std::uint32_t second) const;

 private:
  [[nodiscard]] std::uint32_t u16(std::size_t at) const;
  [[nodiscard]] int i16(std::size_t at) const { return static_cast<std::int16_t>(u16(at)); }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const { return u16(at) << 16U | u16(at + 2); }
  [[nodiscard]] int coverage(std::size_t at, std::uint32_t glyph) const;  ///< index, or -1
  [[nodiscard]] std::uint32_t glyph_class(std::size_t at, std::uint32_t glyph) const;
  void add_lookup(std::size_t at);
  /// True where the subtable decides about the pair.
  bool look(std::size_t at, std::uint32_t first, std::uint32_t second, int& out) const;

  std::vector<unsigned char> bytes_;
  std::vector<std::vector<std::size_t>> subtables_;  ///< per lookup, in order
};

}  // namespace gf::render

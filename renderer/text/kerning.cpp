#include "renderer/text/kerning.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace gf::render {
namespace {

constexpr std::uint32_t kFeatureKern = 0x6B65726E;  // 'kern'
constexpr std::uint32_t kPairs = 2, kExtension = 9;
constexpr std::uint32_t kXAdvance = 4;

// A value record holds one 16-bit number for each bit of its format, lowest bit first.
std::size_t record_size(std::uint32_t format) { return 2U * static_cast<std::size_t>(std::popcount(format & 0xFFU)); }
std::size_t advance_offset(std::uint32_t format) { return record_size(format & (kXAdvance - 1)); }

}  // namespace

KerningTable::KerningTable(std::vector<unsigned char> gpos) : bytes_(std::move(gpos)) {
  if (bytes_.size() < 10) return;
  const std::size_t features = u16(6);
  const std::size_t lookups = u16(8);
  std::vector<std::uint32_t> wanted;
  for (std::uint32_t i = 0; i < u16(features); ++i) {
    const std::size_t record = features + 2 + std::size_t{6} * i;
    if (u32(record) != kFeatureKern) continue;
    const std::size_t feature = features + u16(record + 4);
    for (std::uint32_t j = 0; j < u16(feature + 2); ++j) wanted.push_back(u16(feature + 4 + std::size_t{2} * j));
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  for (const std::uint32_t index : wanted) {
    if (index < u16(lookups)) add_lookup(lookups + u16(lookups + 2 + std::size_t{2} * index));
  }
}

std::uint32_t KerningTable::u16(std::size_t at) const {
  return at + 2 <= bytes_.size() ? static_cast<std::uint32_t>(bytes_[at] << 8U | bytes_[at + 1]) : 0U;
}

void KerningTable::add_lookup(std::size_t at) {
  const std::uint32_t type = u16(at);
  std::vector<std::size_t> found;
  for (std::uint32_t i = 0; i < u16(at + 4); ++i) {
    std::size_t subtable = at + u16(at + 6 + std::size_t{2} * i);
    std::uint32_t inner = type;
    if (type == kExtension) {
      inner = u16(subtable + 2);
      subtable += u32(subtable + 4);
    }
    if (inner == kPairs) found.push_back(subtable);
  }
  if (!found.empty()) subtables_.push_back(std::move(found));
}

int KerningTable::coverage(std::size_t at, std::uint32_t glyph) const {
  const std::uint32_t format = u16(at);
  std::uint32_t low = 0;
  std::uint32_t high = u16(at + 2);
  while (low < high) {
    const std::uint32_t middle = (low + high) / 2;
    const std::size_t record = at + 4 + std::size_t{format == 1 ? 2U : 6U} * middle;
    const std::uint32_t first = u16(record);
    const std::uint32_t last = format == 1 ? first : u16(record + 2);
    if (glyph < first) {
      high = middle;
    } else if (glyph > last) {
      low = middle + 1;
    } else {
      return static_cast<int>(format == 1 ? middle : u16(record + 4) + glyph - first);
    }
  }
  return -1;
}

std::uint32_t KerningTable::glyph_class(std::size_t at, std::uint32_t glyph) const {
  if (u16(at) == 1) {
    const std::uint32_t first = u16(at + 2);
    return glyph >= first && glyph - first < u16(at + 4) ? u16(at + 6 + std::size_t{2} * (glyph - first)) : 0;
  }
  std::uint32_t low = 0;
  std::uint32_t high = u16(at + 2);
  while (low < high) {
    const std::uint32_t middle = (low + high) / 2;
    const std::size_t record = at + 4 + std::size_t{6} * middle;
    if (glyph < u16(record)) {
      high = middle;
    } else if (glyph > u16(record + 2)) {
      low = middle + 1;
    } else {
      return u16(record + 4);
    }
  }
  return 0;
}

bool KerningTable::look(std::size_t at, std::uint32_t first, std::uint32_t second, int& out) const {
  const int covered = coverage(at + u16(at + 2), first);
  if (covered < 0) return false;
  const std::uint32_t format1 = u16(at + 4);
  const std::size_t pair = record_size(format1) + record_size(u16(at + 6));
  const auto read = [&](std::size_t record) { out = (format1 & kXAdvance) != 0 ? i16(record + advance_offset(format1)) : 0; };
  if (u16(at) == 1) {
    if (static_cast<std::uint32_t>(covered) >= u16(at + 8)) return false;
    const std::size_t set = at + u16(at + 10 + 2 * static_cast<std::size_t>(covered));
    std::uint32_t low = 0;
    std::uint32_t high = u16(set);
    while (low < high) {
      const std::uint32_t middle = (low + high) / 2;
      const std::size_t record = set + 2 + (2 + pair) * middle;
      const std::uint32_t glyph = u16(record);
      if (glyph == second) {
        read(record + 2);
        return true;
      }
      glyph < second ? low = middle + 1 : high = middle;
    }
    return false;
  }
  if (u16(at) != 2) return false;
  const std::uint32_t class1 = glyph_class(at + u16(at + 8), first);
  const std::uint32_t class2 = glyph_class(at + u16(at + 10), second);
  if (class1 >= u16(at + 12) || class2 >= u16(at + 14)) return false;
  read(at + 16 + (std::size_t{class1} * u16(at + 14) + class2) * pair);
  return true;
}

int KerningTable::advance(std::uint32_t first, std::uint32_t second) const {
  int sum = 0;
  for (const auto& lookup : subtables_) {
    for (const std::size_t subtable : lookup) {
      int value = 0;
      if (look(subtable, first, second, value)) {
        sum += value;
        break;
      }
    }
  }
  return sum;
}

}  // namespace gf::render

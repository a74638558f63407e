// A text that was changed, with the place in the original where each of its bytes comes from.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gf {

class AlignedText {
 public:
  AlignedText() = default;
  /// An unchanged part of the original, which begins at its byte `base`.
  AlignedText(std::string_view part, std::size_t base) : text_(part), base_(base) {}

  [[nodiscard]] std::string_view text() const { return text_; }
  /// The original bytes of [begin, end) of this text. Inserted bytes have no original: their begin and end are the same.
  [[nodiscard]] std::size_t origin_begin(std::size_t begin) const {
    if (origins_.empty()) return base_ + begin;
    return begin < origins_.size() ? origins_[begin].begin : end_;
  }
  [[nodiscard]] std::size_t origin_end(std::size_t end) const {
    if (origins_.empty()) return base_ + end;
    return end == 0 ? origin_begin(0) : origins_[end - 1].end;
  }
  /// Bytes that come from [begin, end) of the original.
  void append(std::string_view bytes, std::size_t begin, std::size_t end) {
    text_ += bytes;
    origins_.insert(origins_.end(), bytes.size(), {begin, end});
    end_ = end;
  }
  /// A part of another text of the same original.
  void append(const AlignedText& other, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) append(other.text().substr(i, 1), other.origin_begin(i), other.origin_end(i + 1));
  }

 private:
  struct Origin {
    std::size_t begin, end;
  };
  std::string text_;
  std::vector<Origin> origins_;  ///< by byte; empty: byte i is base + i
  std::size_t base_ = 0, end_ = 0;
};

}  // namespace gf

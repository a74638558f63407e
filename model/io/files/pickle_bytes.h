// The bytes of a pickle, read from the first to the last.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/io/files/little_endian.h"

namespace gf {

inline constexpr std::size_t kPickleLongestName = 512;

/// Each function that reads returns false where the bytes end too early.
class PickleBytes {
 public:
  explicit PickleBytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t at() const { return at_; }

  /// A number of at most 8 bytes, the lowest first.
  template <class T>
  bool number(std::size_t count, T& value) {
    if (bytes_.size() - at_ < count) return false;
    value = static_cast<T>(little_endian(bytes_.subspan(at_, count)));
    at_ += count;
    return true;
  }

  bool text(std::uint64_t count, std::string_view& value) {
    if (count > bytes_.size() - at_) return false;
    value = {reinterpret_cast<const char*>(bytes_.data()) + at_, static_cast<std::size_t>(count)};
    at_ += static_cast<std::size_t>(count);
    return true;
  }

  /// Up to the next line end, which is skipped. False for lines that are longer than any name, too.
  bool line(std::string_view& value) {
    const auto rest = bytes_.subspan(at_, std::min(kPickleLongestName, bytes_.size() - at_));
    const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
    if (end == rest.end()) return false;
    const bool ok = text(static_cast<std::uint64_t>(end - rest.begin()), value);
    ++at_;
    return ok;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

}  // namespace gf

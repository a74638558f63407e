// Shapes, element types and views. Views are spans: they never own and never copy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "model/base/error.h"

namespace gf {

enum class DType : std::uint8_t { F32, F16, BF16 };

[[nodiscard]] constexpr std::size_t size_of(DType t) { return t == DType::F32 ? 4 : 2; }
[[nodiscard]] const char* name_of(DType t);  ///< "f32", "f16", "bf16"

/// Up to four extents, outermost first.
class Shape {
 public:
  static constexpr std::size_t kMaxRank = 4;
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> extents);
  explicit Shape(std::span<const std::int64_t> extents);
  [[nodiscard]] std::size_t rank() const { return rank_; }
  [[nodiscard]] std::int64_t operator[](std::size_t i) const { return extents_[i]; }
  [[nodiscard]] std::int64_t elements() const;
  [[nodiscard]] std::string text() const;  ///< "[768, 2304]"
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<std::int64_t, kMaxRank> extents_{};
  std::size_t rank_ = 0;
};

/// A dense row-major tensor somewhere in memory. `data` is aligned to its element.
/// Lifetime: that of what it points into (a Weights keeps its mapping alive).
struct TensorView {
  const std::byte* data = nullptr;
  DType dtype = DType::F32;
  Shape shape;

  [[nodiscard]] bool empty() const { return data == nullptr; }
  [[nodiscard]] std::int64_t elements() const { return shape.elements(); }
  /// Element `flat` (row-major index), widened exactly to float32.
  [[nodiscard]] float at(std::int64_t flat) const;
  /// Only for dtype F32.
  [[nodiscard]] std::span<const float> f32() const;
};

/// Exact widening; no rounding is involved.
[[nodiscard]] float f16_to_f32(std::uint16_t bits);
[[nodiscard]] float bf16_to_f32(std::uint16_t bits);
/// Widens count elements of `from` (dtype t) to float32. Vectorised where the machine allows.
void widen(const std::byte* from, DType t, float* to, std::size_t count);

}  // namespace gf

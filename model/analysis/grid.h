// Numbers with named axes: what most analyses answer with.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace gf {

/// Row-major; NaN where undefined.
struct Grid {
  std::vector<std::string> axes;  ///< outermost first; empty: a single number
  std::vector<int> shape;         ///< as many extents as axes
  std::string unit;               ///< "nats", "logit", ...; empty: a plain number
  std::vector<float> values;

  [[nodiscard]] static Grid of(std::vector<std::string> axes, std::vector<int> shape, std::string unit) {
    std::size_t count = 1;
    for (const int n : shape) count *= static_cast<std::size_t>(n);
    return {std::move(axes), std::move(shape), std::move(unit), std::vector<float>(count, std::numeric_limits<float>::quiet_NaN())};
  }
  [[nodiscard]] float& at(int a, int b = 0, int c = 0) { return values[index(a, b, c)]; }
  [[nodiscard]] float at(int a, int b = 0, int c = 0) const { return values[index(a, b, c)]; }

 private:
  [[nodiscard]] std::size_t index(int a, int b, int c) const {
    const auto extent = [this](std::size_t axis) { return axis < shape.size() ? static_cast<std::size_t>(shape[axis]) : 1; };
    return (static_cast<std::size_t>(a) * extent(1) + static_cast<std::size_t>(b)) * extent(2) + static_cast<std::size_t>(c);
  }

 public:
  friend bool operator==(const Grid&, const Grid&) = default;
};

}  // namespace gf

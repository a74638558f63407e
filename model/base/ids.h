// Strong types for the indices that are easiest to mix up.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace gf {

/// An integer that only compares with its own kind. `v` is public: arithmetic happens on it, at the place of use.
template <class Tag>
struct Id {
  std::int32_t v = 0;
  constexpr Id() = default;
  constexpr explicit Id(std::int32_t value) : v(value) {}
  constexpr explicit Id(std::size_t value) : v(static_cast<std::int32_t>(value)) {}
  friend constexpr auto operator<=>(Id, Id) = default;
  [[nodiscard]] constexpr std::size_t index() const { return static_cast<std::size_t>(v); }
};

using TokenId = Id<struct TokenTag>;

}  // namespace gf

template <class Tag>
struct std::hash<gf::Id<Tag>> {
  std::size_t operator()(gf::Id<Tag> id) const noexcept { return std::hash<std::int32_t>{}(id.v); }
};

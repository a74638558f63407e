// Names in a row, for a sentence.
#pragma once

#include <functional>
#include <iterator>
#include <string>
#include <string_view>

#include "model/base/text.h"

namespace gf {

/// "a, b, c": what `name` gives for each element. `last` stands before the last one: text(" and ") makes it "a, b and c".
template <class Range, class Name = std::identity>
[[nodiscard]] std::string listed(const Range& range, const Name& name = {}, std::string_view last = translated(", ")) {
  const std::string_view between = translated(phrase(", "));
  std::string all;
  std::size_t left = std::size(range);
  for (const auto& element : range) {
    if (!all.empty()) all += left == 1 ? last : between;
    all += std::invoke(name, element);
    --left;
  }
  return all;
}

}  // namespace gf

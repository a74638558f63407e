// Names of features, and what a text has to hold at a feature's strongest places for the name to be true.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gf {

struct NamedFeature {
  int feature = 0;
  std::string name;                            ///< English, as a phrase; said through text()
  int from = 0, to = 0;                        ///< tokens that are looked at, counted from the one where the feature is strongest
  std::vector<std::string> contains, ends_in;  ///< one of the first inside their text, or one of the second at its end

  /// Whether the text of these tokens is as the name says.
  [[nodiscard]] bool holds(std::string_view text) const {
    for (const std::string& part : contains)
      if (text.find(part) != std::string_view::npos) return true;
    for (const std::string& end : ends_in)
      if (text.ends_with(end)) return true;
    return false;
  }
  friend bool operator==(const NamedFeature&, const NamedFeature&) = default;
};

}  // namespace gf

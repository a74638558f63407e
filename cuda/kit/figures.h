// What a card is judged by: figures out of what check_gpu.sh measured, each with what it should be.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace gf::kit {

using Json = nlohmann::ordered_json;

struct Figure {
  std::string what, measured, wanted;
  std::string verdict;  ///< "yes", "no", "-": not measured
};

/// `bench`: by "gpt2-f32" what `bench --backend cuda --json` printed; `torch`: what compare_torch.py wrote. Either may lack
/// anything.
[[nodiscard]] std::vector<Figure> figures_of(const Json& bench, const Json& torch);

/// The number at this path ("decode", "1", "ms"), or NaN.
[[nodiscard]] double number_at(const Json& json, std::initializer_list<std::string> path);
/// The value of a key; null where there is none.
[[nodiscard]] Json value_at(const Json& json, const std::string& key);
/// The row of a list whose `key` is `value`; null where there is none.
[[nodiscard]] Json row_with(const Json& rows, const std::string& key, const std::string& value);
/// Fixed digits, or "-" where it was not measured.
[[nodiscard]] std::string shown(double value, int digits);

}  // namespace gf::kit

// The mean of one number over the prompts of a set.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "app/cli/json.h"
#include "model/base/numbers.h"

namespace gf::cli {

/// Of the numbers that are there: n of them, their mean, and the sample standard deviation / sqrt(n) where n > 1.
struct SetMoments {
  std::size_t n = 0;
  Json mean, standard_error;
};
/// `values`: numbers, and null for those that are not there.
[[nodiscard]] inline SetMoments moments_of(const std::vector<Json>& values) {
  SetMoments m;
  double sum = 0, squares = 0;
  for (const Json& value : values)
    if (!value.is_null()) {
      sum += value.get<double>();
      ++m.n;
    }
  if (m.n == 0) return m;
  const double n = static_cast<double>(m.n), mean = sum / n;
  for (const Json& value : values)
    if (!value.is_null()) squares += (value.get<double>() - mean) * (value.get<double>() - mean);
  m.mean = number(mean);
  if (m.n > 1) m.standard_error = number(std::sqrt(squares / (n - 1) / n));
  return m;
}

/// "0.1234 ± 0.0056"
[[nodiscard]] inline std::string mean_cell(const Json& mean, const Json& error) {
  if (!mean.is_number()) return "-";
  const std::string value = numbers::fixed(mean.get<double>(), 4);
  return error.is_number() ? value + " ± " + numbers::fixed(error.get<double>(), 4) : value;
}

}  // namespace gf::cli

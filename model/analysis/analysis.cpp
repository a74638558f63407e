#include "model/analysis/analysis.h"

#include <algorithm>
#include <cmath>

namespace gf {

void log_softmax(std::vector<float>& logits) {
  if (logits.empty()) return;
  const double top = static_cast<double>(*std::ranges::max_element(logits));
  double sum = 0;
  for (const float x : logits) sum += std::exp(static_cast<double>(x) - top);
  const double shift = top + std::log(sum);
  for (float& x : logits) x = static_cast<float>(static_cast<double>(x) - shift);
}

}  // namespace gf

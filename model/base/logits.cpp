#include "model/base/logits.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/base/error.h"

namespace gf {

double log_sum_exp(std::span<const float> logits, double temperature) {
  EXPECTS(!logits.empty(), "a row of logits");
  EXPECTS(temperature > 0, "a temperature above 0");
  const double top = static_cast<double>(logits[largest_of(logits)]);
  if (!std::isfinite(top)) {  // then the exponentials below would be of inf - inf
    const bool has_nan = std::ranges::any_of(logits, [](float x) { return std::isnan(x); });
    return has_nan ? std::numeric_limits<double>::quiet_NaN() : top;
  }
  double sum = 0;
  for (const float x : logits) sum += std::exp((static_cast<double>(x) - top) / temperature);
  return top / temperature + std::log(sum);
}

double logprob_of(std::span<const float> logits, std::size_t i) { return logprob_of(logits, i, log_sum_exp(logits)); }

double logprob_of(std::span<const float> logits, std::size_t i, double log_sum) {
  EXPECTS(i < logits.size(), "an entry of the row");
  return static_cast<double>(logits[i]) - log_sum;
}

void log_softmax(std::vector<float>& logits) {
  const double log_sum = log_sum_exp(logits);
  for (float& x : logits) x = static_cast<float>(static_cast<double>(x) - log_sum);
}

void softmax(std::vector<float>& logits) {
  const double log_sum = log_sum_exp(logits);
  for (float& x : logits) x = static_cast<float>(std::exp(static_cast<double>(x) - log_sum));
}

double entropy_of(std::span<const float> logits, double log_sum) {
  double sum = 0;
  constexpr double kNothing = -700;  // exp() of less is 0 in double
  for (const float x : logits) {
    const double log_p = static_cast<double>(x) - log_sum;
    if (!(log_p <= kNothing)) sum -= std::exp(log_p) * log_p;
  }
  return sum;
}

int rank_of(std::span<const float> logits, std::size_t i) {
  EXPECTS(i < logits.size(), "an entry of the row");
  const float own = logits[i];
  if (std::isnan(own)) return -1;
  return static_cast<int>(std::ranges::count_if(logits, [own](float x) { return x > own; }));
}

std::size_t largest_of(std::span<const float> logits) {
  EXPECTS(!logits.empty(), "a row of logits");
  std::size_t best = 0;
  for (std::size_t i = 1; i < logits.size(); ++i)
    if (logits[i] > logits[best] || (std::isnan(logits[best]) && !std::isnan(logits[i]))) best = i;
  return best;
}

KlFrom::KlFrom(std::span<const float> base_logits) : p_(base_logits.size()), log_p_(base_logits.size()) {
  const double log_sum = log_sum_exp(base_logits);
  for (std::size_t i = 0; i < p_.size(); ++i) {
    log_p_[i] = logprob_of(base_logits, i, log_sum);
    p_[i] = std::exp(log_p_[i]);
  }
}

double KlFrom::to(std::span<const float> other_logits) const {
  EXPECTS(other_logits.size() == p_.size(), "two rows of logits");
  const double log_sum = log_sum_exp(other_logits);
  double kl = 0;
  for (std::size_t i = 0; i < p_.size(); ++i)
    if (!(p_[i] <= 0)) kl += p_[i] * (log_p_[i] - logprob_of(other_logits, i, log_sum));
  return kl;
}

}  // namespace gf

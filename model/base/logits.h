// From logits to probabilities. Sums run in double; a NaN among the logits makes every result that depends on it NaN.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace gf {

/// ln sum_i exp(x_i / temperature), nats, stable for any finite logits. Expects at least one, and a temperature above 0.
[[nodiscard]] double log_sum_exp(std::span<const float> logits, double temperature = 1);
/// Log-probability of entry i, nats. log_sum: log_sum_exp() of the same row, for callers that ask for many entries.
[[nodiscard]] double logprob_of(std::span<const float> logits, std::size_t i);
[[nodiscard]] double logprob_of(std::span<const float> logits, std::size_t i, double log_sum);
/// Log-probabilities of all, in place, nats.
void log_softmax(std::vector<float>& logits);
/// Probabilities of all, in place.
void softmax(std::vector<float>& logits);
/// -sum_i p_i ln p_i, nats. log_sum: log_sum_exp() of the same row.
[[nodiscard]] double entropy_of(std::span<const float> logits, double log_sum);
/// The number of entries that are strictly larger than entry i; 0: it is the likeliest. -1 where entry i is NaN.
[[nodiscard]] int rank_of(std::span<const float> logits, std::size_t i);
/// The index of the largest, and of the first of equal ones. NaN count as smaller than any number.
[[nodiscard]] std::size_t largest_of(std::span<const float> logits);

/// KL(base || other) in nats for many others: what depends on the base alone is computed once.
class KlFrom {
 public:
  explicit KlFrom(std::span<const float> base_logits);
  [[nodiscard]] double to(std::span<const float> other_logits) const;

 private:
  std::vector<double> p_, log_p_;
};

}  // namespace gf

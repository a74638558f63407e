// Numbers and tokens as the window writes them: one place, so that every dock agrees.
#pragma once

#include <QString>

#include "model/session.h"

namespace gf::ui {

[[nodiscard]] QString token_text(const Model& model, TokenId id);  ///< "·Mary"
[[nodiscard]] QString percent(double probability);                 ///< "98.7 %"
[[nodiscard]] QString signed_number(double value, int decimals);   ///< "+0.4", "−3.1"; never "-0.0"
[[nodiscard]] QString count(long long n);                          ///< "5,905,408"
[[nodiscard]] QString short_count(long long n);                    ///< "5.9 M"
[[nodiscard]] QString bytes_text(double bytes);                    ///< "34 MB"
/// What a KL divergence of this size means for the prediction.
[[nodiscard]] QString kl_words(double nats);

/// Log-probability of `id` as the next token after `position`; nullopt where the trace does not hold it.
[[nodiscard]] std::optional<double> next_logprob(const Trace& trace, int position, TokenId id);
[[nodiscard]] std::optional<double> next_logit(const Trace& trace, int position, TokenId id);

}  // namespace gf::ui

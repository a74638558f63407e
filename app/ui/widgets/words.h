// Sentences, numbers and tokens as QStrings: model/base/text.h and numbers.h for the window.
#pragma once

#include <QString>
#include <QStringList>
#include <concepts>
#include <span>

#include "model/base/text.h"
#include "model/session.h"

namespace gf::ui {

namespace words_of_window {
[[nodiscard]] inline std::string plain(const QString& part) { return part.toStdString(); }
template <class T>
[[nodiscard]] const T& plain(const T& part) {
  return part;  // NOLINT(bugprone-return-const-ref-from-parameter): text() has read it when its own parameter ends
}
}  // namespace words_of_window

/// gf::text() for the window. Parts may be QStrings.
template <class... Parts>
[[nodiscard]] QString text(std::string_view english, const Parts&... parts) {
  return QString::fromStdString(gf::text(english, words_of_window::plain(parts)...));
}
/// gf::counted() for the window: the sentence for one thing or for several; {0} is the number.
template <class... Parts>
[[nodiscard]] QString counted(long long n, std::string_view one, std::string_view many, const Parts&... parts) {
  return text(n == 1 ? one : many, n, parts...);
}

[[nodiscard]] QString token_text(const Model& model, TokenId id);    ///< "·Mary"; "#48" where it has no text
[[nodiscard]] QString quoted_token(const Model& model, TokenId id);  ///< "“·Mary”"; "#48"
/// The labels of tokens that follow each other, where pieces of one character have that character: "·Mary", "😀 2/3".
[[nodiscard]] QStringList token_labels(const Model& model, std::span<const TokenId> ids);
/// That of one of them, in quotes where it has text.
[[nodiscard]] QString quoted_token_at(const Model& model, std::span<const TokenId> ids, int position);
/// "after “·to”, position 13"
[[nodiscard]] QString after_position(const Model& model, std::span<const TokenId> ids, int position);
[[nodiscard]] QString fixed(double value, int digits);            ///< "3.14"
[[nodiscard]] QString significant(double value, int digits);      ///< "0.0312"
[[nodiscard]] QString percent(double probability);                ///< "98.7 %"
[[nodiscard]] QString signed_number(double value, int decimals);  ///< "+0.4", "−3.1"; never "-0.0"
[[nodiscard]] QString count(long long n);                         ///< "5,905,408"
[[nodiscard]] QString short_count(long long n);                   ///< "5.9 M"
[[nodiscard]] QString bytes_text(double bytes);                   ///< "34 MB"
/// A KL divergence in words.
[[nodiscard]] QString kl_words(double nats);

}  // namespace gf::ui

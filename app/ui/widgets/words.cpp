#include "app/ui/widgets/words.h"

#include "model/base/numbers.h"
#include "model/tokenizer/token_words.h"

namespace gf::ui {
QString token_text(const Model& model, TokenId id) { return QString::fromStdString(token_words(model.tokenizer.get(), id)); }

QString quoted_token(const Model& model, TokenId id) {
  const QString words = token_text(model, id);
  return model.tokenizer->bytes_of(id).empty() ? words : QStringLiteral("“%1”").arg(words);
}

QStringList token_labels(const Model& model, std::span<const TokenId> ids) {
  QStringList labels;
  for (const TokenPiece& piece : token_pieces(model.tokenizer.get(), ids)) labels << QString::fromStdString(piece.label());
  return labels;
}

QString quoted_token_at(const Model& model, std::span<const TokenId> ids, int position) {
  const auto at = static_cast<std::size_t>(position);
  const TokenPiece piece = token_pieces(model.tokenizer.get(), ids)[at];
  return piece.count == 1 ? quoted_token(model, ids[at]) : QStringLiteral("“%1”").arg(QString::fromStdString(piece.label()));
}

QString after_position(const Model& model, std::span<const TokenId> ids, int position) {
  EXPECTS(position >= 0 && position < static_cast<int>(ids.size()), "a position of the run");
  return text("after {0}, position {1}", quoted_token_at(model, ids, position), position);
}

QString fixed(double value, int digits) { return QString::fromStdString(numbers::fixed(value, digits)); }
QString significant(double value, int digits) { return QString::fromStdString(numbers::significant(value, digits)); }
QString percent(double probability) { return QString::fromStdString(numbers::percent(probability)); }
QString signed_number(double value, int decimals) { return QString::fromStdString(numbers::with_sign(value, decimals)); }
QString count(long long n) { return QString::fromStdString(numbers::count(n)); }
QString short_count(long long n) { return QString::fromStdString(numbers::short_count(n)); }
QString bytes_text(double bytes) { return QString::fromStdString(numbers::bytes(bytes)); }

QString kl_words(double nats) {
  if (nats < 1e-6) return text("the prediction is the same");
  if (nats < 0.01) return text("the prediction hardly moves");
  if (nats < 0.1) return text("the prediction shifts a little");
  if (nats < 1) return text("the prediction changes clearly");
  return text("another prediction");
}

}  // namespace gf::ui

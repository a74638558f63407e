#include "app/ui/widgets/words.h"

#include "model/base/numbers.h"

namespace gf::ui {
QString token_text(const Model& model, TokenId id) {
  const std::string shown = visible_text(model.tokenizer->bytes_of(id));
  return shown.empty() ? QStringLiteral("#%1").arg(id.v) : QString::fromStdString(shown);
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

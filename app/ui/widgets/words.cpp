#include "app/ui/widgets/words.h"

#include "model/base/logits.h"
#include "model/base/numbers.h"
#include "model/tokenizer/token_words.h"

namespace gf::ui {
QString token_text(const Model& model, TokenId id) { return QString::fromStdString(token_words(model.tokenizer.get(), id)); }

QString quoted_token(const Model& model, TokenId id) {
  const QString words = token_text(model, id);
  return model.tokenizer->bytes_of(id).empty() ? words : QStringLiteral("“%1”").arg(words);
}

QString after_position(const Model& model, std::span<const TokenId> ids, int position) {
  EXPECTS(position >= 0 && position < static_cast<int>(ids.size()), "a position of the run");
  return text("after {0}, position {1}", quoted_token(model, ids[static_cast<std::size_t>(position)]), position);
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

std::span<const float> next_logits(const Trace& trace, int position) {
  if (position == trace.length() - 1) return trace.last_logits();
  const HookId hook{HookKind::Logits, -1};
  if (position >= 0 && position < trace.length() && trace.plan().all_logits && trace.has(hook)) return trace.row(hook, position);
  return {};
}

std::optional<double> next_logprob(const Trace& trace, int position, TokenId id) {
  if (position < 0 || position >= trace.length()) return std::nullopt;
  for (const auto& top : trace.stats(position).top)
    if (top.id == id) return static_cast<double>(top.logprob);
  const std::span<const float> logits = next_logits(trace, position);
  if (id.v < 0 || id.index() >= logits.size()) return std::nullopt;
  return logprob_of(logits, id.index());
}

std::optional<double> next_logit(const Trace& trace, int position, TokenId id) {
  if (position < 0 || position >= trace.length()) return std::nullopt;
  for (const auto& top : trace.stats(position).top)
    if (top.id == id) return static_cast<double>(top.logit);
  const std::span<const float> logits = next_logits(trace, position);
  if (id.v < 0 || id.index() >= logits.size()) return std::nullopt;
  return static_cast<double>(logits[id.index()]);
}

}  // namespace gf::ui

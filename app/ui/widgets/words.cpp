#include "app/ui/widgets/words.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

#include "model/base/logits.h"

namespace gf::ui {
namespace {

/// Logits of the prediction made at `position`, empty where they were not kept.
std::span<const float> logits_at(const Trace& trace, int position) {
  if (position == trace.length() - 1) return trace.last_logits();
  const HookId hook{HookKind::Logits, -1};
  if (trace.plan().all_logits && trace.has(hook)) return trace.row(hook, position);
  return {};
}

}  // namespace

QString token_text(const Model& model, TokenId id) {
  const std::string text = visible_text(model.tokenizer->bytes_of(id));
  return text.empty() ? QStringLiteral("#%1").arg(id.v) : QString::fromStdString(text);
}

QString percent(double p) { return QStringLiteral("%1 %").arg(100 * p, 0, 'f', 1); }

QString signed_number(double value, int decimals) {
  const QString digits = QString::number(std::abs(value), 'f', decimals);
  const bool zero = digits.toDouble() == 0;
  return (zero ? QString() : value < 0 ? QStringLiteral("−") : QStringLiteral("+")) + digits;
}

QString count(long long n) { return QLocale(QLocale::English).toString(n); }

QString short_count(long long n) {
  if (n >= 1'000'000'000) return QStringLiteral("%1 B").arg(static_cast<double>(n) / 1e9, 0, 'f', 2);
  if (n >= 1'000'000) return QStringLiteral("%1 M").arg(static_cast<double>(n) / 1e6, 0, 'f', 1);
  if (n >= 10'000) return QStringLiteral("%1 k").arg(static_cast<double>(n) / 1e3, 0, 'f', 1);
  return count(n);
}

QString bytes_text(double bytes) {
  if (bytes >= 1e9) return QStringLiteral("%1 GB").arg(bytes / 1e9, 0, 'f', 2);
  return QStringLiteral("%1 MB").arg(bytes / 1e6, 0, 'f', bytes < 1e7 ? 1 : 0);
}

QString kl_words(double nats) {
  if (nats < 1e-6) return QStringLiteral("the prediction is the same");
  if (nats < 0.01) return QStringLiteral("the prediction hardly moves");
  if (nats < 0.1) return QStringLiteral("the prediction shifts a little");
  if (nats < 1) return QStringLiteral("the prediction changes clearly");
  return QStringLiteral("another prediction");
}

std::optional<double> next_logprob(const Trace& trace, int position, TokenId id) {
  if (position < 0 || position >= trace.length()) return std::nullopt;
  for (const auto& top : trace.stats(position).top)
    if (top.id == id) return static_cast<double>(top.logprob);
  const std::span<const float> logits = logits_at(trace, position);
  if (id.v < 0 || id.index() >= logits.size()) return std::nullopt;
  return logprob_of(logits, id.index());
}

std::optional<double> next_logit(const Trace& trace, int position, TokenId id) {
  if (position < 0 || position >= trace.length()) return std::nullopt;
  for (const auto& top : trace.stats(position).top)
    if (top.id == id) return static_cast<double>(top.logit);
  const std::span<const float> logits = logits_at(trace, position);
  if (id.v < 0 || id.index() >= logits.size()) return std::nullopt;
  return static_cast<double>(logits[id.index()]);
}

}  // namespace gf::ui

#include "model/run/parity.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <sys/resource.h>

#include "model/backend.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/io/reference_file.h"
#include "model/tokenizer/token_words.h"

namespace gf {
namespace {

constexpr const char* kParityText = "When Mary and John went to the garden";
constexpr int kFewestTokens = 3, kMostTokens = 9, kTokensOneByOne = 3;
constexpr double kMostNaiveProducts = 1e9;  ///< of the plain loops: a few seconds; a model may take more for the fewest tokens

bool equal_logits(float got, float want) {
  if (std::isnan(got) || std::isnan(want)) return std::isnan(got) && std::isnan(want);
  if (std::isinf(want)) return got == want;
  return std::abs(got - want) <= 2e-4F + 1e-5F * std::abs(want);
}

/// Adds one logit to a comparison.
void compare_logit(ParityCheck& check, int position, TokenId token, float got, float want) {
  ++check.compared;
  const bool equal = equal_logits(got, want);
  if (equal && !std::isfinite(got)) return;
  const double difference = std::abs(static_cast<double>(got) - static_cast<double>(want));
  const bool larger = std::isnan(difference) ? !std::isnan(check.largest) : difference > check.largest;  // nothing is larger than NaN
  if (!equal && (larger || !check.wrong)) check.wrong = {position, token, got, want};
  if (larger) check.largest = difference;
}

void compare_logits(ParityCheck& check, int position, std::span<const float> got, std::span<const float> want) {
  ++check.positions;
  for (std::size_t i = 0; i < std::min(got.size(), want.size()); ++i) compare_logit(check, position, TokenId(i), got[i], want[i]);
}

/// Tokens for a model without a reference: those of a text, or spread over a vocabulary that cannot write it.
std::vector<TokenId> parity_tokens(const Model& model) {
  const ModelConfig& config = model.weights->config;
  const double parameters = std::max(1.0, static_cast<double>(model.weights->parameters()));
  const int affordable = static_cast<int>(std::clamp<double>(kMostNaiveProducts / parameters, kFewestTokens, kMostTokens));
  const auto n = static_cast<std::size_t>(std::max(1, std::min(affordable, config.n_ctx - kTokensOneByOne)));
  std::vector<TokenId> ids;
  if (auto of_text = model.tokenizer->ids_of(kParityText)) ids = *std::move(of_text);
  const bool fits = !ids.empty() && std::ranges::all_of(ids, [&](TokenId id) { return id.v < config.n_vocab; });
  if (!fits) {
    ids.clear();
    for (std::size_t i = 0; i < n; ++i) ids.emplace_back(i * static_cast<std::size_t>(config.n_vocab) / n);
  }
  ids.resize(std::min(ids.size(), n));
  return ids;
}

CapturePlan all_logits() {
  CapturePlan plan = CapturePlan::none();
  plan.want(HookKind::Logits);
  return plan;
}

std::span<const float> logits_at(const Trace& trace, int position) { return trace.row({HookKind::Logits, -1}, position); }

ParityCheck beside_reference(const Trace& whole, const ReferenceLogits& reference) {
  ParityCheck check{.with = ParityCheck::With::Reference, .source = reference.source};
  for (int p = 0; p < whole.length(); ++p) {
    ++check.positions;
    const auto row = logits_at(whole, p);
    for (std::size_t i = 0; i < reference.columns.size(); ++i) {
      const TokenId token = reference.columns[i];
      compare_logit(check, p, token, row[token.index()], reference.logits[static_cast<std::size_t>(p)][i]);
    }
  }
  return check;
}

Result<ParityCheck> one_by_one(Session& session, std::span<const TokenId> ids, const std::stop_token& stop) {
  const ModelConfig& config = session.model().weights->config;
  RunRequest request;
  const int room = config.n_ctx - kTokensOneByOne;
  request.prompt.assign(ids.begin(), ids.begin() + std::clamp(room, 1, static_cast<int>(ids.size())));
  request.plan = CapturePlan::none();
  request.sampler.stop_at_eos = false;
  request.n_generate = 1;
  std::vector<std::vector<float>> rows;
  // A call for each token, so that whoever waits for the session waits for one token at most.
  for (int n = 0; n < kTokensOneByOne; ++n) {
    GF_TRY_ASSIGN(const Run run, session.run(request, stop));
    const auto now = run.edited->ids();
    if (now.size() != request.prompt.size() + request.forced.size() + 1) break;  // the context is full, or a logit is NaN
    request.forced.push_back(now.back());
    const auto logits = run.edited->last_logits();
    rows.emplace_back(logits.begin(), logits.end());
  }
  std::vector<TokenId> all = request.prompt;
  all.insert(all.end(), request.forced.begin(), request.forced.end());
  GF_TRY_ASSIGN(const Trace whole, session.pass(all, static_cast<int>(all.size()), all_logits(), nullptr, stop));
  ParityCheck check{.with = ParityCheck::With::OneByOne};
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const int position = static_cast<int>(request.prompt.size() + n);
    compare_logits(check, position, rows[n], logits_at(whole, position));
  }
  return check;
}

Result<ParityCheck> beside_naive(const Model& model, const Trace& whole, const std::stop_token& stop) {
  const auto naive = make_naive_backend();
  GF_TRY(naive->load(model.weights));
  Trace trace(model.weights->config, all_logits());
  ForwardStep step;
  step.ids = whole.ids();
  step.n_prompt = whole.length();
  step.stop = stop;
  GF_TRY(naive->forward(trace, step));
  ParityCheck check{.with = ParityCheck::With::Naive};
  for (int p = 0; p < whole.length(); ++p) compare_logits(check, p, logits_at(whole, p), logits_at(trace, p));
  return check;
}

/// How small a difference is, in one digit: "3e-6", "0", "0.4".
std::string magnitude(double value) {
  if (!std::isfinite(value) || value >= 0.1) return numbers::significant(value, 2);
  std::string words = numbers::significant(value, 1);
  if (const auto power = words.find("e-0"); power != std::string::npos) words.erase(power + 2, 1);
  return words;
}

/// "PyTorch 2.13" in a sentence of few words.
std::string first_word(const std::string& source) { return source.substr(0, source.find(' ')); }

std::string name_of_check(const ParityCheck& check) {
  switch (check.with) {
    case ParityCheck::With::Reference: return check.source;
    case ParityCheck::With::OneByOne: return text("token by token and all at once");
    case ParityCheck::With::Naive: break;
  }
  return text("plain loops in double");
}

}  // namespace

const char* name_of(ParityCheck::With with) {
  switch (with) {
    case ParityCheck::With::Reference: return "reference";
    case ParityCheck::With::OneByOne: return "one-by-one";
    case ParityCheck::With::Naive: break;
  }
  return "naive";
}

bool Parity::holds() const {
  return std::ranges::none_of(checks, [](const ParityCheck& check) { return check.wrong.has_value(); });
}

Result<Parity> check_parity(Session& session, bool low_priority, std::stop_token stop) {
  const Model& model = session.model();
  GF_TRY_ASSIGN(const auto reference, read_reference(*model.weights));
  const std::vector<TokenId> ids = reference ? reference->ids : parity_tokens(model);
  GF_TRY_ASSIGN(const Trace whole, session.pass(ids, static_cast<int>(ids.size()), all_logits(), nullptr, stop));
  Parity parity;
  if (reference) parity.checks.push_back(beside_reference(whole, *reference));
  GF_TRY_ASSIGN(ParityCheck incremental, one_by_one(session, ids, stop));
  // Not before: whoever waits for the session would wait for this thread's turn.
  if (low_priority) (void)setpriority(PRIO_PROCESS, 0, PRIO_MAX / 2);  // 0: this thread, on Linux
  GF_TRY_ASSIGN(ParityCheck naive, beside_naive(model, whole, stop));
  parity.checks.push_back(std::move(naive));
  parity.checks.push_back(std::move(incremental));
  return parity;
}

std::string summary(const Parity& parity) {
  const auto of = [](const ParityCheck& check) {
    return check.with == ParityCheck::With::Reference ? first_word(check.source) : name_of_check(check);
  };
  for (const ParityCheck& check : parity.checks)
    if (check.wrong && check.with == ParityCheck::With::OneByOne) return text("token by token it differs by {0}", magnitude(check.largest));
    else if (check.wrong) return text("differs from {0} by {1}", of(check), magnitude(check.largest));
  return text("equals {0} to {1}", of(parity.checks.front()), magnitude(parity.checks.front().largest));
}

std::vector<std::string> details(const Parity& parity, const Model& model) {
  std::vector<std::string> lines;
  for (const ParityCheck& check : parity.checks) {
    std::string line = text("{0}: {1} logits at {2} positions, the largest difference is {3}", name_of_check(check),
                            numbers::count(check.compared), check.positions, magnitude(check.largest));
    if (const auto& wrong = check.wrong)
      line += text("; at position {0} the logit of {1} is {2} and should be {3}", wrong->position,
                   quoted_token(model.tokenizer.get(), wrong->token), numbers::significant(static_cast<double>(wrong->got), 6),
                   numbers::significant(static_cast<double>(wrong->want), 6));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace gf

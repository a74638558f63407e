#include "model/analysis/scan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "model/analysis/sweeping.h"
#include "model/base/logits.h"
#include "model/base/text.h"
#include "model/tokenizer/token_words.h"

namespace gf {
namespace scan {

Answers::Answers(const Asking& asking) : asking_(asking) {
  const auto& top = asking.trace().stats(asking.at()).top;
  const auto likeliest = [&](std::optional<TokenId> other) -> std::optional<TokenId> {
    for (const TokenStats::Top& token : top)
      if (token.id != other) return token.id;
    return std::nullopt;
  };
  if (!asking_.a) asking_.a = likeliest(asking_.b);
  if (!asking_.b) asking_.b = likeliest(asking_.a);
}

std::string Answers::words(TokenId id) const { return quoted_token(asking_.model().tokenizer.get(), id); }

std::string Answers::token_at(int position) const { return words(asking_.trace().ids()[static_cast<std::size_t>(position)]); }

std::string Answers::place_of(int position) const { return text("{0} (position {1})", token_at(position), position); }

Result<const Answer*> Answers::ask(const char* name, double share, std::vector<std::pair<std::string, std::string>> options,
                                   std::vector<std::string> parts) {
  const Question* question = find_question(name);
  EXPECTS(question != nullptr, "a question of the list");
  Asking own = asking_;
  own.params = Params(question->params);
  for (const auto& [param, value] : options) GF_TRY(own.params.set(param, value));
  own.wanted = std::move(parts);
  std::string key = std::string(name) + "?" + own.params.key();
  for (const std::string& part : own.wanted) key += "#" + part;
  for (const auto& asked : asked_)
    if (asked->key == key) return &asked->answer;
  own.progress = [this, share](double fraction) {
    if (asking_.progress) asking_.progress(std::min(1.0, done_ + share * fraction));
  };
  GF_TRY_ASSIGN(Answer answer, gf::ask(*question, own));
  done_ += share;
  own.progress(0);
  asked_.push_back(std::make_unique<Asked>(Asked{std::move(key), std::move(answer)}));
  return &asked_.back()->answer;
}

Result<bool> Answers::decided() {
  if (decided_) return *decided_;
  decided_ = false;
  if (!asking_.a || !asking_.b) return false;  // the prediction is NaN
  GF_TRY_ASSIGN(auto logits, logits_at(asking_.session, asking_.run, asking_.at(), asking_.stop));
  const std::size_t best = largest_of(logits);
  if (best != asking_.a->index() && best != asking_.b->index()) return false;
  constexpr std::size_t kFewTokens = 30;  // of fewer the law says nothing
  if (logits.size() < kFewTokens) {
    decided_ = std::exp(logprob_of(logits, best)) > 1 - kDecided;
    return *decided_;
  }
  const double n = static_cast<double>(logits.size()), top = static_cast<double>(logits[best]);
  double sum = 0, squares = 0;
  for (const float x : logits) sum += static_cast<double>(x);
  for (const float x : logits) squares += (static_cast<double>(x) - sum / n) * (static_cast<double>(x) - sum / n);
  logits[best] = -std::numeric_limits<float>::infinity();
  const double gap = top - static_cast<double>(logits[largest_of(logits)]);
  decided_ = std::exp(-gap * std::sqrt(2 * std::log(n)) / std::sqrt(squares / n)) < kDecided;
  return *decided_;
}

double largest_by_chance(std::vector<double> values, Tail tail) {
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  if (values.empty()) return 0;
  for (double& v : values) v = std::abs(v);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  const double n = static_cast<double>(values.size());
  if (tail == Tail::Exponential) return *middle * std::log2(n / kChance);
  constexpr double kQuarter = 0.25;  // half of the magnitudes lie below normal_tail() of it
  return *middle / normal_tail(kQuarter) * normal_tail(kChance / (2 * n));
}

double normal_tail(double probability) {
  double low = 0, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double z = (low + high) / 2;
    (std::erfc(z / std::sqrt(2.0)) / 2 > probability ? low : high) = z;
  }
  return high;
}

}  // namespace scan

Result<std::vector<Finding>> scan_run(const Asking& asking) {
  scan::Answers answers(asking);
  std::vector<Finding> findings;
  for (const auto find : {scan::find_heads_that_matter, scan::find_head_kinds, scan::find_lens_turn, scan::find_neurons,
                          scan::find_dimensions, scan::find_surprises}) {
    if (asking.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the scan was cancelled"));
    GF_TRY(find(answers, findings));
  }
  std::ranges::stable_sort(findings, [](const Finding& x, const Finding& y) { return x.strength > y.strength; });
  return findings;
}

namespace {

constexpr std::array kScanParams{
    Param{.name = "top", .kind = Param::Kind::Whole, .doc = phrase("findings that are listed"), .fallback = "30", .low = 1, .high = 1000},
};
constexpr std::array kScanParts{
    PartInfo{.name = "findings",
             .title = phrase("findings"),
             .doc = phrase("what is striking about this run, strongest first; each is a number of the question that is named"),
             .kind = PartInfo::Kind::Table},
    PartInfo{.name = "numbers",
             .title = phrase("numbers of the sentences"),
             .doc = phrase("where the other numbers in each sentence come from; finding counts from 0"),
             .kind = PartInfo::Kind::Table},
    PartInfo{.name = "summary", .title = phrase("summary"), .doc = phrase("how much was found"), .kind = PartInfo::Kind::Words},
};

/// Tables of numbers of answers.
struct NumberColumns {
  std::vector<std::string> question, options, part;
  std::vector<std::vector<int>> indices;
  std::vector<float> value;
  void add(const FoundNumber& n) {
    question.push_back(n.question);
    options.push_back(n.options);
    part.push_back(n.part);
    indices.push_back(n.indices);
    value.push_back(static_cast<float>(n.value));
  }
};

Result<Answer> answer_scan(const Asking& asking) {
  GF_TRY_ASSIGN(auto findings, scan_run(asking));
  findings.resize(std::min(findings.size(), static_cast<std::size_t>(asking.params.whole("top"))));
  std::vector<float> strength;
  std::vector<std::string> kind, sentence;
  std::vector<int> of;
  NumberColumns main, beside;
  for (const Finding& f : findings) {
    for (const FoundNumber& n : f.beside) {
      of.push_back(static_cast<int>(strength.size()));
      beside.add(n);
    }
    strength.push_back(static_cast<float>(f.strength));
    kind.push_back(f.kind);
    sentence.push_back(f.sentence);
    main.add(f.main);
  }
  const auto n = static_cast<long long>(findings.size());
  Answer answer;
  answer.add("findings", Answer::Table{{{"strength", "", std::move(strength)},
                                        {"kind", "", std::move(kind)},
                                        {"question", "", std::move(main.question)},
                                        {"options", "", std::move(main.options)},
                                        {"part", "", std::move(main.part)},
                                        {"indices", "", std::move(main.indices)},
                                        {"value", "", std::move(main.value)},
                                        {"sentence", "", std::move(sentence)}}});
  answer.add("numbers", Answer::Table{{{"finding", "", std::move(of)},
                                       {"question", "", std::move(beside.question)},
                                       {"options", "", std::move(beside.options)},
                                       {"part", "", std::move(beside.part)},
                                       {"indices", "", std::move(beside.indices)},
                                       {"value", "", std::move(beside.value)}}});
  answer.add("summary", Answer::Words{{},
                                      {},
                                      {n == 0 ? text("Nothing stands out: what this run shows, random weights show too.")
                                              : counted(n, "{0} thing stands out.", "{0} things stand out.")}});
  return answer;
}

}  // namespace

extern constinit const Question kScanQuestion{
    .name = "scan",
    .title = phrase("Findings"),
    .doc = phrase("what is striking about this run, in sentences, strongest first"),
    .needs = {.a = TokenNeed::Optional, .b = TokenNeed::Optional, .position = true, .sweeps = true},
    .params = kScanParams,
    .parts = kScanParts,
    .answer = answer_scan};

}  // namespace gf

// Heads of known kinds in this run: previous token, sink, duplicate token, induction.
#include <algorithm>
#include <cmath>

#include "model/analysis/components.h"
#include "model/analysis/scan.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::scan {

namespace {

constexpr int kMostOfAKind = 4;  // more heads of one kind become one sentence
constexpr int kRepeated = 20;    // random tokens that are said twice
constexpr double kMostly = 0.5;

struct HeadKind {
  const char* part;
  const char* alone;    ///< a phrase(): {0} the head, {1} the share
  const char* several;  ///< a phrase(): {0} how many, {1} the strongest head, {2} its share
  bool repeats;         ///< needs a token that stands twice
};
constexpr HeadKind kHeadKinds[] = {
    {"previous", phrase("Head {0} looks at the previous token: it gets {1} of its attention."),
     phrase("{0} heads look at the previous token, head {1} most: it gets {2} of its attention."), false},
    {"sink", phrase("Head {0} rests on the first token: it gets {1} of its attention."),
     phrase("{0} heads rest on the first token, head {1} most: it gets {2} of its attention."), false},
    {"duplicate", phrase("Head {0} looks at the same token before: it gets {1} of its attention where a token repeats."),
     phrase("{0} heads look at the same token before, head {1} most: it gets {2} of its attention where a token repeats."), true},
    {"induction",
     phrase("Head {0} is an induction head: where a token repeats, {1} of its attention goes to what followed that token before."),
     phrase("{0} heads are induction heads, head {1} most: where a token repeats, {2} of its attention goes to what followed that token "
            "before."),
     true},
};

/// The keys of a query that a kind's score counts; none: the query does not count.
std::vector<int> keys_of_kind(std::string_view part, std::span<const TokenId> ids, int query) {
  if (query < 1) return {};
  if (part == "previous") return {query - 1};
  if (part == "sink") return {0};
  const int shift = part == "induction" ? 1 : 0;
  std::vector<int> keys;
  for (int s = 0; s + shift < query; ++s)
    if (ids[static_cast<std::size_t>(s)] == ids[static_cast<std::size_t>(query)]) keys.push_back(s + shift);
  return keys;
}

/// How many standard deviations the sum of the counted weights lies above that of rows whose weights are dealt out anew.
double beyond_chance(const Trace& trace, std::string_view part, int layer, int head, int first_query) {
  double sum = 0, expected = 0, variance = 0;
  for (int q = std::max(first_query, 1); q < trace.length(); ++q) {
    const auto keys = keys_of_kind(part, trace.ids(), q);
    if (keys.empty()) continue;
    const auto row = trace.causal_row({HookKind::Pattern, layer}, head, q);
    const double n = static_cast<double>(row.size()), k = static_cast<double>(keys.size());
    double squares = 0;
    for (const float a : row) squares += static_cast<double>(a) * static_cast<double>(a);
    for (const int key : keys) sum += static_cast<double>(row[static_cast<std::size_t>(key)]);
    const double mean = 1 / n;  // a row's weights sum to one
    expected += k * mean;
    variance += k * (squares / n - mean * mean) * (n - k) / std::max(1.0, n - 1);  // of k draws without putting back
  }
  return variance > 0 ? (sum - expected) / std::sqrt(variance) : 0;
}

/// The strongest of the counted weights.
FoundNumber strongest_look(const Trace& trace, std::string_view part, int layer, int head, int first_query) {
  FoundNumber most{"run", {}, name_of(HookId{HookKind::Pattern, layer}), {head, 0, 0}, 0};
  for (int q = std::max(first_query, 1); q < trace.length(); ++q)
    for (const int key : keys_of_kind(part, trace.ids(), q)) {
      const double weight = static_cast<double>(trace.causal_row({HookKind::Pattern, layer}, head, q)[static_cast<std::size_t>(key)]);
      if (weight > most.value) most.indices = {head, q, key}, most.value = weight;
    }
  return most;
}

/// How likely chance alone gives so many heads that rest on the first token. In a head all queries may share a liking for one
/// key, so a row's weights dealt out anew say too little: what heads of these weights do to later tokens, which are no sinks,
/// says how many would rest on the first one by chance (Poisson).
double chance_of_sinks(const Trace& trace, std::size_t found) {
  const ModelConfig& c = trace.config();
  const int others = trace.length() / 2 - 1;  // later ones have too few queries
  if (others < 1) return 1;
  double resting = 1;  // one more than are seen, because none seen is no proof of none
  for (int layer = 0; layer < c.n_layer; ++layer)
    for (int head = 0; head < c.n_head; ++head)
      for (int key = 1; key <= others; ++key) {
        double sum = 0;
        for (int q = key + 1; q < trace.length(); ++q)
          sum += static_cast<double>(trace.causal_row({HookKind::Pattern, layer}, head, q)[static_cast<std::size_t>(key)]);
        resting += sum > kMostly * (trace.length() - key - 1) ? 1 : 0;
      }
  const double expected = resting / others;
  double fewer = 0, term = std::exp(-expected);
  for (std::size_t n = 0; n < found; ++n) {
    fewer += term;
    term *= expected / static_cast<double>(n + 1);
  }
  return 1 - fewer;
}

struct KindScore {
  int layer, head;
  double score;
};

/// What the scores of one kind say. `options`: those with which "heads" was asked.
void find_kind(const HeadKind& kind, const Grid& scores, const Trace& trace, int first_query, const std::string& options,
               Findings& findings) {
  const double beyond = normal_tail(kChance / (static_cast<double>(scores.values.size()) * static_cast<double>(std::size(kHeadKinds))));
  std::vector<KindScore> found;
  for (int layer = 0; layer < scores.shape[0]; ++layer)
    for (int head = 0; head < scores.shape[1]; ++head)
      if (const double score = static_cast<double>(scores.at(layer, head));
          score > kMostly && beyond_chance(trace, kind.part, layer, head, first_query) > beyond)
        found.push_back({layer, head, score});
  if (std::string_view(kind.part) == "sink" && chance_of_sinks(trace, found.size()) > kChance) return;
  std::ranges::stable_sort(found, [](const KindScore& x, const KindScore& y) { return x.score > y.score; });
  const bool together = found.size() > kMostOfAKind;
  for (const KindScore& h : std::span(found).first(together ? 1 : found.size())) {
    const std::string name = head_name(h.layer, h.head), share = numbers::percent(h.score);
    Finding f;
    f.kind = kind.part;
    f.sentence = together ? text(kind.several, found.size(), name, share) : text(kind.alone, name, share);
    if (!options.empty()) f.sentence = text("On {0} random tokens said twice: {1}", kRepeated, f.sentence);
    f.main = {"heads", options, kind.part, {h.layer, h.head}, h.score};
    if (options.empty()) f.beside = {strongest_look(trace, kind.part, h.layer, h.head, first_query)};
    f.strength = h.score;
    findings.push_back(std::move(f));
  }
}

}  // namespace

Result<void> find_head_kinds(Answers& answers, Findings& findings) {
  const Trace& trace = answers.asking().trace();
  GF_TRY_ASSIGN(const Answer* here, answers.ask("heads", 0.02));
  const std::size_t before = findings.size();
  for (const HeadKind& kind : kHeadKinds) find_kind(kind, here->grid(kind.part), trace, 1, {}, findings);
  const bool repeats = std::any_of(findings.begin() + static_cast<std::ptrdiff_t>(before), findings.end(),
                                   [](const Finding& f) { return f.kind == "induction"; });
  const auto& edits = answers.asking().request.recipe.edits;
  const bool edited = std::ranges::any_of(edits, &Edit::enabled);  // which are made for this prompt, not for random tokens
  if (repeats || edited || 2 * kRepeated > answers.config().n_ctx) return {};
  const std::string count = std::to_string(kRepeated);
  GF_TRY_ASSIGN(const Answer* twice, answers.ask("heads", 0.03, {{"repeat-random", count}}));
  // The rows behind those scores: the same tokens, run again (the session has them).
  RunRequest request = answers.asking().request;
  request.prompt = twice->tokens("repeated").ids;
  request.forced.clear();
  GF_TRY_ASSIGN(const Run run, answers.asking().session.run(request, answers.asking().stop));
  for (const HeadKind& kind : kHeadKinds)
    if (std::string_view(kind.part) == "induction")
      find_kind(kind, twice->grid(kind.part), *run.edited, kRepeated, "repeat-random=" + count, findings);
  return {};
}

}  // namespace gf::scan

// Path patching: what a head of the clean run changes by way of some readers alone, exactly.
// Source: Wang et al. 2022, Interpretability in the wild, section 3 and appendix B.
#include <algorithm>
#include <array>

#include "model/analysis/gradient_runs.h"
#include "model/base/text.h"

namespace gf {

namespace {

constexpr std::array kPathParams{
    kCleanParam,
    kCorruptParam,
    kObjectiveParam,
    Param{.name = "sender",
          .kind = Param::Kind::Text,
          .doc = phrase("heads that send together, BLOCK.HEAD with commas between; without it each head in turn")},
    Param{.name = "receiver",
          .kind = Param::Kind::Text,
          .doc = phrase("logits, or what reads: BLOCK.HEAD.q, .k or .v, with commas between"),
          .fallback = "logits"},
    Param{.name = "freeze-mlps", .kind = Param::Kind::Flag, .doc = phrase("keep the MLPs on the way at their corrupt values too")},
};
constexpr std::array kPathParts{
    kCleanPart,
    kCorruptPart,
    PartInfo{.name = "effect",
             .axes = "layer,head",
             .title = phrase("effect of the path"),
             .doc = phrase("how much of the clean prompt's answer the head brings back by way of the readers alone"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "delta",
             .axes = "layer,head",
             .unit = "logit",
             .title = phrase("change by the path"),
             .doc = phrase("change of {0} that the head makes by way of the readers alone"),
             .scale = PartInfo::Scale::Signed},
    kCleanProbabilityPart,
};

struct PathReceiver {
  HookKind hook = HookKind::Q;
  UnitRef head;
};

std::vector<std::string> listed_words(const std::string& list) {
  std::vector<std::string> words(1);
  for (const char c : list) {
    if (c == ',') words.emplace_back();
    else if (c != ' ') words.back() += c;
  }
  return words;
}

Result<UnitRef> head_of_path(const std::string& word, const ModelConfig& c) {
  GF_TRY_ASSIGN(const UnitRef unit, parse_unit(word));
  if (unit.layer >= c.n_layer || unit.index >= c.n_head)
    return fail(ErrorCode::InvalidArgument,
                text("there is no head {0}; blocks are 0 to {1} and heads 0 to {2}", word, c.n_layer - 1, c.n_head - 1));
  return unit;
}

/// Empty: the logits.
Result<std::vector<PathReceiver>> receivers_of(const std::string& list, const ModelConfig& c) {
  std::vector<PathReceiver> found;
  if (list == "logits") return found;
  for (const std::string& word : listed_words(list)) {
    const char kind = word.size() > 2 && word[word.size() - 2] == '.' ? word.back() : ' ';
    if (kind != 'q' && kind != 'k' && kind != 'v')
      return fail(ErrorCode::InvalidArgument, text("'{0}' is not a receiver; a receiver is logits, or like 4.7.q", word));
    GF_TRY_ASSIGN(const UnitRef head, head_of_path(word.substr(0, word.size() - 2), c));
    found.push_back({kind == 'q' ? HookKind::Q : kind == 'k' ? HookKind::K : HookKind::V, head});
  }
  return found;
}

/// Copies one head's part of each row.
void copy_head(const Trace& from, HookId hook, int head, FixedRows::Rows& to) {
  const auto d_head = static_cast<std::size_t>(from.config().d_head), at = static_cast<std::size_t>(head) * d_head;
  for (std::size_t p = 0; p < to.size(); ++p)
    std::ranges::copy(from.row(hook, static_cast<int>(p)).subspan(at, d_head), to[p].begin() + static_cast<std::ptrdiff_t>(at));
}

/// m of the corrupt run with the senders' clean z on the way to the receivers.
Result<double> path_value(const Asking& asking, const PromptPair& pair, std::span<const UnitRef> senders,
                          std::span<const PathReceiver> receivers, bool freeze_mlps) {
  const Trace& corrupt = *pair.corrupt.edited;
  const ModelConfig& c = corrupt.config();
  const auto ids = corrupt.ids().first(static_cast<std::size_t>(pair.objective.position) + 1);
  FixedRows frozen;
  for (int layer = 0; layer < c.n_layer; ++layer) {
    const HookId z{HookKind::Z, layer}, out{HookKind::MlpOut, layer};
    FixedRows::Rows rows = rows_of(corrupt, z);
    for (const UnitRef& sender : senders)
      if (sender.layer == layer) copy_head(*pair.clean.base, z, sender.index, rows);
    frozen.set(z, std::move(rows));
    if (freeze_mlps) frozen.set(out, rows_of(corrupt, out));
  }
  CapturePlan plan = CapturePlan::none();
  plan.want(HookKind::Q);
  GF_TRY_ASSIGN(const Trace sent, asking.session.pass(ids, corrupt.n_prompt(), plan, &frozen, asking.stop));
  if (receivers.empty()) return pair.objective.value(sent.last_logits());
  // What the receivers read there decides their q, k and v, which a corrupt run then gets.
  std::vector<std::pair<HookId, FixedRows::Rows>> received;
  for (const PathReceiver& r : receivers) {
    const HookId hook{r.hook, r.head.layer};
    auto at = std::ranges::find(received, hook, &std::pair<HookId, FixedRows::Rows>::first);
    if (at == received.end()) {
      received.emplace_back(hook, rows_of(corrupt, hook)).second.resize(ids.size());
      at = received.end() - 1;
    }
    copy_head(sent, hook, r.head.index, at->second);
  }
  FixedRows edits;
  for (auto& [hook, rows] : received) edits.set(hook, std::move(rows));
  GF_TRY_ASSIGN(const Trace run, asking.session.pass(ids, corrupt.n_prompt(), CapturePlan::none(), &edits, asking.stop));
  return pair.objective.value(run.last_logits());
}

Result<Answer> answer_path(const Asking& asking) {
  if (std::ranges::any_of(asking.request.recipe.edits, &Edit::enabled))
    return fail(ErrorCode::InvalidArgument, text("paths are those of the unedited model; leave the recipe out"));
  const ModelConfig& c = asking.model().weights->config;
  GF_TRY_ASSIGN(const auto receivers, receivers_of(asking.params.text("receiver"), c));
  std::vector<UnitRef> together;
  if (asking.params.given("sender"))
    for (const std::string& word : listed_words(asking.params.text("sender"))) {
      GF_TRY_ASSIGN(const UnitRef head, head_of_path(word, c));
      together.push_back(head);
    }
  GF_TRY_ASSIGN(const PromptPair pair, prompt_pair(asking, CapturePlan::defaults()));
  const bool freeze = asking.params.flag("freeze-mlps");
  const double gap = pair.m_clean - pair.m_corrupt;
  const char* unit = pair.objective.unit();
  const Answer::Undefined alike = no_effect_to_measure();
  Answer answer;
  answer.add("clean", Answer::Number{pair.m_clean, unit});
  answer.add("corrupt", Answer::Number{pair.m_corrupt, unit});
  if (!asking.wanted.empty() && asking.wants("probability")) answer.add("probability", Answer::Number{pair.p_clean, ""});
  if (!together.empty()) {
    GF_TRY_ASSIGN(const double m, path_value(asking, pair, together, receivers, freeze));
    if (pair.differs()) answer.add("effect", Answer::Number{(m - pair.m_corrupt) / gap, ""});
    else answer.add("effect", alike);
    answer.add("delta", Answer::Number{m - pair.m_corrupt, unit});
    return answer;
  }
  Grid effect = Grid::of({"layer", "head"}, {c.n_layer, c.n_head}, ""), delta = Grid::of({"layer", "head"}, {c.n_layer, c.n_head}, unit);
  int done = 0;
  for (int layer = 0; layer < c.n_layer; ++layer)
    for (int head = 0; head < c.n_head; ++head) {
      const UnitRef sender{layer, head};
      GF_TRY_ASSIGN(const double m, path_value(asking, pair, {&sender, 1}, receivers, freeze));
      delta.at(layer, head) = static_cast<float>(m - pair.m_corrupt);
      effect.at(layer, head) = static_cast<float>((m - pair.m_corrupt) / gap);
      if (asking.progress) asking.progress(static_cast<double>(++done) / (c.n_layer * c.n_head));
    }
  if (pair.differs()) answer.add("effect", std::move(effect));
  else answer.add("effect", alike);
  answer.add("delta", std::move(delta));
  return answer;
}

}  // namespace

extern constinit const Question kPathQuestion{
    .name = "path",
    .title = phrase("Path patching"),
    .doc = phrase("what a clean head changes by way of some readers alone"),
    .needs = {.a = TokenNeed::Required, .b = TokenNeed::Optional, .position = true, .sweeps = true, .instead = "corrupt"},
    .params = kPathParams,
    .parts = kPathParts,
    .answer = answer_path};

}  // namespace gf

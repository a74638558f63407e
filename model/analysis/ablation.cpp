#include "model/analysis/ablation.h"

#include <array>

#include "model/analysis/attribution.h"
#include "model/analysis/question.h"
#include "model/analysis/sweeping.h"
#include "model/base/logits.h"
#include "model/base/text.h"
#include "model/sweep.h"

namespace gf {

namespace {

Edit cut_of_mlp(int layer, EditOp op) {
  Edit edit;
  edit.hook = name_of(HookId{HookKind::MlpOut, layer});
  edit.op = op;
  return edit;
}

/// What each cut does at a position: change of the logit (difference), and KL(base || cut).
struct CutEffects {
  std::vector<float> delta, kl;
  std::uint64_t multiply_adds = 0;
};
Result<CutEffects> effects_of(Session& session, const Run& run, std::span<const Edit> cuts, TokenId a, std::optional<TokenId> b,
                              int position, const std::stop_token& stop, const std::function<void(double)>& progress) {
  GF_TRY_ASSIGN(const auto base, logits_at(session, run, position, stop));
  const double before = logit_difference(base, a, b);
  const KlFrom kl(base);
  CutEffects out;
  const auto note = [&](std::size_t i, std::span<const float> logits) {
    out.delta.push_back(static_cast<float>(logit_difference(logits, a, b) - before));
    out.kl.push_back(static_cast<float>(kl.to(logits)));
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(cuts.size()));
  };
  GF_TRY_ASSIGN(out.multiply_adds, session.sweep(run, cuts, note, stop, position));
  return out;
}

}  // namespace

Result<Ablation> ablate_everything(Session& session, const RunRequest& request, TokenId a, std::optional<TokenId> b,
                                   const AblateOptions& options, std::stop_token stop, const std::function<void(double)>& progress) {
  const ModelConfig& c = session.model().weights->config;
  const EditOp op = options.with == AblateWith::Zero ? EditOp::Zero : EditOp::Mean;
  const bool direct = options.direct && options.with == AblateWith::Zero;
  GF_TRY(check_tokens(c, a, b));
  GF_TRY_ASSIGN(const Run run, session.run(request, stop));
  DirectAttribution dla;
  if (direct) {
    GF_TRY_ASSIGN(dla, direct_attribution(session, *run.edited, request, a, b, options.position, stop));
  }
  std::vector<Edit> cuts;
  for (int layer = 0; layer < c.n_layer; ++layer) {
    for (int head = 0; head < c.n_head; ++head) cuts.push_back(edit_of_head(layer, head, op));
    if (options.mlps) cuts.push_back(cut_of_mlp(layer, op));
  }
  GF_TRY_ASSIGN(const auto effects, effects_of(session, run, cuts, a, b, options.position, stop, progress));
  const auto heads = [&](const char* unit) { return Grid::of({"layer", "head"}, {c.n_layer, c.n_head}, unit); };
  const auto layers = [&](const char* unit) { return Grid::of({"layer"}, {c.n_layer}, unit); };
  const double whole = static_cast<double>(full_pass_work(c, run.edited->length())) * static_cast<double>(cuts.size());
  Ablation out{heads("logit"),
               heads("nats"),
               layers("logit"),
               layers("nats"),
               heads("logit"),
               heads("logit"),
               static_cast<double>(effects.multiply_adds) / whole};
  std::size_t at = 0;
  for (int layer = 0; layer < c.n_layer; ++layer) {
    for (int head = 0; head < c.n_head; ++head, ++at) {
      out.delta.at(layer, head) = effects.delta[at];
      out.kl.at(layer, head) = effects.kl[at];
      if (!direct) continue;
      out.direct.at(layer, head) = -dla.heads.at(layer, head);
      out.repair.at(layer, head) = out.delta.at(layer, head) - out.direct.at(layer, head);
    }
    if (!options.mlps) continue;
    out.mlp_delta.at(layer) = effects.delta[at];
    out.mlp_kl.at(layer) = effects.kl[at++];
  }
  return out;
}

namespace {

constexpr std::array<std::string_view, 2> kAblateWith{"zero", "mean"};
constexpr std::array kAblationParams{
    Param{.name = "with",
          .kind = Param::Kind::Choice,
          .doc = phrase("what is put in the place of what is cut"),
          .fallback = "zero",
          .choices = kAblateWith},
};
constexpr std::array kAblationParts{
    PartInfo{.name = "delta",
             .axes = "layer,head",
             .unit = "logit",
             .title = phrase("effect of cutting"),
             .doc = phrase("change of {0} when this head alone is cut"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "kl",
             .axes = "layer,head",
             .unit = "nats",
             .title = phrase("shift by cutting"),
             .doc = phrase("KL(base || cut) of the prediction when this head alone is cut")},
    PartInfo{.name = "mlp_delta",
             .axes = "layer",
             .unit = "logit",
             .title = phrase("effect of cutting MLPs"),
             .doc = phrase("change of {0} when this MLP alone is cut"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "mlp_kl",
             .axes = "layer",
             .unit = "nats",
             .title = phrase("shift by cutting MLPs"),
             .doc = phrase("KL(base || cut) of the prediction when this MLP alone is cut")},
    PartInfo{.name = "direct",
             .axes = "layer,head",
             .unit = "logit",
             .title = phrase("direct effect"),
             .doc = phrase("change of {0} when only what the head writes directly is cut"),
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::ByParams},
    PartInfo{.name = "repair",
             .axes = "layer,head",
             .unit = "logit",
             .title = phrase("self-repair"),
             .doc = phrase("what later blocks make up for when this head is cut, in {0}"),
             .scale = PartInfo::Scale::Signed,
             .only = PartInfo::Only::ByParams},
};

Result<Answer> answer_ablation(const Asking& asking) {
  const bool zero = asking.params.text("with") == "zero";
  AblateOptions options;
  options.with = zero ? AblateWith::Zero : AblateWith::Mean;
  options.mlps = asking.wants("mlp_delta") || asking.wants("mlp_kl");
  options.direct = asking.wants("direct") || asking.wants("repair");
  options.position = asking.at();
  GF_TRY_ASSIGN(auto s, ablate_everything(asking.session, asking.request, *asking.a, asking.b, options, asking.stop, asking.progress));
  Answer answer;
  answer.add("delta", std::move(s.delta));
  answer.add("kl", std::move(s.kl));
  if (options.mlps) {
    answer.add("mlp_delta", std::move(s.mlp_delta));
    answer.add("mlp_kl", std::move(s.mlp_kl));
  }
  if (!zero || !options.direct) return answer;
  answer.add("direct", std::move(s.direct));
  answer.add("repair", std::move(s.repair));
  return answer;
}

}  // namespace

extern constinit const Question kAblationQuestion{
    .name = "ablate-sweep",
    .title = phrase("Ablation"),
    .doc = phrase("what each head and MLP does, by cutting them in turn"),
    .needs = {.a = TokenNeed::Required, .b = TokenNeed::Optional, .position = true, .sweeps = true},
    .params = kAblationParams,
    .parts = kAblationParts,
    .answer = answer_ablation};

}  // namespace gf

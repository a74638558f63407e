#include "app/scene/operations/timeline.h"

#include <algorithm>
#include <cmath>

#include "model/base/error.h"

namespace gf::scene {
namespace {

struct OpName {
  HookKind kind;
  const char* name;
};

// scores stand here even where they are not captured: the time that they take is part of what the pass does.
constexpr OpName kBlockOps[] = {
    {HookKind::Ln1Scale, "LayerNorm 1: scale"},
    {HookKind::Ln1Normalized, "LayerNorm 1: normalise"},
    {HookKind::Q, "q"},
    {HookKind::K, "k"},
    {HookKind::V, "v"},
    {HookKind::AttnScores, "scores"},
    {HookKind::Pattern, "softmax"},
    {HookKind::Z, "pattern . v"},
    {HookKind::AttnOut, "attention out"},
    {HookKind::ResidMid, "add attention"},
    {HookKind::Ln2Scale, "LayerNorm 2: scale"},
    {HookKind::Ln2Normalized, "LayerNorm 2: normalise"},
    {HookKind::MlpPre, "MLP in"},
    {HookKind::MlpPost, "activation function"},
    {HookKind::MlpOut, "MLP out"},
    {HookKind::ResidPost, "add MLP"},
};

/// The op that fills a hook: resid_pre of a later block is the resid_post before it, result is part of W_O's sum.
HookId filled_with(HookId hook) {
  if (hook.kind == HookKind::ResidPre && hook.layer > 0) return {HookKind::ResidPost, hook.layer - 1};
  if (hook.kind == HookKind::Result) return {HookKind::AttnOut, hook.layer};
  return hook;
}

}  // namespace

Timeline::Timeline(const ModelConfig& config, int positions) : positions_(positions) {
  EXPECTS(positions >= 0, "a run has no negative length");
  ops_.push_back({{HookKind::Embed, -1}, "token embedding", -1, false});
  ops_.push_back({{HookKind::PosEmbed, -1}, "position embedding", -1, false});
  if (config.n_layer > 0) ops_.push_back({{HookKind::ResidPre, 0}, "sum of the embeddings", -1, false});
  for (int b = 0; b < config.n_layer; ++b)
    for (const OpName& op : kBlockOps) ops_.push_back({{op.kind, b}, "block " + std::to_string(b) + " " + op.name, b, false});
  ops_.push_back({{HookKind::LnFinalScale, -1}, "final LayerNorm: scale", config.n_layer, false});
  ops_.push_back({{HookKind::LnFinalNormalized, -1}, "final LayerNorm: normalise", config.n_layer, false});
  ops_.push_back({{HookKind::Logits, -1}, "logits", config.n_layer, false});
  ops_.push_back({{HookKind::Logits, -1}, "next token", config.n_layer, true});
}

double Timeline::end() const { return static_cast<double>(positions_) * static_cast<double>(ops_.size()); }

Timeline::Moment Timeline::at(double time) const {
  const int n = static_cast<int>(ops_.size());
  if (positions_ == 0) return {};
  if (!(time < end())) return {positions_ - 1, n - 1, 1.0F};
  const double t = std::max(time, 0.0);
  const double whole = std::floor(t);
  const auto index = static_cast<long long>(whole);
  return {static_cast<int>(index / n), static_cast<int>(index % n), static_cast<float>(t - whole)};
}

double Timeline::start_of(int position, int op) const { return static_cast<double>(position) * static_cast<double>(ops_.size()) + op; }

int Timeline::op_of(HookId hook) const {
  const HookId wanted = filled_with(hook);
  const auto found = std::find_if(ops_.begin(), ops_.end(), [&](const Op& op) { return op.hook == wanted; });
  EXPECTS(found != ops_.end(), "a hook of the model");
  return static_cast<int>(found - ops_.begin());
}

float Timeline::rows_shown(HookId hook, double time) const { return rows_shown(op_of(hook), at(time)); }

float Timeline::rows_shown(int op, const Moment& now) const {
  if (positions_ == 0) return 0;
  const auto before = static_cast<float>(now.position);
  if (op < now.op) return before + 1;
  return op == now.op ? before + now.fraction : before;
}

double Timeline::step(double time, Unit unit, int direction) const {
  const double n = static_cast<double>(ops_.size());
  const double now = std::clamp(time, 0.0, end());
  std::vector<double> within;  // boundaries inside one token, in ops
  switch (unit) {
    case Unit::Token: within = {0}; break;
    case Unit::Operation:
      for (std::size_t i = 0; i < ops_.size(); ++i) within.push_back(static_cast<double>(i));
      break;
    case Unit::Block:
      for (std::size_t i = 0; i < ops_.size(); ++i)
        if (i == 0 || ops_[i].block != ops_[i - 1].block) within.push_back(static_cast<double>(i));
      break;
  }
  const double token = std::floor(now / n);
  const auto forwards = [&] {
    for (const double at : within)
      if (token * n + at > now) return token * n + at;
    return (token + 1) * n;
  };
  const auto backwards = [&] {
    for (auto at = within.rbegin(); at != within.rend(); ++at)
      if (token * n + *at < now) return token * n + *at;
    return (token - 1) * n + within.back();
  };
  return std::clamp(direction >= 0 ? forwards() : backwards(), 0.0, end());
}

}  // namespace gf::scene

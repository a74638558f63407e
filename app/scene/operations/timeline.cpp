#include "app/scene/operations/timeline.h"

#include <algorithm>
#include <cmath>

#include "model/base/error.h"
#include "model/base/text.h"

namespace gf::scene {
namespace {

/// Adds the steps of one stage, in the order in which the pass fills their hooks.
void add_steps(std::vector<Op>& ops, HookStage stage, int layer, int block) {
  for (const HookInfo& info : hook_table()) {
    const bool later_input = info.kind == HookKind::ResidPre && layer > 0;  // the block before has filled it
    if (info.stage != stage || *info.step == '\0' || later_input) continue;
    const HookId hook{info.kind, layer};
    if (info.kind == HookKind::ResidPre) ops.push_back({hook, text(info.step), -1, false});
    else ops.push_back({hook, layer < 0 ? text(info.step) : text("block {0} {1}", layer, text(info.step)), block, false});
  }
}

/// The hook whose step fills this one. The input of a later block is the output of the block before; a hook without a step is
/// filled by the next step.
HookId filled_with(HookId hook) {
  if (hook.kind == HookKind::ResidPre && hook.layer > 0) return {HookKind::ResidPost, hook.layer - 1};
  const auto table = hook_table();
  auto at = static_cast<std::size_t>(hook.kind);
  while (at + 1 < table.size() && *table[at].step == '\0') ++at;
  return {table[at].kind, hook.layer};
}

}  // namespace

Timeline::Timeline(const ModelConfig& config, int positions) : positions_(positions) {
  EXPECTS(positions >= 0, "a run has no negative length");
  add_steps(ops_, HookStage::Before, -1, -1);
  for (int b = 0; b < config.n_layer; ++b) add_steps(ops_, HookStage::Block, b, b);
  add_steps(ops_, HookStage::After, -1, config.n_layer);
  ops_.push_back({{HookKind::Logits, -1}, text("next token"), config.n_layer, true});
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

std::optional<int> Timeline::find_op(HookId hook) const {
  const HookId wanted = filled_with(hook);
  const auto found = std::find_if(ops_.begin(), ops_.end(), [&](const Op& op) { return op.hook == wanted; });
  if (found == ops_.end()) return std::nullopt;
  return static_cast<int>(found - ops_.begin());
}

int Timeline::op_of(HookId hook) const {
  const auto found = find_op(hook);
  EXPECTS(found.has_value(), "a hook of the model");
  return *found;
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

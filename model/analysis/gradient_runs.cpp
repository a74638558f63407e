#include "model/analysis/gradient_runs.h"

#include <algorithm>
#include <cmath>

#include "model/analysis/sweeping.h"
#include "model/base/logits.h"
#include "model/base/text.h"

namespace gf {

void FixedRows::set(HookId hook, Rows rows) {
  EXPECTS(rows_at(hook) == nullptr && info_of(hook.kind).shape != RowShape::Causal, "whole rows, once for a hook");
  rows_.emplace_back(hook, std::move(rows));
}

const FixedRows::Rows* FixedRows::rows_at(HookId hook) const {
  const auto found = std::ranges::find(rows_, hook, &std::pair<HookId, Rows>::first);
  return found == rows_.end() ? nullptr : &found->second;
}

bool FixedRows::touches(HookId hook) const { return rows_at(hook) != nullptr || (recipe_ != nullptr && recipe_->touches(hook)); }

void FixedRows::begin_step(int first_position, int rows, int length) {
  if (recipe_ != nullptr) recipe_->begin_step(first_position, rows, length);
}

void FixedRows::apply(HookId hook, int first_position, int rows, float* data, std::size_t stride) {
  if (recipe_ != nullptr && recipe_->touches(hook)) recipe_->apply(hook, first_position, rows, data, stride);
  const Rows* fixed = rows_at(hook);
  for (int r = 0; fixed != nullptr && r < rows; ++r) {
    const auto position = static_cast<std::size_t>(first_position + r);
    if (position < fixed->size()) std::ranges::copy((*fixed)[position], data + static_cast<std::size_t>(r) * stride);
  }
}

void FixedRows::apply_causal(HookId hook, int query, float* row) {
  if (recipe_ != nullptr) recipe_->apply_causal(hook, query, row);
}

void FixedRows::apply_slope(HookId hook, int position, std::span<const float> before, std::span<float> slope) {
  const Rows* fixed = rows_at(hook);
  if (fixed != nullptr && static_cast<std::size_t>(position) < fixed->size() && !(*fixed)[static_cast<std::size_t>(position)].empty())
    std::ranges::fill(slope, 0.0F);
  if (recipe_ != nullptr && recipe_->touches(hook)) recipe_->apply_slope(hook, position, before, slope);
}

FixedRows::Rows rows_of(const Trace& trace, HookId hook) {
  FixedRows::Rows rows;
  for (int p = 0; p < trace.length(); ++p) {
    const auto row = trace.row(hook, p);
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

FixedRows::Rows rows_between(const FixedRows::Rows& from, const FixedRows::Rows& to, double share) {
  FixedRows::Rows rows = from;
  for (std::size_t p = 0; p < rows.size(); ++p)
    for (std::size_t i = 0; i < rows[p].size(); ++i) {
      const auto a = static_cast<double>(from[p][i]), b = static_cast<double>(to[p][i]);
      rows[p][i] = static_cast<float>(a + share * (b - a));
    }
  return rows;
}

double dot_rows(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

bool PromptPair::differs() const { return !(std::abs(m_clean - m_corrupt) < 1e-3); }

Result<PromptPair> prompt_pair(const Asking& asking, const CapturePlan& plan) {
  RunRequest corrupt = asking.request, clean = asking.request;
  if (asking.params.given("corrupt")) corrupt.prompt = asking.params.prompt("corrupt");
  clean.prompt = asking.params.prompt("clean");
  clean.recipe = {};
  for (RunRequest* request : {&corrupt, &clean}) {
    if (asking.params.given("corrupt") || request == &clean) request->forced.clear();
    request->n_generate = 0;
    request->plan = plan;
    request->plan.last_stats_only = true;
  }
  const std::size_t T = corrupt.prompt.size() + corrupt.forced.size();
  if (clean.prompt.size() != T)
    return fail(ErrorCode::InvalidArgument,
                text("the clean prompt has {0} tokens and the corrupt one {1}; patching needs as many", clean.prompt.size(), T));
  PromptPair pair;
  GF_TRY_ASSIGN(pair.objective, objective_of(asking, static_cast<int>(T)));
  GF_TRY_ASSIGN(pair.clean, asking.session.run(clean, asking.stop));
  GF_TRY_ASSIGN(pair.corrupt, asking.session.run(corrupt, asking.stop));
  GF_TRY_ASSIGN(pair.edits, asking.session.edits_of(*pair.corrupt.edited, corrupt));
  GF_TRY_ASSIGN(const auto of_clean, logits_at(asking.session, pair.clean, pair.objective.position, asking.stop));
  GF_TRY_ASSIGN(const auto of_corrupt, logits_at(asking.session, pair.corrupt, pair.objective.position, asking.stop));
  pair.m_clean = pair.objective.value(of_clean);
  pair.m_corrupt = pair.objective.value(of_corrupt);
  pair.p_clean = std::exp(logprob_of(of_clean, static_cast<std::size_t>(pair.objective.a.v)));
  pair.slope = pair.objective.slope(of_corrupt);
  return pair;
}

Result<void> each_gradient(const Asking& asking, const PromptPair& pair, int steps, const CapturePlan& plan,
                           const std::function<void(const Trace& run, const Trace& gradients)>& body) {
  const Trace& corrupt = *pair.corrupt.edited;
  if (steps <= 0) {
    GF_TRY_ASSIGN(const Trace gradients, asking.session.gradients(corrupt, {&pair.slope, 1}, plan, pair.edits.get(), asking.stop));
    body(corrupt, gradients);
    return {};
  }
  const HookId embed{HookKind::Embed, -1};
  const auto from = rows_of(corrupt, embed), to = rows_of(*pair.clean.base, embed);
  CapturePlan needed = backward_plan();
  // The last row's logits are kept anyway; others are wanted where m is a log-probability there.
  if (pair.objective.logprob && pair.objective.position != corrupt.length() - 1) needed.want(HookKind::Logits);
  for (int k = 1; k <= steps; ++k) {
    FixedRows edits(pair.edits.get());
    edits.set(embed, rows_between(from, to, static_cast<double>(k) / steps));
    GF_TRY_ASSIGN(const Trace run, asking.session.pass(corrupt.ids(), corrupt.n_prompt(), needed, &edits, asking.stop));
    LogitSlope slope = pair.slope;
    if (pair.objective.logprob)
      slope = pair.objective.slope(needed.all_logits ? run.row({HookKind::Logits, -1}, pair.objective.position) : run.last_logits());
    GF_TRY_ASSIGN(const Trace gradients, asking.session.gradients(run, {&slope, 1}, plan, &edits, asking.stop));
    body(run, gradients);
    if (asking.progress) asking.progress(static_cast<double>(k) / steps);
  }
  return {};
}

}  // namespace gf

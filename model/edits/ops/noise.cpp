// noise: adds normal noise, in standard deviations of the token embeddings. Source: Meng et al. 2022, causal tracing.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "model/base/text.h"
#include "model/edits/ops/operation.h"
#include "model/sampling/philox.h"
#include "model/trace.h"

namespace gf::ops {

namespace {

std::string noise_check(const Edit& edit, HookKind /*kind*/) {
  return *edit.std_dev < 0 ? text("{0} must not be negative", "'std'") : std::string();
}

std::optional<HookKind> noise_base_kind(const Edit& /*edit*/, HookKind /*own*/) { return HookKind::Embed; }

/// Over all numbers of hook_embed at the prompt's positions, with n - 1 as PyTorch's std() has it.
Result<void> noise_bind(const EditBinding& binding, BoundEdit& bound) {
  bound.waits = binding.context.base == nullptr;
  if (bound.waits) return {};
  const Trace& base = *binding.context.base;
  const HookId embed{HookKind::Embed, -1};
  EXPECTS(base.has(embed) && base.length() >= binding.context.n_prompt, "the unedited run has the prompt's embeddings");
  double sum = 0, squares = 0, count = 0;
  const auto each = [&](const auto& add) {
    for (int p = 0; p < binding.context.n_prompt; ++p)
      for (const float v : base.row(embed, p)) add(static_cast<double>(v));
  };
  each([&](double v) { sum += v, count += 1; });
  each([&](double v) { squares += (v - sum / count) * (v - sum / count); });
  bound.deviation = static_cast<double>(*binding.edit.std_dev) * std::sqrt(squares / std::max(count - 1, 1.0));
  return {};
}

/// Box and Muller's first normal number of two words of Philox.
double noise_at(std::uint64_t seed, std::array<std::uint32_t, 4> counter) {
  const auto block = philox4x32(counter, {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
  const auto uniform = [&](std::size_t word) { return (static_cast<double>(block[word]) + 0.5) * 0x1p-32; };  // never 0 or 1
  return std::sqrt(-2 * std::log(uniform(0))) * std::cos(2 * std::numbers::pi * uniform(1));
}

/// The counter is (place within the row, position, 0, 0), and of scores and patterns (key, query, head, 0): a number of the
/// noise depends on nothing but its place and the seed.
void noise_row_values(const BoundEdit& bound, int position, int head, std::span<float> values) {
  const std::uint64_t seed = bound.edit->seed.value_or(0);
  const bool causal = bound.shape == RowShape::Causal;
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    const std::uint32_t place = causal ? i : bound.elements[i];
    const std::array<std::uint32_t, 4> at{place, static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(head), 0};
    values[i] = static_cast<float>(bound.deviation * noise_at(seed, at));
  }
}

std::string noise_words(const Edit& edit) { return text("+ noise of {0} σ", number_words(edit.std_dev.value_or(0.0F))); }
std::string noise_tag(const Edit& /*edit*/) { return text("noise"); }
std::string noise_sentence(const Edit& edit, const std::string& place) {
  return text("add noise of {0} standard deviations, seed {1}, at {2}", exact_number_words(edit.std_dev.value_or(0.0F)),
              edit.seed.value_or(0), place);
}

}  // namespace

constexpr EditOperation noise{.op = EditOp::Noise,
                              .name = "noise",
                              .title = phrase("Add noise"),
                              .takes = EditKey::Std | EditKey::Seed,
                              .needs = EditKey::Std,
                              .check = noise_check,
                              .base_kind = noise_base_kind,
                              .bind = noise_bind,
                              .row_values = noise_row_values,
                              .apply = add_given,
                              .slope = slope_of_shift,
                              .device = ElementEdit::Kind::Add,
                              .words = noise_words,
                              .tag = noise_tag,
                              .sentence = noise_sentence};

}  // namespace gf::ops

#include "app/cli/trace_file.h"

#include <algorithm>
#include <limits>

#include "model/io/files/safetensors.h"

namespace gf::cli {

bool glob_matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p, ++n;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<HookChoice> choose_hooks(std::string_view globs, int n_layer) {
  HookChoice choice;
  const auto hooks = all_hooks(n_layer);
  std::vector<bool> chosen(hooks.size());
  std::string_view rest = globs.empty() ? "default" : globs;
  choice.plan = CapturePlan::none();
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view glob = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const auto plan = CapturePlan::named(glob);
    bool any = false;
    for (std::size_t i = 0; i < hooks.size(); ++i) {
      const bool in_plan = plan && keeps(*plan, hooks[i].kind);
      if (!in_plan && (plan || !glob_matches(glob, name_of(hooks[i])))) continue;
      chosen[i] = any = true;
      choice.plan.want(hooks[i].kind);
    }
    if (!any)
      return fail(ErrorCode::InvalidArgument,
                  "no hook matches '" + std::string(glob) + "'; hooks are named as in blocks.0.attn.hook_pattern");
  }
  for (std::size_t i = 0; i < hooks.size(); ++i)
    if (chosen[i]) choice.hooks.push_back(hooks[i]);
  return choice;
}

namespace trace_writing {

Shape full_shape(HookId hook, const ModelConfig& c, int T) {
  switch (info_of(hook.kind).shape) {
    case RowShape::Heads: return {T, c.n_head, c.d_head};
    case RowShape::HeadsDModel: return {T, c.n_head, c.d_model};
    case RowShape::Causal: return {c.n_head, T, T};
    default: return {T, static_cast<std::int64_t>(row_size(info_of(hook.kind).shape, c, 0))};
  }
}

/// Row by row: a copy of the logits alone would be a tenth of what `info` forecasts.
Result<void> write_values(const Trace& trace, HookId hook, const SafetensorsSink& write) {
  const int T = trace.length();
  if (info_of(hook.kind).shape != RowShape::Causal) {
    for (int p = 0; p < T; ++p) GF_TRY(write(std::as_bytes(trace.row(hook, p))));
    return {};
  }
  const float masked = hook.kind == HookKind::AttnScores ? -std::numeric_limits<float>::infinity() : 0.0F;
  std::vector<float> row(static_cast<std::size_t>(T));
  for (int h = 0; h < trace.config().n_head; ++h) {
    std::ranges::fill(row, masked);
    for (int q = 0; q < T; ++q) {
      std::ranges::copy(trace.causal_row(hook, h, q), row.begin());
      GF_TRY(write(std::as_bytes(std::span(row))));
    }
  }
  return {};
}

}  // namespace trace_writing

Result<void> write_trace(const std::string& path, const Trace& trace, const std::vector<HookId>& hooks, const std::stop_token& stop) {
  std::vector<SafetensorsTensor> tensors;
  for (const HookId hook : hooks) {
    EXPECTS(trace.has(hook), "the run captured what was chosen");
    tensors.push_back({name_of(hook), {nullptr, DType::F32, trace_writing::full_shape(hook, trace.config(), trace.length())}});
  }
  return write_safetensors(path, tensors, {}, [&](std::size_t i, const SafetensorsSink& write) -> Result<void> {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, "The trace " + path + " was stopped.", "write_trace");
    return trace_writing::write_values(trace, hooks[i], write);
  });
}

}  // namespace gf::cli

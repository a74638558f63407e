#include "app/cli/trace_file.h"

#include <algorithm>
#include <limits>

#include "model/io/safetensors.h"

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

std::vector<float> values(const Trace& trace, HookId hook) {
  const auto T = static_cast<std::size_t>(trace.length());
  const ModelConfig& c = trace.config();
  std::vector<float> all;
  if (info_of(hook.kind).shape != RowShape::Causal) {
    for (int p = 0; p < trace.length(); ++p) {
      const auto row = trace.row(hook, p);
      all.insert(all.end(), row.begin(), row.end());
    }
    return all;
  }
  const float masked = hook.kind == HookKind::AttnScores ? -std::numeric_limits<float>::infinity() : 0.0F;
  all.resize(static_cast<std::size_t>(c.n_head) * T * T, masked);
  for (std::size_t h = 0; h < static_cast<std::size_t>(c.n_head); ++h)
    for (std::size_t q = 0; q < T; ++q)
      std::ranges::copy(trace.causal_row(hook, static_cast<int>(h), static_cast<int>(q)),
                        all.begin() + static_cast<std::ptrdiff_t>((h * T + q) * T));
  return all;
}

}  // namespace trace_writing

Result<void> write_trace(const std::string& path, const Trace& trace, const std::vector<HookId>& hooks) {
  std::vector<std::vector<float>> data;
  std::vector<SafetensorsTensor> tensors;
  data.reserve(hooks.size());
  for (const HookId hook : hooks) {
    EXPECTS(trace.has(hook), "the run captured what was chosen");
    data.push_back(trace_writing::values(trace, hook));
    tensors.push_back({name_of(hook),
                       {reinterpret_cast<const std::byte*>(data.back().data()), DType::F32,
                        trace_writing::full_shape(hook, trace.config(), trace.length())}});
  }
  return write_safetensors(path, tensors);
}

}  // namespace gf::cli

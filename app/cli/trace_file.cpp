#include "app/cli/trace_file.h"

#include <algorithm>
#include <limits>

#include "model/base/text.h"

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

namespace {

/// TransformerLens 4's name of the hook, if it is another.
std::string other_name_of(HookId hook) {
  const std::string own = name_of(hook);
  const HookInfo& info = info_of(hook.kind);
  return info.other_name.empty() ? own : own.substr(0, own.size() - info.name.size()).append(info.other_name);
}

}  // namespace

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
    // Copies of the stream for each head are large, and the same as the stream: "*" alone does not ask for them.
    const bool names_inputs = glob.find("_in") != std::string_view::npos;
    const auto choose = [&](const auto& is_meant) {
      for (std::size_t i = 0; i < hooks.size(); ++i) {
        if (!is_meant(hooks[i])) continue;
        chosen[i] = any = true;
        choice.plan.want(hooks[i].kind);
      }
    };
    if (plan) choose([&](HookId hook) { return keeps(*plan, hook.kind); });
    else choose([&](HookId hook) { return glob_matches(glob, name_of(hook)) && (!is_split_input(hook.kind) || names_inputs); });
    // TransformerLens 4's names count only if none of our own matches, because "blocks.*.mlp.*" could match both.
    if (!any && !plan) choose([&](HookId hook) { return glob_matches(glob, other_name_of(hook)); });
    if (!any)
      return fail(ErrorCode::InvalidArgument, text("no hook matches '{0}'; hooks are named as in blocks.0.attn.hook_pattern", glob));
  }
  for (std::size_t i = 0; i < hooks.size(); ++i)
    if (chosen[i]) choice.hooks.push_back(hooks[i]);
  return choice;
}

namespace {

std::vector<ArrayAxis> axes_of(HookId hook, const ModelConfig& c, int T) {
  const ArrayAxis position{"position", T}, head{"head", c.n_head};
  switch (info_of(hook.kind).shape) {
    case RowShape::One: return {position, {"one", 1}};
    case RowShape::PerHead: return {position, head};
    case RowShape::DModel: return {position, {"dim", c.d_model}};
    case RowShape::Heads: return {position, head, {"dim", c.d_head}};
    case RowShape::HeadsDModel: return {position, head, {"dim", c.d_model}};
    case RowShape::DMlp: return {position, {"neuron", c.d_mlp}};
    case RowShape::Causal: return {head, {"query", T}, {"key", T}};
    case RowShape::NVocab: return {position, {"token", c.n_vocab}};
  }
  return {};
}

/// Row by row: a copy of the logits alone would be a tenth of what `info` forecasts.
Result<void> write_values(const Trace& trace, HookId hook, const ArraySink& write) {
  const int T = trace.length();
  if (info_of(hook.kind).shape != RowShape::Causal) {
    for (int p = 0; p < T; ++p) GF_TRY(write(trace.row(hook, p)));
    return {};
  }
  const float masked = hook.kind == HookKind::AttnScores ? -std::numeric_limits<float>::infinity() : 0.0F;
  std::vector<float> row(static_cast<std::size_t>(T));
  for (int h = 0; h < trace.config().n_head; ++h) {
    std::ranges::fill(row, masked);
    for (int q = 0; q < T; ++q) {
      std::ranges::copy(trace.causal_row(hook, h, q), row.begin());
      GF_TRY(write(row));
    }
  }
  return {};
}

}  // namespace

Result<void> write_trace(const std::string& path, const Trace& trace, const std::vector<HookId>& hooks, const ArrayMetadata& metadata,
                         const std::stop_token& stop) {
  std::vector<NamedArray> arrays;
  for (const HookId hook : hooks) {
    EXPECTS(trace.has(hook), "the run captured what was chosen");
    arrays.push_back({name_of(hook), axes_of(hook, trace.config(), trace.length())});
  }
  return write_arrays(path, arrays, metadata, [&](std::size_t i, const ArraySink& write) -> Result<void> {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("The trace {0} was stopped.", path), "write_trace");
    return write_values(trace, hooks[i], write);
  });
}

}  // namespace gf::cli

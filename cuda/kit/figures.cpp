#include "cuda/kit/figures.h"

#include <cmath>
#include <limits>

#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::kit {

namespace {

constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

Figure at_least(std::string what, double value, double least, std::string measured, std::string wanted) {
  return {std::move(what), std::move(measured), std::move(wanted), std::isnan(value) ? "-" : value >= least ? "yes" : "no"};
}

/// Their time over ours, with both.
std::string beside(double theirs, double ours) {
  if (std::isnan(theirs) && std::isnan(ours)) return "-";
  return text("{0} ({1} ms beside {2} ms)", shown(theirs / ours, 2), shown(ours, 2), shown(theirs, 2));
}

}  // namespace

double number_at(const Json& json, std::initializer_list<std::string> path) {
  const Json* at = &json;
  for (const std::string& step : path) {
    if (at->is_array() && step.find_first_not_of("0123456789") == std::string::npos && std::stoul(step) < at->size())
      at = &(*at)[std::stoul(step)];
    else if (at->is_object() && at->contains(step)) at = &(*at)[step];
    else return kNotMeasured;
  }
  return at->is_number() ? at->get<double>() : kNotMeasured;
}

Json value_at(const Json& json, const std::string& key) { return json.is_object() && json.contains(key) ? json[key] : Json(nullptr); }

Json row_with(const Json& rows, const std::string& key, const std::string& value) {
  if (rows.is_array())
    for (const Json& row : rows)
      if (row.is_object() && row.contains(key) && row[key] == value) return row;
  return nullptr;
}

std::string shown(double value, int digits) { return std::isfinite(value) ? numbers::fixed(value, digits) : "-"; }

std::vector<Figure> figures_of(const Json& bench, const Json& torch) {
  std::vector<Figure> figures;
  for (const std::string dtype : {"f32", "f16"}) {
    const Json small = value_at(bench, "gpt2-" + dtype), eager = value_at(torch, "gpt2-" + dtype);
    const Json decode = row_with(value_at(small, "decode"), "capture", "default");
    const double share = number_at(decode, {"share_of_copy"});
    figures.push_back(at_least(
        text("a token of GPT-2 small, {0}, T = 1000, default capture: share of the card's copy bandwidth", dtype), share, 0.7,
        std::isfinite(share) ? text("{0} ({1} ms; its launches alone {2} ms)", numbers::percent(share),
                                    shown(number_at(decode, {"ms_per_token"}), 3), shown(number_at(decode, {"launch_bound_ms"}), 3))
                             : "-",
        "70 %"));
    const double ours = number_at(row_with(value_at(small, "prefill"), "capture", "none"), {"ms"}),
                 theirs = number_at(eager, {"prefill_ms"});
    figures.push_back(at_least(text("a prompt of GPT-2 small, {0}, T = 1024, no capture: PyTorch's eager time over ours", dtype),
                               theirs / ours, 1.2, beside(theirs, ours), "1.2"));
  }
  const double full = number_at(row_with(value_at(value_at(bench, "gpt2-f32"), "prefill"), "capture", "full"), {"ms"});
  const double lens = number_at(torch, {"transformer_lens", "run_with_cache_ms"});
  figures.push_back(
      at_least(text("the same, f32, all captured: TransformerLens's run_with_cache over ours"), lens / full, 3, beside(lens, full), "3"));
  for (const std::string dtype : {"f32", "f16"}) {
    const double ms = number_at(value_at(bench, "gpt2-xl-" + dtype), {"head_toggle", "ms"});
    figures.push_back({text("a head cut in the middle of GPT-2 XL, {0}, T = 64: until the new logits", dtype),
                       std::isnan(ms) ? "-" : shown(ms, 2) + " ms", text("3 ms at most"),
                       std::isnan(ms) ? "-"
                       : ms <= 3      ? "yes"
                                      : "no"});
  }
  return figures;
}

}  // namespace gf::kit

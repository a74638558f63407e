#include "app/document/times_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

namespace gf::doc {
namespace {

/// Three digits or so: "0.012", "3.42", "128".
std::string short_number(double v) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), v >= 100 ? "%.0f" : v >= 10 ? "%.1f" : v >= 1 ? "%.2f" : "%.3f", v);
  return text.data();
}

std::string percent(double share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), share < 0.0995 ? "%.1f %%" : "%.0f %%", 100 * share);
  return text.data();
}

TimesTable::Row row_of(const OperationTimes& times, const PassTimes& pass, const std::optional<Rates>& limits) {
  TimesTable::Row row;
  row.operation = times.name;
  row.calls = std::to_string(times.calls);
  row.ms = short_number(times.ms);
  row.part = pass.ms > 0 ? static_cast<float>(std::min(1.0, times.ms / pass.ms)) : 0;
  if (times.ms <= 0) return row;
  if (times.bytes > 0) row.gb_per_s = short_number(static_cast<double>(times.bytes) / times.ms / 1e6);
  if (times.flops > 0) row.gflops = short_number(static_cast<double>(times.flops) / times.ms / 1e6);
  if (!limits || (times.bytes == 0 && times.flops == 0)) return row;
  const double share = share_of_limit(times, *limits);
  row.share = percent(share);
  row.near = static_cast<float>(std::min(1.0, share));
  return row;
}

/// Those that took least become one row, where there are more than the panel has room for.
std::vector<OperationTimes> largest(std::vector<OperationTimes> all, std::size_t most) {
  if (all.size() <= most || most < 2) return all;
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return -all[i].ms; });
  std::vector<bool> kept(all.size());
  for (std::size_t i = 0; i + 1 < most; ++i) kept[order[i]] = true;
  std::vector<OperationTimes> some;
  OperationTimes others;
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (kept[i]) {
      some.push_back(std::move(all[i]));
      continue;
    }
    ++left_out;
    others.calls += all[i].calls;
    others.ms += all[i].ms;
    others.bytes += all[i].bytes;
    others.flops += all[i].flops;
  }
  others.name = std::to_string(left_out) + " others";
  some.push_back(std::move(others));
  return some;
}

}  // namespace

TimesTable times_table(const TimesContent& content, std::size_t most_rows) {
  TimesTable table;
  table.title = "Where the time goes";
  if (!content.pass) {
    table.subtitle = content.backend;
    table.notes.emplace_back("The next run is measured.");
    return table;
  }
  const PassTimes& pass = *content.pass;
  const int first = pass.first_position, last = first + pass.rows - 1;
  table.subtitle =
      (pass.rows == 1 ? "position " + std::to_string(first) : "positions " + std::to_string(first) + " to " + std::to_string(last)) +
      " in " + short_number(pass.ms) + " ms, " + content.backend;
  bool beyond = false;
  for (const OperationTimes& times : largest(pass.operations, most_rows)) {
    table.rows.push_back(row_of(times, pass, content.limits));
    beyond = beyond || (content.limits && share_of_limit(times, *content.limits) > 1);
  }
  if (!content.limits) {
    table.notes.emplace_back("measuring what this machine can …");
    return table;
  }
  table.notes.push_back("limits: memory " + short_number(content.limits->gb_per_s) + " GB/s, matmul " +
                        short_number(content.limits->gflops) + " GFLOP/s" +
                        (pass.limits.known() ? ", by the data sheet" : ", measured here"));
  if (beyond) table.notes.emplace_back("above 100 %: read from the processor's cache, not from memory");
  return table;
}

}  // namespace gf::doc

#include "app/document/times_table.h"

#include <algorithm>
#include <numeric>

#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::doc {
namespace {

/// Three digits or so: "0.012", "3.42", "128".
std::string short_number(double v) { return numbers::fixed(v, v >= 100 ? 0 : v >= 10 ? 1 : v >= 1 ? 2 : 3); }

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
  row.share = numbers::percent(share, share < 0.0995 ? 1 : 0);
  row.near = static_cast<float>(std::min(1.0, share));
  return row;
}

/// At most `most`: the operations that took least are added up in one.
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
  others.name = counted(static_cast<long long>(left_out), "{0} other", "{0} others");
  some.push_back(std::move(others));
  return some;
}

}  // namespace

TimesTable times_table(const TimesContent& content, std::size_t most_rows) {
  TimesTable table;
  table.title = text("Where the time goes");
  if (!content.pass) {
    table.subtitle = content.backend;
    table.notes.push_back(text("The next run is measured."));
    return table;
  }
  const PassTimes& pass = *content.pass;
  const int first = pass.first_position, last = first + pass.rows - 1;
  table.subtitle = pass.rows == 1 ? text("position {0} in {1} ms, {2}", first, short_number(pass.ms), content.backend)
                                  : text("positions {0} to {1} in {2} ms, {3}", first, last, short_number(pass.ms), content.backend);
  bool beyond = false;
  for (const OperationTimes& times : largest(pass.operations, most_rows)) {
    table.rows.push_back(row_of(times, pass, content.limits));
    beyond = beyond || (content.limits && share_of_limit(times, *content.limits) > 1);
  }
  if (!content.limits) {
    table.notes.push_back(text("measuring what this machine can …"));
    return table;
  }
  const char* limits = pass.limits.known() ? phrase("limits: memory {0} GB/s, matmul {1} GFLOP/s, by the data sheet")
                                           : phrase("limits: memory {0} GB/s, matmul {1} GFLOP/s, measured here");
  table.notes.push_back(text(limits, short_number(content.limits->gb_per_s), short_number(content.limits->gflops)));
  if (beyond) table.notes.push_back(text("above 100 %: read from the processor's cache, not from memory"));
  return table;
}

}  // namespace gf::doc

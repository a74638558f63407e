#include "app/scene/sources/largest.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace gf::scene {
namespace {

float largest_in(std::span<const float> row) {
  float largest = 0;
  for (const float v : row) largest = std::isfinite(v) ? std::max(largest, std::abs(v)) : largest;
  return largest;
}

float largest_between(std::span<const float> row, std::span<const float> minus) {
  float largest = 0;
  for (std::size_t i = 0; i < std::min(row.size(), minus.size()); ++i) {
    const float v = row[i] - minus[i];
    largest = std::isfinite(v) ? std::max(largest, std::abs(v)) : largest;
  }
  return largest;
}

}  // namespace

float LargestBook::of(const Trace& shown, const Trace* minus, HookId hook) {
  if (info_of(hook.kind).unit == HookUnit::Logit)
    return minus == nullptr ? largest_in(shown.last_logits()) : largest_between(shown.last_logits(), minus->last_logits());
  if (!shown.has(hook) || (minus != nullptr && !minus->has(hook))) return 0;
  const int length = minus == nullptr ? shown.length() : std::min(shown.length(), minus->length());
  auto& chunks = known_[{hook, minus != nullptr}];
  chunks.resize(static_cast<std::size_t>((length + kChunkRows - 1) / kChunkRows));
  float largest = 0;
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    const int first = static_cast<int>(c) * kChunkRows, rows = std::min(length - first, kChunkRows);
    OfChunk now{shown.chunks(hook)[c], minus == nullptr ? nullptr : minus->chunks(hook)[c], rows, 0};
    OfChunk& before = chunks[c];
    const bool same = before.shown == now.shown && before.minus == now.minus && before.rows == rows;
    if (!same && now.shown != now.minus)
      for (int p = first; p < first + rows; ++p)
        now.largest = std::max(
            now.largest, minus == nullptr ? largest_in(shown.row(hook, p)) : largest_between(shown.row(hook, p), minus->row(hook, p)));
    if (!same) before = std::move(now);
    largest = std::max(largest, before.largest);
  }
  return largest;
}

}  // namespace gf::scene

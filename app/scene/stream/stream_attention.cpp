// Attention between two columns of the Stream: ribbons from the row that is read to the row that reads.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "app/scene/builder_state.h"
#include "app/scene/stream/stream.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/edits/head_cuts.h"

namespace gf::scene {
namespace {

constexpr int kMostRibbons = 420, kMostOfBlock = 120, kLeastOfBlock = 25, kRibbonsEachRow = 4;
constexpr float kLeastInFocus = 0.03F;
constexpr float kWidth = 0.34F;  // of a weight of 1, in tile heights
// Attention to the token itself or to the first token is drawn faintly, because it often means that the head rests.
constexpr float kResting = 0.35F;

struct Carried {
  int block, head, query, key;
  float strength;  ///< share of what gets the full width
  bool focused;
  [[nodiscard]] bool rests() const { return !focused && (key == 0 || key == query); }
  /// The order in which ribbons are kept where there are too many.
  [[nodiscard]] auto rank() const { return std::tuple(!focused, -strength * (rests() ? kResting : 1), head, query, key); }
};

enum class Role { Plain, Focused, Aside };

Role role_of(const StreamFocus& focus, int block, int head, int query, int key) {
  if (focus.head >= 0) {
    if (focus.block != block) return Role::Plain;
    return focus.head == head ? Role::Focused : Role::Aside;
  }
  if (focus.depth < 0) return Role::Plain;
  const bool into = block == focus.depth - 1 && query == focus.position, out_of = block == focus.depth && key == focus.position;
  return into || out_of ? Role::Focused : Role::Aside;
}

/// The strength of each entry of a block's patterns: its weight, or the norm of the vector that it moves.
class Weigher {
 public:
  Weigher(const SceneInput& input, const ViewState& view, int block)
      : block_(block), shown_(shown_trace(input, view.compare)), norms_(nullptr) {
    if (view.compare == Compare::Difference) minus_ = input.run->base.get();
    const StreamReading* reading = shown_reading(input, view.compare);
    if (view.ribbons == RibbonWidth::Moved && reading != nullptr) norms_ = &reading->norms.value;
  }
  [[nodiscard]] float operator()(int head, int query, int key) const {
    const auto at = [&](const Trace& t) { return t.causal_row({HookKind::Pattern, block_}, head, query)[static_cast<std::size_t>(key)]; };
    float weight = at(*shown_);
    if (minus_ != nullptr && query < minus_->length()) weight = std::abs(weight - at(*minus_));
    return norms_ != nullptr ? weight * norms_->at(block_, head, key) : weight;
  }
  [[nodiscard]] bool by_norm() const { return norms_ != nullptr; }

 private:
  int block_;
  const Trace *shown_, *minus_ = nullptr;
  const Grid* norms_;
};

std::vector<Carried> carried(const SceneInput& input, const ViewState& view, const StreamFocus& focus, int block, int T) {
  const ModelConfig& config = input.model->weights->config;
  const Weigher weigh(input, view, block);
  float full = 1;
  if (weigh.by_norm()) {
    full = 0;
    for (int h = 0; h < config.n_head; ++h)
      for (int q = 0; q < T; ++q)
        for (int k = 0; k <= q; ++k) full = std::max(full, weigh(h, q, k));
  }
  std::vector<Carried> all;
  for (int h = 0; h < config.n_head; ++h)
    for (int q = 1; q < T; ++q)  // the first position has no choice: it looks at itself
      for (int k = 0; k <= q; ++k) {
        const bool focused = role_of(focus, block, h, q, k) == Role::Focused;
        const float strength = full > 0 ? weigh(h, q, k) / full : 0;
        if (strength >= (focused ? kLeastInFocus : kLeastRibbon)) all.push_back({block, h, q, k, strength, focused});
      }
  auto most = static_cast<std::ptrdiff_t>(most_ribbons(config, T));
  most += std::min(most, std::ranges::count_if(all, &Carried::focused));  // ribbons in focus do not displace others
  if (std::ssize(all) > most) {
    std::ranges::nth_element(all, all.begin() + most, {}, &Carried::rank);
    all.resize(static_cast<std::size_t>(most));
  }
  std::ranges::sort(all, std::greater{}, &Carried::rank);  // the strongest ribbons are drawn last, on top
  return all;
}

}  // namespace

int most_ribbons(const ModelConfig& config, int T) {
  return std::clamp(std::min(kMostRibbons / std::max(1, config.n_layer), kRibbonsEachRow * T), kLeastOfBlock, kMostOfBlock);
}

std::string ribbon_words(RibbonWidth width, int most) {
  const std::string least = numbers::percent(static_cast<double>(kLeastRibbon), 0);
  return width == RibbonWidth::Moved ? text("ribbons: norm moved, from {0}, at most {1} a block", least, most)
                                     : text("ribbons from {0}, at most {1} a block", least, most);
}

void add_attention(StreamFrame& frame, const SceneInput& input, const ViewState& view) {
  if (!frame.shown) return;
  const ModelConfig& config = input.model->weights->config;
  const StreamLayout& l = frame.layout;
  const StreamFocus& focus = frame.key.focus;
  const bool edited = view.compare != Compare::Base && input.run->has_edits();
  const Recipe& recipe = input.run->request.recipe;
  for (int block = 0; block < config.n_layer; ++block) {
    if (!frame.shown->has({HookKind::Pattern, block})) continue;
    const int op = frame.timeline.op_of({HookKind::Z, block});
    const float from = l.ribbons_from(block), to = l.ribbons_to(block), reach = to - from;
    for (const Carried& c : carried(input, view, focus, block, frame.shown->length())) {
      const float lane = 0.14F + 0.72F * (static_cast<float>(c.head) + 0.5F) / static_cast<float>(config.n_head);
      const float half = 0.5F * std::max(0.02F, kWidth * c.strength);
      // Ribbons between distant rows bow away from the viewer, so that they separate when the lattice is turned.
      const float bow = std::min(2.2F, 0.16F * static_cast<float>(c.query - c.key) * l.step_y);
      // A steep ribbon gets slanted ends, so that its width still shows its weight.
      const float fall = l.row(c.query) - l.row(c.key), slant = half * std::min(1.0F, fall / (0.8F * reach));
      render::Ribbon r;
      r.a0 = {from + slant, l.row(c.key) + lane - half, 0};
      r.a1 = {from - slant, l.row(c.key) + lane + half, 0};
      r.b0 = {to + slant, l.row(c.query) + lane - half, 0};
      r.b1 = {to - slant, l.row(c.query) + lane + half, 0};
      r.a_out = {1.4F * reach, 0, 3 * bow};
      r.b_in = {1.4F * reach, 0, -3 * bow};
      r.color = head_color(c.head, view.theme);
      const Role role = role_of(focus, block, c.head, c.query, c.key);
      r.color.a = role == Role::Aside ? 0.08F : 0.34F + 0.4F * c.strength;
      if (role == Role::Plain && c.rests()) r.color.a *= kResting;
      if (role == Role::Focused) r.color.a = std::min(0.95F, r.color.a + 0.25F);
      r.color_end = r.color;
      r.means = frame.scene.mean({{{HookKind::Pattern, block}, {}}, {c.head, c.query, c.key}});
      r.cut = edited && is_cut(recipe, block, c.head, config.n_head);
      frame.add(r, {op, c.query});
    }
  }
}

}  // namespace gf::scene

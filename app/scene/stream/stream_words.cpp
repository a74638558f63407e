// How far the Stream's words may reach: no farther than the first ribbon that passes their row.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/scene/builder_state.h"
#include "app/scene/pointed.h"
#include "app/scene/stream/stream.h"

namespace gf::scene {
namespace {

/// For each row of a block, where the first ribbon passes the height of its word.
class FirstRibbons {
 public:
  FirstRibbons(const StreamLayout& layout, int n_layer, int T)
      : l_(layout), first_(static_cast<std::size_t>(n_layer), std::vector<float>(static_cast<std::size_t>(T), 1e9F)) {}

  void add(const render::Ribbon& ribbon) {
    constexpr float kPale = 0.1F;  // of a ribbon that a word may cross
    constexpr int kPieces = 16;
    if (std::max(ribbon.color.a, ribbon.color_end.a) < kPale) return;
    const auto block = static_cast<std::size_t>(std::max(0.0F, std::floor(ribbon.a0.x / l_.step_x)));
    if (block >= first_.size()) return;
    glm::vec3 a = ribbon_point(ribbon, 0, false), b = ribbon_point(ribbon, 0, true);
    for (int i = 1; i <= kPieces; ++i) {
      const float s = static_cast<float>(i) / kPieces;
      const glm::vec3 c = ribbon_point(ribbon, s, false), d = ribbon_point(ribbon, s, true);
      // Its sides: where a steep ribbon comes to a row tells how far that row's word may reach, and not where a piece of it begins.
      for (const auto& [from, to] : {std::pair(a, c), std::pair(b, d), std::pair(a, b), std::pair(c, d)}) pass(first_[block], from, to);
      a = c, b = d;
    }
  }
  [[nodiscard]] float at(int block, int row) const { return first_[static_cast<std::size_t>(block)][static_cast<std::size_t>(row)]; }

 private:
  /// A line of a ribbon.
  void pass(std::vector<float>& rows, glm::vec2 a, glm::vec2 b) const {
    const int T = static_cast<int>(rows.size());
    if (a.y > b.y) std::swap(a, b);
    const int from = std::clamp(static_cast<int>(std::floor((a.y - l_.band_top) / l_.step_y)), 0, T - 1);
    const int to = std::clamp(static_cast<int>(std::floor(b.y / l_.step_y)), 0, T - 1);
    const auto x_at = [&](float y) {
      return b.y > a.y ? std::lerp(a.x, b.x, std::clamp((y - a.y) / (b.y - a.y), 0.0F, 1.0F)) : std::min(a.x, b.x);
    };
    for (int row = from; row <= to; ++row) {
      const float top = l_.row(row), foot = top + l_.band_top;
      if (a.y < foot && b.y > top)
        rows[static_cast<std::size_t>(row)] = std::min({rows[static_cast<std::size_t>(row)], x_at(top), x_at(foot)});
    }
  }

  const StreamLayout& l_;
  std::vector<std::vector<float>> first_;
};

}  // namespace

void give_words_room(StreamFrame& frame, int n_layer) {
  constexpr float kAir = 0.1F;
  const StreamLayout& l = frame.layout;
  if (!frame.shown || !frame.word_labels || l.words_below) return;
  const int T = frame.shown->length();
  FirstRibbons first(l, n_layer, T);
  for (const render::Ribbon& ribbon : frame.scene.scene->ribbons) first.add(ribbon);
  for (auto& [label, room] : frame.scene.rooms) {
    const auto word = static_cast<int>(label - *frame.word_labels);  // depth by depth
    if (label < *frame.word_labels || word >= n_layer * T) continue;
    const int depth = word / T;
    const float end = std::min(first.at(depth, word % T), l.ribbons_to(depth)) - kAir;
    room = std::max(room, end - frame.scene.scene->labels[label].anchor.x);
  }
}

}  // namespace gf::scene

// Where everything of a model stands: panels, ribbons and name tags in the world. Pure geometry, no values, no time.
// A model is laid out as a page: its blocks follow each other like words on lines, below the band of the residual stream.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/scene/scene_builder.h"
#include "model/config.h"
#include "model/weights.h"
#include "renderer/scene.h"

namespace gf::scene {

/// A weight as the layout needs it: logical extents, vectors have rows == 0.
struct WeightShape {
  std::string name;
  int rows = 0, cols = 0;
  friend bool operator==(const WeightShape&, const WeightShape&) = default;
};
[[nodiscard]] std::vector<WeightShape> weight_shapes(const Weights& weights);

/// What a layout depends on; equal inputs give equal layouts.
struct LayoutInput {
  ModelConfig config;
  int T = 1;                             ///< rows of every sheet, at least 1
  float aspect = 16.0F / 9.0F;           ///< width over height of the viewport
  float letters = 11.8F;                 ///< heights of the viewport over which far letters spread: fewer in a low one
  float lines = 48;                      ///< of the smallest legible letters that the viewport has room for, one below the other
  std::array<bool, kHookKinds> hooks{};  ///< which kinds are shown
  bool all_logits = false;               ///< a row of logits for each position; otherwise the last one, folded
  std::vector<WeightShape> weights;
  std::optional<std::pair<int, int>> one_head;  ///< block and head: that head alone, see make_head_layout()
  friend bool operator==(const LayoutInput&, const LayoutInput&) = default;
};

struct LayoutPanel {
  PanelInfo info;
  glm::vec3 origin{0}, across{0}, down{0};
  int grid_every = 0;
};

/// What is written beside a panel, from far to near.
enum class TagTier : std::uint8_t { Title, Sum, Name, Head, Weight, Strip };

struct LayoutTag {
  std::string text;
  glm::vec3 anchor{0};
  TagTier tier = TagTier::Name;
  render::Align horizontal = render::Align::Begin, vertical = render::Align::End;
  int block = -1;  ///< of a title; -1: the embedding's
  int head = -1;   ///< in whose colour it is written
};

/// A band of data on its way. `into`: the hook that it feeds, whose op moves it.
struct LayoutRibbon {
  glm::vec3 a0{0}, a1{0}, b0{0}, b1{0}, a_out{0}, b_in{0};
  HookId into;
  HookId from;
  int head = -1;  ///< coloured as this head
  enum class Kind : std::uint8_t { Stream, Flow, Head } kind = Kind::Flow;
  float strength = 1;  ///< of its colour's alpha
};

struct Layout {
  /// Where a line of the page begins: the upper left corner of its first slab.
  struct Line {
    float x = 0, y = 0;
  };
  std::vector<LayoutPanel> panels;
  std::vector<LayoutTag> tags;
  std::vector<LayoutRibbon> ribbons;
  /// Index block + 1, see ViewScene::blocks. That of a block is the rectangle that nothing of another block enters.
  std::vector<ViewScene::Box> blocks;
  /// Empty parts of the page, where the numbers of an operation at work can stand: of the embedding, of each block's attention
  /// and MLP, and of the logits.
  std::vector<ViewScene::Box> boards;
  glm::vec3 low{0}, high{0};
  float sheet_height = 1;               ///< in sheet widths
  int columns = 1;                      ///< blocks on a line
  std::vector<Line> lines;              ///< of the page, from above
  float text_scale = 1;                 ///< of letters that are read from afar: larger in a larger world
  float title_letters = kTitleLetters;  ///< of blocks' names, before they are scaled
  glm::vec3 tokens{0};                  ///< right end of the first word of the list of tokens
  float token_step = 0.2F;              ///< from one word to the next
  float token_share = 0.7F;             ///< of a step: the height of a word
  float token_aside = 0;                ///< > 0: every second word is moved so far to the left, because the lines are too low for all words
  int token_every = 1;                  ///< of so many words in a row, counted back from the last, one has room for its letters
  bool alone = false;                   ///< one head: there are no lists of tokens and words
  int first_token = 0;                  ///< the first token that is listed; a long prompt's earlier ones are left out
  glm::vec3 words{0};                   ///< upper left corner of the list of likely next tokens
  float words_width = 1, words_step = 0.3F;
  glm::vec3 title{0};                             ///< where the model's name stands
  float title_width = 1e9F;                       ///< room for it; 0: none
  static constexpr int kWords = 8, kTokens = 28;  ///< at most so many words and tokens are listed
  static constexpr float kTitleLetters = 0.26F;

  /// Where the word of a position stands in a list of T, its right end; `lower`: in steps.
  [[nodiscard]] glm::vec3 token_at(int position, int T, float lower = 0) const;
  /// Whether the word of a position in a list of T has room for its letters.
  [[nodiscard]] bool has_room(int position, int T) const { return (T - 1 - position) % token_every == 0; }
  /// First panel of a hook (of `head`), -1 where it is not shown.
  [[nodiscard]] int panel_of(HookId hook, int head = -1) const;
};

[[nodiscard]] Layout make_layout(const LayoutInput& input);
/// One head alone: q, k, scores, pattern, v and z side by side. Its blocks are empty, as a cube's.
[[nodiscard]] Layout make_head_layout(const LayoutInput& input, int layer, int head);

}  // namespace gf::scene

#include "app/scene/stream/stream_layout.h"

#include <algorithm>
#include <cmath>

#include "model/base/error.h"

namespace gf::scene {
namespace {

// In tile heights.
constexpr float kLeastStepY = 1.26F, kGoodStepY = 2.1F, kMostStepY = 4.2F, kMostStepX = 12;
constexpr float kLeastWords = 0.5F, kGoodWords = 1.5F, kMostWords = 4, kLeastRibbons = 0.9F, kGoodRibbons = 1.7F, kBars = 0.42F,
                kLeastBars = 0.3F;
constexpr float kWordsBelow = 1.75F;  // from this pitch of rows on
constexpr float kLeastPlate = 0.8F, kMostPlate = 1.5F;
constexpr float kTokenLetters = 8.5F, kLetterWidth = 0.56F;                        // of a letter's height
constexpr float kTitleLetters = 7, kBoldWidth = 0.6F;                              // "block 5"
constexpr float kWordPx = 14, kLeastWordPx = 12.5F, kTokenPx = 16, kTitlePx = 15;  // good sizes at home
constexpr float kReadPx = 12;                                                      // a smaller word is not drawn, or just so
constexpr int kLeastRows = 4;

/// Columns of a tile: the divisor nearest above the root, so that a tile is full and about square; 768 = 24 x 32.
int fold_columns(int d_model) {
  const int root = std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(d_model)))));
  for (int cols = root; cols <= 2 * root; ++cols)
    if (d_model % cols == 0) return cols;
  return root;
}

/// So many rows of plates that each is as large as can be where they have a pane of this aspect for themselves, as "attention B" shows
/// them, and as many more as keep each large enough above its block.
void arrange_plates(StreamLayout& l, int n_head, float aspect) {
  constexpr float kOfHeight = 0.75F;  // of such a pane: title, names of keys and the legend have the rest
  constexpr int kMostDown = 5;
  const auto across = [&](int down) { return (n_head + down - 1) / down; };
  const auto alone = [&](int down) { return std::min(aspect / static_cast<float>(across(down)), kOfHeight / static_cast<float>(down)); };
  const float room = 0.94F * l.step_x;
  l.plates_down = 1;
  while (l.plates_down < kMostDown && alone(l.plates_down + 1) > alone(l.plates_down)) ++l.plates_down;
  for (;; ++l.plates_down) {
    l.plates_across = across(l.plates_down);
    const float each = room / static_cast<float>(l.plates_across);
    // What such a pane has left beside them is the room of their rows' names.
    const float beside = aspect / static_cast<float>(l.plates_across) / (kOfHeight / static_cast<float>(l.plates_down));
    constexpr float kLeastGap = 0.11F, kMostGap = 0.42F;  // in plates
    const float gap = l.plates_down > 1 ? std::clamp(beside - 1, kLeastGap, kMostGap) : kLeastGap;
    l.plate = std::min(kMostPlate, std::max(each / (1 + gap), std::min(kLeastPlate, each / (1 + kLeastGap))));
    l.plate_gap = std::min(each - l.plate, gap * l.plate);
    if (l.plate >= kLeastPlate || l.plates_down >= kMostDown || l.plates_across <= 2) return;
  }
}

/// From a plate to the one below it: between them stand lines of keys.
float down_from_plate(const StreamLayout& l) {
  constexpr float kMost = 0.21F;
  return l.plate + std::min(l.plate_gap, kMost * l.plate);
}

/// Room round the lattice of n x T steps: for titles and plates above, for tokens and words at the sides.
struct LatticeMargins {
  float above = 4, sides = 8;
};

/// The rows of the first picture: all, where they fit with words that can be read; else as many as fit with letters of the
/// usual size.
int rows_at_home(const StreamShape& shape) {
  constexpr float kRowPx = 15.5F, kAbovePx = 70;  // words of 11 px; titles and plates
  const auto fitting = [&](float row_px) { return std::max(12, static_cast<int>((shape.height_px - kAbovePx) / row_px)); };
  return shape.T <= fitting(kRowPx) ? shape.T : fitting(kRowPx * shape.presentation);
}

/// Steps that give words and ribbons their room between the columns and fill the viewport. `close`: rows stay as near as they can, so that
/// their words are larger.
void space_out(StreamLayout& l, const StreamShape& shape, const LatticeMargins& margins, int rows_seen, bool close) {
  const auto T = static_cast<float>(rows_seen), n = static_cast<float>(shape.n_layer);
  float step_y = kLeastStepY;
  const auto step_x = [&] { return (shape.aspect * (margins.above + T * step_y) - margins.sides) / n; };
  // Rows move apart until the columns have a good width or the rows a good distance; columns that are still too narrow make
  // the rows move further apart.
  const float least = l.tile_w + kLeastWords + kLeastRibbons + kLeastBars, good = l.tile_w + kGoodWords + kGoodRibbons + kBars;
  while (!close && step_x() < good && step_y < kGoodStepY) step_y += 0.02F;
  while (step_x() < least && step_y < kMostStepY) step_y += 0.02F;
  l.step_x = std::clamp(step_x(), least, kMostStepX);
  const auto rows = static_cast<float>(l.fold_rows);
  l.pitch = std::max(l.fold_rows + 1, static_cast<int>(std::round(step_y * rows)));
  l.step_y = static_cast<float>(l.pitch) / rows;
  l.bars = l.step_x > 3 ? kBars : kLeastBars;
}

/// `unit_px`: what a tile height is on the screen, seen from home, in pixels that are `presentation` as large.
void place_words(StreamLayout& l, float unit_px) {
  const auto letters = [&](float px) { return px / unit_px; };
  l.words_below = l.step_y >= kWordsBelow;
  l.words = l.words_below ? std::clamp(0.2F * l.step_x, kLeastWords, 1.2F)
                          : std::clamp((l.step_x < 5 ? 0.37F : 0.33F) * l.step_x, kLeastWords, kMostWords);
  const float most = l.words_below ? l.step_y - 1.2F : 0.74F * l.step_y;
  // A word below its tile may be as long as the way to the next word.
  l.word_room = l.words_below ? l.step_x - 0.25F : l.words;
  const float usual = l.words + (l.words_below ? l.tile_w : 0);
  l.letters = std::min(std::clamp(letters(kWordPx), 0.3F, most), usual / (3.5F * kLetterWidth));
  if (l.words_below && l.letters < letters(kLeastWordPx)) {
    // There is no room for every word at a size that can be read, so the most probable words take their neighbours' room.
    l.letters = std::min(letters(kLeastWordPx), most);
    l.word_room = std::max(l.word_room, 6 * kLetterWidth * l.letters);
  }
  // Beside its tile a word is rather cut than too small.
  if (!l.words_below) l.letters = std::max(l.letters, std::min(letters(kReadPx), most));
  l.band_top = 0.64F;
  l.band_end = 0.8F;
  if (l.letters > 0.55F && !l.words_below) {  // narrow rows: the word takes what it needs to be read
    l.band_top = 0.84F;
    l.band_end = 0.96F;
  }
  l.tokens = std::clamp(letters(kTokenPx), 0.4F, 0.78F * l.step_y);
  // Titles of narrow columns are smaller, so that each has its place.
  const float fitting = 0.95F * l.step_x / (kTitleLetters * kBoldWidth);
  l.titles = std::max({0.4F, std::min(letters(kTitlePx), fitting), letters(kReadPx)});
}

/// Titles and plates above the lattice, and the bounds of it all.
void place_frame(StreamLayout& l, const StreamShape& shape) {
  arrange_plates(l, shape.n_head, shape.aspect);
  const float plates = static_cast<float>(l.plates_down) * down_from_plate(l);
  l.depth_y = -0.35F;
  l.plates_y = l.depth_y - 1.45F * l.titles - 0.3F - plates;
  l.title_y = l.plates_y - 0.25F;
  l.low = {-kTokenLetters * kLetterWidth * l.tokens - 0.5F, l.title_y - 1.3F * l.titles - shape.above, 0};
  l.high = {l.column(shape.n_layer) + l.tile_w + l.words + 0.3F, l.row(shape.T - 1) + (l.words_below ? l.step_y : 1.3F), 0};
}

/// A layout whose first picture shows so many rows. `words_px`: the size of its words there.
StreamLayout layout_for(const StreamShape& shape, int home_rows, bool close, float& words_px) {
  StreamLayout l;
  l.fold_cols = fold_columns(shape.d_model);
  l.fold_rows = (shape.d_model + l.fold_cols - 1) / l.fold_cols;
  l.tile_w = static_cast<float>(l.fold_cols) / static_cast<float>(l.fold_rows);
  // Margins depend on letters and plates, these depend on the steps, and the steps on the margins. Three rounds settle them.
  LatticeMargins margins;
  l.home_rows = home_rows;
  for (int round = 0; round < 3; ++round) {
    space_out(l, shape, margins, l.home_rows, close);
    const float wide = margins.sides + static_cast<float>(shape.n_layer) * l.step_x;
    const float high = margins.above + static_cast<float>(l.home_rows) * l.step_y;
    place_words(l, shape.height_px / std::max(high, wide / shape.aspect) / shape.presentation);
    place_frame(l, shape);
    margins = {home_rows < shape.T ? l.home_strip() : -l.low.y, l.high.x - l.low.x - static_cast<float>(shape.n_layer) * l.step_x};
  }
  // Where not all rows are shown, plates above them are not either, and the titles stand on a strip.
  const float seen = home_rows < shape.T ? l.home_high() : l.high.y - l.low.y;
  words_px = l.letters * shape.height_px / std::max(seen, (l.high.x - l.low.x) / shape.aspect);
  return l;
}

}  // namespace

glm::vec3 StreamLayout::plate_at(int block, int head) const {
  const float each = plate + plate_gap;
  const float left = middle(block) - 0.5F * (static_cast<float>(plates_across) * each - plate_gap);
  const int across = head % plates_across, down = head / plates_across;
  return {left + static_cast<float>(across) * each, plates_y + static_cast<float>(down) * down_from_plate(*this), 0};
}

float StreamLayout::home_strip() const {
  constexpr float kOfTitles = 1.9F;
  return kOfTitles * titles;
}

float StreamLayout::home_high() const {
  constexpr float kBelow = 1.3F;
  return home_strip() + static_cast<float>(home_rows - 1) * step_y + (words_below ? step_y : kBelow);
}

StreamLayout make_stream_layout(const StreamShape& shape) {
  EXPECTS(shape.n_layer > 0 && shape.n_head > 0 && shape.d_model > 0 && shape.T > 0 && shape.aspect > 0, "a lattice has nodes");
  const int most = rows_at_home(shape);
  float words_px = 0;
  // In a small window fewer rows, or rows that are closer, have words that can be read; where none have, as many rows as possible.
  for (int rows = most; rows >= kLeastRows; --rows)
    for (const bool close : {false, true})
      if (StreamLayout l = layout_for(shape, rows, close, words_px); words_px >= kReadPx) return l;
  return layout_for(shape, most, false, words_px);
}

}  // namespace gf::scene

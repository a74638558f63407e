#include "app/scene/stream_layout.h"

#include <algorithm>
#include <cmath>

namespace gf::scene {
namespace stream_layout {
namespace {

// In tile heights.
constexpr float kLeastStepY = 1.26F, kGoodStepY = 2.1F, kMostStepY = 4.2F, kMostStepX = 8.5F;
constexpr float kLeastWords = 0.5F, kGoodWords = 1.5F, kMostWords = 3, kLeastRibbons = 0.9F, kGoodRibbons = 1.7F, kBars = 0.42F,
                kLeastBars = 0.3F;
constexpr float kWordsBelow = 1.75F;  // from this pitch of rows on
constexpr float kLeastPlate = 0.55F, kMostPlate = 1.5F;
constexpr float kTokenLetters = 8.5F, kLetterWidth = 0.56F;                     // of a letter's height
constexpr float kWordPx = 13, kLeastWordPx = 12, kTokenPx = 15, kTitlePx = 15;  // what one wants to read from afar

/// Columns of a tile: the divisor nearest above the root, so that a tile is full and about square; 768 = 24 x 32.
int fold_columns(int d_model) {
  const int root = std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(d_model)))));
  for (int cols = root; cols <= 2 * root; ++cols)
    if (d_model % cols == 0) return cols;
  return root;
}

/// As few rows of plates as keep each large enough.
void arrange_plates(StreamLayout& l, int n_head) {
  const float room = 0.94F * l.step_x;
  for (l.plates_down = 1;; ++l.plates_down) {
    l.plates_across = (n_head + l.plates_down - 1) / l.plates_down;
    const float each = room / static_cast<float>(l.plates_across);
    l.plate_gap = 0.1F * each;
    l.plate = std::min(kMostPlate, each - l.plate_gap);
    if (l.plate >= kLeastPlate || l.plates_down >= 5 || l.plates_across <= 2) return;
  }
}

}  // namespace
}  // namespace stream_layout

glm::vec3 StreamLayout::plate_at(int block, int head) const {
  const float each = plate + plate_gap;
  const float left = middle(block) - 0.5F * (static_cast<float>(plates_across) * each - plate_gap);
  return {left + static_cast<float>(head % plates_across) * each, plates_y + static_cast<float>(head / plates_across) * each, 0};
}

StreamLayout make_stream_layout(const StreamShape& shape) {
  namespace sl = stream_layout;
  StreamLayout l;
  l.fold_cols = sl::fold_columns(shape.d_model);
  l.fold_rows = (shape.d_model + l.fold_cols - 1) / l.fold_cols;
  l.tile_w = static_cast<float>(l.fold_cols) / static_cast<float>(l.fold_rows);
  const auto T = static_cast<float>(std::max(1, shape.T)), n = static_cast<float>(std::max(1, shape.n_layer));
  const float above = 3.6F;  // titles and plates, about
  const auto free_width = [&](float height) { return shape.aspect * height - l.tile_w; };
  // Tokens at the left and words at the right take some room too; they are as wide as letters make them.
  const auto letters_at = [&](float height, float px) { return px * height / std::max(200.0F, shape.height_px); };
  const auto sides = [&](float height) { return sl::kTokenLetters * sl::kLetterWidth * letters_at(height, sl::kTokenPx) + 1; };
  const auto step_at = [&](float height) { return (free_width(height) - sides(height)) / (n + 0.35F); };
  // Rows move apart until words and ribbons have their room between the columns, or until tiles would be lost.
  const float least_x = l.tile_w + sl::kLeastWords + sl::kLeastRibbons + sl::kLeastBars;
  const float good_x = l.tile_w + sl::kGoodWords + sl::kGoodRibbons + sl::kBars;
  float step_y = sl::kLeastStepY;
  const auto height = [&] { return above + T * step_y; };
  while (step_at(height()) < good_x && step_y < sl::kGoodStepY) step_y += 0.02F;
  while (step_at(height()) < least_x && step_y < sl::kMostStepY) step_y += 0.02F;
  const float step_x = std::max(least_x, step_at(height()));
  l.step_x = std::min(step_x, sl::kMostStepX);
  const float cell = 1.0F / static_cast<float>(l.fold_rows);
  l.pitch = std::max(l.fold_rows + 1, static_cast<int>(std::round(step_y / cell)));
  l.step_y = static_cast<float>(l.pitch) * cell;
  l.bars = l.step_x > 3 ? sl::kBars : sl::kLeastBars;
  l.words_below = l.step_y >= sl::kWordsBelow;
  l.words = l.words_below ? std::clamp(0.2F * l.step_x, sl::kLeastWords, 1.2F)
                          : std::clamp((l.step_x < 5 ? 0.37F : 0.33F) * l.step_x, sl::kLeastWords, sl::kMostWords);
  // How high what one sees from home is, where a wide lattice is fitted by its width.
  const float seen = std::max(height(), (n * l.step_x + l.tile_w + l.words + sides(height())) / shape.aspect);
  const float room = l.words + (l.words_below ? l.tile_w : 0), most = l.words_below ? l.step_y - 1.2F : 0.74F * l.step_y;
  l.word_room = room;
  l.letters = std::min(std::clamp(letters_at(seen, sl::kWordPx), 0.3F, most), room / (3.5F * sl::kLetterWidth));
  if (const float least = letters_at(seen, sl::kLeastWordPx); l.words_below && l.letters < least) {
    // Not each word can be read from afar: the surest ones are, over the room of their neighbours.
    l.letters = std::min(least, most);
    l.word_room = std::max(room, 6 * sl::kLetterWidth * l.letters);
  }
  if (l.letters > 0.55F && !l.words_below) {  // narrow rows: the word takes what it needs to be read
    l.band_top = 0.84F;
    l.band_end = 0.96F;
  }
  l.tokens = std::clamp(letters_at(seen, sl::kTokenPx), 0.4F, 0.78F * l.step_y);
  l.titles = std::max(0.4F, letters_at(seen, sl::kTitlePx));
  sl::arrange_plates(l, std::max(1, shape.n_head));
  const float plates = static_cast<float>(l.plates_down) * (l.plate + l.plate_gap);
  l.depth_y = -0.35F;
  l.plates_y = l.depth_y - 1.45F * l.titles - 0.3F - plates;
  l.title_y = l.plates_y - 0.25F;
  l.low = {-sl::kTokenLetters * sl::kLetterWidth * l.tokens - 0.5F, l.title_y - 1.3F * l.titles, 0};
  l.high = {l.column(shape.n_layer) + l.tile_w + l.words + 0.3F, l.row(shape.T - 1) + (l.words_below ? l.step_y : 1.3F), 0};
  return l;
}

}  // namespace gf::scene

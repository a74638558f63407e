#include "app/scene/page/layout.h"

#include <algorithm>
#include <cmath>

#include "app/scene/page/layout_builder.h"

namespace gf::scene {
namespace {

constexpr float kTokenListWidth = 1.35F;  // left of the embedding: the tokens in large letters
constexpr float kWordsRoom = 2.6F;        // right of the logits: words with their bars, before they are scaled
constexpr float kTokensRoom = 1.0F;       // the same for the words of the prompt
constexpr float kWordsLines = 3.3F;       // height of the list of words, before it is scaled

/// How the tower is folded.
struct Fold {
  int columns = 1, rows = 1;    // of blocks
  bool embedding_left = false;  // in a column of its own rather than above the first
  bool head_right = false;      // in a column of its own rather than below the last
  float width = 0, height = 0;
  float sheet = 0.5F;       // height of a sheet
  float text_scale = 1.0F;  // of letters that are read from afar
};

struct Sizes {
  float pitch, block, embedding, head;
};

/// Letters take a fixed share of the window, so they are larger in the world of a large model. In a tall window, which has
/// little width, the share is smaller.
float text_scale_for(float width, float height, const LayoutInput& input) {
  const float aspect = input.aspect;
  return std::max(1.0F, std::max(width / aspect, height) / input.letters * std::min(1.0F, std::sqrt(aspect / 1.3F)));
}

/// Extents of a folding. Room for words grows with the world that they are read in: a few rounds settle both.
Fold measured(Fold f, const LayoutInput& input, const Sizes& s, const Metrics& m) {
  const int n_layer = input.config.n_layer;
  const int in_last = n_layer - (f.columns - 1) * f.rows;
  const auto blocks = static_cast<float>(f.rows) * s.block;
  for (int round = 0; round < 4; ++round) {
    f.width = static_cast<float>(f.columns) * s.pitch;
    f.width += f.embedding_left ? s.pitch + 0.6F + kTokensRoom * f.text_scale : std::max(1 + m.aisle, 0.5F + kTokensRoom * f.text_scale);
    f.width += f.head_right ? kWordsRoom * f.text_scale : -m.aisle;
    f.height = blocks + (f.embedding_left ? 0 : s.embedding);
    if (!f.head_right) {
      const float above = f.embedding_left ? 0 : s.embedding;
      f.height = std::max(f.height, above + static_cast<float>(in_last) * s.block + s.head + 0.6F + kWordsLines * (f.text_scale - 1));
    }
    f.text_scale = text_scale_for(f.width, f.height, input);
  }
  return f;
}

/// Sheets are at least this high: they grow with the number of rows, more slowly than it.
float least_height(int T) { return std::clamp(0.5F * std::sqrt(static_cast<float>(T) / 40.0F), 0.5F, 2.0F); }

Sizes sizes_of(const LayoutInput& input, const Metrics& m) {
  return {m.pitch(), LayoutBuilder(input, m).block_height(), 2 * m.H + 0.75F, LayoutBuilder::head_height(input, m)};
}

/// The folding, and the height of sheets between 1:2 and 2:1, that fill the window best: a sheet's area on the screen.
Fold best_fold(const LayoutInput& input) {
  const int n_layer = input.config.n_layer;
  const float aspect = input.aspect;
  const float least = least_height(input.T);
  const float most = std::max(least, std::min(2.0F, 0.08F * static_cast<float>(input.T)));
  Fold best;
  float best_scale = -1;
  for (float h = least; h <= most; h *= 1.12F) {
    Metrics m;
    m.H = h;
    const Sizes s = sizes_of(input, m);
    for (int columns = 1; columns <= std::max(1, n_layer); ++columns) {
      const int rows = std::max(1, (n_layer + columns - 1) / columns);
      if ((columns - 1) * rows >= n_layer && columns > 1) continue;
      for (const bool left : {false, true})
        for (const bool right : {false, true}) {
          const Fold f = measured({columns, rows, left, right, 0, 0, h}, input, s, m);
          // Above the first block the embedding leaves its tokens no room, and below the last one the words lie where
          // legends do: only where much is won.
          const float words_hidden = (left ? 1.0F : 0.75F) * (right ? 1.0F : 0.75F);
          const float scale = std::min(aspect / (f.width + 0.6F), 1.0F / (f.height + 0.6F)) * std::sqrt(h) * words_hidden;
          if (scale > best_scale * 1.001F) {
            best_scale = scale;
            best = f;
          }
        }
    }
  }
  return best;
}

ViewScene::Box box_of(float x0, float y0, float x1, float y1, float depth) { return {{x0, y0, 0}, {x1, y1, depth}}; }

void set_bounds(Layout& layout) {
  glm::vec3 low(1e9F), high(-1e9F);
  for (const LayoutPanel& p : layout.panels)
    for (const glm::vec3& corner : {p.origin, p.origin + p.across, p.origin + p.down, p.origin + p.across + p.down}) {
      low = glm::min(low, corner);
      high = glm::max(high, corner);
    }
  for (const ViewScene::Box& box : layout.blocks) {
    low = glm::min(low, glm::vec3(box.low.x, box.low.y, low.z));
    high = glm::max(high, glm::vec3(box.high.x, box.high.y, high.z));
  }
  layout.low = low;
  layout.high = high;
}

}  // namespace

std::vector<WeightShape> weight_shapes(const Weights& weights) {
  std::vector<WeightShape> shapes;
  for (const NamedTensor& t : weights.table()) {
    if (t.view.shape.rank() < 2) {
      shapes.push_back({t.name, 0, static_cast<int>(t.view.elements())});
      continue;
    }
    const auto first = static_cast<int>(t.view.shape[0]), second = static_cast<int>(t.view.shape[1]);
    shapes.push_back({t.name, t.in_major ? first : second, t.in_major ? second : first});
  }
  return shapes;
}

int Layout::panel_of(HookId hook, int head) const {
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const PanelInfo& info = panels[i].info;
    if (!info.tensor.is_weight() && info.tensor.hook == hook && (head < 0 || info.head == head)) return static_cast<int>(i);
  }
  return -1;
}

Layout make_layout(const LayoutInput& input) {
  EXPECTS(input.T >= 1 && input.aspect > 0, "a layout has rows and a window");
  const int n_layer = input.config.n_layer;
  Metrics m;
  const Fold fold = best_fold(input);
  m.H = fold.sheet;
  LayoutBuilder b(input, m);
  const Sizes sizes = sizes_of(input, m);
  b.out.columns = fold.columns;
  b.out.text_scale = fold.text_scale;
  b.out.first_token = std::max(0, input.T - Layout::kTokens);
  b.out.sheet_height = m.H;
  b.out.blocks.resize(static_cast<std::size_t>(n_layer) + 2);

  const float top = m.head_room + 0.1F;  // of the first slab within a block
  const auto stream_x = [&](int column) { return static_cast<float>(column) * m.pitch(); };
  const float embed_x = fold.embedding_left ? stream_x(0) - m.pitch() - 0.1F : stream_x(0);
  const float embed_y = fold.embedding_left ? 0.2F : -sizes.embedding + 0.1F;
  b.embedding(embed_x, embed_y);
  b.out.blocks[0] = box_of(b.out.tokens.x - 1.0F * b.out.text_scale, embed_y - 0.1F - 0.35F * b.out.text_scale, embed_x + 1,
                           embed_y + 0.6F + 2 * m.H, m.depth);
  // Where letters are large in the window, the words need every step and the room of the title.
  const bool cramped = input.letters < 6;
  const float room = fold.embedding_left ? static_cast<float>(fold.rows) * sizes.block - (cramped ? 0.9F : 2.4F) : 2 * m.H + 0.6F;
  // In a very low window there is no room for every token's name: they are as large as others, and every second one fades.
  constexpr float kLow = 4.5F;
  b.out.token_share = input.letters < kLow ? 1.25F : cramped ? 0.8F : 0.7F;
  b.out.token_step = std::min(0.3F * b.out.text_scale, room / static_cast<float>(input.T - b.out.first_token + 1));
  b.out.blocks[0].high.y = std::max(
      b.out.blocks[0].high.y, b.out.tokens.y + std::min(3.6F, b.out.token_step * static_cast<float>(input.T - b.out.first_token + 1)));
  const HookId pos{HookKind::PosEmbed, -1};

  Area last{embed_x, embed_y + 0.6F + m.H, 1, m.H};
  HookId last_hook = pos;
  const float foot_of_columns = static_cast<float>(fold.rows) * sizes.block;
  int last_column = fold.embedding_left ? -1 : 0;
  for (int block = 0; block < n_layer; ++block) {
    const int column = block / fold.rows, row = block % fold.rows;
    const float y = static_cast<float>(row) * sizes.block;
    const Area stream{stream_x(column), y + top, 1, m.H};
    const HookId pre{HookKind::ResidPre, block};
    if (column != last_column) {
      if (block == 0) b.over(last, stream, last_hook, pre);
      else b.climb(last, stream, foot_of_columns, last_hook, pre);
    } else {
      b.fall(stream.x, stream.right(), last.bottom(), stream.y, last_hook, pre, LayoutRibbon::Kind::Stream);
    }
    b.sheet(pre, stream, 0, input.config.d_model);
    b.tag(tag_of(HookKind::ResidPre), stream);
    last = b.mlp(block, b.attention(block, stream));
    last_hook = {HookKind::ResidPost, block};
    last_column = column;
    b.out.blocks[static_cast<std::size_t>(block) + 1] =
        box_of(stream.x - m.aisle - 1, y, stream.right() + m.beside + 1, y + sizes.block, m.depth);
  }

  const float head_x = fold.head_right ? stream_x(fold.columns) : last.x;
  const float head_y = fold.head_right ? top : last.bottom() + 0.55F;
  const Area head{head_x, head_y, 1, m.H};
  const HookId norm{HookKind::LnFinalNormalized, -1};
  if (fold.head_right) b.climb(last, {head.x, head.y - 0.12F, 1, m.H}, foot_of_columns, last_hook, norm);
  else b.fall(head.x, head.right(), last.bottom(), head.y - 0.1F, last_hook, norm, LayoutRibbon::Kind::Stream);
  b.head(head_x, head_y);
  if (!fold.head_right) b.out.words.x = head_x + 2 + m.beside - b.out.words_width;  // not beyond the last MLP
  b.out.blocks.back() =
      box_of(std::min(head_x, b.out.words.x), head_y - 0.3F, b.out.words.x + b.out.words_width,
             b.out.words.y + b.out.words_step * static_cast<float>(std::min(Layout::kWords, input.config.n_vocab)) + 0.1F, m.depth);
  // Beside the foot of the first column, or below it where the window leaves room there.
  const bool title_below = fold.width / input.aspect > 1.25F * fold.height;
  const float title_line = title_below ? 0.5F : -1.6F;
  const float title_y = (fold.embedding_left ? foot_of_columns + title_line * b.out.text_scale : embed_y - 1.6F * b.out.text_scale);
  b.out.title = {embed_x - kTokenListWidth, title_y, 0};
  if (!title_below && fold.embedding_left) b.out.title_width = stream_x(0) - b.out.title.x - 0.1F;
  set_bounds(b.out);
  return std::move(b.out);
}

}  // namespace gf::scene

#include "app/scene/machine/layout.h"

#include <algorithm>
#include <cmath>

#include "app/scene/machine/layout_builder.h"

namespace gf::scene {
namespace {

constexpr float kWordsRoom = 2.6F;        // right of the logits: words with their bars, before they are scaled
constexpr float kTokensRoom = 1.0F;       // left of the embedding: the words of the prompt, the same
constexpr float kTokensAside = 1.1F;      // to a second column of them, the same
constexpr float kLeastTokenStep = 0.26F;  // of words in one column, the same
// Beside the words the list has room for the chosen word, which stands below them, and in two columns to keep clear of the name above.
constexpr float kSpareSteps = 1, kSpareStepsOfTwo = 3;
constexpr float kLeader = 0.5F;      // from those words to the rows of the embedding
constexpr float kTitleRoom = 1.95F;  // the model's name and what it measures, the same

/// The page: so many blocks on a line, so many lines.
struct Page {
  int columns = 1, lines = 1;
  float left = 0, right = 0;  // of the first line's beginning, of its end
  float width = 0, height = 0;
  float line = 1;           // from one line to the next
  float text_scale = 1.0F;  // of letters that are read from afar
  float aside = 0;          // to a second column of tokens, before it is scaled
};

/// Letters take a fixed share of the window, so they are larger in the world of a large model. In a tall window, which has
/// little width, the share is smaller.
float text_scale_for(float width, float height, const LayoutInput& input) {
  const float aspect = input.aspect;
  return std::max(1.0F, std::max(width / aspect, height) / input.letters * std::min(1.0F, std::sqrt(aspect / 1.3F)));
}

/// The measures with which a block has nearly the window's shape, and a view that it fills shows nothing of its neighbours.
Metrics metrics_for(const LayoutInput& input) {
  Metrics best;
  float least = 1e9F;
  const auto height_of = [&](const Metrics& m) { return Metrics::kAbove + LayoutBuilder(input, m).rows().bottom + Metrics::kFoot; };
  for (float H = 0.42F; H <= 0.81F; H += 0.02F)
    for (const float beside : {0.14F, 0.17F, 0.2F, 0.25F, 0.3F}) {
      Metrics m;
      m.H = H;
      m.beside = beside;
      const float off = std::abs(std::log(m.rect_width() / height_of(m) / input.aspect));
      // Sheets are about twice as wide as high where that costs little.
      const float cost = off + 0.4F * std::abs(H - 0.5F) + 0.3F * std::abs(beside - 0.17F);
      if (cost >= least) continue;
      least = cost;
      best = m;
    }
  const float w = best.rect_width(), h = height_of(best);
  // A camera sees more than the rectangle: its margin, what the page's tilt adds, and below it the part that the legend covers.
  constexpr float kMargin = 1.1F, kTilt = 0.14F, kRounding = 0.04F, kLegend = 0.135F, kTitle = 0.4F;
  best.apart = std::clamp((kMargin * (h + kTilt) * (input.aspect + kRounding) - w) / 2, 0.25F, 4.0F);
  best.below = std::clamp(std::max(kLegend * h + kTitle, (kMargin * w / input.aspect - h) / 2), 0.6F, 1.4F);
  return best;
}

/// Extents of a page. Room for words grows with the world that they are read in: a few rounds settle both.
Page measured(Page p, const LayoutInput& input, const Metrics& m, float bottom) {
  for (int round = 0; round < 4; ++round) {
    p.left = m.embed_room() + 1 + kLeader + (kTokensRoom + p.aside) * p.text_scale;
    p.right = m.head_room() + 1 + kWordsGap + kWordsRoom * p.text_scale;
    p.width = p.left + static_cast<float>(p.columns) * m.pitch() - m.gutter - m.apart - Metrics::kRight + p.right;
    p.line = bottom + Metrics::kFoot + std::max(m.below + Metrics::kAbove, 0.25F + 0.2F + 0.32F * p.text_scale);
    const float lines = 0.2F + 0.32F * p.text_scale + static_cast<float>(p.lines - 1) * p.line + bottom + Metrics::kFoot;
    p.height = std::max(lines, LayoutBuilder::words_height(p.text_scale));
    p.text_scale = text_scale_for(p.width, p.height, input);
  }
  return p;
}

/// As many blocks on a line as show them largest in this window.
Page best_page(const LayoutInput& input, const Metrics& m, float bottom, float aside) {
  const int n_layer = std::max(1, input.config.n_layer);
  Page best;
  float best_scale = -1;
  for (int columns = 1; columns <= n_layer; ++columns) {
    const int lines = (n_layer + columns - 1) / columns;
    if (columns > 1 && (n_layer + columns - 2) / (columns - 1) == lines) continue;  // as many lines with fewer on each
    Page page;
    page.columns = columns;
    page.lines = lines;
    page.aside = aside;
    page = measured(page, input, m, bottom);
    const float scale = std::min(input.aspect / page.width, 1.0F / page.height);
    if (scale <= best_scale * 1.001F) continue;
    best_scale = scale;
    best = page;
  }
  return best;
}

/// What is left below the page in a window of this shape.
float spare_below(const Page& page, const LayoutInput& input) { return page.width / input.aspect - page.height; }

/// Height of a line of the smallest legible letters.
float least_line(const Page& page, const LayoutInput& input) {
  constexpr float kMargin = 1.1F;  // of the camera that shows the whole, and what its tilt takes
  return kMargin * std::max(page.width / input.aspect, page.height) / input.lines;
}

/// Where the words of the prompt end at the bottom, and where the model's name stands.
struct Foot {
  float end = 0;  ///< of the words
  bool title = true, title_below = false;
};
/// The name stands below the page where the window leaves room there, else at its lower left corner, below the words of the prompt; it is
/// left out where `needed` words have more need of that room.
Foot foot_for(const Page& page, const LayoutInput& input, float foot, bool cramped, float needed) {
  const float spare = spare_below(page, input), title = kTitleRoom * page.text_scale + 0.1F;
  if (cramped) return {foot + std::max(0.0F, spare), false, false};
  if (spare > 0.25F * page.height) return {foot, true, true};
  if (needed <= foot - title) return {foot - title, true, false};
  return {foot + std::max(0.0F, spare), false, false};
}

/// The page with its blocks as far apart as a window that is wider has room for.
struct Spread {
  Page page;
  float apart = 0;
};
Spread spread(const LayoutInput& input, const Metrics& m, float bottom, float aside) {
  Page page = best_page(input, m, bottom, aside);
  constexpr float kOfRoom = 0.75F, kMostAdded = 0.8F;
  const float room_beside = std::max(0.0F, input.aspect * page.height - page.width);
  Metrics wider = m;
  wider.apart += std::min(kOfRoom * room_beside / static_cast<float>(page.columns + 1), kMostAdded);
  return {measured(page, input, wider, bottom), wider.apart};
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
  // Shelves rise behind the page; what they take of the picture is little.
  layout.low = low;
  layout.high = {high.x, high.y, std::min(high.z, 0.3F)};
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

glm::vec3 Layout::token_at(int position, int T, float lower) const {
  const float left = (T - 1 - position) / token_every % 2 != 0 ? token_aside : 0;
  return tokens + glm::vec3(-left, (static_cast<float>(position - first_token) + 0.5F + lower) * token_step, 0);
}

Layout make_layout(const LayoutInput& input) {
  EXPECTS(input.T >= 1 && input.aspect > 0, "a layout has rows and a window");
  if (input.one_head) return make_head_layout(input, input.one_head->first, input.one_head->second);
  const int n_layer = input.config.n_layer;
  Metrics m = metrics_for(input);
  const float bottom = LayoutBuilder(input, m).rows().bottom;
  // Where letters are large in the window, words and tokens need the room more than blocks' names do.
  const bool cramped = input.letters < 6;
  const int first_token = std::max(0, input.T - Layout::kTokens), tokens = input.T - first_token;
  const auto foot_of = [&](const Page& p) { return static_cast<float>(p.lines - 1) * p.line + bottom; };
  Spread made = spread(input, m, bottom, 0);
  const auto steps_of = [&](bool two, int every) {
    return static_cast<float>(tokens) + (two ? kSpareStepsOfTwo : kSpareSteps) * static_cast<float>(every);
  };
  const auto least_step = [&](const Page& p) { return std::max(least_line(p, input), cramped ? kLeastTokenStep * p.text_scale : 0); };
  const float wanted = steps_of(false, 1) * least_step(made.page);
  const bool aside = foot_for(made.page, input, foot_of(made.page), cramped, 0).end < wanted;
  if (aside) made = spread(input, m, bottom, kTokensAside);
  const Page& page = made.page;
  m.apart = made.apart;
  LayoutBuilder b(input, m);
  Layout& out = b.out;
  out.columns = page.columns;
  out.text_scale = page.text_scale;
  if (cramped) out.title_letters = 0.2F;
  out.first_token = first_token;
  out.sheet_height = m.H;
  out.blocks.resize(static_cast<std::size_t>(n_layer) + 2);

  const float foot = foot_of(page);
  b.embedding(0, 0);
  Area last;
  for (int block = 0; block < n_layer; ++block) {
    const int column = block % page.columns, line = block / page.columns;
    const Area stream{static_cast<float>(column) * m.pitch(), static_cast<float>(line) * page.line, 1, m.H};
    if (column == 0) out.lines.push_back({stream.x, stream.y});
    if (block > 0) {
      const LayoutBuilder::Flow flow{{HookKind::ResidPost, block - 1}, {HookKind::ResidPre, block}, LayoutRibbon::Kind::Stream};
      if (column > 0) b.across(last, stream, flow);
      else b.carry(last, stream, last.y + bottom + Metrics::kFoot + 0.12F, flow);
    }
    last = b.block(block, stream);
    out.blocks[static_cast<std::size_t>(block) + 1] =
        box_of(stream.x - m.gutter, stream.y - Metrics::kAbove, last.right() + Metrics::kRight, stream.y + bottom + Metrics::kFoot, 0);
  }

  const float head_x = static_cast<float>(page.columns - 1) * m.pitch() + m.block_width() + m.head_room();
  const Area head{head_x, last.y, 1, m.H};
  b.across(last, head, {{HookKind::ResidPost, n_layer - 1}, {HookKind::LnFinalNormalized, -1}, LayoutRibbon::Kind::Stream});
  b.unembedding(head.x, head.y, foot);
  const float words_foot = out.words.y + out.words_step * static_cast<float>(std::min(Layout::kWords, input.config.n_vocab)) + 0.1F;
  out.blocks.back() = box_of(head_x - 0.1F, std::min(head.y - Metrics::kAbove, out.words.y - 0.3F * out.text_scale),
                             out.words.x + out.words_width, std::max(words_foot, head.y + bottom * 0.5F), 0);

  const float least = least_line(page, input) / (aside ? 2 : 1);
  const Foot below = foot_for(page, input, foot, cramped, steps_of(aside, 1) * least);
  out.title = {-page.left, below.title_below ? foot + 0.5F * out.text_scale : foot + (0.3F - kTitleRoom) * out.text_scale, 0};
  if (!below.title) out.title_width = 0;
  else if (!below.title_below) out.title_width = page.left - m.embed_room();
  out.token_share = cramped ? 0.8F : 0.7F;
  if (aside) out.token_aside = kTokensAside * out.text_scale;
  // Where a line for each is too low, every second word has room for its letters, or every third.
  const float room = below.end - out.tokens.y;
  while (room / steps_of(aside, out.token_every) * static_cast<float>(out.token_every) < least && out.token_every < tokens)
    ++out.token_every;
  const float steps = steps_of(aside, out.token_every);
  out.token_step = std::min(std::max(0.3F * out.text_scale, least), room / steps);
  if (aside) out.tokens.y += 0.5F * out.token_step;
  const float list = out.token_step * steps;
  out.blocks[0] = box_of(-page.left, -0.2F - 0.32F * out.text_scale, -m.embed_room(),
                         std::max(2 * m.H + m.shelf_gap + 0.3F, cramped ? list : std::min(3.6F, list)), 0);
  set_bounds(out);
  return std::move(b.out);
}

}  // namespace gf::scene

// One head alone: its sheets as squares of one size, so that a token's row is a straight line through those of a line.
#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "app/scene/machine/layout_builder.h"

namespace gf::scene {
namespace {

constexpr float kHeadBetween = 0.32F;  // sheets: a ribbon's way
constexpr float kHeadBelow = 0.36F;    // from one line to the next: a name and a ribbon's way
constexpr float kHeadPale = 0.55F;     // ribbons lie behind the names of rows
constexpr float kHeadLeft = 0.55F, kHeadTop = 0.44F, kHeadRight = 0.1F;
constexpr float kHeadTube = 0.05F;  // half of the width of a ribbon that goes round a sheet

/// Where the six sheets and the numbers of an operation stand: lines of sheets, and a board beside them or below.
struct HeadForm {
  struct Sheet {
    HookKind kind;
    float w = 1;
  };
  std::vector<std::vector<Sheet>> lines;
  enum class Board : std::uint8_t { Below, Before, Behind } board = Board::Below;  ///< of Before and Behind: in the last line
};

struct HeadPlaces {
  std::map<HookKind, Area> sheets;
  std::vector<glm::vec2> lines;  ///< where each begins
  Area board;
  float right = 0, foot = 0;
};

HeadPlaces places_of(const HeadForm& form) {
  constexpr float kBoardHigh = 0.98F, kBoardWide = 2.5F, kBoardGap = 0.26F, kRows = 0.5F;
  HeadPlaces at;
  for (std::size_t i = 0; i < form.lines.size(); ++i) {
    const bool last = i + 1 == form.lines.size();
    const float y = static_cast<float>(i) * (1 + kHeadBelow);
    float x = last && form.board == HeadForm::Board::Before ? kBoardWide + kRows + 0.04F : 0;
    at.lines.emplace_back(x, y);
    for (const HeadForm::Sheet& sheet : form.lines[i]) {
      at.sheets[sheet.kind] = {x, y, sheet.w, 1};
      x += sheet.w + kHeadBetween;
    }
    at.right = std::max(at.right, x - kHeadBetween);
    at.foot = y + 1;
    if (form.board == HeadForm::Board::Before) at.board = {0, y, kBoardWide, 1};
    if (form.board == HeadForm::Board::Behind) at.board = {x, y, kBoardWide, 1};
  }
  if (form.board == HeadForm::Board::Below) {
    at.board = {0, at.foot + kBoardGap, at.right, kBoardHigh};
    at.foot = at.board.bottom();
  }
  at.right = std::max(at.right, at.board.right());
  return at;
}

/// Of the forms that there are the one whose sheets are largest in the window.
HeadPlaces places_for(float aspect) {
  using enum HookKind;
  using Board = HeadForm::Board;
  const HeadForm forms[] = {
      {{{{Q, 1.2F}, {K, 1.2F}, {AttnScores}, {Pattern}}, {{V}, {Z}}}, Board::Before},
      {{{{Q, 1.4F}, {K, 1.4F}, {AttnScores}}, {{V, 1.4F}, {Pattern}, {Z, 1.4F}}}, Board::Below},
      {{{{Q}, {K}}, {{AttnScores}, {Pattern}}, {{V}, {Z}}}, Board::Below},
      {{{{Q, 0.9F}, {K, 0.9F}, {AttnScores}, {Pattern}, {V, 0.9F}, {Z, 0.9F}}}, Board::Behind},
  };
  HeadPlaces best;
  float most = 0;
  for (const HeadForm& form : forms) {
    HeadPlaces at = places_of(form);
    const float size = std::min(aspect / (at.right + kHeadLeft + kHeadRight), 1 / (at.foot + kHeadTop));
    if (size > most) best = std::move(at), most = size;
  }
  return best;
}

}  // namespace

Layout make_head_layout(const LayoutInput& input, int layer, int head) {
  const HeadPlaces places = places_for(input.aspect);
  LayoutBuilder b(input, Metrics{});
  Layout& out = b.out;
  const int d_head = input.config.d_head;
  const auto hook = [&](HookKind kind) { return HookId{kind, layer}; };
  const auto at = [&](HookKind kind) { return places.sheets.at(kind); };
  const auto features = [&](HookKind kind) {
    b.sheet(hook(kind), at(kind), head * d_head, d_head);
    b.tag(b.tag_of(kind), at(kind));
  };
  const auto plate = [&](HookKind kind) {
    PanelInfo info;
    info.tensor.hook = hook(kind);
    info.head = head;
    info.mapping = PanelInfo::Mapping::Causal;
    info.rows = info.cols = input.T;
    const Area area = at(kind);
    out.panels.push_back({info, {area.x, area.y, 0}, {area.w, 0, 0}, {0, area.h, 0}, 0});
    b.tag(b.tag_of(kind), area);
  };
  features(HookKind::Q);
  features(HookKind::K);
  plate(HookKind::AttnScores);
  plate(HookKind::Pattern);
  features(HookKind::V);
  features(HookKind::Z);

  const auto piece = [&](HookKind from, HookKind into, std::array<glm::vec2, 4> ends, glm::vec2 leaves, glm::vec2 arrives) {
    LayoutRibbon r;
    r.from = hook(from), r.into = hook(into), r.head = head, r.kind = LayoutRibbon::Kind::Head, r.strength = kHeadPale;
    r.a0 = {ends[0], 0}, r.a1 = {ends[1], 0}, r.b0 = {ends[2], 0}, r.b1 = {ends[3], 0};
    r.a_out = {leaves, 0}, r.b_in = {arrives, 0};
    b.ribbon(r);
  };
  constexpr float kInset = 0.12F;
  /// To a neighbour at the right, or down to the line below.
  const auto lead = [&](HookKind from, HookKind into) {
    const Area x = at(from), y = at(into);
    if (y.y > x.y) {
      const float way = (y.y - x.bottom()) * 0.5F;
      piece(from, into,
            {glm::vec2(x.x + kInset, x.bottom()), {x.right() - kInset, x.bottom()}, {y.x + kInset, y.y}, {y.right() - kInset, y.y}},
            {0, way}, {0, way});
    } else {
      const float way = (y.x - x.right()) / 3;
      piece(from, into,
            {glm::vec2(x.right(), x.y + kInset), {x.right(), x.bottom() - kInset}, {y.x, y.y + kInset}, {y.x, y.bottom() - kInset}},
            {way, 0}, {way, 0});
    }
  };
  /// Below the sheets that stand between two of one line.
  const auto under = [&](HookKind from, HookKind into) {
    constexpr float kDeep = 0.14F, kTurn = 0.2F, kRound = 0.55F;
    const Area x = at(from), y = at(into);
    const float out_at = x.right() - 0.25F, in_at = y.x + 0.25F, low = x.bottom() + kDeep, foot = x.bottom();
    piece(from, into,
          {glm::vec2(out_at + kHeadTube, foot),
           {out_at - kHeadTube, foot},
           {out_at + kTurn, low - kHeadTube},
           {out_at + kTurn, low + kHeadTube}},
          {0, kDeep * kRound}, {kTurn * kRound, 0});
    piece(from, into,
          {glm::vec2(out_at + kTurn, low - kHeadTube),
           {out_at + kTurn, low + kHeadTube},
           {in_at - kTurn, low - kHeadTube},
           {in_at - kTurn, low + kHeadTube}},
          glm::vec2(in_at - out_at - 2 * kTurn, 0) / 3.0F, glm::vec2(in_at - out_at - 2 * kTurn, 0) / 3.0F);
    piece(
        from, into,
        {glm::vec2(in_at - kTurn, low - kHeadTube), {in_at - kTurn, low + kHeadTube}, {in_at - kHeadTube, foot}, {in_at + kHeadTube, foot}},
        {kTurn * kRound, 0}, {0, -kDeep * kRound});
  };
  const auto feed = [&](HookKind from, HookKind into) {
    const Area x = at(from), y = at(into);
    y.y == x.y&& y.x > x.right() + kHeadBetween + 0.01F ? under(from, into) : lead(from, into);
  };
  feed(HookKind::Q, HookKind::AttnScores);
  feed(HookKind::K, HookKind::AttnScores);
  feed(HookKind::AttnScores, HookKind::Pattern);
  feed(HookKind::Pattern, HookKind::Z);
  feed(HookKind::V, HookKind::Z);

  out.alone = true;
  out.columns = 1;
  out.first_token = input.T;  // the names of rows are enough
  out.sheet_height = 1;
  out.title_width = 0;
  for (const glm::vec2 line : places.lines) out.lines.push_back({line.x, line.y});
  out.tags.push_back(
      {text("block {0}, head {1}", layer, head), {0, -0.16F, 0}, TagTier::Title, render::Align::Begin, render::Align::End, layer});
  // Whatever is at work, its numbers stand in one place.
  const Area& board = places.board;
  out.boards.assign(2 * static_cast<std::size_t>(input.config.n_layer) + 2, {{board.x, board.y, 0}, {board.right(), board.bottom(), 0}});
  out.low = {-kHeadLeft, -kHeadTop, 0};
  out.high = {places.right + kHeadRight, places.foot, 0};
  return std::move(b.out);
}

}  // namespace gf::scene

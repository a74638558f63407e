// Cards as text and as geometry: where they stand, and what the pointer does with them.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "app/ui/viewport/card_deck.h"

namespace gf::ui {
namespace {

using scene::Card;
using scene::CellRef;

Card long_card() {
  Card card;
  card.title = "block 4, head 7, result of the attention of a head with a long name";
  card.doc = "blocks.4.attn.hook_z: what the values of all positions come to, each times its share of the attention";
  card.indices = {{"position", "13 \"·to\""}, {"head", "7"}, {"dim", "17"}};
  card.value = -0.4213F;
  card.formula = {"sum over keys of pattern . v", "0.31 + 0.12 - 0.04 + 0.02 - 0.01 + (8 more: 0.003) = 0.403"};
  for (int i = 0; i < 5; ++i) card.terms.push_back({"key " + std::to_string(i) + " \"·garden\":  0.31 × -1.20 = -0.372", -0.372F, {}, {}});
  card.terms_total = 13;
  return card;
}

std::string words_of(const CardSheet& sheet) {
  std::string all;
  for (const CardLine& line : sheet.lines) all += line.text + '\n';
  return all;
}

PlacedCard placed(const Card& card, const CardSurroundings& around, float scale = 1) {
  return place_card(
      [&](float wide, CardDetail detail, float letters) { return card_sheet(card, {scale * letters, wide, detail, true, {}}); }, around);
}

bool is_within(const Box& box, glm::vec2 pane) { return box.low.x >= 0 && box.low.y >= 0 && box.high.x <= pane.x && box.high.y <= pane.y; }

TEST(CardSheet, breaks_lines_within_its_width) {
  Card card = long_card();
  card.note = "a_word_that_is_much_longer_than_a_line_of_the_narrowest_card_can_be_and_so_must_be_broken";
  for (const float wide : {480.0F, 230.0F}) {
    const CardSheet sheet = card_sheet(card, {1, wide, CardDetail::All, false, "P pins this card"});
    EXPECT_LE(sheet.size.x, 1.01F * wide + 27);
    std::string joined;
    for (const CardLine& line : sheet.lines) {
      EXPECT_LE(line.at.y + line.size, sheet.size.y);
      joined += line.text;
    }
    EXPECT_NE(joined.find(card.note), std::string::npos) << "no letter is lost: " << joined;
  }
  EXPECT_GT(card_sheet(card, {1, 230}).size.y, card_sheet(card, {1, 480}).size.y);
}

TEST(CardSheet, is_larger_with_larger_letters_and_shorter_with_less_detail) {
  const Card card = long_card();
  const CardSheet all = card_sheet(card, {}), large = card_sheet(card, {1.35F, 480}), brief = card_sheet(card, {1, 480, CardDetail::Brief});
  EXPECT_GT(large.size.y, 1.25F * all.size.y);
  EXPECT_LT(brief.size.y, 0.6F * all.size.y);
  EXPECT_NE(words_of(all).find("and 8 smaller terms\n"), std::string::npos) << words_of(all);
  EXPECT_EQ(words_of(brief).find("0.31"), std::string::npos) << words_of(brief);
  EXPECT_NE(words_of(brief).find("-0.4213\n"), std::string::npos) << words_of(brief);
}

TEST(CardSheet, has_four_depths) {
  Card card = long_card();
  card.story = "Head 7 of block 4 gathered this.";
  card.code = "import torch\n\nids = torch.tensor([" + [] {
    std::string ids = "0";
    for (int i = 1; i < 200; ++i) ids += ", " + std::to_string(i);
    return ids;
  }() + "])\nfor b in range(5):\n    z = pattern @ v\nprint(z[13, 7, 17].item())\n";
  const auto words = [&](scene::CardDepth depth) {
    CardLook look;
    look.depth = depth;
    return words_of(card_sheet(card, look));
  };
  const std::string story = words(scene::CardDepth::Story), numbers = words(scene::CardDepth::Numbers),
                    formula = words(scene::CardDepth::Formula), code = words(scene::CardDepth::Code);
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  for (const std::string& depth : {story, numbers, formula, code}) EXPECT_TRUE(has(depth, "-0.4213\n")) << depth;
  EXPECT_TRUE(has(story, "gathered this") && !has(story, "key 0") && !has(story, "pattern . v")) << story;
  EXPECT_TRUE(has(numbers, "key 0") && has(numbers, "and 8 smaller terms") && !has(numbers, "pattern . v")) << numbers;
  EXPECT_TRUE(has(formula, "key 0") && has(formula, "pattern . v") && !has(formula, "torch") && !has(formula, "gathered this")) << formula;
  EXPECT_TRUE(has(code, "import torch\n") && has(code, "z = pattern @ v\n") && !has(code, "key 0")) << code;
  EXPECT_TRUE(has(code, "ids = torch.tensor([0, 1, ") && has(code, " ... ") && has(code, "199])") && !has(code, " 100,")) << code;
  // What is in the loop begins farther to the right.
  CardLook look;
  look.depth = scene::CardDepth::Code;
  const CardSheet sheet = card_sheet(card, look);
  const auto line = [&](const char* start) {
    return std::ranges::find_if(sheet.lines, [&](const CardLine& l) { return l.text.starts_with(start); })->at.x;
  };
  EXPECT_GT(line("z = "), line("for b") + 10);
  card.terms.clear();
  EXPECT_TRUE(has(words(scene::CardDepth::Numbers), "= 0.403") && !has(words(scene::CardDepth::Numbers), "pattern . v"));
  card.story.clear();
  EXPECT_TRUE(has(words(scene::CardDepth::Story), "dim 17")) << "without a sentence the names stay";
}

TEST(CardSheet, writes_NaN_and_tiny_numbers) {
  Card card = long_card();
  card.value = std::nanf("");
  card.base = 0.5F;
  card.edited = std::nanf("");
  const std::string words = words_of(card_sheet(card, {}));
  EXPECT_NE(words.find("\nNaN\nbase 0.5000    edited NaN    difference NaN\n"), std::string::npos) << words;
  EXPECT_EQ(card_number(0.0000123F), "1.23e-05");
  EXPECT_EQ(card_number(-12.345F), "-12.35");
}

TEST(CardSheet, gives_the_words_of_a_tile_before_the_formula) {
  Card card = long_card();
  card.tile.emplace();
  card.tile->title = "logit lens";
  card.tile->words = {{"\"·Mary\"", 0.987}, {"\"·John\"", 0.004}};
  card.tile->entropy_nats = 0.0612;
  card.tile->block = 3;
  card.tile->stream_norm = 45.25;
  card.tile->attention_norm = NAN;
  for (const CardDetail detail : {CardDetail::Brief, CardDetail::All}) {
    const std::string words = words_of(card_sheet(card, {1, 480, detail}));
    EXPECT_NE(words.find("logit lens\n98.7 %\n\"·Mary\"\n0.4 %\n\"·John\"\nentropy 0.0612 nats\nnorm of the stream here: 45.25\n"
                         "norm of what block 3 wrote: attention NaN, MLP not captured\nthis cell: -0.4213\n"),
              std::string::npos)
        << words;
  }
}

TEST(PlaceCard, never_hides_its_cell_in_any_window) {
  const Card card = long_card();
  int shorter = 0;
  for (const glm::vec2 pane : {glm::vec2(640, 400), glm::vec2(820, 470), glm::vec2(1280, 720), glm::vec2(1920, 1080)})
    for (const glm::vec2 size : {glm::vec2(2, 2), glm::vec2(60, 24), glm::vec2(140, 52)})
      for (float x = -size.x / 2; x <= pane.x; x += pane.x / 6)
        for (float y = -size.y / 2; y <= pane.y; y += pane.y / 5)
          for (const float scale : {1.0F, 1.35F}) {
            const Box cell{{x, y}, glm::vec2(x, y) + size};
            const PlacedCard at = placed(card, {pane, {cell}, {}, {}}, scale);
            ASSERT_FALSE(at.box.meets(cell)) << pane.x << "x" << pane.y << ", cell at " << x << ", " << y << ", scale " << scale;
            ASSERT_TRUE(is_within(at.box, pane)) << pane.x << "x" << pane.y << ", cell at " << x << ", " << y << ", scale " << scale;
            shorter += at.sheet.size.y < 0.7F * card_sheet(card, {scale, 480, CardDetail::All, true, {}}).size.y;
          }
  EXPECT_GT(shorter, 0) << "in some places there is room only for a card that says less";
}

TEST(PlaceCard, keeps_the_tile_free_while_there_is_room_and_else_the_cell) {
  const glm::vec2 pane{1280, 720};
  const Box cell{{500, 300}, {508, 308}}, tile{{480, 280}, {620, 400}}, filling{{10, 10}, {1270, 710}};
  EXPECT_FALSE(placed(long_card(), {pane, {tile, cell}, {}, {}}).box.meets(tile));
  EXPECT_FALSE(placed(long_card(), {pane, {filling, cell}, {}, {}}).box.meets(cell));
}

TEST(PlaceCard, covers_another_card_before_the_tile_that_it_speaks_of) {
  const glm::vec2 pane{1280, 720};
  const Box cell{{290, 350}, {298, 358}}, tile{{246, 338}, {298, 366}}, other{{310, 8}, {1272, 712}};
  EXPECT_FALSE(placed(long_card(), {pane, {tile, cell}, {other}, {}}).box.meets(tile));
}

TEST(PlaceCard, leaves_other_cards_and_the_ends_of_arcs_free) {
  const glm::vec2 pane{1280, 720};
  const Box cell{{600, 340}, {610, 350}};
  const PlacedCard first = placed(long_card(), {pane, {cell}, {}, {}});
  EXPECT_FALSE(placed(long_card(), {pane, {cell}, {first.box}, {}}).box.meets(first.box));
  const glm::vec2 end = (first.box.low + first.box.high) / 2.0F;
  EXPECT_FALSE(placed(long_card(), {pane, {cell}, {}, {end}}).box.contains(end));
}

TEST(PlaceCard, goes_farther_away_where_arcs_end_on_all_sides) {
  const glm::vec2 pane{1600, 900};
  const Box cell{{300, 340}, {310, 350}};
  std::vector<glm::vec2> ends;
  for (float x = 20; x < 900; x += 40)
    for (float y = 20; y < 900; y += 40) ends.emplace_back(x, y);
  const Box box = placed(long_card(), {pane, {cell}, {}, ends}).box;
  for (const glm::vec2 end : ends) EXPECT_FALSE(box.contains(end)) << end.x << ", " << end.y;
}

TEST(PlaceCard, stays_where_it_was_put_but_not_on_its_cell) {
  const glm::vec2 pane{1280, 720};
  const Box cell{{600, 340}, {660, 380}};
  const auto at = [&](glm::vec2 to) { return placed(long_card(), {pane, {cell}, {}, {}, to}).box; };
  EXPECT_EQ(at({40, 50}).low, glm::vec2(40, 50));
  for (float x = -300; x < 1400; x += 31)
    for (float y = -200; y < 800; y += 29) {
      ASSERT_FALSE(at({x, y}).meets(cell)) << x << ", " << y;
      ASSERT_TRUE(is_within(at({x, y}), pane)) << x << ", " << y;
    }
}

CellRef some_cell(int dim) { return {{{HookKind::ResidPre, 1}, {}}, {2, dim, -1}}; }

/// The cards of the deck as boxes on the screen.
std::vector<CardBox> boxes_of(const CardDeck& deck, glm::vec2 automatic = {100, 100}) {
  std::vector<CardBox> boxes;
  for (const PinnedCard& card : deck.cards()) {
    CardBox box;
    box.id = card.id;
    box.box.low = card.at.value_or(automatic);
    box.box.high = box.box.low + glm::vec2(300, 200);
    box.head = 40;
    boxes.push_back(box);
  }
  return boxes;
}

TEST(CardDeck, pins_several_cards_and_lets_each_go) {
  CardDeck deck;
  deck.toggle(some_cell(1), false);
  deck.toggle(some_cell(2), true);
  ASSERT_EQ(deck.cards().size(), 2U);
  EXPECT_TRUE(deck.cards()[1].large);
  deck.toggle(some_cell(1), false);
  ASSERT_EQ(deck.cards().size(), 1U);
  EXPECT_EQ(deck.cards()[0].cell, some_cell(2));
}

TEST(CardDeck, a_card_is_moved_by_its_head_alone) {
  CardDeck deck;
  deck.toggle(some_cell(1), false);
  const auto boxes = boxes_of(deck);
  EXPECT_FALSE(deck.press(boxes, {90, 90})) << "beside it";
  ASSERT_TRUE(deck.press(boxes, {110, 110}));
  EXPECT_TRUE(deck.holds());
  EXPECT_TRUE(deck.drag({260, 310}));
  EXPECT_EQ(deck.cards()[0].at, glm::vec2(250, 300));
  EXPECT_TRUE(deck.release(boxes_of(deck), {260, 310}));
  EXPECT_FALSE(deck.holds());
  EXPECT_FALSE(deck.drag({0, 0})) << "nothing is held";
  ASSERT_TRUE(deck.press(boxes_of(deck), {300, 450})) << "its body";
  EXPECT_TRUE(deck.drag({600, 600}));
  EXPECT_EQ(deck.cards()[0].at, glm::vec2(250, 300));
}

TEST(CardDeck, buttons_enlarge_and_close_the_card_under_them) {
  CardDeck deck;
  deck.toggle(some_cell(1), false);
  deck.toggle(some_cell(2), false);
  const auto middle = [](const Box& box) { return (box.low + box.high) / 2.0F; };
  const auto click = [&](const Box& box) {
    ASSERT_TRUE(deck.press(boxes_of(deck), middle(box)));
    ASSERT_TRUE(deck.release(boxes_of(deck), middle(box)));
  };
  click(enlarge_button(boxes_of(deck)[1]));
  EXPECT_TRUE(deck.cards()[1].large);
  click(enlarge_button(boxes_of(deck)[1]));
  EXPECT_FALSE(deck.cards()[1].large);
  const Box close = close_button(boxes_of(deck)[1]);
  ASSERT_TRUE(deck.press(boxes_of(deck), middle(close)));
  ASSERT_TRUE(deck.release(boxes_of(deck), {5, 5})) << "let go elsewhere: it stays";
  EXPECT_EQ(deck.cards().size(), 2U);
  click(close);
  ASSERT_EQ(deck.cards().size(), 1U);
  EXPECT_EQ(deck.cards()[0].cell, some_cell(1)) << "the upper one";
}

TEST(CardDeck, a_pressed_card_comes_to_the_front) {
  CardDeck deck;
  deck.toggle(some_cell(1), false);
  deck.toggle(some_cell(2), false);
  auto boxes = boxes_of(deck);
  boxes[1].box = {{700, 100}, {900, 300}};
  ASSERT_TRUE(deck.press(boxes, {120, 120}));
  EXPECT_EQ(deck.cards()[1].cell, some_cell(1));
  (void)deck.release(boxes, {120, 120});
  EXPECT_FALSE(deck.cards()[1].at) << "a click on the head does not move it";
}

TEST(CardDeck, the_card_at_the_pointer_is_not_in_the_pointers_way) {
  CardBox hover;
  hover.box = {{100, 100}, {300, 300}};
  EXPECT_EQ(zone_at(hover, {150, 150}), CardZone::None);
}

}  // namespace
}  // namespace gf::ui

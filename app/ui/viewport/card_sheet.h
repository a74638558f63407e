// A card as lines of text with their places. Needs no device and no ImGui, so any thread can lay out a card.
#pragma once

#include <cstdint>
#include <glm/glm.hpp>
#include <string>
#include <vector>

#include "app/scene/cards/explain.h"

namespace gf::ui {

enum class CardInk : std::uint8_t { Text, Dim, Positive, Negative, Notice };

struct CardLine {
  glm::vec2 at{0};  ///< upper left corner, from that of the card
  std::string text;
  CardInk ink = CardInk::Text;
  float size = 16;  ///< height of the line, as ImGui counts
  bool bold = false;
  bool slanted = false;  ///< a variable of a formula
};

/// A stroke of a formula: the bar of a fraction, the sign of a root.
struct CardStroke {
  glm::vec2 from{0}, to{0};  ///< from the upper left corner of the card
  float width = 1;
  CardInk ink = CardInk::Text;
};

/// Sizes in logical pixels.
struct CardSheet {
  glm::vec2 size{0};
  float scale = 1;  ///< of its letters and buttons
  float head = 0;   ///< of a pinned card: by so much of its upper part it can be moved; there stand its buttons
  std::vector<CardLine> lines;
  std::vector<CardStroke> strokes;
};

/// How much a card says: its name and number, all but the formula, all but the terms, or all.
enum class CardDetail : std::uint8_t { Least, Brief, Formula, All };

struct CardLook {
  float scale = 1;   ///< of the letters
  float wide = 480;  ///< lines are no wider than this, before scaling
  CardDetail detail = CardDetail::All;
  bool pinned = false;
  std::string hint = {};  ///< a last, pale line of a full card; empty: none
  scene::CardDepth depth = scene::CardDepth::Formula;
  friend bool operator==(const CardLook&, const CardLook&) = default;
};

[[nodiscard]] CardSheet card_sheet(const scene::Card& card, const CardLook& look);
/// The sides of a pinned card's two buttons, times `scale`.
inline constexpr float kCardButton = 24;
/// "0.4213", "NaN", "1.204e-05"
[[nodiscard]] std::string card_number(float value);

}  // namespace gf::ui

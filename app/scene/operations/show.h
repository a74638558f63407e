// What an operation of a pass is seen as while it works: the numbers that it computes, at one moment of its work.
// No places and no colours: board.h draws it on the page. A new animation is a function here and a row in show.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/scene/operations/timeline.h"
#include "app/scene/scene_builder.h"

namespace gf::scene {

/// A line of the calculation: words at the left, a number at the right.
struct ShowLine {
  enum class Kind : std::uint8_t {
    Term,    ///< of a sum, written out
    Rest,    ///< the terms that are not written out, together
    Bias,    ///< added at the end
    Sum,     ///< of the lines above
    Step,    ///< something else that the result is made of
    Result,  ///< the number that the operation gives
    Note,    ///< words alone
  } kind = Kind::Step;
  std::string words;
  double value = 0;
  bool there = true;         ///< has been computed by now; its place is kept for it until then
  std::string written = {};  ///< the value in words where that is not a plain number: "72 %"
  int count = 0;             ///< of Rest: how many terms it stands for, so that a low board can add others to it
};

/// A row of bars, upwards for what is positive.
struct ShowBars {
  std::string title;
  std::vector<double> values;
  double shown = 1e9;   ///< bars below this many are there; the fractional one has that share of its height
  double reach = 0;     ///< the largest |height| of the axis; 0: the largest of the values
  bool shares = false;  ///< of one, coloured as probabilities
  int marked = -1;
  std::string mark;                         ///< words below the marked bar
  std::optional<double> line, spread;       ///< a line over the bars at this height, and a band of this half width about it
  std::vector<std::string> names, numbers;  ///< parallel to values: before lying bars, and behind them; then bars run to the right
};

/// A function with points that slide on it.
struct ShowCurve {
  std::string title;
  std::vector<std::pair<double, double>> points, dots;  ///< x and y; the first dot is the one that is written out
};

/// Cells that light up: `count` neighbours from `cell` on, of Masked those after it, of Column all of its column.
struct ShowMark {
  CellRef cell;
  int count = 1;
  enum class Kind : std::uint8_t { Source, Term, Result, Masked, Column } kind = Kind::Source;
  float strength = 1;
};

/// Values that stand in the cells of a plate until the row itself does, from `first` on. They are not what the plate shows elsewhere.
struct ShowCells {
  CellRef first;
  std::vector<double> values;
  double scale = 1;           ///< saturates the colour
  std::string title, detail;  ///< of their row in the legend
};

/// What a plate shows at this moment, over it.
struct ShowName {
  CellRef plate;  ///< one of its cells
  std::string words;
};

/// Cells that move: from some cells, or from the result on the board, to others.
struct ShowMove {
  std::optional<CellRef> from;
  CellRef to;
  int from_count = 1, to_count = 1;
  float way = 0;  ///< 0: at `from`; 1: there
  float strength = 1;
};

/// How much of a row has been made.
struct ShowFill {
  int head = -1;  ///< of that head's plate; -1: of all panels of the hook
  double columns = 0;
};

struct Show {
  std::string title;
  std::optional<ShowBars> bars;
  std::optional<ShowCurve> curve;
  std::vector<ShowLine> lines;
  std::vector<ShowMark> marks;
  std::vector<ShowMove> moves;
  std::optional<ShowCells> cells;
  std::optional<ShowName> name;
  std::vector<ShowFill> fills;  ///< later ones win
  HookId hook;                  ///< whose row is made
  int position = 0;
  CellRef result;  ///< the cell that the lines speak of
};

/// The operation at work and how far it is. An operation that has just ended is still at work, so that steps by operation end
/// in a picture of what was computed.
struct ShowMoment {
  int position = 0, op = 0;
  double progress = 0;  ///< (0, 1]
};
/// nullopt: nothing is at work, before the first operation or after the last one.
[[nodiscard]] std::optional<ShowMoment> show_moment(const Timeline& timeline, double time);

/// What is seen of the operation at work at the view's time. nullopt: nothing is at work, or its numbers are those of no one
/// pass (a comparison) or may not be told (a hidden prediction).
[[nodiscard]] std::optional<Show> show_of(const SceneInput& input, const ViewState& view, const Timeline& timeline);

}  // namespace gf::scene

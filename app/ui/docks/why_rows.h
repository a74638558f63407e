// The rows of the Why dock: the parts of the stream with what each gives to A - B.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/document/stream_part.h"
#include "model/analysis/answer.h"

namespace gf::ui {

struct WhyRow {
  std::optional<doc::StreamPart> part;  ///< none: a rest, a constant, or what edits added
  std::string name;
  double value = 0;
  int depth = 0;
  bool opens = false, open = false, sum = false;
};

enum class WhyOrder : std::uint8_t { ByDepth, StrongestFirst };
struct WhyShape {
  WhyOrder order = WhyOrder::ByDepth;
  std::set<std::string> open;  ///< key_of() of the parts whose own parts show
  std::set<std::string> cut;   ///< key_of() of the parts that are cut; they are listed too, so that they can be restored
};
[[nodiscard]] std::string key_of(const doc::StreamPart& part);

/// From an answer of `dla`; the rows of depth 0 add up to the last one, its total. With "neurons" among the parts, an open MLP
/// shows its strongest ones.
[[nodiscard]] std::vector<WhyRow> why_rows_direct(const Answer& dla, const WhyShape& shape);
/// From an answer of `act-grad`: minus what a cut would change to first order, so that the signs mean the same.
[[nodiscard]] std::vector<WhyRow> why_rows_by_gradient(const Answer& act_grad, const WhyShape& shape);

}  // namespace gf::ui

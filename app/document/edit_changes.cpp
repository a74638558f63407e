#include "app/document/edit_changes.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

#include "app/document/kept.h"
#include "model/base/text.h"
#include "model/edits/axes.h"
#include "model/edits/edit_reader.h"
#include "model/edits/ops/operation.h"

namespace gf::doc {
namespace {

Axis scope_axis(const Edit& edit) {
  const auto kind = kind_named(edit.hook);
  return kind && info_of(*kind).shape == RowShape::Causal ? Axis::Queries : Axis::Positions;
}

std::string trimmed(std::string_view words) {
  const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!words.empty() && blank(words.front())) words.remove_prefix(1);
  while (!words.empty() && blank(words.back())) words.remove_suffix(1);
  return std::string(words);
}

/// "3, 5" as a list; anything else as the words that it is.
nlohmann::json json_of_scope(const std::string& words) {
  const bool numbers = !words.empty() && words.find_first_not_of("0123456789-, []") == std::string::npos;
  if (!numbers) return words;
  const std::string list = words.front() == '[' ? words : "[" + words + "]";
  nlohmann::json json = nlohmann::json::parse(list, nullptr, false);
  return json.is_discarded() ? nlohmann::json(words) : json;
}

}  // namespace

std::optional<Strength> strength_kind(const Edit& edit) {
  const EditKeys takes = operation_of(edit.op).takes;
  if (takes.has(EditKey::Factor)) return edit.value && !std::isfinite(*edit.value) ? std::nullopt : std::optional(Strength::Factor);
  if (takes.has(EditKey::Value)) return edit.value && std::isfinite(*edit.value) ? std::optional(Strength::Value) : std::nullopt;
  if (takes.has(EditKey::Std)) return Strength::Deviation;
  return std::nullopt;
}

float strength_of(const Edit& edit) {
  const auto kind = strength_kind(edit);
  if (!kind) return 0;
  switch (*kind) {
    case Strength::Factor: return edit.factor.value_or(1);
    case Strength::Value: return edit.value.value_or(0);
    case Strength::Deviation: return edit.std_dev.value_or(0);
  }
  return 0;
}

Edit with_strength(Edit edit, float strength) {
  const auto kind = strength_kind(edit);
  if (!kind) return edit;
  switch (*kind) {
    case Strength::Factor: edit.factor = strength; break;
    case Strength::Value: edit.value = strength; break;
    case Strength::Deviation: edit.std_dev = std::max(0.0F, strength); break;
  }
  return edit;
}

Command set_strength(std::size_t index, float strength, const std::string& hand) {
  return {text("change an edit's strength"),
          [index, strength](Document& d) {
            if (index >= d.recipe.edits.size()) return;
            Edit& edit = d.recipe.edits[index];
            edit = with_strength(std::move(edit), strength);
          },
          "strength " + std::to_string(index) + " " + hand};
}

std::string scope_of(const Edit& edit) {
  const auto& selector = selector_of(edit, scope_axis(edit));
  if (!selector) return "all";
  const std::string quoted = text_of(*selector);
  return quoted.substr(1, quoted.size() - 2);
}

Result<std::optional<Selector>> scope_named(std::string_view words, std::size_t number, int length) {
  const nlohmann::json json = json_of_scope(trimmed(words));
  const EditReader reader(json, number + 1);
  GF_TRY_ASSIGN(const Selector selector, reader.selector(json, name_of(Axis::Positions), true));
  if (selector.kind == Selector::Kind::All) return std::optional<Selector>();
  for (const int position : selector.list)
    if (position >= length || position < -length)
      return fail(ErrorCode::InvalidArgument, text("There is no position {0}; the positions are 0 to {1}.", position, length - 1), "scope");
  return std::optional(selector);
}

std::string why_scope_stays(const Edit& edit) {
  if (edit.source && edit.source->positions) return text("It copies from a position of its own, to one position each.");
  return {};
}

Command set_scope(std::size_t index, const std::optional<Selector>& scope) {
  return {text("change where an edit acts"),
          [index, scope](Document& d) {
            if (index >= d.recipe.edits.size()) return;
            Edit& edit = d.recipe.edits[index];
            selector_of(edit, scope_axis(edit)) = scope;
          },
          {}};
}

bool is_push_of(const Edit& edit, const Direction& direction) {
  Edit same = edit;
  same.positions = direction.push.positions;
  return same_but_factor(std::move(same), direction.push);
}

const Direction* direction_of(const Document& document, const Edit& edit) {
  const auto found = std::ranges::find_if(document.directions, [&](const Direction& direction) { return is_push_of(edit, direction); });
  return found == document.directions.end() ? nullptr : &*found;
}

}  // namespace gf::doc

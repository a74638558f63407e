// What the cards of edits change by hand: how strongly an edit acts, and at which positions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/document/command.h"

namespace gf::doc {

/// The number of an edit that a slider moves.
enum class Strength : std::uint8_t { Factor, Value, Deviation };
/// nullopt: the edit has none, such as a cut, or a score that is set to -inf.
[[nodiscard]] std::optional<Strength> strength_kind(const Edit& edit);
/// That number; 0 where the edit has none.
[[nodiscard]] float strength_of(const Edit& edit);
/// The edit with `strength` as that number. An edit that has no such number is returned unchanged.
[[nodiscard]] Edit with_strength(Edit edit, float strength);
/// Sets it. Changes that follow each other with the same `hand` undo as one: a drag is one hand.
[[nodiscard]] Command set_strength(std::size_t edit, float strength, const std::string& hand);

/// The positions at which an edit acts, of a pattern or of scores its queries: as a recipe has them, without quotes and brackets:
/// "all", "prompt", "generated", "last", "3, 5", "2:7".
[[nodiscard]] std::string scope_of(const Edit& edit);
/// Reads such words. `number`: of the edit, counted from 0. `length`: of the run. Errors: InvalidArgument, saying what it may be, or which
/// position the run lacks.
[[nodiscard]] Result<std::optional<Selector>> scope_named(std::string_view words, std::size_t number, int length);
/// Why another scope would be wrong for this edit; empty: it would not.
[[nodiscard]] std::string why_scope_stays(const Edit& edit);
[[nodiscard]] Command set_scope(std::size_t edit, const std::optional<Selector>& scope);

/// The kept direction that the edit adds, whatever its strength and scope; nullptr: it is none of them.
[[nodiscard]] const Direction* direction_of(const Document& document, const Edit& edit);
/// Whether the edit adds this direction, whatever its strength and scope.
[[nodiscard]] bool is_push_of(const Edit& edit, const Direction& direction);

}  // namespace gf::doc

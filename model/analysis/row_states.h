// What each prompt of a set leaves at one hook of every block, at its last row, and the same of an untrained model.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "model/analysis/probes.h"
#include "model/analysis/tagged_set.h"
#include "model/session.h"

namespace gf {

/// One matrix [row, dim] for each block. `progress` 0 to 1, on the calling thread. Errors: Cancelled, and Session::pass()'s.
[[nodiscard]] Result<std::vector<RowMatrix>> states_of(Session& session, std::span<const TaggedPrompt* const> rows, HookKind kind,
                                                       const std::stop_token& stop, const std::function<void(double)>& progress);

/// A session of the same architecture with random weights, a pure function of the seed. Errors: OutOfMemory.
[[nodiscard]] Result<std::unique_ptr<Session>> untrained_session(const Model& model, std::uint64_t seed);

/// One head's columns of a matrix of hook_z, [row, d_head].
[[nodiscard]] RowMatrix head_columns(const RowMatrix& all, int head, int d_head);
/// The row of W_pos at each prompt's last position: the input of the baseline probe that sees positions alone.
[[nodiscard]] RowMatrix position_rows(const Weights& weights, std::span<const TaggedPrompt* const> rows);
/// The number of characters of each prompt's text, or of tokens where it was given as ids.
[[nodiscard]] RowMatrix length_rows(std::span<const TaggedPrompt* const> rows);

/// 0 to n - 1 in random order by Fisher and Yates, a pure function of seed and number.
[[nodiscard]] std::vector<std::size_t> shuffled_order(std::size_t n, std::uint64_t seed, std::uint32_t number);

}  // namespace gf

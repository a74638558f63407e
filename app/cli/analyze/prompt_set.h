// Questions about a set of prompts: each row's numbers, and their means and standard errors. Rows that were asked about on
// several machines make the same reply, to the last bit, because it is made of the rows in their order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/analyze/analyze.h"

namespace CLI {
class Validator;
}

namespace gf::cli {

/// Rows index, index + count, ... of a set, both counted from 1. "2/4".
struct Shard {
  std::size_t index = 1, count = 1;
};
[[nodiscard]] CLI::Validator shard_word();
/// Expects a word that shard_word() lets through; empty: the whole set.
[[nodiscard]] Shard shard_of(const std::string& word);

/// A row of the file.
struct SetRow {
  Json object;
  std::optional<std::string> doubled;  ///< a key that stands in it twice
};
/// Untrusted. Errors: Corrupt (more than a row may hold), InvalidArgument (no JSON object).
[[nodiscard]] Result<SetRow> row_of_set(const std::string& line);
/// The call that a row stands for: {"prompt", "corrupt"?, "target"?, "against"?, "position"?, "tags"?}; a prompt is
/// a text or a list of ids, which may also stand under "ids" and "corrupt_ids". The prompt is also the parameter "clean" of the
/// questions that have one. Errors: InvalidArgument.
[[nodiscard]] Result<AnalyzeOptions> options_of_row(const AnalyzeOptions& options, const SetRow& of_set);
/// Keys of such a row that mean nothing; a misspelt one is among them.
[[nodiscard]] std::vector<std::string> unread_keys(const AnalyzeOptions& options, const SetRow& row);

/// All numbers of the answers, as {"row", "parts": [{"name", "axes", "shape", "unit", "values"}]}, and the tables among them as
/// set_tables.h has them. A part without numbers has its name alone.
[[nodiscard]] Json row_json(std::size_t row, const std::vector<Answered>& answers, const Model& model);
[[nodiscard]] Json failed_row_json(std::size_t row, const std::string& why);

/// What was asked of a set, and its rows in their order.
struct SetResult {
  Json about;  ///< an object: model, what, options, ...; the same for each shard
  std::vector<Json> rows;
  std::size_t total = 0;  ///< rows of the set
  Shard shard;
};
/// A file of a shard, for read_shard(). Errors: Io.
[[nodiscard]] Result<void> write_shard(const std::string& path, const SetResult& result);
/// Untrusted. Errors: NotFound, Io, Corrupt.
[[nodiscard]] Result<SetResult> read_shard(const std::string& path);
/// Errors: InvalidArgument (shards of different sets, a shard missing or given twice).
[[nodiscard]] Result<SetResult> merged(std::vector<SetResult> shards, const std::vector<std::string>& paths);

/// For each part whose axes have one length in all rows its "mean", "standard_error" and "n", as nested lists; for each table
/// what table_reply() says. "left_out" names the other parts, and "why_left_out" says why.
[[nodiscard]] Json reply_of(const SetResult& result);
/// One line for each number: row, name, a column for each axis, value. Errors: Io.
[[nodiscard]] Result<void> write_rows(const std::string& path, const SetResult& result);
/// The reply for people: means with their standard errors.
void print_set(const Json& reply);
/// Prints or writes the reply, says which rows failed. Errors: Io; InvalidArgument where every row failed.
[[nodiscard]] Result<void> give_reply(const SetResult& result, const std::string& rows_file, const std::string& output, bool json);

}  // namespace gf::cli

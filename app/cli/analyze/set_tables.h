// Tables of answers over a set of prompts: records that say the same of several prompts become one, with the means of its numbers.
#pragma once

#include <string>
#include <vector>

#include "app/cli/analyze/analyze.h"

namespace gf::cli {

/// The table that an answer gives for one prompt, as the row of a set has it: {"name", "keys", "columns", "units", "records":
/// [[...], ...]}. Each record begins with its keys, such as a layer or a token, which say what the record is about; its real numbers
/// follow, under "columns". Returns nothing for tables whose records hold lists, such as those of findings.
[[nodiscard]] Json table_row_json(const std::string& name, const Answer::Table& table, const Model& model);
/// Whether untrusted JSON has this form.
[[nodiscard]] bool is_table_row(const Json& part);

/// The key of a record as a word: a token is its text.
[[nodiscard]] std::string key_word(const Json& key);

/// Records of all rows, by their keys: {"keys", "columns", "units", "prompts", "records": [{KEY..., COLUMN: {"mean",
/// "standard_error"}..., "n"}]}, those with the largest sum of magnitudes in the last column first. n: the prompts that list the record. A
/// prompt that lists its largest ones alone may have had smaller numbers there, which are no part of the mean. `rows`: at least one.
[[nodiscard]] Json table_reply(const std::vector<const Json*>& rows);
/// For people, the first records.
void print_table_reply(const std::string& name, const Json& reply);

}  // namespace gf::cli

// The arrays of answers in files that other programs read: CSV, npz, safetensors.
#pragma once

#include <string>
#include <vector>

#include "app/cli/analyze/analyze.h"
#include "model/io/arrays/arrays.h"

namespace gf::cli {

/// Whether the name's ending stands for such a file: that of array_formats(), but .json, which is the reply.
[[nodiscard]] bool is_array_file(const std::string& path);
/// Those endings, in words.
[[nodiscard]] std::string array_endings();

/// What a reply says beside its answers, as the metadata of a file: its words as they are, the rest as JSON, and the version of
/// the program as a trace has it ("program"). What stands in `first` stays.
[[nodiscard]] ArrayMetadata array_metadata(const Json& about, ArrayMetadata first = {});

/// Writes all parts that are numbers, under the names of --rows ("dla.heads"): of tokens their "id" and number, of a table each
/// column of numbers [row]; NaN where a value is undefined. The metadata gets "units" and "first_positions", by array. Says on
/// standard error which parts have none. Errors: as write_arrays().
[[nodiscard]] Result<void> write_answer_arrays(const std::string& path, const std::vector<Answered>& answers, ArrayMetadata metadata);
/// Of a set's reply its means, standard errors and numbers of prompts ("dla.heads.mean", "dla.heads.n"), with "units".
/// Errors: as write_arrays(); InvalidArgument where nothing has a mean.
[[nodiscard]] Result<void> write_set_arrays(const std::string& path, const Json& reply, ArrayMetadata metadata);

}  // namespace gf::cli

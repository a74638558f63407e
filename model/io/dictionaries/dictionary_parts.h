// What a reader found in the file of a dictionary, before its sizes are checked against each other.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "model/dictionaries/dictionary.h"

namespace gf {

struct DictionaryParts {
  DictionaryConfig config;
  /// Under the names of dictionary_tensors().
  std::map<std::string, TensorView, std::less<>> tensors;
  bool encoder_in_major = true;    ///< W_enc is [d_in, n]; otherwise [n, d_in]
  bool decoder_in_major = true;    ///< W_dec is [n, d_out]; otherwise [d_out, n]
  int d_in = 0, n = 0, d_out = 0;  ///< as the config has them; 0: it does not say
  std::string names_file;          ///< where the names of features stand, if they are there; empty: nowhere
  std::vector<std::shared_ptr<const void>> storage;
  std::vector<std::shared_ptr<const MappedFile>> files;
};

/// The tensors that dictionaries have, by SAELens's names; a file may have others, which are not read.
[[nodiscard]] std::span<const char* const> dictionary_tensors();

/// Checks every size, computes what belongs to the kind. Errors: Corrupt (a tensor is missing, sizes that contradict each
/// other, k of more features than there are), Unsupported (a scaling factor that is not 1).
[[nodiscard]] Result<std::shared_ptr<const Dictionary>> assemble_dictionary(DictionaryParts parts);

/// The values that configs of dictionaries have, under the names of SAELens before and after version 6 and of its forerunners
/// in .pt files. `json`: an object. Untrusted. Errors: Corrupt (a value of the wrong kind), Unsupported, by name.
[[nodiscard]] Result<void> read_dictionary_config(const nlohmann::json& json, DictionaryParts& parts);

}  // namespace gf

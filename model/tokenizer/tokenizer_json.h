// Hugging Face's tokenizer.json, of byte-level BPE or of single characters.
// Source: github.com/huggingface/tokenizers, bindings' serialisation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/tokenizer/added_read.h"
#include "model/tokenizer/tokenizer.h"

namespace gf {

class CharacterTokenizer;

/// `beside`: what the files beside it say. `n_vocab` and `warning` as in BpeSetup.
/// Errors: NotFound, Io, Corrupt, Unsupported (tokenizers, normalizers and cuts of other kinds, by name).
[[nodiscard]] Result<std::shared_ptr<const Tokenizer>> read_tokenizer_json(const std::string& path, const AddedTokenSetup& beside = {},
                                                                           int n_vocab = 0, std::string* warning = nullptr);

/// One word for each character and a cut between any two: what read_tokenizer_json() gives back as characters, and
/// Hugging Face's tokenizers read too.
[[nodiscard]] std::string characters_to_json(const CharacterTokenizer& characters);

}  // namespace gf

// Hugging Face's tokenizer.json, of byte-level BPE. Source: github.com/huggingface/tokenizers, bindings' serialisation.
#pragma once

#include <memory>
#include <string>

#include "model/tokenizer/bpe.h"

namespace gf {

/// Errors: NotFound, Io, Corrupt, Unsupported (tokenizers of other kinds, by name).
[[nodiscard]] Result<std::shared_ptr<const BpeTokenizer>> read_tokenizer_json(const std::string& path);

}  // namespace gf

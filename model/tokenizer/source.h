// Finds a model's tokenizer, inside its file or beside it. Loading and converting share this.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/tokenizer/added_read.h"
#include "model/tokenizer/tokenizer.h"

namespace gf {

struct TokenizerFile {
  std::string name, content;
};

struct TokenizerSource {
  enum class Kind { None, VocabAndMerges, TokenizerJson, Characters };
  Kind kind = Kind::None;
  std::string where;                    ///< for messages: a file or folder
  std::string vocab{}, merges{};        ///< VocabAndMerges: the texts of the two files
  std::string path{};                   ///< the others: of tokenizer.json or meta.pkl
  AddedTokenSetup added{};              ///< from the files beside it: tokenizer_config.json, special_tokens_map.json, added_tokens.json
  std::vector<TokenizerFile> beside{};  ///< the content of these files, for a copy
};

/// The model's own. Errors: as load_tokenizer.
[[nodiscard]] Result<TokenizerSource> find_tokenizer(const std::string& model_path);
/// GPT-2's, from the assets.
[[nodiscard]] Result<TokenizerSource> gpt2_tokenizer_source();
/// Whether a model of so many tokens and without a tokenizer of its own is read with GPT-2's.
[[nodiscard]] bool falls_back_to_gpt2(int n_vocab);

/// The files of a Hugging Face directory that say the same: vocab.json with merges.txt, or tokenizer.json (also for
/// characters), and the files beside it. Empty for Kind::None.
[[nodiscard]] Result<std::vector<TokenizerFile>> tokenizer_files(const TokenizerSource& source);

}  // namespace gf

// One token for each character: nanoGPT's character level, with the table that its prepare.py writes (meta.pkl).
// A Hugging Face directory says the same in tokenizer.json: words of one character each.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/tokenizer.h"

namespace gf {

class CharacterTokenizer : public Tokenizer {
 public:
  /// Reads meta.pkl: a dict with itos, from ids to characters (or a list of them), or else with stoi, the other way. Errors: NotFound, Io,
  /// Corrupt, Unsupported.
  [[nodiscard]] static Result<std::shared_ptr<const CharacterTokenizer>> read(const std::string& path);
  /// From characters and their ids. `path` is where they stand. Errors: Corrupt.
  [[nodiscard]] static Result<std::shared_ptr<const CharacterTokenizer>> make(
      const std::vector<std::pair<std::int64_t, std::string_view>>& table, const std::string& path, std::string kind);

  [[nodiscard]] Result<std::vector<TokenSpan>> encode(std::string_view text, bool special) const override;
  [[nodiscard]] std::string bytes_of(TokenId id) const override;
  [[nodiscard]] int n_vocab() const override { return static_cast<int>(texts_.size()); }
  [[nodiscard]] std::string kind() const override { return kind_; }

 private:
  std::string kind_;
  std::vector<std::string> texts_;  ///< by id
  std::map<std::string, std::int32_t, std::less<>> ids_;
};

}  // namespace gf

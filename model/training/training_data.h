// The tokens that a model is trained on, and the batches of each step.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/error.h"
#include "model/base/ids.h"
#include "model/tokenizer/source.h"
#include "model/tokenizer/tokenizer.h"
#include "model/training/batch_pass.h"

namespace gf::training {

/// A tokenizer and the files that say it, which go beside the trained weights.
struct TrainingTokenizer {
  std::shared_ptr<const Tokenizer> tokenizer;  ///< nullptr: the model's text is token ids
  std::vector<TokenizerFile> files;
};
/// Of a model's folder. Errors: as load_tokenizer.
[[nodiscard]] Result<TrainingTokenizer> tokenizer_beside(const std::string& model_path, int n_vocab);
/// One token for each byte, whose id is the byte.
[[nodiscard]] Result<TrainingTokenizer> byte_tokenizer();
/// GPT-2's, from the assets.
[[nodiscard]] Result<TrainingTokenizer> gpt2_training_tokenizer();
/// One token for each character of the text, in the order of code points. Errors: InvalidArgument (the text is empty or not UTF-8).
[[nodiscard]] Result<TrainingTokenizer> character_tokenizer(std::string_view text, const std::string& path);

/// nanoGPT's train.bin: ids as uint16.
[[nodiscard]] bool is_token_file(const std::string& path);
/// Errors: NotFound, Io, Unsupported (too large), Corrupt (no whole ids).
[[nodiscard]] Result<std::vector<TokenId>> read_token_file(const std::string& path);
/// The text of a file. Errors: NotFound, Io, Unsupported (too large).
[[nodiscard]] Result<std::string> read_training_text(const std::string& path);

enum class Order : std::uint8_t {
  Random,      ///< each sequence begins anywhere: a pure function of seed, step and its place in the batch
  Sequential,  ///< sequence i of step s begins at ((s B + i) T) mod (n - T)
};

class TrainingData {
 public:
  /// `held_out`: the share of the tokens, at the end, that no batch of a step has. `path` is for messages.
  /// Errors: InvalidArgument (an id beyond n_vocab; fewer than T + 1 tokens in a part).
  [[nodiscard]] static Result<TrainingData> make(std::vector<TokenId> ids, int n_vocab, int T, double held_out, const std::string& path);

  [[nodiscard]] std::size_t training_tokens() const { return n_training_; }
  [[nodiscard]] std::size_t held_out_tokens() const { return ids_.size() - n_training_; }
  /// Of all ids: whether a later call has the same data.
  [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }

  /// The batch of a step, counted from 0. The memory of `batch` is used again.
  void batch(std::int64_t step, int B, Order order, std::uint64_t seed, Batch& batch) const;
  /// The i-th batch of up to B sequences of the held-out part, which follow each other without a gap; false: there is none.
  [[nodiscard]] bool held_out_batch(int i, int B, Batch& batch) const;

 private:
  void put(std::size_t start, std::size_t place, Batch& batch) const;

  std::vector<TokenId> ids_;
  std::size_t n_training_ = 0;
  int T_ = 0;
  std::uint64_t fingerprint_ = 0;
};

}  // namespace gf::training

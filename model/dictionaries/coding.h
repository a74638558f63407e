// Rows to features and back. encode() and decode() are the fast ones; naive_coding.h has their twins.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "model/dictionaries/fitted.h"

namespace gf {

/// What encoding subtracts from a row before it is multiplied by W_enc, and what decoding restores.
struct RowFrame {
  double mean = 0;             ///< by centring; added at the end
  double shift = 0, back = 1;  ///< reconstruction = ((features W_dec + b_dec) back + shift + mean + offset) / factor
};

/// The numbers that meet W_enc: (normalised(x factor - offset - mean) - b_dec). shape of `x` and `input`: [d_in].
void input_of(const FittedDictionary& fitted, std::span<const float> x, std::span<float> input, RowFrame& frame);

/// The features of some rows that are not 0, in the order of their numbers.
struct ActiveFeatures {
  std::vector<std::size_t> ends;  ///< of each row in the lists below
  std::vector<int> features;
  std::vector<float> activations;  ///< as SAELens has them

  [[nodiscard]] int rows() const { return static_cast<int>(ends.size()); }
  [[nodiscard]] std::size_t begin(int row) const { return row == 0 ? 0 : ends[static_cast<std::size_t>(row) - 1]; }
  [[nodiscard]] std::size_t end(int row) const { return ends[static_cast<std::size_t>(row)]; }
  [[nodiscard]] std::span<const int> features_of(int row) const { return std::span(features).subspan(begin(row), end(row) - begin(row)); }
  [[nodiscard]] std::span<const float> activations_of(int row) const {
    return std::span(activations).subspan(begin(row), end(row) - begin(row));
  }
  /// 0 where the feature is not active in that row.
  [[nodiscard]] float at(int row, int feature) const;
};

/// What the dictionary reads (FittedDictionary::part_read()) at a position.
using RowsRead = std::function<std::span<const float>(int position)>;

/// Encodes again and again with what is prepared once. The dictionary outlives it. One caller at a time.
class RowEncoder {
 public:
  explicit RowEncoder(const FittedDictionary& fitted);
  ~RowEncoder();
  RowEncoder(const RowEncoder&) = delete;
  RowEncoder& operator=(const RowEncoder&) = delete;
  /// Positions 0 to rows - 1. Errors: Cancelled; Io where the file was cut short meanwhile.
  [[nodiscard]] Result<ActiveFeatures> encode(const RowsRead& read, int rows, const std::stop_token& stop = {});

 private:
  struct Tools;
  const FittedDictionary& fitted_;
  std::unique_ptr<Tools> tools_;
};

/// RowEncoder for once. Errors: Cancelled; Io where the file was cut short meanwhile.
[[nodiscard]] Result<ActiveFeatures> encode(const FittedDictionary& fitted, const RowsRead& read, int rows, std::stop_token stop = {});
/// The row that the dictionary writes for the features of a row `x` that it read. `out`: [d_out].
void decode(const FittedDictionary& fitted, std::span<const int> features, std::span<const float> activations, std::span<const float> x,
            std::span<float> out);

/// What decides over one row's pre-activations p, [n]: writes the activations over them.
void activate(const Dictionary& dictionary, std::span<float> p);

}  // namespace gf

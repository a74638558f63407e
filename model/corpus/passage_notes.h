// What is noted of each passage's run: of neurons and heads, or of the features of a dictionary.
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "model/corpus/corpus_index.h"

namespace gf::corpus {

/// Puts runs of passages into the index that it was made for, which outlives it.
class PassageNotes {
 public:
  virtual ~PassageNotes() = default;
  /// What a run has to capture.
  [[nodiscard]] virtual CapturePlan plan() const = 0;
  /// Errors: Cancelled, those of encode(). Where there is one, nothing of the passage was noted.
  virtual Result<void> add(const Trace& trace, int passage, const std::stop_token& stop) = 0;
};

[[nodiscard]] std::unique_ptr<PassageNotes> notes_of_units(CorpusIndex& index, const Weights& weights);
[[nodiscard]] std::unique_ptr<PassageNotes> notes_of_features(CorpusIndex& index, std::shared_ptr<const FittedDictionary> dictionary);

/// What a head adds to the stream at each position: its length. W_O is prepared once.
class HeadLengths {
 public:
  explicit HeadLengths(const Weights& weights);
  ~HeadLengths();
  HeadLengths(const HeadLengths&) = delete;
  HeadLengths& operator=(const HeadLengths&) = delete;
  /// The trace has hook_z. One number for each position.
  [[nodiscard]] std::vector<float> of(const Trace& trace, int layer, int head) const;

 private:
  struct Prepared;
  std::unique_ptr<Prepared> prepared_;
};

[[nodiscard]] CapturePlan plan_of_units();
[[nodiscard]] CapturePlan plan_of_features(const FittedDictionary& dictionary);

}  // namespace gf::corpus

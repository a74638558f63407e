// What the questions that fit probes over a set of prompts have in common (directions, head-probes): parameters, baselines, and the
// states that they probe.
#pragma once

#include <functional>
#include <vector>

#include "model/analysis/probed_rows.h"
#include "model/analysis/question.h"
#include "model/base/text.h"

namespace gf {

inline constexpr Param kTagOfProbes{
    .name = "tag", .kind = Param::Kind::Text, .doc = phrase("the tag of the prompts; it may be left out where there is one")};
inline constexpr Param kFoldsOfProbes{.name = "folds",
                                      .kind = Param::Kind::Whole,
                                      .doc = phrase("stretches of rows that are held out in turn"),
                                      .fallback = "5",
                                      .low = 2,
                                      .high = 1000};
inline constexpr Param kSeedOfProbes{
    .name = "seed", .kind = Param::Kind::Seed, .doc = phrase("of shuffled tags and of the untrained model"), .fallback = "0"};

inline constexpr PartInfo kPositionBaseline{.name = "baselines.position",
                                            .title = phrase("baseline: position"),
                                            .doc = phrase("the same score for a probe that sees the embedding of the last position alone"),
                                            .kind = PartInfo::Kind::Number};
inline constexpr PartInfo kLengthBaseline{.name = "baselines.length",
                                          .title = phrase("baseline: length"),
                                          .doc = phrase("the same score for a probe that sees the prompt's number of characters alone"),
                                          .kind = PartInfo::Kind::Number};
inline constexpr PartInfo kMajorityBaseline{.name = "baselines.majority",
                                            .title = phrase("baseline: the larger class"),
                                            .doc = phrase("the share of the class that more prompts have"),
                                            .kind = PartInfo::Kind::Number,
                                            .only = PartInfo::Only::WithClasses};
/// `axes`: of the places that are probed, "layer" or "layer,head".
[[nodiscard]] constexpr PartInfo shuffled_baseline(const char* axes) {
  return {.name = "baselines.shuffled",
          .axes = axes,
          .title = phrase("baseline: shuffled tags"),
          .doc = phrase("the same score with the tags dealt out at random, the mean of four times"),
          .scale = PartInfo::Scale::Signed};
}
[[nodiscard]] constexpr PartInfo untrained_baseline(const char* axes) {
  return {.name = "baselines.untrained",
          .axes = axes,
          .title = phrase("baseline: untrained model"),
          .doc = phrase("the same score in a model of the same architecture with random weights"),
          .scale = PartInfo::Scale::Signed};
}

/// The probes of one place of the model, and their baselines there.
struct ProbedPlace {
  ProbedRows rows;
  MainScore shuffled, untrained;
};

/// A set of prompts with what the probes are fitted on.
struct ProbedSet {
  TagColumn tags;  ///< lifetime: within the asking's set
  int folds;
  std::uint64_t seed;
  std::vector<RowMatrix> trained, untrained;  ///< one [row, dim] for each block
  MainScore position, length;

  /// Fits the probes of one place. `trained`, `untrained`: the rows there. Thread safe.
  [[nodiscard]] ProbedPlace probed(const RowMatrix& trained_rows, const RowMatrix& untrained_rows) const;
  /// Adds the baselines that are the same at every place: position, length and, of classes, majority.
  void add_baselines(Answer& answer) const;
};
/// Runs the prompts of the asking's set through its model and an untrained one, and keeps the last rows of the hook in every block. Of
/// the progress it takes the first kStatesShare. Errors: those of tag_column(), states_of() and untrained_session().
[[nodiscard]] Result<ProbedSet> probed_set(const Asking& asking, HookKind kind);
inline constexpr double kStatesShare = 0.7;

/// Tells the asking how much of its work is done, where a part of the work goes from one share of it to another.
[[nodiscard]] std::function<void(double fraction)> progress_between(const Asking& asking, double from, double to);

}  // namespace gf

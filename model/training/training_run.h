// A training and its folder: the steps, the curve of losses, and the checkpoints from which it goes on. The command line and the
// window drive one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/training/training_call.h"
#include "model/training/training_folder.h"
#include "model/training/training_start.h"

namespace gf::training {

/// Losses at a checkpoint, nats.
struct CurvePoint {
  std::int64_t step = 0;           ///< steps that were made
  std::optional<double> loss;      ///< mean over the steps since the checkpoint before; none at the first
  std::optional<double> held_out;  ///< none: nothing is held out
};

/// The losses of all steps, as means over equal numbers of them: never more points than kMost, however long a training lasts.
class LossHistory {
 public:
  static constexpr std::size_t kMost = 1000;
  void add(double loss);
  /// How many steps a point averages: 1, 2, 4, ... The i-th point is the mean over the steps [i each(), (i + 1) each()).
  [[nodiscard]] std::int64_t each() const { return each_; }
  [[nodiscard]] const std::vector<double>& points() const { return points_; }

 private:
  friend class TrainingNotes;
  std::int64_t each_ = 1, summed_ = 0;
  double sum_ = 0;  ///< losses of the newest steps, which do not make a point yet
  std::vector<double> points_;
};

/// What the folder of a training says about it.
class TrainingNotes {
 public:
  TrainingCall call;
  std::uint64_t fingerprint = 0, tokens = 0;
  std::vector<CurvePoint> curve;
  LossHistory losses;

  [[nodiscard]] std::string to_json() const;
  /// Errors: NotFound (there is no training in the folder), Io, Corrupt.
  [[nodiscard]] static Result<TrainingNotes> read(const std::string& folder);
};

/// One thread at a time.
class TrainingRun {
 public:
  /// Makes the folder. Errors: of the files that are read, of TrainingFolder::create() and Trainer::create().
  [[nodiscard]] static Result<TrainingRun> begin(const TrainingSource& source, const std::string& folder, int threads = 0);
  /// Goes on from the newest checkpoint in the folder, with what read() gave; of its call `steps` and `every` may be others.
  /// Errors: Corrupt, InvalidArgument (the data is not what the training began with), those of the files that are read.
  [[nodiscard]] static Result<TrainingRun> resume(TrainingNotes notes, const std::string& folder, int threads = 0);

  /// Errors: as Trainer::step().
  [[nodiscard]] Result<StepReport> step();
  [[nodiscard]] bool done() const { return trainer_->done(); }
  /// Whether the present step is to be kept and is not yet: the first one, each `every`-th and the last.
  [[nodiscard]] bool due() const;
  /// Writes a checkpoint; afterwards curve().back() speaks of it. Errors: Io.
  [[nodiscard]] Result<void> keep();
  /// Whether the folder has the present step.
  [[nodiscard]] bool kept() const { return !notes_.curve.empty() && notes_.curve.back().step == trainer_->steps(); }

  [[nodiscard]] Trainer& trainer() { return *trainer_; }
  [[nodiscard]] const Trainer& trainer() const { return *trainer_; }
  [[nodiscard]] std::int64_t steps() const { return trainer_->steps(); }
  [[nodiscard]] const TrainingCall& call() const { return notes_.call; }
  [[nodiscard]] const std::string& folder() const { return folder_path_; }
  [[nodiscard]] const std::vector<CurvePoint>& curve() const { return notes_.curve; }
  [[nodiscard]] const LossHistory& losses() const { return notes_.losses; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  /// Of the steps since begin() or resume(), without the time of checkpoints; 0 before the first.
  [[nodiscard]] double steps_per_s() const;
  [[nodiscard]] double tokens_per_s() const { return steps_per_s() * call().batch * call().context; }

 private:
  TrainingRun(TrainingNotes notes, std::string folder_path, std::unique_ptr<Trainer> trainer, TrainingFolder folder);

  TrainingNotes notes_;
  std::string folder_path_;
  std::unique_ptr<Trainer> trainer_;
  TrainingFolder folder_;
  std::vector<std::string> warnings_;
  std::int64_t timed_ = 0;  ///< steps
  double seconds_ = 0;      ///< of these
  double sum_ = 0;          ///< losses since the newest checkpoint
  std::int64_t summed_ = 0;
};

}  // namespace gf::training

// The training that goes on in the window. Lives on the owner's thread; the steps are made on a thread of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/background/pipeline.h"
#include "model/analysis/answer.h"
#include "model/training/training_run.h"

namespace gf::doc {

/// What is to be trained, where, and how it is watched.
struct TrainingPlan {
  training::TrainingSource source;
  std::string folder;             ///< new or empty; made absolute
  std::int64_t look_every = -1;   ///< steps from one look at the model to the next; -1: a fortieth of all
  std::vector<std::string> said;  ///< the action that says the same and its arguments, for the history
};

enum class TrainingPhase : std::uint8_t {
  None,
  Preparing,  ///< the text is read, the model is made or restored
  Learning,
  Paused,   ///< the training is kept in the folder and in memory
  Stopped,  ///< it is kept in the folder alone
  Done,     ///< all steps are made
};

/// What the model writes at a step.
struct TrainingSample {
  std::int64_t step = 0;
  std::string prompt, text;  ///< the prompt is from the held-out part, or from the beginning of the text
};

struct TrainingState {
  TrainingPhase phase = TrainingPhase::None;
  std::string folder;           ///< absolute
  training::TrainingCall call;  ///< complete from Learning on
  std::int64_t steps = 0;       ///< that were made
  std::int64_t kept = -1;       ///< the newest checkpoint; -1: none yet
  std::int64_t look_every = 1;
  double steps_per_s = 0, tokens_per_s = 0;  ///< of this session; 0: unknown
  training::LossHistory losses;
  std::vector<training::CurvePoint> held_out;  ///< those points that have a held-out loss, ascending
  std::vector<TrainingSample> samples;         ///< of this session, the oldest first
  std::optional<Error> error;                  ///< why it is not learning
  [[nodiscard]] bool running() const { return phase == TrainingPhase::Preparing || phase == TrainingPhase::Learning; }
};

/// The model at a step, ready to be shown and asked.
struct TrainingLook {
  std::int64_t step = 0;
  OpenModel model;
  std::optional<Answer> heads;  ///< of the question "heads", on random tokens said twice
};

class LiveTraining {
 public:
  /// Callbacks to the owner.
  struct Listener {
    std::function<void()> changed;
    /// The folder holds a model that can be opened.
    std::function<void(const std::string& folder, const std::vector<std::string>& said)> begun;
    std::function<void(TrainingLook look)> looked;
  };
  LiveTraining(Jobs& jobs, Listener listener);
  ~LiveTraining();
  LiveTraining(const LiveTraining&) = delete;
  LiveTraining& operator=(const LiveTraining&) = delete;

  [[nodiscard]] const TrainingState& state() const { return state_; }
  /// Errors: InvalidArgument, where one is running. What the folder and the data say against it is in state().error later.
  [[nodiscard]] Result<void> start(TrainingPlan plan);
  /// Goes on in a folder, from its newest checkpoint. `steps`: how many in all; nullopt: as it was begun. Errors: as start().
  [[nodiscard]] Result<void> resume(const std::string& folder, std::optional<std::int64_t> steps = {});
  /// Keeps the present step and rests.
  void pause();
  /// From memory where it is paused, else from the folder. Errors: InvalidArgument, where there is nothing that could go on.
  [[nodiscard]] Result<void> go_on();
  /// Keeps the present step and lets go of the memory.
  void stop();
  /// Takes effect at once.
  void set_look_every(std::int64_t steps);

 private:
  struct Shared;
  void begin_work(std::shared_ptr<Shared> shared);
  void report(const Shared& from);
  void ended(const std::shared_ptr<Shared>& from, const Result<void>& result);
  [[nodiscard]] Result<void> check_idle() const;

  Jobs& jobs_;
  Listener listener_;
  TrainingState state_;
  std::shared_ptr<Shared> shared_;  ///< null: none is in memory
  bool lets_go_ = false;            ///< stop() was asked
  Job job_;
};

}  // namespace gf::doc

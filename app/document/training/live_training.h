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
  std::int64_t look_every = -1;   ///< the scene and the docks show every so many steps; -1: a fortieth of all
  std::vector<std::string> said;  ///< the action that starts this training, with its arguments, for the history
};

enum class TrainingPhase : std::uint8_t {
  None,
  Preparing,  ///< the text is read, the model is made or restored
  Learning,
  Paused,   ///< the training is kept in the folder and in memory
  Stopped,  ///< the training is kept in the folder alone
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
  training::TrainingCall call;  ///< complete once the phase is Learning
  std::int64_t steps = 0;       ///< steps that are done
  std::int64_t kept = -1;       ///< the newest checkpoint; -1: none yet
  std::int64_t look_every = 1;
  double steps_per_s = 0, tokens_per_s = 0;  ///< measured in this session; 0: not yet known
  training::LossHistory losses;
  std::vector<training::CurvePoint> held_out;  ///< those points that have a held-out loss, ascending
  std::vector<TrainingSample> samples;         ///< of this session, the oldest first
  std::optional<Error> error;                  ///< why the training has ended or could not begin
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
  /// What the owner is told, on its own thread.
  struct Listener {
    std::function<void()> changed;
    /// The folder now holds a model that can be opened. `prompt` is one to watch it with: how its text begins; empty: there is none.
    std::function<void(const std::string& folder, const std::vector<std::string>& said, const std::string& prompt)> begun;
    std::function<void(TrainingLook look)> looked;
  };
  LiveTraining(Jobs& jobs, Listener listener);
  ~LiveTraining();
  LiveTraining(const LiveTraining&) = delete;
  LiveTraining& operator=(const LiveTraining&) = delete;

  [[nodiscard]] const TrainingState& state() const { return state_; }
  /// Errors: InvalidArgument, if a training is running. Errors of the folder and the data come later, in state().error.
  [[nodiscard]] Result<void> start(TrainingPlan plan);
  /// Goes on from the newest checkpoint of a folder. `steps`: the new total; nullopt: the total it was begun with. Errors: as start().
  [[nodiscard]] Result<void> resume(const std::string& folder, std::optional<std::int64_t> steps = {});
  /// Writes a checkpoint of the present step and waits for go_on(); the training stays in memory.
  void pause();
  /// Continues a training that pause() has paused. If stop() has ended the training, it is read from its folder and continued.
  /// Errors: InvalidArgument, if there is neither.
  [[nodiscard]] Result<void> go_on();
  /// Writes a checkpoint of the present step and frees the training's memory.
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
  std::shared_ptr<Shared> shared_;  ///< null: no training is in memory
  bool lets_go_ = false;            ///< stop() was asked
  Job job_;
};

}  // namespace gf::doc

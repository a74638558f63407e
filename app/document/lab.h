// What the window works on: the Document with its history, its run, and what is computed from the run in the background.
// Lives on one thread (the GUI's); no function waits.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/document/background/jobs.h"
#include "app/document/background/parity_watch.h"
#include "app/document/background/pipeline.h"
#include "app/document/background/second_subject.h"
#include "app/document/background/studies.h"
#include "app/document/background/timing.h"
#include "app/document/command.h"
#include "app/document/document.h"
#include "app/document/errors.h"
#include "app/document/part_edits.h"
#include "app/document/training/head_series.h"
#include "app/document/training/live_training.h"
#include "app/scene/stream/stream_reading.h"

namespace gf::doc {

/// What changed since the last notice.
struct Changes {
  bool document = false;  ///< by a command, undo and the like
  bool moment = false;    ///< the document's time or camera, without a command
  bool model = false, run = false, studies = false, jobs = false, error = false, recent = false, times = false;
  bool parity = false;    ///< what is known of the open model's numbers
  bool training = false;  ///< the training that goes on, or the head scores of a series
  [[nodiscard]] static Changes all() { return {true, true, true, true, true, true, true, true, true, true, true}; }
  /// Nothing but the moment: while the run plays, and while the camera flies.
  [[nodiscard]] bool moment_alone() const { return *this == Changes{.moment = true}; }
  /// Nothing but what a training reports many times a second.
  [[nodiscard]] bool training_alone() const { return *this == Changes{.training = true}; }
  friend bool operator==(const Changes&, const Changes&) = default;
};

class Lab {
 public:
  explicit Lab(Post post);
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  void on_change(std::function<void(const Changes&)> observer) { observers_.push_back(std::move(observer)); }

  [[nodiscard]] const Document& document() const { return history_.now(); }
  [[nodiscard]] std::shared_ptr<const Model> model() const { return pipeline_.model(); }  ///< null: none is open
  [[nodiscard]] std::shared_ptr<const Run> run() const { return pipeline_.run(); }        ///< the newest; null: there is none yet
  /// True when run() is that of the present document; false while a newer one is computed. Of a structure, which has no run, true.
  [[nodiscard]] bool up_to_date() const { return pipeline_.settled(); }
  /// Why the present document has no run and none is on its way: its model, prompt or run was refused. Otherwise nullopt.
  [[nodiscard]] std::optional<Error> refusal() const;
  /// The run, with the readings that the view shows.
  [[nodiscard]] scene::SceneInput scene_input() const;
  [[nodiscard]] std::optional<Error> error() const { return errors_.newest(); }  ///< the newest one that still holds
  /// What deserves a look though nothing has failed, a line each: a NaN in the run, a special token read as plain text.
  [[nodiscard]] std::string notices() const { return errors_.notices(); }
  /// Removes the errors; where there are none, the notices.
  void dismiss();
  /// A and B as ids for the present run: those that document().target and rival name, else the two likeliest of the base.
  [[nodiscard]] std::optional<TokenId> target() const { return target_; }
  [[nodiscard]] std::optional<TokenId> rival() const { return rival_; }
  [[nodiscard]] std::string backend_name() const;
  /// The device that computes, see Backend::device(); empty where backend_name() names it already.
  [[nodiscard]] std::string device() const;
  [[nodiscard]] const std::vector<std::string>& recent_models() const { return recent_; }

  /// All background work of the program, including the window's own.
  [[nodiscard]] Jobs& jobs() { return jobs_; }
  [[nodiscard]] const Jobs& jobs() const { return jobs_; }
  /// True while a job with a title runs.
  [[nodiscard]] bool busy() const { return !jobs_.listed().empty(); }
  /// What is derived from the run, while it is watched.
  [[nodiscard]] Studies& studies() { return studies_; }
  /// The Lab computes the run of second() only while a dock watches it or the scene shows it. A dock calls this with true when it
  /// begins to watch, and with false when it stops.
  void watch_second(bool on);
  [[nodiscard]] const SecondSubject& second() const { return *second_; }
  /// The session of the open model; null: none is open, or it is a structure.
  [[nodiscard]] std::shared_ptr<Session> session() const { return pipeline_.session(); }

  /// The window's training. While the document shows its model, each newer state that the training gives becomes the open model.
  [[nodiscard]] LiveTraining& training() { return training_; }
  [[nodiscard]] const LiveTraining& training() const { return training_; }
  [[nodiscard]] HeadSeries& head_series() { return head_series_; }
  [[nodiscard]] const HeadSeries& head_series() const { return head_series_; }

  /// What panels of weights show while the open model is being trained.
  enum class WeightsShown : std::uint8_t { Value, Gradient, Update };
  void show_weights(WeightsShown which);
  [[nodiscard]] WeightsShown weights_shown() const { return weights_shown_; }
  /// Whether the open model has a gradient.
  [[nodiscard]] bool has_gradient() const { return pipeline_.open() && pipeline_.open()->gradient; }

  /// Turns the measuring of times on or off. When it is turned on, the present run is computed once more for its times, and
  /// the limits of the machine are measured, once.
  void set_timing(bool on);
  [[nodiscard]] bool timing() const { return timing_.on(); }
  /// Those of the newest pass; null: none yet.
  [[nodiscard]] std::shared_ptr<const PassTimes> pass_times() const { return timing_.times(); }
  [[nodiscard]] std::optional<Rates> limits() const { return timing_.limits(); }  ///< nullopt while they are measured

  /// Compares the open model's logits with those of other ways to compute them, once for each model and in the background. A model
  /// that is being trained is another one with each step, and is not checked.
  void check_parity();
  [[nodiscard]] const ParityWatch& parity() const { return parity_; }

  /// Commands before the first model is open (a theme, a prompt, a restored session) make the beginning and cannot be undone.
  void execute(const Command& command);
  /// Of a head or an MLP, by the rule of model/edits/head_cuts.h; false without a model, in which the others do nothing.
  [[nodiscard]] bool is_cut(const BlockPart& part) const;
  void set_cut(const BlockPart& part, bool cut, std::string merge_key = {});
  void set_edit_of(const BlockPart& part, EditOp op, float factor);
  void undo();
  void redo();
  /// Undoes or redoes until so many commands are done.
  void go_to(std::size_t done);
  [[nodiscard]] const History& history() const { return history_; }
  /// Shows another document for a while (a lesson's step) and sets the user's own aside, with its undo; a second call shows
  /// the next one. leave_stage() puts the user's own back; `keep` may copy into it what should stay.
  void stage(Document document);
  void leave_stage(const std::function<void(Document& own, const Document& staged)>& keep = {});
  /// Changes how the document is shown without an entry in the history: what a lesson decides, not the user.
  void adjust_view(const std::function<void(scene::ViewState& view)>& change);
  /// Shows the base run while on, everywhere, and then again what was compared before.
  void hold_base(bool on);
  /// For playing and for a camera in flight: these make no entry in the history.
  void set_time(double time);
  /// Sets the time of the open product; does nothing if none is open.
  void set_cube_time(double time);
  void set_camera(const std::optional<render::Camera>& camera);

  /// Opens a model as a command that can be undone. The present one stays until the new one is open. Errors go to error().
  void open_model(const std::string& model);
  /// Samples n tokens after the present ones, as one command. Error, in error(): a lesson's question hides the prediction.
  void generate(int n);
  /// Cancels all background work.
  void cancel() { jobs_.cancel_all(); }

  /// Session files; see document.h. load() replaces the document as one command, which can be undone. The document before it
  /// remains on the disk as another kept session.
  Result<void> save(const std::string& path);
  Result<void> load(const std::string& path);
  /// The same with a document that was read, which says where it is stored.
  void open_document(Document document);
  /// Gives the user's own document another id among the kept sessions.
  void keep_as(std::string id) { history_.own_storage().kept = std::move(id); }

 private:
  void notify(const Changes& changes);
  /// Opens the document's model and asks for its run, where they are not there yet.
  void sync();
  /// Tells the observers that the document has changed, and calls sync().
  void changed_document();
  void model_is_there(bool opened);
  void model_is_renewed();
  void training_looked(TrainingLook look);
  /// `prompt`: what a new model is shown with, in place of the usual suggestion.
  void open_named(const std::string& model, std::string command, std::vector<std::string> training, std::string prompt = {});
  void not_opened(const std::string& name, const Error& error);
  void run_is_there(int generated);
  void run_failed(const Error& error);
  void follow_second();
  /// Gives the scene the other subject's run, to stand beside the document's.
  void add_beside(scene::SceneInput& input) const;
  /// The run that the scene shows if it shows both subjects; null: it shows the document's run alone.
  [[nodiscard]] std::shared_ptr<const Run> run_of_both() const;
  /// Renews what depends on the run and the document: A and B, readings, studies. True: some of it has changed.
  bool follow_run();
  bool follow_targets();
  bool follow_readings();
  void note_reading_errors();
  /// Renews the notices about the document's prompt and its run.
  void follow_notices();
  void notice_special_token();

  std::vector<std::function<void(const Changes&)>> observers_;
  History history_;
  std::vector<std::string> recent_;
  std::optional<TokenId> target_, rival_;      ///< for the present run
  std::optional<scene::Compare> before_hold_;  ///< what hold_base() gives back
  Errors errors_;
  std::optional<std::string> noticed_prompt_;  ///< the newest one that notice_special_token() has looked at
  std::weak_ptr<const Model> noticed_model_;   ///< its model
  std::set<std::string> special_prompts_;      ///< those whose special token was said; it is said once for each
  Jobs jobs_;                                  // before the members that use it: they are destroyed first
  Pipeline pipeline_;
  Studies studies_;
  Timing timing_;
  ParityWatch parity_;
  std::unique_ptr<SecondSubject> second_;
  int second_watchers_ = 0;
  /// For the scene: the document's run with the other subject's run as its base.
  struct RunOfBoth {
    std::weak_ptr<const Run> own, other;
    std::shared_ptr<const Run> run;
  };
  mutable RunOfBoth both_;
  HeadSeries head_series_;
  LiveTraining training_;
  Watch<scene::StreamReading> base_reading_, edited_reading_;
  Watch<scene::StreamReading> beside_reading_;  ///< of the run beside the document's
  std::weak_ptr<const Run> beside_;             ///< that run
  int besides_ = 0;                             ///< how many there have been
  /// True while a command replaces the open model: the prompt was written for the old one.
  bool other_model_ = false;
  WeightsShown weights_shown_ = WeightsShown::Value;
  bool renewed_ = false;                          ///< the next run is that of a newer state of the open model
  std::optional<scene::ReadingThrough> reading_;  ///< through what the watched readings are made; none: the view shows none
};

}  // namespace gf::doc

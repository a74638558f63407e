// The controller: Document, model, session and runs. Lives on one thread (the GUI's); never waits.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/command.h"
#include "app/document/document.h"
#include "app/scene/machine.h"
#include "model/analysis/analysis.h"
#include "model/pass_times.h"
#include "model/session.h"

namespace gf::doc {

/// What changed since the last notice.
struct Changes {
  bool document = false, model = false, run = false, scores = false, job = false, error = false, recent = false;
  bool times = false, readings = false;
};

/// A running job, for the status bar.
struct Job {
  std::string text;     ///< "loading fable", "running 14 tokens", "cutting each head in turn"
  double fraction = 0;  ///< 0..1; < 0: unknown
  bool cancellable = true;
};

class Lab {
 public:
  /// `post` runs a function later on the Lab's thread; called from workers.
  using Post = std::function<void(std::function<void()>)>;
  explicit Lab(Post post);
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  void on_change(std::function<void(const Changes&)> observer);

  [[nodiscard]] const Document& document() const;
  [[nodiscard]] std::shared_ptr<const Model> model() const;  ///< null while none is loaded
  [[nodiscard]] std::shared_ptr<const Run> run() const;      ///< the newest; null before the first
  /// True when run() is that of the document as it stands (false while a newer one is computed).
  [[nodiscard]] bool up_to_date() const;
  [[nodiscard]] scene::SceneInput scene_input() const;
  [[nodiscard]] std::optional<Job> job() const;
  [[nodiscard]] std::optional<Error> error() const;  ///< the newest, until the next success or dismissal
  void dismiss_error();
  /// Scores for the head grid as document().head_colour asks; null until they are there.
  [[nodiscard]] std::shared_ptr<const HeadGrid> head_scores() const;
  /// A and B as ids for the run at hand: what document().target and rival name, else the base's two likeliest.
  [[nodiscard]] std::optional<TokenId> target() const;
  [[nodiscard]] std::optional<TokenId> rival() const;
  [[nodiscard]] std::string backend_name() const;
  /// What it computes on, see Backend::device(); empty where backend_name() says it all.
  [[nodiscard]] std::string device() const;

  /// Whether somebody looks at where the time goes. Turned on, the present run is computed once more for its times, and
  /// what the machine can is measured beside it, once.
  void set_timing(bool on);
  [[nodiscard]] bool timing() const;
  /// Of the newest pass since timing is on; null: none yet.
  [[nodiscard]] std::shared_ptr<const PassTimes> pass_times() const;
  /// What a pass can at most: of a device as its maker says, else as measured; nullopt while that goes on.
  [[nodiscard]] std::optional<Rates> limits() const;

  [[nodiscard]] std::vector<std::string> recent_models() const;

  void execute(const Command& command);
  /// By the one rule, see model/edits/head_cuts.h; false without a model.
  [[nodiscard]] bool is_cut(int layer, int head) const;
  void cut_head(int layer, int head, bool cut, std::string merge_key = {});
  void set_head_edit(int layer, int head, EditOp op, float factor);
  void undo();
  void redo();
  [[nodiscard]] const History& history() const;
  /// Shows another document for a while (a lesson's step) and sets what one works on aside, undo and all; the same
  /// call again shows the next. leave_stage() puts it back; `keep` may carry over what should stay.
  void stage(Document document);
  void leave_stage(const std::function<void(Document& own, const Document& staged)>& keep = {});
  /// Time while playing, camera in flight: no entry in the history.
  void set_time(double time);
  void set_camera(const render::Camera& camera);

  /// Opens a model as an undoable command: the present one stays until the new one is there. Errors go to error().
  void open_model(const std::string& model);
  /// Samples n more tokens after what is there, as one command.
  void generate(int n);
  /// Other work on the model's thread; what it returns is then called on the Lab's. A newer one of the same name cancels
  /// it. Nothing happens while no model is there.
  using Reply = std::function<void()>;
  void ask(std::string name, std::function<Reply(Session& session, const std::stop_token& stop)> work);
  /// The same for work that needs files and no model.
  void fetch(std::function<Reply()> work);
  void cancel();
  /// Waits for nothing; true while a job runs.
  [[nodiscard]] bool busy() const;

  /// Session files; see document.h. load replaces the document as one undoable command.
  Result<void> save(const std::string& path) const;
  Result<void> load(const std::string& path);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace gf::doc

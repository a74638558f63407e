// What the window works on: the Document with its history, the way to its run, and what is made of it in the background.
// Lives on one thread (the GUI's); never waits.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/command.h"
#include "app/document/document.h"
#include "app/document/errors.h"
#include "app/document/work/jobs.h"
#include "app/document/work/pipeline.h"
#include "app/document/work/studies.h"
#include "app/document/work/timing.h"
#include "app/scene/stream/stream_reading.h"

namespace gf::doc {

/// What changed since the last notice.
struct Changes {
  bool document = false, model = false, run = false, studies = false, jobs = false, error = false, recent = false, times = false;
  [[nodiscard]] static Changes all() { return {true, true, true, true, true, true, true, true}; }
};

class Lab {
 public:
  using Post = doc::Post;
  explicit Lab(Post post);
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  void on_change(std::function<void(const Changes&)> observer) { observers_.push_back(std::move(observer)); }

  [[nodiscard]] const Document& document() const { return history_.now(); }
  [[nodiscard]] std::shared_ptr<const Model> model() const { return pipeline_.model(); }  ///< null while none is loaded
  [[nodiscard]] std::shared_ptr<const Run> run() const { return pipeline_.run(); }        ///< the newest; null before the first
  /// True when run() is that of the document as it stands (false while a newer one is computed).
  [[nodiscard]] bool up_to_date() const { return pipeline_.settled(); }
  /// The run with what has been read of it for the view.
  [[nodiscard]] scene::SceneInput scene_input() const;
  [[nodiscard]] std::optional<Error> error() const { return errors_.newest(); }  ///< the newest whose cause still stands
  void dismiss_error();
  /// A and B as ids for the run at hand: what document().target and rival name, else the base's two likeliest.
  [[nodiscard]] std::optional<TokenId> target() const { return target_; }
  [[nodiscard]] std::optional<TokenId> rival() const { return rival_; }
  [[nodiscard]] std::string backend_name() const;
  /// What it computes on, see Backend::device(); empty where backend_name() says it all.
  [[nodiscard]] std::string device() const;
  [[nodiscard]] const std::vector<std::string>& recent_models() const { return recent_; }

  /// All background work of the program, the window's own too.
  [[nodiscard]] Jobs& jobs() { return jobs_; }
  [[nodiscard]] const Jobs& jobs() const { return jobs_; }
  /// True while a job runs that is listed.
  [[nodiscard]] bool busy() const { return !jobs_.listed().empty(); }
  /// What is derived from the run, for whoever watches it.
  [[nodiscard]] Studies& studies() { return studies_; }
  /// The model's own thread, behind runs; where other questions to it are asked. Precondition: a model is there.
  [[nodiscard]] std::shared_ptr<Session> session() const { return pipeline_.session(); }

  /// Whether somebody looks at where the time goes. Turned on, the present run is computed once more for its times, and
  /// what the machine can is measured beside it, once.
  void set_timing(bool on);
  [[nodiscard]] bool timing() const { return timing_.on(); }
  [[nodiscard]] std::shared_ptr<const PassTimes> pass_times() const { return timing_.times(); }  ///< of the newest pass; null: none yet
  [[nodiscard]] std::optional<Rates> limits() const { return timing_.limits(); }                 ///< nullopt while they are measured

  /// What is given before the first model is there (a theme, a prompt, a session that is restored) is where one begins:
  /// it cannot be undone.
  void execute(const Command& command);
  /// By the one rule, see model/edits/head_cuts.h; false without a model.
  [[nodiscard]] bool is_cut(int layer, int head) const;
  void cut_head(int layer, int head, bool cut, std::string merge_key = {});
  void set_head_edit(int layer, int head, EditOp op, float factor);
  void undo();
  void redo();
  [[nodiscard]] const History& history() const { return history_; }
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
  /// Gives up everything that goes on.
  void cancel() { jobs_.cancel_all(); }

  /// Session files; see document.h. load replaces the document as one undoable command.
  Result<void> save(const std::string& path) const;
  Result<void> load(const std::string& path);

 private:
  void notify(const Changes& changes);
  /// Makes model and run follow the document.
  void sync();
  /// The document is another: everybody hears of it, and the run follows.
  void changed_document();
  void model_is_there(bool opened);
  void not_opened(const std::string& name, const Error& error);
  void run_is_there(int generated);
  void run_failed(const Error& error);
  /// What depends on the run and the document: A and B, studies, readings.
  void follow_run();
  void follow_targets();
  void follow_readings();
  void studies_changed();

  std::vector<std::function<void(const Changes&)>> observers_;
  History history_;
  std::vector<std::string> recent_;
  std::optional<TokenId> target_, rival_;  ///< for the run
  Errors errors_;
  Jobs jobs_;  // before what works in the background: that ends first
  Pipeline pipeline_;
  Studies studies_;
  Timing timing_;
  Watch<scene::StreamReading> base_reading_, edited_reading_;
  bool reading_ = false;  ///< the view shows them
};

}  // namespace gf::doc

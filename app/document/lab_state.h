// What stands behind Lab: the way from a changed document to a new run, and back on the Lab's thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/document/lab.h"
#include "app/document/worker.h"

namespace gf::doc {

/// All members but `worker` and the atomics are touched on the Lab's thread alone. Workers hold weak pointers and
/// post closures; each closure carries the ticket of the work it belongs to, so that late answers are recognised.
struct Lab::State : std::enable_shared_from_this<Lab::State> {
  explicit State(Post post_function) : post(std::move(post_function)) {}

  Post post;
  std::vector<std::function<void(const Changes&)>> observers;
  History history;
  std::vector<std::string> recent;

  /// A model with its session, under the name that the document uses.
  struct Open {
    std::string name;
    std::shared_ptr<const Model> model;
    std::shared_ptr<Session> session;
  };
  std::optional<Open> open;                 ///< the one in use
  std::optional<Open> previous;             ///< the one before: undoing "open" is instant
  std::optional<std::string> loading;       ///< name being loaded (empty names the default)
  std::optional<std::string> failed_model;  ///< a name that did not load: not tried again by itself
  std::shared_ptr<std::atomic<bool>> load_cancelled;

  std::shared_ptr<const Run> run;
  std::optional<RunRequest> wanted;  ///< what was last asked of the session
  bool running = false;
  unsigned long long ticket = 0;  ///< of the newest request

  std::shared_ptr<const HeadGrid> scores;
  std::shared_ptr<const Run> scored_run;
  HeadColour scored_colour = HeadColour::Effect;
  std::optional<TokenId> scored_target, scored_rival;
  bool scoring = false;
  unsigned long long score_ticket = 0;
  std::stop_source score_stop;

  bool timing = false;
  std::shared_ptr<const PassTimes> pass_times;
  std::optional<Rates> machine_rates;  ///< once measured
  /// For the Stream, while it is shown; of the traces beside them.
  std::shared_ptr<const scene::StreamReading> base_reading, edited_reading;
  std::shared_ptr<const Trace> read_base, read_edited;
  std::shared_ptr<const Run> reading_run;  ///< being read
  unsigned long long reading_ticket = 0;
  std::stop_source reading_stop;

  std::optional<TokenId> target, rival;  ///< for `run`
  std::optional<Job> load_job, run_job, score_job, reading_job;
  std::optional<Error> error;
  std::jthread meter;  ///< measures machine_rates
  Worker worker;       // last: it ends first, and its tasks use what stands above

  void notify(const Changes& changes);
  /// The run with what has been read of it.
  [[nodiscard]] scene::SceneInput scene_input() const;
  void report(Error what);
  void execute(const Command& command);
  /// Makes model, run and scores follow the document.
  void sync();
  void set_timing(bool on);

 private:
  bool follow_model();
  void start_loading(const std::string& name);
  void loaded(const std::string& name, Result<Open> opened);
  void adopt(Open opened);
  void follow_run();
  void finished(unsigned long long of, Result<Run> result, int generated);
  void follow_targets();
  void follow_readings();
  void follow_scores();
  void sweep_scores();
  /// Computes the present run once more for its times; the machine is measured behind that, lest they disturb each other.
  void time_again();
  void measure_machine();

 public:
  void submit(RunRequest request, int n_generate);
  void drop_scores();
  void drop_readings();
};

}  // namespace gf::doc

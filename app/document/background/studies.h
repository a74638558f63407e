// What is derived from runs. A study is computed while it is watched; it knows sessions and runs, not its watchers.
// The words: a Question (model/analysis) is an analysis; Asking is a run with A, B and parameters that it is asked about; an
// Inquiry is anything that can be derived from a run, and StudyKey names the inquiry of a question. Studies computes each
// inquiry once for all that watch it; a Watch is one watcher, whose now() gives the Study: its state and its answer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/document/background/jobs.h"
#include "model/analysis/question.h"
#include "model/session.h"

namespace gf::doc {

enum class Side : std::uint8_t { Base, Edited };  ///< which of a subject's two runs

enum class StudyState : std::uint8_t {
  Absent,   ///< there is no run
  Waiting,  ///< a run, or another study, is computed first
  Computing,
  Ready,
  Failed,  ///< see the error; the next run tries it again
};

/// The present state of a study.
template <class T>
struct StudyOf {
  StudyState state = StudyState::Absent;
  /// The answer for the present run where the study is ready; until then the last one of the same model, so that it can go
  /// on showing. null: there is none.
  std::shared_ptr<const T> answer;
  std::optional<Error> error;
  double fraction = -1;  ///< 0..1 while computing; < 0: unknown
};

/// What identifies a study, and what it depends on.
struct StudyTraits {
  std::string key = {};    ///< studies with the same key give the same answer for the same run
  std::string title = {};  ///< for the list of jobs; empty: not listed
  Side side = Side::Edited;
  std::size_t subject = 0;
  bool in_view = false;      ///< the view shows it: it is computed before the others
  bool by_run = true;        ///< false: depends on the weights alone
  bool by_tokens = false;    ///< depends on A and B
  bool by_position = false;  ///< depends on the selected position
};
/// Something that can be derived from a run.
template <class T>
struct Inquiry {
  StudyTraits traits;
  /// Called on the session's thread. For Side::Base the run has no recipe, and its edited trace is its base.
  std::function<Result<T>(const Asking&)> compute;
};

/// A question about one of a subject's runs.
struct StudyKey {
  const Question* question = nullptr;
  Params params = {};                   ///< empty: the fallbacks
  std::vector<std::string> parts = {};  ///< the wanted ones; empty: all
  Side side = Side::Edited;
  std::size_t subject = 0;
  friend bool operator==(const StudyKey&, const StudyKey&) = default;
};
using Study = StudyOf<Answer>;
/// Sweeps ask the base run: what a cut does there does not change with each edit.
[[nodiscard]] inline Side usual_side(const Question& question) { return question.needs.sweeps ? Side::Base : Side::Edited; }

/// What the studies of a subject are computed from.
struct StudySource {
  std::shared_ptr<Session> session;
  std::shared_ptr<const Run> run;  ///< null: there is none yet
  std::optional<TokenId> a, b;
  int position = -1;
};

struct StudyEntry;
struct StudiesCore;

/// One watcher of a study. When the last one is destroyed, computing stops; a finished answer is kept until a newer run.
class StudyHold {
 public:
  StudyHold() = default;
  StudyHold(std::weak_ptr<StudiesCore> core, std::shared_ptr<StudyEntry> entry);
  ~StudyHold() { let_go(); }
  StudyHold(StudyHold&& other) noexcept = default;
  StudyHold& operator=(StudyHold&& other) noexcept;
  StudyHold(const StudyHold&) = delete;
  StudyHold& operator=(const StudyHold&) = delete;
  [[nodiscard]] StudyOf<void> now() const;

 private:
  void let_go();
  std::weak_ptr<StudiesCore> core_;
  std::shared_ptr<StudyEntry> entry_;
};

template <class T>
class Watch {
 public:
  Watch() = default;  ///< watches nothing: always Absent
  explicit Watch(StudyHold hold) : hold_(std::move(hold)) {}
  [[nodiscard]] StudyOf<T> now() const {
    StudyOf<void> any = hold_.now();
    return {any.state, std::static_pointer_cast<const T>(any.answer), std::move(any.error), any.fraction};
  }

 private:
  StudyHold hold_;
};

/// All studies of one owner, on its thread. Each session computes one study at a time, and stops it for any run: the owner
/// calls hold() before it asks for a run, and update() when the run is ready or has failed.
class Studies {
 public:
  /// `changed` is called when a study has another state or answer. The Jobs outlive the studies.
  Studies(Jobs& jobs, std::function<void()> changed);
  ~Studies();
  Studies(const Studies&) = delete;
  Studies& operator=(const Studies&) = delete;

  template <class T>
  [[nodiscard]] Watch<T> watch(const Inquiry<T>& inquiry) {
    return Watch<T>(hold_of(inquiry.traits, [compute = inquiry.compute](const Asking& asking) -> Result<std::shared_ptr<const void>> {
      GF_TRY_ASSIGN(T answer, compute(asking));
      return std::make_shared<const T>(std::move(answer));
    }));
  }

  [[nodiscard]] Watch<Answer> watch(const StudyKey& key);

  /// Stops what is computed for the subject until update().
  void hold(std::size_t subject);
  /// Gives the subject's studies another source, and starts them. True: a study has another state or answer; `changed` is
  /// not called for that.
  bool update(std::size_t subject, StudySource source);

 private:
  using Compute = std::function<Result<std::shared_ptr<const void>>(const Asking&)>;
  [[nodiscard]] StudyHold hold_of(const StudyTraits& traits, Compute compute);
  std::shared_ptr<StudiesCore> core_;
};

}  // namespace gf::doc

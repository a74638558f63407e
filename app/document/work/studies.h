// What is derived from runs, for whoever watches it. Studies know sessions and runs, and nobody who asks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/document/work/jobs.h"
#include "model/analysis/question.h"
#include "model/session.h"

namespace gf::doc {

enum class Side : std::uint8_t { Base, Edited };  ///< which of a subject's two runs

enum class StudyState : std::uint8_t {
  Absent,   ///< there is no run
  Waiting,  ///< for a run that is computed, or for other studies
  Computing,
  Ready,
  Failed,  ///< see the error; tried again with the next run
};

/// As it stands.
template <class T>
struct StudyOf {
  StudyState state = StudyState::Absent;
  /// Of the run at hand where the study is ready; before that the last one of the same model, to go on showing.
  std::shared_ptr<const T> answer;
  std::optional<Error> error;
  double fraction = -1;  ///< 0..1 while computing; < 0: unknown
};

/// What tells one study from another.
struct StudyTraits {
  std::string key = {};    ///< two of the same key give the same answer of the same run
  std::string title = {};  ///< for the list of jobs; empty: not listed
  Side side = Side::Edited;
  std::size_t subject = 0;
  bool in_view = false;      ///< seen as soon as it is there: goes before the others
  bool by_run = true;        ///< false: of the weights alone
  bool by_tokens = false;    ///< depends on A and B
  bool by_position = false;  ///< depends on the selected position
};
/// Something that can be derived from a run.
template <class T>
struct Inquiry {
  StudyTraits traits;
  /// On the session's thread. The run of the base has no recipe, and is its own edited run.
  std::function<Result<T>(const Asking&)> compute;
};

/// A question about one of a subject's runs.
struct StudyKey {
  const Question* question = nullptr;
  Params params = {};                   ///< none: the fallbacks
  std::vector<std::string> parts = {};  ///< those wanted; none: all
  Side side = Side::Edited;
  std::size_t subject = 0;
  friend bool operator==(const StudyKey&, const StudyKey&) = default;
};
using Study = StudyOf<Answer>;
/// Sweeps are of the base: what a cut would do there does not change with each edit.
[[nodiscard]] inline Side usual_side(const Question& question) { return question.needs.sweeps ? Side::Base : Side::Edited; }

/// A subject as its studies see it.
struct StudySource {
  std::shared_ptr<Session> session;
  std::shared_ptr<const Run> run;  ///< null: there is none yet
  std::optional<TokenId> a, b;
  int position = -1;
};

struct StudyEntry;
struct StudiesCore;

/// The watching of a study: with the last of its watchers gone it is not computed any more, and what is there stays
/// until a newer run.
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
  Watch() = default;  ///< of nothing: absent
  explicit Watch(StudyHold hold) : hold_(std::move(hold)) {}
  [[nodiscard]] StudyOf<T> now() const {
    StudyOf<void> any = hold_.now();
    return {any.state, std::static_pointer_cast<const T>(any.answer), std::move(any.error), any.fraction};
  }

 private:
  StudyHold hold_;
};

/// All studies of an owner, on its thread. One at a time is computed on a session, and it gives way to any run: hold()
/// before one is asked for, update() when it is there or has failed.
class Studies {
 public:
  /// `changed`: a study that is watched has another state. The Jobs outlive the studies.
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

  /// A run is asked for: what is computed stops, and waits.
  void hold(std::size_t subject);
  /// What the studies of this subject are about from here on.
  void update(std::size_t subject, StudySource source);

 private:
  using Compute = std::function<Result<std::shared_ptr<const void>>(const Asking&)>;
  [[nodiscard]] StudyHold hold_of(const StudyTraits& traits, Compute compute);
  std::shared_ptr<StudiesCore> core_;
};

}  // namespace gf::doc

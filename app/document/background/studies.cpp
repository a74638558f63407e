#include "app/document/background/studies.h"

#include <algorithm>
#include <list>
#include <map>
#include <vector>

#include "app/document/background/pipeline.h"
#include "model/base/text.h"

namespace gf::doc {

struct StudyEntry {
  /// What an answer was computed from. Equal ones give equal answers.
  struct Of {
    std::shared_ptr<Session> session;  ///< null: there is nothing to study
    std::shared_ptr<const Trace> trace;
    std::optional<TokenId> a, b;
    int position = -1;
    friend bool operator==(const Of&, const Of&) = default;
  };

  StudyTraits traits;
  std::function<Result<std::shared_ptr<const void>>(const Asking&)> compute;
  int watchers = 0;
  StudyState state = StudyState::Absent;
  Of of;                               ///< what the answer, the computation or the error belongs to
  std::shared_ptr<const void> answer;  ///< the newest
  std::optional<Error> error;
  Job job;
};

struct StudiesCore {
  struct Subject {
    StudySource source;
    bool held = false;
  };
  Jobs& jobs;
  std::function<void()> changed;
  std::map<std::size_t, Subject> subjects;
  std::list<std::shared_ptr<StudyEntry>> entries;  ///< in the order in which they were first watched

  StudiesCore(Jobs& on, std::function<void()> observer) : jobs(on), changed(std::move(observer)) {}

  /// A copy to iterate over: an observer of the jobs may add or remove entries meanwhile.
  [[nodiscard]] std::vector<std::shared_ptr<StudyEntry>> present() const { return {entries.begin(), entries.end()}; }
  [[nodiscard]] StudyEntry::Of studied(const StudyTraits& traits) {
    const StudySource& source = subjects[traits.subject].source;
    if (!source.session || (traits.by_run && !source.run)) return {};
    StudyEntry::Of of{source.session, nullptr, {}, {}, -1};
    if (traits.by_run) of.trace = traits.side == Side::Base ? source.run->base : source.run->edited;
    if (traits.by_tokens) of.a = source.a, of.b = source.b;
    if (traits.by_position) of.position = source.position;
    return of;
  }
  /// Brings the state up to date with the subject. Takes over the answer of an equal study of the same trace.
  void renew(StudyEntry& entry) {
    const StudyEntry::Of now = studied(entry.traits);
    const bool settled = entry.state == StudyState::Ready || entry.state == StudyState::Failed || entry.state == StudyState::Computing;
    if (settled && now.session && entry.of == now) return;
    entry.job.drop();
    entry.error.reset();
    entry.of = now;
    entry.state = now.session ? StudyState::Waiting : StudyState::Absent;
    for (const auto& other : entries) {
      if (entry.state != StudyState::Waiting || other->state != StudyState::Ready) continue;
      if (other->traits.key != entry.traits.key || other->of != now) continue;
      entry.answer = other->answer;
      entry.state = StudyState::Ready;
    }
  }
  /// Stops computing; false: it was not computed.
  bool wait(StudyEntry& entry) const {
    if (entry.state != StudyState::Computing) return false;
    entry.state = StudyState::Waiting;
    entry.job.drop();
    return true;
  }
  /// Starts the next study on the subject's session.
  void schedule(std::size_t number) {
    const Subject& subject = subjects[number];
    if (subject.held) return;
    std::shared_ptr<StudyEntry> computing, next;
    for (const auto& entry : entries) {
      if (entry->traits.subject != number || entry->watchers == 0) continue;
      if (entry->state == StudyState::Computing) computing = entry;
      if (entry->state == StudyState::Waiting && (next == nullptr || (entry->traits.in_view && !next->traits.in_view))) next = entry;
    }
    if (next == nullptr) return;
    if (computing != nullptr) {
      if (computing->traits.in_view || !next->traits.in_view) return;
      wait(*computing);
    }
    if (next->state == StudyState::Waiting && next->watchers > 0) start(next, subject.source);
  }
  void start(const std::shared_ptr<StudyEntry>& held, const StudySource& source) {
    StudyEntry& entry = *held;
    entry.state = StudyState::Computing;
    // The session's own thread runs this, so the session is there.
    entry.job = jobs.start<std::shared_ptr<const void>>(
        entry.traits.title, on_session(source.session, "study " + entry.traits.key),
        [compute = entry.compute, session = source.session.get(), run = source.run, side = entry.traits.side, position = source.position,
         a = source.a, b = source.b](const JobWork& work) {
          Asking asking{.session = *session, .request = {}, .run = {}, .a = a, .b = b, .position = position, .params = {}};
          if (run) asking.run = side == Side::Base ? base_of(*run) : *run;
          asking.request = asking.run.request;
          asking.stop = work.stop();
          asking.progress = [&](double fraction) { work.progress(fraction); };
          return compute(asking);
        },
        [this, &entry](Result<std::shared_ptr<const void>> answer) { answered(entry, std::move(answer)); });
    if (entry.state != StudyState::Computing) entry.job.drop();  // an observer let go of it when it started
  }
  void answered(StudyEntry& entry, Result<std::shared_ptr<const void>> answer) {
    if (answer) {
      entry.answer = std::move(*answer);
      entry.state = StudyState::Ready;
    } else {
      entry.error = std::move(answer).error();
      entry.state = StudyState::Failed;
    }
    const std::size_t subject = entry.traits.subject;
    for (const auto& other : present())
      if (other->state == StudyState::Waiting) renew(*other);
    schedule(subject);
    changed();
  }
};

StudyHold::StudyHold(std::weak_ptr<StudiesCore> core, std::shared_ptr<StudyEntry> entry)
    : core_(std::move(core)), entry_(std::move(entry)) {
  ++entry_->watchers;
}

StudyHold& StudyHold::operator=(StudyHold&& other) noexcept {
  if (this == &other) return *this;
  let_go();
  core_ = std::move(other.core_);
  entry_ = std::move(other.entry_);
  return *this;
}

void StudyHold::let_go() {
  const auto core = core_.lock();
  const auto entry = std::exchange(entry_, nullptr);
  if (!core || !entry || --entry->watchers > 0) return;
  const std::size_t subject = entry->traits.subject;
  core->wait(*entry);
  if (entry->state != StudyState::Ready) std::erase(core->entries, entry);
  core->schedule(subject);
}

StudyOf<void> StudyHold::now() const {
  if (!entry_) return {};
  return {entry_->state, entry_->answer, entry_->error, entry_->state == StudyState::Computing ? entry_->job.fraction() : -1};
}

Studies::Studies(Jobs& jobs, std::function<void()> changed) : core_(std::make_shared<StudiesCore>(jobs, std::move(changed))) {}

Studies::~Studies() {
  for (const auto& entry : core_->entries) entry->job.drop();  // a watcher may outlive the studies
}

StudyHold Studies::hold_of(const StudyTraits& traits, Compute compute) {
  const auto at = std::ranges::find_if(core_->entries, [&](const auto& entry) {
    return entry->traits.key == traits.key && entry->traits.side == traits.side && entry->traits.subject == traits.subject;
  });
  std::shared_ptr<StudyEntry> entry = at != core_->entries.end() ? *at : std::make_shared<StudyEntry>();
  StudyHold hold(core_, entry);
  if (at == core_->entries.end()) {
    entry->traits = traits;
    entry->compute = std::move(compute);
    core_->entries.push_back(entry);
    core_->renew(*entry);
  }
  core_->schedule(traits.subject);
  return hold;
}

Watch<Answer> Studies::watch(const StudyKey& key) {
  EXPECTS(key.question != nullptr, "a question");
  const Question& question = *key.question;
  const Params params = key.params.rows().empty() ? Params(question.params) : key.params;
  const std::string_view instead = question.needs.instead;
  Inquiry<Answer> inquiry;
  inquiry.traits = {.key = std::string(question.name) + "?" + params.key(),
                    .title = text(question.title),
                    .side = key.side,
                    .subject = key.subject,
                    .by_run = question.needs.prompt && (instead.empty() || !params.changed(instead)),
                    .by_tokens = question.needs.a != TokenNeed::None || question.needs.b != TokenNeed::None,
                    .by_position = question.needs.position};
  for (const std::string& part : key.parts) inquiry.traits.key += "#" + part;
  inquiry.compute = [&question, params, parts = key.parts](const Asking& asking) {
    Asking own = asking;
    own.params = params;
    own.wanted = parts;
    return ask(question, std::move(own));
  };
  return watch(inquiry);
}

void Studies::hold(std::size_t subject) {
  core_->subjects[subject].held = true;
  bool stopped = false;
  for (const auto& entry : core_->present())
    if (entry->traits.subject == subject && core_->wait(*entry)) stopped = true;
  if (stopped) core_->changed();
}

bool Studies::update(std::size_t subject, StudySource source) {
  StudiesCore::Subject& now = core_->subjects[subject];
  const bool other_model = now.source.session != source.session;
  now = {std::move(source), false};
  bool changed = false;
  for (const auto& entry : core_->present()) {
    if (entry->traits.subject != subject) continue;
    const StudyState state = entry->state;
    const auto answer = entry->answer;
    if (other_model) entry->answer.reset();
    core_->renew(*entry);
    changed = changed || entry->state != state || entry->answer != answer;
    if (entry->watchers == 0 && entry->state != StudyState::Ready) std::erase(core_->entries, entry);
  }
  core_->schedule(subject);
  return changed;
}

}  // namespace gf::doc

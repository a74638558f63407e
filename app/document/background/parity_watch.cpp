#include "app/document/background/parity_watch.h"

namespace gf::doc {

void ParityWatch::take(State state, std::shared_ptr<const Parity> parity, std::optional<Error> error) {
  if (state_ == State::NotChecked && state == State::NotChecked) return;
  state_ = state;
  parity_ = std::move(parity);
  error_ = std::move(error);
  changed_();
}

void ParityWatch::follow(std::shared_ptr<Session> session) {
  if (session == session_.lock() && session) return;
  job_.drop();
  session_ = session;
  std::erase_if(known_, [](const auto& known) { return known.first.expired(); });
  for (const auto& [of, parity] : known_)
    if (session && of.lock() == session) return take(State::Done, parity, {});
  take(State::NotChecked, nullptr, {});
}

void ParityWatch::check() {
  const auto session = session_.lock();
  if (!session || state_ != State::NotChecked) return;
  // Without a title: nobody waits for it, and it ends by itself.
  job_ = jobs_.start<Parity>(
      {}, jobs_.own_thread(), [session](const JobWork& work) { return check_parity(*session, true, work.stop()); },
      [this](Result<Parity> found) {
        if (!found) {
          const bool cancelled = found.error().code == ErrorCode::Cancelled;
          return take(cancelled ? State::NotChecked : State::Failed, nullptr, found.error());
        }
        const auto parity = std::make_shared<const Parity>(*std::move(found));
        known_.emplace_back(session_, parity);
        take(State::Done, parity, {});
      });
  take(State::Checking, nullptr, {});
}

}  // namespace gf::doc

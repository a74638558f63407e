// Whether the open model's numbers are right: checked once for each model, in the background.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/document/background/jobs.h"
#include "model/run/parity.h"

namespace gf::doc {

/// Lives on the thread of its Jobs, which outlive it.
class ParityWatch {
 public:
  enum class State : std::uint8_t { NotChecked, Checking, Done, Failed };

  /// `changed` is called when state() has changed.
  ParityWatch(Jobs& jobs, std::function<void()> changed) : jobs_(jobs), changed_(std::move(changed)) {}

  /// From here on it is about this session's model; null: there is none.
  void follow(std::shared_ptr<Session> session);
  /// Begins the check, unless it goes on or its result is known.
  void check();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::shared_ptr<const Parity> parity() const { return parity_; }  ///< null while not Done
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }      ///< while Failed

 private:
  void take(State state, std::shared_ptr<const Parity> parity, std::optional<Error> error);

  Jobs& jobs_;
  std::function<void()> changed_;
  State state_ = State::NotChecked;
  std::shared_ptr<const Parity> parity_;
  std::optional<Error> error_;
  std::weak_ptr<Session> session_;
  /// What is known of models, of those that were open before too.
  std::vector<std::pair<std::weak_ptr<Session>, std::shared_ptr<const Parity>>> known_;
  Job job_;
};

}  // namespace gf::doc

// What each head looks at, over the steps of a training series.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "app/document/background/jobs.h"
#include "model/analysis/answer.h"
#include "model/session.h"

namespace gf::doc {

/// How many random tokens are said twice at most when a model's heads are scored.
inline constexpr int kMostScoredTokens = 25;

/// The question "heads" on random tokens said twice, as many as the context has room for and at most kMostScoredTokens. Blocks; call it on
/// a worker. Errors: as ask().
[[nodiscard]] Result<Answer> head_scores_of(Session& session, const std::stop_token& stop);

/// Answers by model and step. Lives on the owner's thread.
class HeadSeries {
 public:
  using Steps = std::map<std::int64_t, std::shared_ptr<const Answer>>;
  /// `changed` is called when there is a new answer, and when computing ends. The Jobs outlive the series.
  HeadSeries(Jobs& jobs, std::function<void()> changed) : jobs_(jobs), changed_(std::move(changed)) {}

  /// The answers that are known for a model's steps. `model`: the name that the user gave, without @STEP.
  [[nodiscard]] const Steps& of(const std::string& model) const;
  void add(const std::string& model, std::int64_t step, Answer answer);
  /// Computes in the background the steps that are stored beside this model and not known yet; it stops computing those of an earlier
  /// call. Empty: it computes nothing more. Lists a folder.
  void want(const std::string& model);
  [[nodiscard]] bool computing() const { return job_.running(); }
  [[nodiscard]] double fraction() const { return job_.fraction(); }

 private:
  Jobs& jobs_;
  std::function<void()> changed_;
  std::map<std::string, Steps> known_;
  std::string wanted_;
  Job job_;
};

}  // namespace gf::doc

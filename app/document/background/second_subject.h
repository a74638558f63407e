// Opens the model of the subject that a document is compared with, and runs it, while a dock or the scene shows it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/document/background/pipeline.h"
#include "app/document/background/studies.h"

namespace gf::doc {

/// If the subject has the document's own model, it is run as a study of that model's session, so that it never delays the
/// document's run. If it has another model, a second Pipeline runs it. Lives on the thread of its Jobs; no function waits.
class SecondSubject {
 public:
  /// Calls `changed` when model(), run() or error() may have changed. The Jobs and Studies outlive it.
  SecondSubject(Jobs& jobs, Studies& studies, std::function<void()> changed);

  /// Call it when the document or the document's model has changed. nullopt: it drops its model and run.
  void follow(const std::optional<Subject>& subject, const OpenModel* own);

  [[nodiscard]] std::shared_ptr<const Model> model() const;  ///< null: it is not open yet
  [[nodiscard]] std::shared_ptr<const Run> run() const;      ///< null: there is none yet
  /// The error that the newest run ended with; nullopt: the run is there, or it is still being computed.
  [[nodiscard]] std::optional<Error> error() const;

 private:
  void ask();

  Jobs& jobs_;
  Studies& studies_;
  std::function<void()> changed_;
  std::optional<Subject> subject_;
  std::shared_ptr<const Model> own_model_;
  std::string own_name_;
  Watch<Run> study_;
  std::string study_key_;  ///< the key of study_; empty: it watches no study
  std::unique_ptr<Pipeline> pipeline_;
  std::optional<Error> error_;  ///< what the pipeline failed with
};

}  // namespace gf::doc

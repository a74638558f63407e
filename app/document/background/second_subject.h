// From the subject that a document is compared with to its run, while somebody watches it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/document/background/pipeline.h"
#include "app/document/background/studies.h"

namespace gf::doc {

/// A subject of the document's own model is run as a study of its session, so that it never delays the own run; one of another
/// model by a Pipeline of its own. Lives on the thread of its Jobs; no function waits.
class SecondSubject {
 public:
  /// `changed`: model(), run(), error() or waiting() may be others. The Jobs and Studies outlive it.
  SecondSubject(Jobs& jobs, Studies& studies, std::function<void()> changed);

  /// To be called when the document or its own model has changed. nullopt: it lets go of what it has.
  void follow(const std::optional<Subject>& subject, const OpenModel* own);

  [[nodiscard]] std::shared_ptr<const Model> model() const;  ///< null: it is not open yet
  [[nodiscard]] std::shared_ptr<const Run> run() const;      ///< null: there is none yet
  [[nodiscard]] std::optional<Error> error() const;          ///< why there is no run and none is on its way

 private:
  void ask();

  Jobs& jobs_;
  Studies& studies_;
  std::function<void()> changed_;
  std::optional<Subject> subject_;
  std::shared_ptr<const Model> own_model_;
  std::string own_name_;
  Watch<Run> study_;
  std::string study_key_;  ///< of what is watched; empty: nothing
  std::unique_ptr<Pipeline> pipeline_;
  std::optional<Error> error_;  ///< of the pipeline
};

}  // namespace gf::doc

#include "app/document/background/second_subject.h"

#include <utility>

#include "app/document/request.h"

namespace gf::doc {
namespace {

Inquiry<Run> run_of(const Subject& subject, const std::string& key) {
  // Not titled: it is as quick as the run that the status bar has just shown.
  return {{.key = key}, [subject](const Asking& asking) -> Result<Run> {
            GF_TRY_ASSIGN(const RunRequest request, request_of(subject, RunSettings{}, asking.model()));
            return asking.session.run(request, asking.stop);
          }};
}

std::string key_of_subject(const Subject& subject) {
  Document all;
  static_cast<Subject&>(all) = subject;
  return "second run " + to_json(all);
}

}  // namespace

SecondSubject::SecondSubject(Jobs& jobs, Studies& studies, std::function<void()> changed)
    : jobs_(jobs), studies_(studies), changed_(std::move(changed)) {}

void SecondSubject::follow(const std::optional<Subject>& subject, const OpenModel* own) {
  const bool same = subject == subject_ && own_model_ == (own ? own->model : nullptr);
  if (same) return;
  if (!subject_ || !subject || subject->model != subject_->model) error_.reset();
  subject_ = subject;
  own_model_ = own ? own->model : nullptr;
  own_name_ = own ? own->name : std::string();
  ask();
}

void SecondSubject::ask() {
  const bool of_own_model = subject_ && own_model_ && subject_->model == own_name_;
  if (!of_own_model) {
    study_ = {};
    study_key_.clear();
  } else if (const std::string key = key_of_subject(*subject_); key != study_key_) {
    study_ = {};
    study_key_ = key;
    study_ = studies_.watch(run_of(*subject_, key));
  }
  if (of_own_model || !subject_) {
    if (pipeline_) pipeline_->close();
    return;
  }
  if (!pipeline_)
    pipeline_ = std::make_unique<Pipeline>(jobs_, Pipeline::Listener{.asked = [] {},
                                                                     .model =
                                                                         [this](bool) {
                                                                           ask();
                                                                           changed_();
                                                                         },
                                                                     .not_opened =
                                                                         [this](const std::string&, const Error& error) {
                                                                           error_ = error;
                                                                           changed_();
                                                                         },
                                                                     .run =
                                                                         [this](int) {
                                                                           error_.reset();
                                                                           changed_();
                                                                         },
                                                                     .failed =
                                                                         [this](const Error& error) {
                                                                           error_ = error;
                                                                           changed_();
                                                                         }});
  const auto asked = pipeline_->run_for(*subject_, RunSettings{});
  if (!asked) error_ = asked.error();
  else if (const auto given = model(); given && !given->weights->has_values()) error_ = given->weights->no_values_error();
  else if (pipeline_->open() && pipeline_->open()->name == subject_->model) error_.reset();  // it has a run, or asks for one
}

std::shared_ptr<const Model> SecondSubject::model() const {
  if (!study_key_.empty()) return own_model_;
  return subject_ && pipeline_ && pipeline_->open() && pipeline_->open()->name == subject_->model ? pipeline_->model() : nullptr;
}

std::shared_ptr<const Run> SecondSubject::run() const {
  if (error()) return nullptr;
  if (!study_key_.empty()) return study_.now().answer;
  return model() ? pipeline_->run() : nullptr;
}

std::optional<Error> SecondSubject::error() const {
  if (study_key_.empty()) return error_;
  const auto study = study_.now();
  return study.state == StudyState::Failed ? study.error : std::nullopt;
}

}  // namespace gf::doc

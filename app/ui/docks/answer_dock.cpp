#include "app/ui/docks/answer_dock.h"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/ui/actions/action_runner.h"
#include "app/ui/answers/answer_places.h"
#include "app/ui/answers/answer_view.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

const Question& question_named(const char* name) {
  const Question* question = find_question(name);
  EXPECTS(question, "a question of the list");
  return *question;
}

}  // namespace

AnswerDock::AnswerDock(const DockInfo& info, const DockContext& context, What what)
    : Dock(info, context), question_(question_named(what.question)), parts_(std::move(what.parts)) {
  side_ = new QLabel(body());
  side_->setObjectName(QStringLiteral("%1_side").arg(QLatin1String(info.id)));
  side_->setProperty("role", "notice");
  side_->setWordWrap(true);
  view_ = new AnswerView(QString::fromLatin1(info.id), body());
  view_->show_part(what.first);
  column_ = new QVBoxLayout(body());
  column_->setContentsMargins(10, 8, 10, 8);
  column_->setSpacing(6);
  column_->addWidget(side_);
  column_->addWidget(view_, 1);
  view_->on_error = [this](const Error& error) { runner().tell(error); };
  view_->on_select = [this](const AnswerPlace& place) { select_place(lab(), place, this->info().id); };
}

AnswerDock::~AnswerDock() = default;

bool AnswerDock::tells_prediction() const {
  return std::ranges::any_of(
      question_.parts, [](const PartInfo& part) { return part.kind == PartInfo::Kind::Tokens || part.kind == PartInfo::Kind::Table; });
}

void AnswerDock::add_on_top(QWidget* widget) {
  column_->insertWidget(0, widget);
  has_top_ = true;
}

void AnswerDock::add_below(QWidget* widget) { column_->addWidget(widget); }

std::shared_ptr<const Answer> AnswerDock::answer() const {
  const doc::Study study = study_.now();
  return study.state == doc::StudyState::Failed ? nullptr : study.answer;
}

void AnswerDock::watch() {
  const bool base = lab().document().compare == scene::Compare::Base;
  doc::StudyKey key{&question_, params(), parts_, base ? doc::Side::Base : doc::usual_side(question_), 0};
  if (key == key_) return;
  key_ = std::move(key);
  study_ = lab().studies().watch(*key_);
}

void AnswerDock::hideEvent(QHideEvent* event) {
  study_ = {};
  key_.reset();
  Dock::hideEvent(event);
}

void AnswerDock::show_side(bool edits) {
  side_->setVisible(edits);
  side_->setText(key_->side == doc::Side::Base ? text("base run") : text("edited run"));
}

AnswerPlace AnswerDock::selected_place(int length) {
  const doc::Document& d = lab().document();
  if (d.selection != seen_cell_) position_leads_ = false;
  else if (d.selected_position != seen_position_) position_leads_ = true;
  seen_cell_ = d.selection;
  seen_position_ = d.selected_position;
  AnswerPlace place = place_of(d, lab().model()->weights->config, length);
  if (position_leads_) place["position"] = place["query"] = scene::selected_position_in(d, length);
  return place;
}

void AnswerDock::fill(const doc::Changes&) {
  watch();
  const doc::Study study = study_.now();
  const auto model = lab().model();
  const auto run = lab().run();
  QString instead;
  if (study.state == doc::StudyState::Failed && study.error) instead = QString::fromStdString(study.error->message);
  else if (!study.answer) instead = text("{0}: on its way.", text(question_.title));
  if (!instead.isEmpty() && !has_top_) return show_instead(instead);
  view_->setVisible(instead.isEmpty());
  if (!instead.isEmpty()) {
    side_->setText(instead);
    side_->setVisible(true);
    return;
  }
  const auto ids = run->base->ids();
  const int position = scene::selected_position_in(lab().document(), run->base->length());
  // The answer may belong to the run before, with fewer or more positions than this one.
  view_->show_answer(study.answer, &question_, {model, {ids.begin(), ids.end()}, question_.needs.position ? position : -1});
  view_->follow(selected_place(run->base->length()));
  show_side(run->has_edits());
}

}  // namespace gf::ui

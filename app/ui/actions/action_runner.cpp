#include "app/ui/actions/action_runner.h"

#include <QAction>
#include <QKeySequence>
#include <QWidget>
#include <utility>

#include "app/doctor/crash_report.h"
#include "app/document/lab.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/actions/values_needed.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

ActionRunner::ActionRunner(const ActionContext& context, QWidget& shortcuts) : context_(context) {
  for (const Action& action : actions()) {
    if (!action.bare()) continue;
    auto* q = new QAction(text(action.title), this);
    q->setObjectName(QStringLiteral("action_") + QLatin1String(action.id));
    q->setCheckable(action.checked != nullptr);
    connect(q, &QAction::triggered, this, [this, id = std::string(action.id)] {
      trigger(id);
      refresh();  // if the action failed, its check mark must go back
    });
    shortcuts.addAction(q);  // so that the shortcuts work while the menu bar is hidden
    bare_.emplace(action.id, q);
  }
  read_shortcuts();
  take_keys();
}

void ActionRunner::take_keys() {
  for (const Action& action : actions()) {
    if (!action.bare()) continue;
    QAction* q = qaction(action.id);
    q->setToolTip(QString::fromStdString(tip_of(action)));
    q->setShortcut(QKeySequence::fromString(keys_of(action)));
  }
}

void ActionRunner::say_anew() {
  for (const auto& [id, q] : bare_) q->setText(text(find_action(id)->title));
  take_keys();
  refresh();
}

void ActionRunner::set_keys(const Action& action, const QString& keys) {
  store_keys(action, keys);
  take_keys();
  if (on_keys) on_keys();
}

void ActionRunner::reset_keys() {
  forget_keys();
  take_keys();
  if (on_keys) on_keys();
}

Result<void> ActionRunner::run(const ActionCall& call) {
  GF_TRY(check_call(call));
  const Action& action = *find_action(call.id);
  if (call.arguments.empty() && needs_values(action.id) && !lack_of_values().isEmpty())
    return tl::unexpected(context_.lab.model()->weights->no_values_error());
  if (call.arguments.empty() && action.enabled && !action.enabled(context_))
    return fail(ErrorCode::InvalidArgument, gf::text("\"{0}\" cannot be done now.", label(action)), "action");
  doctor::note_command(action.id);
  GF_TRY(action.run(context_, call.arguments));
  if (on_done) on_done();
  return {};
}

void ActionRunner::trigger(const std::string& id, ActionArguments arguments) {
  const auto done = run({id, std::move(arguments)});
  if (!done) tell(done.error());
}

void ActionRunner::tell(const Error& error) const {
  if (on_error) on_error(error);
}

QAction* ActionRunner::qaction(std::string_view id) const {
  const auto found = bare_.find(id);
  EXPECTS(found != bare_.end(), "an action that can be run without arguments");
  return found->second;
}

std::string ActionRunner::label(const Action& action) const { return action.label ? action.label(context_) : gf::text(action.title); }

std::vector<Choice> ActionRunner::choices(const Action& action) const {
  return action.choices ? action.choices(context_) : std::vector<Choice>();
}

QString ActionRunner::lack_of_values() const { return gf::ui::lack_of_values(context_.lab); }

void ActionRunner::refresh() {
  const QString lack = lack_of_values();
  for (const Action& action : actions()) {
    if (!action.bare()) continue;
    QAction* q = qaction(action.id);
    const bool lacks = !lack.isEmpty() && needs_values(action.id);
    q->setEnabled(!lacks && (!action.enabled || action.enabled(context_)));
    q->setToolTip(lacks ? lack : QString::fromStdString(tip_of(action)));
    if (action.checked) q->setChecked(action.checked(context_));
    if (action.label) q->setText(QString::fromStdString(action.label(context_)));
  }
}

}  // namespace gf::ui

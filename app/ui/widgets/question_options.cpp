#include "app/ui/widgets/question_options.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>
#include <utility>

#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/analysis/question.h"

namespace gf::ui {
namespace {

/// The command line's name, with blanks: "freeze mlps".
QString title_of_param(const Param& row) { return QString::fromLatin1(row.name).replace(QLatin1Char('-'), QLatin1Char(' ')); }

/// "b,c" with "a" switched on is "a,b,c" in the order of the choices.
std::string with_choice(const std::vector<std::string>& now, std::span<const std::string_view> all, std::string_view which, bool on) {
  std::string said;
  for (const std::string_view choice : all) {
    if (choice == which ? !on : std::ranges::find(now, choice) == now.end()) continue;
    said += (said.empty() ? "" : ",") + std::string(choice);
  }
  return said;
}

}  // namespace

QuestionOptions::QuestionOptions(const QString& name, QWidget* parent) : QWidget(parent) {
  setObjectName(name + QStringLiteral("_options"));
  head_ = new QToolButton(this);
  head_->setObjectName(name + QStringLiteral("_options_button"));
  head_->setCheckable(true);
  head_->setAutoRaise(true);
  head_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  head_->setToolTip(text("How it is asked: what the command line takes as options"));
  wrong_ = wrapped_label(this, name + QStringLiteral("_options_wrong"));
  wrong_->hide();
  rows_ = new QWidget(this);
  form_ = new QFormLayout(rows_);
  form_->setContentsMargins(10, 0, 0, 0);
  form_->setVerticalSpacing(4);
  form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(4);
  all->addWidget(head_, 0, Qt::AlignLeft);
  all->addWidget(rows_);
  all->addWidget(wrong_);
  connect(head_, &QToolButton::toggled, this, [this] { show_head(); });
}

void QuestionOptions::take_over(const QuestionOptions& before) {
  said_ = before.said_;
  head_->setChecked(before.head_->isChecked());
  if (const Question* now = std::exchange(question_, nullptr)) show_question(*now, std::vector(left_out_));
}

const Params& QuestionOptions::params() const {
  EXPECTS(question_ != nullptr, "a question that shows");
  return said_.at(question_);
}

void QuestionOptions::show_question(const Question& question, std::span<const std::string_view> left_out) {
  if (question_ == &question) return;
  question_ = &question;
  left_out_.assign(left_out.begin(), left_out.end());
  said_.try_emplace(&question, question.params);
  wrong_->hide();
  while (form_->rowCount() > 0) form_->removeRow(0);
  for (const Param& row : question.params)
    if (row.kind != Param::Kind::Prompt && std::ranges::find(left_out_, row.name) == left_out_.end()) add_row(row);
  setVisible(form_->rowCount() > 0);
  show_head();
}

void QuestionOptions::show_head() {
  int changed = 0;
  for (const Param& row : params().rows()) changed += params().changed(row.name) ? 1 : 0;
  head_->setArrowType(head_->isChecked() ? Qt::DownArrow : Qt::RightArrow);
  head_->setText(changed == 0 ? text("Options") : text("Options ({0} changed)", changed));
  rows_->setVisible(head_->isChecked());
}

void QuestionOptions::take(const char* param, const std::string& value) {
  Params& now = said_.at(question_);
  const Params before = now;
  const auto set = now.set(param, value);
  wrong_->setVisible(!set.has_value());
  if (!set) return wrong_->setText(QString::fromStdString(set.error().message));
  show_head();
  if (!(now == before) && on_change) on_change();
}

void QuestionOptions::add_row(const Param& row) {
  QWidget* control = control_of(row);
  const QString title = title_of_param(row), doc = text(row.doc);
  control->setObjectName(QStringLiteral("option_") + QString::fromLatin1(row.name));
  control->setAccessibleName(title);
  control->setAccessibleDescription(doc);
  control->setToolTip(doc);
  auto* label = new QLabel(title, rows_);
  label->setToolTip(doc);
  label->setBuddy(control);
  form_->addRow(label, control);
}

QWidget* QuestionOptions::control_of(const Param& row) {
  const Params& now = params();
  const char* name = row.name;
  switch (row.kind) {
    case Param::Kind::Flag: {
      auto* box = new QCheckBox(rows_);
      box->setChecked(now.flag(name));
      connect(box, &QCheckBox::toggled, this, [this, name](bool on) { take(name, on ? "yes" : "no"); });
      return box;
    }
    case Param::Kind::Choice: {
      auto* combo = new QComboBox(rows_);
      make_narrow(*combo, 6);
      for (const std::string_view choice : row.choices) combo->addItem(QString::fromUtf8(choice.data(), std::ssize(choice)));
      combo->setCurrentText(QString::fromStdString(now.text(name)));
      connect(combo, &QComboBox::currentTextChanged, this, [this, name](const QString& choice) { take(name, choice.toStdString()); });
      return combo;
    }
    case Param::Kind::Choices: {
      auto* boxes = new QWidget(rows_);
      auto* column = new QVBoxLayout(boxes);
      column->setContentsMargins(0, 0, 0, 0);
      column->setSpacing(2);
      const auto chosen = now.choices(name);
      for (const std::string_view choice : row.choices) {
        auto* box = new QCheckBox(QString::fromUtf8(choice.data(), std::ssize(choice)), boxes);
        box->setObjectName(QStringLiteral("option_%1_%2").arg(QString::fromLatin1(name), box->text()));
        box->setChecked(std::ranges::find(chosen, choice) != chosen.end());
        column->addWidget(box);
        connect(box, &QCheckBox::toggled, this, [this, box, name, choice, all = row.choices](bool on) {
          const auto chosen_now = params().choices(name);
          if (!on && chosen_now.size() == 1) {  // a question needs one at least
            const QSignalBlocker quiet(box);
            box->setChecked(true);
            return;
          }
          take(name, with_choice(chosen_now, all, choice, on));
        });
      }
      return boxes;
    }
    case Param::Kind::Whole: {
      auto* spin = new QSpinBox(rows_);
      const bool may_lack = *row.fallback == '\0';
      const int low = static_cast<int>(row.low), lowest = may_lack ? low - 1 : low;
      spin->setRange(lowest, static_cast<int>(std::min(row.high, static_cast<double>(std::numeric_limits<int>::max()))));
      if (may_lack) spin->setSpecialValueText(text("not asked for"));
      spin->setValue(now.given(name) ? now.whole(name) : lowest);
      spin->setKeyboardTracking(false);
      connect(spin, &QSpinBox::valueChanged, this, [this, name, may_lack, lowest](int value) {
        take(name, may_lack && value == lowest ? std::string() : std::to_string(value));
      });
      return spin;
    }
    default: {  // what is written: texts, numbers, heads and neurons
      auto* line = new QLineEdit(rows_);
      const auto at = std::ranges::find_if(now.rows(), [name](const Param& p) { return std::string_view(p.name) == name; });
      line->setText(QString::fromStdString(now.written(static_cast<std::size_t>(at - now.rows().begin()))));
      line->setPlaceholderText(text(row.doc));
      connect(line, &QLineEdit::editingFinished, this, [this, line, name, fallback = row.fallback] {
        if (line->text().trimmed().isEmpty() && *fallback != '\0') line->setText(QString::fromLatin1(fallback));
        take(name, line->text().trimmed().toStdString());
      });
      return line;
    }
  }
}

}  // namespace gf::ui

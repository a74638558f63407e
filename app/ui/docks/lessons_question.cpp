// A step's question: a small form for each kind, and the verdict on the answer.
#include <QButtonGroup>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPushButton>
#include <QRadioButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/lessons/markdown.h"
#include "app/ui/docks/lessons_dock.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// The words of an option. A radio button would cut what is wider than the dock; a label breaks it into lines, with formulas and
/// tokens as in the text. A click on the words is a click on the button.
class OptionWords : public QLabel {
 public:
  OptionWords(const std::string& markdown, QAbstractButton& option, QWidget* parent) : QLabel(parent), option_(option) {
    setTextFormat(Qt::RichText);
    setText(lesson_html(markdown, 0));
    setWordWrap(true);
    setCursor(Qt::PointingHandCursor);
    setToolTip(option.toolTip());
  }

 protected:
  void mousePressEvent(QMouseEvent* event) override { event->accept(); }  // so that the release comes here as well
  void mouseReleaseEvent(QMouseEvent* event) override {
    if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint())) option_.click();
  }

 private:
  QAbstractButton& option_;
};

}  // namespace

void LessonsDock::ask() {
  // The old form may be sending a signal just now, so it is deleted later.
  if (answers_) {
    answers_->hide();
    answers_->deleteLater();
  }
  answers_ = nullptr;
  const auto& question = player().step().question;
  card_->setVisible(question.has_value());
  asked_of_ = lab().model();
  if (!question) return;
  question_->setText(lesson_html(player().text().question));
  hint_->setVisible(!player().text().hint.empty());
  answers_ = new QWidget(card_);
  card_column_->insertWidget(1, answers_);
  switch (question->kind) {
    case lessons::Question::Kind::Choice: return ask_choice();
    case lessons::Question::Kind::Head: return ask_head();
    case lessons::Question::Kind::Token: return ask_token();
    case lessons::Question::Kind::Until: return ask_until();
  }
}

void LessonsDock::ask_choice() {
  auto* column = new QVBoxLayout(answers_);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  auto* group = new QButtonGroup(answers_);
  const auto& options = player().text().options;
  for (std::size_t i = 0; i < options.size(); ++i) {
    auto* frame = new QFrame(answers_);
    frame->setObjectName(QStringLiteral("lesson_choice_%1").arg(i));
    frame->setProperty("role", "option");
    auto* option = new QRadioButton(frame);
    option->setObjectName(QStringLiteral("lesson_option_%1").arg(i));
    option->setAccessibleName(QString::fromStdString(lessons::to_plain(options[i])));
    option->setToolTip(text("Choose this answer"));
    connect(option, &QRadioButton::clicked, this, [this, i] { player().answer({-1, -1, {}, static_cast<int>(i)}); });
    group->addButton(option);
    auto* row = new QHBoxLayout(frame);
    row->setContentsMargins(4, 3, 4, 3);
    row->setSpacing(4);
    row->addWidget(option, 0, Qt::AlignTop);
    row->addWidget(new OptionWords(options[i], *option, frame), 1);
    column->addWidget(frame);
  }
}

void LessonsDock::ask_head() {
  if (!lab().model()) return;
  const ModelConfig& config = lab().model()->weights->config;
  auto* grid = new QGridLayout(answers_);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(3);
  const int layers = config.n_layer, heads = config.n_head;
  for (int head = 0; head < heads; ++head) {
    auto* number = new QLabel(QString::number(head), answers_);
    number->setProperty("role", "dim");
    number->setAlignment(Qt::AlignCenter);
    grid->addWidget(number, 0, head + 1);
  }
  for (int layer = 0; layer < layers; ++layer) {
    auto* number = new QLabel(QString::number(layer), answers_);
    number->setProperty("role", "dim");
    grid->addWidget(number, layer + 1, 0);
    for (int head = 0; head < heads; ++head) {
      auto* b = new QToolButton(answers_);
      b->setObjectName(QStringLiteral("lesson_head_%1_%2").arg(layer).arg(head));
      b->setProperty("cell", true);
      b->setCheckable(true);
      b->setAutoExclusive(true);
      b->setFixedSize(24, 20);
      b->setToolTip(text("Block {0}, head {1}", layer, head));
      b->setAccessibleName(b->toolTip());
      connect(b, &QToolButton::clicked, this, [this, layer, head] { player().answer({layer, head, {}, -1}); });
      grid->addWidget(b, layer + 1, head + 1);
    }
  }
  grid->setColumnStretch(heads + 1, 1);
}

void LessonsDock::ask_token() {
  auto* row = new QHBoxLayout(answers_);
  row->setContentsMargins(0, 0, 0, 0);
  auto* edit = new QLineEdit(answers_);
  edit->setObjectName("lesson_token");
  edit->setPlaceholderText(text("Your guess"));
  edit->setAccessibleName(text("Your guess"));
  edit->setToolTip(text("A token; the space before a word may be left out"));
  auto* check = new QPushButton(text("Check"), answers_);
  check->setObjectName("lesson_check");
  check->setToolTip(text("Ask the model"));
  const auto answer = [this, edit] { player().answer({-1, -1, edit->text().toStdString(), -1}); };
  connect(edit, &QLineEdit::returnPressed, this, answer);
  connect(check, &QPushButton::clicked, this, answer);
  row->addWidget(edit, 1);
  row->addWidget(check);
}

void LessonsDock::ask_until() {
  auto* row = new QHBoxLayout(answers_);
  row->setContentsMargins(0, 0, 0, 0);
  auto* solve = new QPushButton(text("Show me"), answers_);
  solve->setObjectName("lesson_solve");
  solve->setToolTip(text("Make an edit that answers the question"));
  connect(solve, &QPushButton::clicked, this, [this] { player().solve(); });
  row->addWidget(solve);
  row->addStretch(1);
}

void LessonsDock::frame_right() {
  const auto& right = player().right();
  const bool until = player().step().question->kind == lessons::Question::Kind::Until;
  restyle(*card_, "right", right && until);
  if (!right || !answers_ || until) return;
  const QString name = right->option >= 0 ? QStringLiteral("lesson_choice_%1").arg(right->option)
                       : right->head >= 0 ? QStringLiteral("lesson_head_%1_%2").arg(right->layer).arg(right->head)
                                          : QStringLiteral("lesson_token");
  if (auto* answer = answers_->findChild<QWidget*>(name)) restyle(*answer, "right", true);
}

void LessonsDock::show_verdict() {
  const auto& question = player().step().question;
  if (!question) return;
  frame_right();
  const bool until = question->kind == lessons::Question::Kind::Until;
  QString said;
  switch (player().verdict()) {
    case lessons::Player::Verdict::Right:
      said = QStringLiteral("<b style=\"color:%1\">%2</b> ").arg(skin().accent.name(), text("Right")) + lesson_html(player().text().right);
      hint_->hide();
      break;
    case lessons::Player::Verdict::Wrong:
      if (!until) said = QStringLiteral("<b>%1</b>").arg(text("Not this one. Look again."));
      break;
    case lessons::Player::Verdict::Judging: return;  // the old text stays until there is a verdict
    case lessons::Player::Verdict::None: said = QString::fromStdString(player().problem()).toHtmlEscaped(); break;
  }
  if (said.isEmpty() && hint_->isHidden() && !player().text().hint.empty()) return;  // the label shows the hint
  verdict_->setText(said);
  verdict_->setVisible(!said.isEmpty());
}

}  // namespace gf::ui

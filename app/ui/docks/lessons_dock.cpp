#include "app/ui/docks/lessons_dock.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSettings>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "app/lessons/markdown.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/heads/head_grid.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr double kTextPoints = 10.5, kTitlePoints = 13;
constexpr int kLessonWidth = 330, kPresentedWidth = 480;

QLabel* text_label(QWidget* parent, const char* name, double points) {
  auto* label = new QLabel(parent);
  label->setObjectName(name);
  give_font(*label, points);
  label->setTextFormat(Qt::RichText);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  return label;
}

}  // namespace

QString lesson_html(const std::string& markdown, int below_px) {
  QString html = QString::fromStdString(lessons::to_html(markdown));
  // The rich text of a label has no style sheet, so tokens get their colour here.
  html.replace(QLatin1String("<code>"), QStringLiteral("<span style=\"color:%1; font-weight:600\">").arg(skin().accent.name()));
  html.replace(QLatin1String("</code>"), QLatin1String("</span>"));
  const QString around = QStringLiteral("margin-top:0; margin-bottom:%1px; ").arg(below_px);
  html.replace(QLatin1String("<p>"), QStringLiteral("<p style=\"") + around + QStringLiteral("line-height:130%\">"));
  html.replace(QLatin1String("<ul>"), QStringLiteral("<ul style=\"") + around + QStringLiteral("-qt-list-indent:0; margin-left:14px\">"));
  html.replace(QLatin1String("<li>"), QLatin1String("<li style=\"margin-bottom:4px; line-height:130%\">"));
  return html;
}

bool lesson_finished(const std::string& name) {
  return QSettings().value("lessons/finished").toStringList().contains(QString::fromStdString(name));
}

void set_lesson_finished(const std::string& name) {
  QSettings settings;
  QStringList all = settings.value("lessons/finished").toStringList();
  if (all.contains(QString::fromStdString(name))) return;
  settings.setValue("lessons/finished", all << QString::fromStdString(name));
}

Dock* make_lessons_dock(const DockInfo& info, const DockContext& context) { return new LessonsDock(info, context); }

LessonsDock::LessonsDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  pages_ = new QStackedLayout(body());
  pages_->addWidget(build_contents());
  pages_->addWidget(build_step());
  setMinimumWidth(240);
  LessonsDock::fill({});
}

QWidget* LessonsDock::build_contents() {
  auto* page = new QWidget(this);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(10, 8, 6, 8);
  auto* about = text_label(page, "lessons_about", 9.75);
  about->setText(text("Short walks through real runs. What you work on is put aside and comes back when you leave."));
  about->setProperty("role", "dim");
  list_ = new QListWidget(page);
  list_->setObjectName("lessons_list");
  list_->setAccessibleName(text("Lessons"));
  list_->setToolTip(text("A click starts the lesson"));
  list_->setWordWrap(true);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setSpacing(3);
  const auto start = [this](const QListWidgetItem* item) {
    const int row = list_->row(item);
    if (row >= 0 && row < static_cast<int>(player().lessons().size())) player().start(player().lessons()[static_cast<std::size_t>(row)]);
  };
  connect(list_, &QListWidget::itemClicked, this, start);
  connect(list_, &QListWidget::itemActivated, this, start);
  column->addWidget(about);
  column->addWidget(list_, 1);
  return page;
}

QWidget* LessonsDock::build_step() {
  auto* page = new QWidget(this);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(12, 6, 8, 10);
  column->setSpacing(6);
  title_ = new QLabel(page);
  title_->setObjectName("lesson_title");
  give_font(*title_, kTitlePoints, true);
  title_->setWordWrap(true);
  progress_ = new QLabel(page);
  progress_->setObjectName("lesson_progress");
  progress_->setProperty("role", "dim");
  column->addWidget(title_);
  column->addWidget(progress_);

  scroll_ = new QScrollArea(page);
  scroll_->setObjectName("lesson_scroll");
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* body = new QWidget(scroll_);
  auto* inside = new QVBoxLayout(body);
  inside->setContentsMargins(0, 4, 6, 0);
  inside->setSpacing(8);
  caption_ = text_label(body, "lesson_caption", kTextPoints);
  caption_->setAccessibleName(text("The step's text"));
  card_ = new QFrame(body);
  card_->setProperty("role", "card");
  card_column_ = new QVBoxLayout(card_);
  card_column_->setContentsMargins(12, 10, 12, 10);
  card_column_->setSpacing(8);
  question_ = text_label(card_, "lesson_question", kTextPoints);
  hint_ = new QPushButton(text("Hint"), card_);
  hint_->setObjectName("lesson_hint");
  hint_->setToolTip(text("Show a hint"));
  verdict_ = text_label(card_, "lesson_verdict", kTextPoints);
  card_column_->addWidget(question_);
  card_column_->addWidget(verdict_);
  card_column_->addWidget(hint_, 0, Qt::AlignLeft);
  inside->addWidget(caption_);
  inside->addWidget(card_);
  grid_ = new HeadGridView(lab(), body);
  grid_->setObjectName("lesson_grid");
  grid_->hide();
  grid_->on_focus = [this](const doc::BlockPart& part) {
    const std::string layer = std::to_string(part.layer);
    runner().trigger("camera", {part.is_mlp() ? "MLP " + layer : "head " + layer + "." + std::to_string(part.head)});
  };
  grid_->on_error = [this](const Error& error) { runner().tell(error); };
  inside->addWidget(grid_);
  inside->addStretch(1);
  scroll_->setWidget(body);
  column->addWidget(scroll_, 1);

  const auto button = [&](const char* name, const QString& text, auto act) {
    auto* b = new QPushButton(text, page);
    b->setObjectName(name);
    connect(b, &QPushButton::clicked, this, act);
    return b;
  };
  leave_ = button("lesson_leave", text("Leave"), [this] { player().leave(); });
  back_ = button("lesson_back", text("Back"), [this] { player().back(); });
  next_ = button("lesson_next", text("Next"), [this] { player().next(); });
  set_key_tip(*leave_, phrase("Back to your own work"), {"leave-lesson"});
  set_key_tip(*back_, phrase("The step before"), {"previous-step"});
  set_key_tip(*next_, phrase("The next step"), {"next-step"});
  next_->setProperty("primary", true);
  connect(hint_, &QPushButton::clicked, this, [this] {
    hint_->hide();
    if (player().active()) verdict_->setText(lesson_html(player().text().hint));
    verdict_->show();
  });
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  row->addWidget(leave_);
  row->addStretch(1);
  row->addWidget(back_);
  row->addWidget(next_);
  column->addLayout(row);
  return page;
}

void LessonsDock::fill_contents() {
  list_->clear();
  for (const auto& lesson : player().lessons()) {
    const lessons::LessonText& texts = player().texts_of(*lesson);
    const QString done = lesson_finished(lesson->name) ? text("  ✓") : QString();
    auto* item = new QListWidgetItem(text("{0}{1}\n{2} min · {3}", texts.title, done, lesson->minutes, texts.about), list_);
    item->setToolTip(text("Start {0}", texts.title));
  }
}

int LessonsDock::reading_width(bool presented) const { return presented ? kPresentedWidth : kLessonWidth; }

void LessonsDock::set_presented(bool on) {
  presented_ = on;
  show_grid();
}

void LessonsDock::show_grid() {
  bool wanted = false;
  if (presented_ && player().active()) {
    const lessons::Step& step = player().step();
    const bool cuts = step.question && step.question->kind == lessons::Question::Kind::Until;
    wanted = cuts || std::ranges::find(step.docks, std::string("probe")) != step.docks.end();
    if (step.question && step.question->kind == lessons::Question::Kind::Head) wanted = false;  // the question has a grid of its own
  }
  grid_->setVisible(wanted);
  if (wanted) grid_->refresh();
}

void LessonsDock::fill(const doc::Changes&) {
  if (!player().active()) {
    const QStringList finished = QSettings().value("lessons/finished").toStringList();
    if (list_->count() != static_cast<int>(player().lessons().size()) || finished != finished_) {
      finished_ = finished;
      fill_contents();
    }
    shown_ = nullptr;
    shown_step_ = -1;
    pages_->setCurrentIndex(0);
    return;
  }
  if (shown_ != &player().lesson() || shown_step_ != player().index() || worn_ != worn_theme()) show_step();
  // The grid of heads needs the step's model, which may have been opened since.
  else if (player().step().question && player().step().question->kind == lessons::Question::Kind::Head && asked_of_ != lab().model()) ask();
  pages_->setCurrentIndex(1);
  show_grid();
  show_verdict();
}

void LessonsDock::show_step() {
  shown_ = &player().lesson();
  shown_step_ = player().index();
  worn_ = worn_theme();
  const bool last = player().index() + 1 == player().count();
  title_->setText(QString::fromStdString(player().texts().title));
  progress_->setText(text("step {0} of {1}", player().index() + 1, player().count()));
  caption_->setText(lesson_html(player().text().text));
  back_->setEnabled(player().index() > 0);
  next_->setText(last ? text("Finish") : text("Next"));
  ask();
  scroll_->verticalScrollBar()->setValue(0);
}

}  // namespace gf::ui

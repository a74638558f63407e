// What is striking about the run, in sentences, strongest first; each leads into the scene.
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>

#include "app/document/background/studies.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/answers/answer_sheet.h"
#include "app/ui/docks/dock.h"
#include "app/ui/docks/finding_places.h"
#include "app/ui/docks/finding_rows.h"
#include "app/ui/widgets/progress_line.h"
#include "app/ui/widgets/save_file.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

class FindingsDock : public Dock {
 public:
  FindingsDock(const DockInfo& info, const DockContext& context);
  [[nodiscard]] bool tells_prediction() const override { return true; }

 private:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;
  void take_over(Dock& before) override;
  void watch();
  /// Shows how far the scan is, or that it was stopped.
  void show_state(const doc::Study& study);
  void show_findings();
  void go_to(int row, const char* action);
  [[nodiscard]] std::string csv() const;
  void choose_file();

  QLabel *summary_, *hint_;
  ProgressLine* progress_;
  QPushButton *stop_, *copy_, *save_;
  QListWidget* list_;
  doc::Watch<Answer> study_;
  bool watches_ = false;
  std::shared_ptr<const Trace> stopped_;  ///< of the run whose search the user has stopped
  std::shared_ptr<const Answer> shown_;
  std::shared_ptr<const Trace> trace_;  ///< of the run that shown_ speaks of
};

FindingsDock::FindingsDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  summary_ = wrapped_label(body(), "findings_summary");
  progress_ = new ProgressLine(QStringLiteral("findings_progress"), text("How far the scan is"), body());
  stop_ = new QPushButton(body());
  stop_->setObjectName("findings_stop");
  auto* state = new QHBoxLayout;
  state->setSpacing(8);
  state->addWidget(progress_, 1);
  state->addWidget(stop_);
  list_ = new QListWidget(body());
  list_->setObjectName("findings_list");
  list_->setAccessibleName(text("Findings"));
  list_->setItemDelegate(new FindingPainter(list_));
  list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setResizeMode(QListView::Adjust);
  list_->setFrameShape(QFrame::NoFrame);
  hint_ = new QLabel(text("Click or Enter: go there · arrows: select · the bar: how strong"), body());
  hint_->setProperty("role", "dim");
  hint_->setWordWrap(true);
  copy_ = new QPushButton(text("Copy"), body());
  copy_->setObjectName("findings_copy");
  copy_->setToolTip(text("The sentences, a line each"));
  save_ = new QPushButton(text("CSV …"), body());
  save_->setObjectName("findings_save");
  save_->setToolTip(text("Save them as a table, with the numbers and where they come from"));
  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(summary_, 1);
  top->addWidget(copy_);
  top->addWidget(save_);
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addLayout(top);
  all->addLayout(state);
  all->addWidget(list_, 1);
  all->addWidget(hint_);
  connect(list_, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) { go_to(list_->row(item), "look-at"); });
  connect(list_, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) { go_to(list_->row(item), "look-at"); });
  connect(list_, &QListWidget::currentRowChanged, this, [this](int row) {
    if (list_->hasFocus() && QApplication::mouseButtons() == Qt::NoButton) go_to(row, "select");
  });
  connect(copy_, &QPushButton::clicked, this, [this] {
    QString lines;
    for (int i = 0; i < list_->count(); ++i) lines += list_->item(i)->text() + QLatin1Char('\n');
    QApplication::clipboard()->setText(lines);
  });
  connect(save_, &QPushButton::clicked, this, [this] { choose_file(); });
  connect(stop_, &QPushButton::clicked, this, [this] {
    const doc::StudyState state = study_.now().state;
    const bool working = state == doc::StudyState::Waiting || state == doc::StudyState::Computing;
    stopped_ = working && lab().run() ? lab().run()->base : nullptr;
    study_ = {};
    watches_ = false;
    refresh(doc::Changes::all());
  });
}

void FindingsDock::hideEvent(QHideEvent* event) {
  study_ = {};
  watches_ = false;
  stopped_.reset();
  Dock::hideEvent(event);
}

void FindingsDock::take_over(Dock& before) {
  stopped_ = static_cast<FindingsDock&>(before).stopped_;
  if (!stopped_) return;
  study_ = {};
  watches_ = false;
}

void FindingsDock::watch() {
  if (watches_ || stopped_) return;
  watches_ = true;
  const Question* question = find_question("scan");
  EXPECTS(question, "a question of the list");
  study_ = lab().studies().watch(doc::StudyKey{question, {}, {}, doc::usual_side(*question), 0});
}

void FindingsDock::show_state(const doc::Study& study) {
  const bool working = study.state == doc::StudyState::Waiting || study.state == doc::StudyState::Computing;
  const bool failed = study.state == doc::StudyState::Failed;
  progress_->setVisible(working);
  progress_->set_fraction(study.fraction);
  stop_->setVisible(working || stopped_ != nullptr || failed);
  stop_->setText(working ? text("Stop") : text("Search again"));
  if (working) summary_->setText(text("Each head and MLP is cut in turn, and what stands out is noted …"));
  else if (stopped_) summary_->setText(text("The search was stopped."));
  else if (failed && study.error) summary_->setText(QString::fromStdString(study.error->message));
}

void FindingsDock::show_findings() {
  const auto& table = shown_->table("findings");
  const QSignalBlocker quiet(list_);
  list_->clear();
  for (const FindingRow& row : finding_rows(table)) {
    auto* item = new QListWidgetItem(row.sentence, list_);
    item->setData(kFindingStrength, row.strength);
    item->setData(kFindingKind, row.kind);
    item->setToolTip(row.source);
    item->setData(Qt::AccessibleTextRole, text("{0}: {1}", row.kind, row.sentence));
  }
  // A list without a current row would take its first one when it gets the keyboard, which nobody has asked to go to.
  if (list_->count() > 0) list_->setCurrentRow(0, QItemSelectionModel::NoUpdate);
}

void FindingsDock::fill(const doc::Changes&) {
  if (lab().run()->base != stopped_) stopped_.reset();  // another run is another search
  watch();
  const doc::Study study = study_.now();
  if (study.state == doc::StudyState::Ready && study.answer != shown_) {
    shown_ = study.answer;
    trace_ = lab().run()->base;
    show_findings();
  }
  const bool current = study.state == doc::StudyState::Ready;
  if (current) {
    const QString summary = QString::fromStdString(shown_->words("summary").words.front());
    summary_->setText(lab().run()->has_edits() ? text("{0} All of this is the base run, without the edits.", summary) : summary);
  }
  show_state(study);
  // Sentences of the run before would be read as those of this one.
  const bool there = current && list_->count() > 0;
  list_->setVisible(there);
  for (QWidget* w : std::initializer_list<QWidget*>{hint_, copy_, save_}) w->setVisible(there);
}

void FindingsDock::go_to(int row, const char* action) {
  if (!shown_ || row < 0 || row >= list_->count() || !lab().model() || !lab().run() || lab().run()->base != trace_) return;
  const int position = scene::selected_position_in(lab().document(), trace_->length());
  runner().trigger(action, place_of_finding(*shown_, row, trace_->config(), trace_->length(), position));
}

std::string FindingsDock::csv() const { return csv_of(*shown_->find("findings"), {lab().model(), {}, -1}); }

void FindingsDock::choose_file() {
  ask_and_save(
      *list_, {"findings_files", text("Save the findings"), QStringLiteral("findings.csv"), {text("Numbers (*.csv)")}},
      [this](const std::string& path) { return save_product(path, csv(), QStringLiteral("findings")); },
      [this](const Error& error) { runner().tell(error); });
}

}  // namespace

Dock* make_findings_dock(const DockInfo& info, const DockContext& context) { return new FindingsDock(info, context); }

}  // namespace gf::ui

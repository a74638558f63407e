#include "app/ui/shell/crash_strip.h"

#include <QApplication>
#include <QClipboard>
#include <QDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStandardPaths>
#include <QToolButton>
#include <QVBoxLayout>
#include <utility>

#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

CrashStrip::CrashStrip(QWidget* parent) : QFrame(parent) {
  setObjectName("crash_strip");
  setProperty("role", "notice_strip");
  auto* sentence = new QLabel(text("The program crashed last time. A report of it is on this disk; nothing is sent."), this);
  sentence->setObjectName("crash_text");
  sentence->setWordWrap(true);
  auto* show = new QToolButton(this);
  show->setObjectName("crash_show");
  show->setText(text("Show"));
  show->setToolTip(text("What the report holds"));
  auto* close = new QToolButton(this);
  close->setObjectName("crash_close");
  close->setToolTip(text("Not now; the report stays on the disk"));
  close->setAccessibleName(text("Not now"));
  close->setProperty("flat", true);
  set_glyph(*close, Glyph::Close);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 6, 8, 6);
  row->addWidget(sentence, 1);
  row->addWidget(show);
  row->addWidget(close);
  connect(show, &QToolButton::clicked, this, [this] { show_report(); });
  connect(close, &QToolButton::clicked, this, [this] { leave(); });
  hide();
}

void CrashStrip::offer(std::optional<doctor::CrashReport> report) {
  report_ = std::move(report);
  setVisible(report_.has_value());
}

void CrashStrip::show_report() {
  if (!report_) return;
  const doctor::CrashReport report{doctor::put_aside(*report_), report_->text};
  report_.reset();
  hide();
  auto* dialog = new QDialog(window());
  dialog->setObjectName("crash_dialog");
  dialog->setWindowTitle(text("Crash report"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  auto* note =
      new QLabel(text("It holds no text of yours. To help mend the program, send it to its makers yourself: {0}", report.file), dialog);
  note->setProperty("role", "dim");
  note->setWordWrap(true);
  note->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* words = new QPlainTextEdit(QString::fromStdString(report.text), dialog);
  words->setObjectName("crash_words");
  words->setAccessibleName(text("Crash report"));
  words->setReadOnly(true);
  auto* copy = new QPushButton(text("Copy"), dialog);
  connect(copy, &QPushButton::clicked, dialog, [words] { QApplication::clipboard()->setText(words->toPlainText()); });
  auto* close = new QPushButton(text("Close"), dialog);
  close->setDefault(true);
  connect(close, &QPushButton::clicked, dialog, &QDialog::reject);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(copy);
  buttons->addStretch(1);
  buttons->addWidget(close);
  auto* all = new QVBoxLayout(dialog);
  all->setContentsMargins(18, 16, 18, 14);
  all->setSpacing(12);
  all->addWidget(words, 1);
  all->addWidget(note);
  all->addLayout(buttons);
  dialog->resize(760, 460);
  dialog->show();
}

void CrashStrip::leave() {
  if (report_) static_cast<void>(doctor::put_aside(*report_));
  report_.reset();
  hide();
}

std::string crash_folder() {
  const QString data = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
  return data.isEmpty() ? std::string() : data.toStdString() + "/crashes";
}

}  // namespace gf::ui

#include "app/ui/dialogs/machine_dialog.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <utility>

#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

QString machine_cell(const QString& words) { return QStringLiteral("<td>%1</td>").arg(words.toHtmlEscaped()); }

QString machine_state(doctor::State state) {
  switch (state) {
    case doctor::State::Used: return text("used");
    case doctor::State::Idle: return text("not used");
    case doctor::State::Missing: break;
  }
  return text("missing");
}

}  // namespace

MachineDialog::MachineDialog(doc::Jobs& jobs, QWidget* parent)
    : QDialog(parent), table_(new QLabel(text("Looking …"))), copy_(new QPushButton(text("Copy"))) {
  setObjectName("machine_dialog");
  setWindowTitle(text("This machine"));
  setAttribute(Qt::WA_DeleteOnClose);
  table_->setObjectName("machine_rows");
  table_->setTextFormat(Qt::RichText);
  table_->setWordWrap(true);
  table_->setAlignment(Qt::AlignTop);
  table_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  copy_->setObjectName("machine_copy");
  copy_->setToolTip(text("All rows as text, for a report"));
  copy_->setEnabled(false);
  connect(copy_, &QPushButton::clicked, this,
          [this] { QApplication::clipboard()->setText(QString::fromStdString(doctor::to_text(rows_))); });
  auto* close = new QPushButton(text("Close"));
  close->setDefault(true);
  connect(close, &QPushButton::clicked, this, &QDialog::reject);
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(table_);
  scroll->setWidgetResizable(true);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(copy_);
  buttons->addStretch(1);
  buttons->addWidget(close);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(18, 16, 18, 14);
  all->setSpacing(12);
  all->addWidget(scroll, 1);
  all->addLayout(buttons);
  resize(760, 460);
  job_ = jobs.start<std::vector<doctor::Row>>(
      gf::text("looking at this machine"), jobs.own_thread(),
      [](const doc::JobWork&) -> Result<std::vector<doctor::Row>> { return doctor::inspect(); },
      [this](Result<std::vector<doctor::Row>> rows) {
        if (rows) show_rows(*std::move(rows));
      });
}

void MachineDialog::show_rows(std::vector<doctor::Row> rows) {
  rows_ = std::move(rows);
  QString html = QStringLiteral("<table cellspacing=6>");
  for (const doctor::Row& row : rows_) {
    html += QStringLiteral("<tr>") + machine_cell(QString::fromStdString(row.title)) + machine_cell(machine_state(row.state)) +
            machine_cell(QString::fromStdString(row.found)) + QStringLiteral("</tr>");
    if (!row.advice.empty())
      html += QStringLiteral("<tr><td></td><td></td><td><i>%1</i></td></tr>").arg(QString::fromStdString(row.advice).toHtmlEscaped());
  }
  table_->setText(html + QStringLiteral("</table>"));
  copy_->setEnabled(true);
}

}  // namespace gf::ui

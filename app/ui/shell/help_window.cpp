#include "app/ui/shell/help_window.h"

#include <QLabel>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QVBoxLayout>
#include <set>

#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/menus.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

QString table_row(const QString& keys, const QString& what) {
  return QStringLiteral("<tr><td><b>%1</b></td><td>%2</td></tr>").arg(keys.toHtmlEscaped(), what.toHtmlEscaped());
}

QString pointer_rows() {
  return table_row(text("Drag"), text("turn the model; with Shift, or the right or middle button: move it")) +
         table_row(text("Wheel"), text("closer and farther, towards the pointer")) +
         table_row(text("Hover"), text("what a cell is, and how it came about")) +
         table_row(text("Click, double click"), text("select a cell, fly to it; once there, open its product as a cube")) +
         table_row(text("Enter"), text("open the product of the cell under the pointer, or of the selected one")) +
         table_row(text("Drag a pinned card"), text("move it by its head; its buttons enlarge and close it")) +
         table_row(text("Right click"), text("what can be done with it")) + table_row(text("Hold B"), text("look at base")) +
         table_row(text("Shift and arrows"), text("turn the model"));
}

/// Rows for the actions of a menu that have shortcuts.
QString menu_rows(const MenuInfo& menu) {
  QString rows;
  for (const MenuRow& row : menu.rows) {
    if (!row.id || row.choices) continue;
    const Action& action = *find_action(row.id);
    if (const QString keys = shown_keys(action); !keys.isEmpty()) rows += table_row(keys, text(action.title));
  }
  return rows;
}

/// Rows for the actions that stand in no menu and to which the user has given keys.
QString rows_of_others() {
  std::set<std::string_view> in_menus;
  for (const MenuInfo& menu : menus())
    for (const MenuRow& row : menu.rows)
      if (row.id && !row.choices) in_menus.insert(row.id);
  QString rows;
  for (const Action& action : actions()) {
    if (!action.bare() || in_menus.contains(action.id)) continue;
    if (const QString keys = shown_keys(action); !keys.isEmpty()) rows += table_row(keys, text(action.title));
  }
  return rows;
}

}  // namespace

HelpWindow::HelpWindow(ActionRunner& runner, QWidget* parent) : QDialog(parent), table_(new QLabel) {
  setObjectName("help_window");
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(text("Keys and pointer"));
  table_->setObjectName("help_table");
  table_->setTextFormat(Qt::RichText);
  table_->setAlignment(Qt::AlignTop);
  refresh();
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(table_);
  scroll->setWidgetResizable(true);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(20, 16, 20, 16);
  all->addWidget(scroll);
  auto* change = new QPushButton(text("Change keys …"), this);
  change->setObjectName("help_change");
  change->setToolTip(QString::fromStdString(tip_of(*find_action("shortcuts"))));
  change->setAutoDefault(false);
  connect(change, &QPushButton::clicked, this, [&runner] { runner.trigger("shortcuts"); });
  all->addWidget(change, 0, Qt::AlignLeft);
  constexpr int kFrame = 40;  // room for the window manager's frame
  resize((table_->sizeHint() + QSize(60, 90)).boundedTo(screen()->availableSize() - QSize(8, kFrame)));
}

void HelpWindow::refresh() {
  QString left = QStringLiteral("<table cellspacing=5>") + pointer_rows(), right = QStringLiteral("<table cellspacing=5>");
  for (std::size_t i = 0; i < menus().size(); ++i) (i < 3 ? left : right) += menu_rows(menus()[i]);
  left += QStringLiteral("</table>");
  right += rows_of_others() + QStringLiteral("</table>");
  table_->setText(QStringLiteral("<table><tr><td>%1</td><td width=30></td><td>%2</td></tr></table>").arg(left, right));
  const QSize room(screen()->availableSize() - QSize(68, 0));
  if (table_->sizeHint().width() > room.width()) table_->setText(left + right);  // one below the other
}

}  // namespace gf::ui

#include "app/ui/shell/help_window.h"

#include <QLabel>
#include <QScreen>
#include <QScrollArea>
#include <QVBoxLayout>

#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/menus.h"
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
    const QString keys = QKeySequence(keys_of(action)).toString(QKeySequence::NativeText);
    if (!keys.isEmpty()) rows += table_row(keys, text(action.title));
  }
  return rows;
}

}  // namespace

HelpWindow::HelpWindow(QWidget* parent) : QDialog(parent) {
  setObjectName("help_window");
  setAttribute(Qt::WA_DeleteOnClose);
  setWindowTitle(text("Keys and pointer"));
  QString left = QStringLiteral("<table cellspacing=5>") + pointer_rows(), right = QStringLiteral("<table cellspacing=5>");
  for (std::size_t i = 0; i < menus().size(); ++i) (i < 3 ? left : right) += menu_rows(menus()[i]);
  left += QStringLiteral("</table>");
  right += QStringLiteral("</table>");
  auto* table = new QLabel(QStringLiteral("<table><tr><td>%1</td><td width=30></td><td>%2</td></tr></table>").arg(left, right));
  table->setObjectName("help_table");
  table->setTextFormat(Qt::RichText);
  table->setAlignment(Qt::AlignTop);
  const QSize room(screen()->availableSize() - QSize(68, 0));
  if (table->sizeHint().width() > room.width()) table->setText(left + right);  // one below the other
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(table);
  scroll->setWidgetResizable(true);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(20, 16, 20, 16);
  all->addWidget(scroll);
  constexpr int kFrame = 40;  // room for the window manager's frame
  resize((table->sizeHint() + QSize(60, 50)).boundedTo(screen()->availableSize() - QSize(8, kFrame)));
}

}  // namespace gf::ui

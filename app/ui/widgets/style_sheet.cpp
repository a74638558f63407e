#include "app/ui/widgets/style_sheet.h"

#include <QColor>
#include <initializer_list>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "model/io/loaders.h"

namespace gf::ui {
namespace {

/// Colours and files replace the @names. General rules stand before particular ones.
constexpr const char* kSheet = R"(
QMainWindow, QDialog { background: @panel; }
QMainWindow::separator { background: @ground; width: 5px; height: 5px; }
QMainWindow::separator:hover { background: @accent; }
QMenuBar { background: @ground; padding: 3px 6px; }
QMenuBar::item { padding: 4px 10px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @card; border: 1px solid @line; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: @accent; color: @on_accent; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 5px 8px; }
QToolTip { background: @card; color: @text; border: 1px solid @line; padding: 5px 7px; }
QStatusBar { background: @ground; color: @dim; }
QStatusBar::item { border: none; }

QLineEdit, QSpinBox, QDoubleSpinBox { background: @card; border: 1px solid @line; border-radius: 6px; padding: 4px 8px;
  selection-background-color: @accent; selection-color: @on_accent; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus { border: 1px solid @accent; }
QLineEdit#prompt_edit { font-size: 14px; padding: 8px 12px; border-radius: 8px; }

QPushButton, QToolButton { background: @card; border: 1px solid @line; border-radius: 6px; padding: 5px 12px; }
QPushButton:hover, QToolButton:hover { background: @hover; }
QPushButton:pressed, QToolButton:pressed { background: @line; }
QPushButton:focus, QToolButton:focus { border: 1px solid @accent; }
QPushButton:disabled, QToolButton:disabled { color: @faint; }
QPushButton[primary="true"] { background: @accent; color: @on_accent; border: 1px solid @accent; }
QPushButton[primary="true"]:hover { background: @accent_hover; }
QPushButton[primary="true"]:disabled { background: @line; border-color: @line; color: @faint; }
QToolButton[flat="true"] { background: transparent; border: 1px solid transparent; padding: 3px; }
QToolButton[flat="true"]:hover { background: @hover; }
QToolButton[flat="true"]:focus { border: 1px solid @accent; }
QToolButton[round="true"] { padding: 6px 7px; }
QFileDialog QToolButton { padding: 2px; }
QToolButton[segment="true"] { border-radius: 0px; padding: 4px 9px; color: @dim; margin-left: -1px; }
QToolButton[segment="true"]:checked { background: @accent_soft; color: @text; border: 1px solid @accent; }
QToolButton[segment="first"] { border-top-left-radius: 6px; border-bottom-left-radius: 6px; border-top-right-radius: 0px;
  border-bottom-right-radius: 0px; padding: 4px 9px; color: @dim; }
QToolButton[segment="last"] { border-top-right-radius: 6px; border-bottom-right-radius: 6px; border-top-left-radius: 0px;
  border-bottom-left-radius: 0px; padding: 4px 9px; color: @dim; margin-left: -1px; }
QToolButton[segment="first"]:checked, QToolButton[segment="last"]:checked { background: @accent_soft; color: @text;
  border: 1px solid @accent; }
QToolButton[segment]:disabled, QToolButton[segment]:checked:disabled { color: @faint; background: @card; border-color: @line; }
QToolButton::menu-indicator { image: none; }

/* combobox-popup: a list. Fusion's own popup is a menu, which draws the chosen entry in colours of no theme. */
QComboBox { background: @card; border: 1px solid @line; border-radius: 6px; padding: 4px 8px; combobox-popup: 0; }
QComboBox:hover { background: @hover; }
QComboBox:focus { border: 1px solid @accent; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(@chevron); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: @card; border: 1px solid @line; padding: 3px; outline: none;
  selection-background-color: @accent; selection-color: @on_accent; }
QSpinBox::up-button, QDoubleSpinBox::up-button { border: none; width: 16px; subcontrol-position: top right; }
QSpinBox::down-button, QDoubleSpinBox::down-button { border: none; width: 16px; subcontrol-position: bottom right; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url(@chevron_up); width: 8px; height: 8px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url(@chevron); width: 8px; height: 8px; }

QComboBox[compact="true"], QDoubleSpinBox[compact="true"] { padding: 1px 6px; background: transparent; border-color: transparent; }
QComboBox[compact="true"]:hover, QDoubleSpinBox[compact="true"]:hover { border-color: @line; }
QComboBox[compact="true"]:focus, QDoubleSpinBox[compact="true"]:focus { border-color: @accent; }
QTabBar QToolButton { background: @panel; border: 1px solid @line; border-radius: 4px; padding: 0px; }
QTabBar QToolButton:hover { background: @hover; }
QTabBar QToolButton::left-arrow { image: url(@chevron_left); width: 10px; height: 10px; }
QTabBar QToolButton::right-arrow { image: url(@chevron_right); width: 10px; height: 10px; }
QTabBar QToolButton::left-arrow:disabled, QTabBar QToolButton::right-arrow:disabled { image: none; }
QTabBar::scroller { width: 22px; }
QDockWidget { color: @text; }
QWidget#dock_body, QWidget#dock_title { background: @panel; }
QLabel[role="title"] { font-weight: 600; }
QLabel[role="dim"] { color: @dim; }
QLabel[role="notice"] { color: @notice; font-weight: 600; }
QLabel[role="error"] { color: @error; }
QFrame[role="card"] { background: @card; border: 1px solid @line; border-radius: 8px; }
QFrame[role="error_strip"] { background: @error_soft; border: 1px solid @error; border-radius: 8px; }
QFrame[role="notice_strip"] { background: @notice_soft; border: 1px solid @notice; border-radius: 8px; }
QFrame[role="rule"] { background: @line; border: none; }

QTreeView, QTableView, QListView { background: @panel; border: none; outline: none; }
QTreeView::item { padding: 3px 2px; border-radius: 4px; }
QTreeView::item:hover { background: @hover; }
QTreeView::item:selected { background: @accent_soft; color: @text; }
QTreeView::branch { background: @panel; }
QTreeView::branch:has-children:closed { image: url(@chevron_right); }
QTreeView::branch:has-children:open { image: url(@chevron); }
QTableView::item { border: none; padding: 0px 4px; }
QTableView::item:selected { background: @accent_soft; color: @text; }
QHeaderView::section { background: @panel; color: @dim; border: none; padding: 2px 4px; }
QHeaderView { background: @panel; border: none; }
QTableCornerButton::section { background: @panel; border: none; }

QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 4px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: @dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: @card; border: 1px solid @line; border-radius: 4px; height: 8px; text-align: center; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QCheckBox { spacing: 7px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @dim; border-radius: 4px; background: @card; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: @accent; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(@check); }
QCheckBox::indicator:disabled { border-color: @line; }
QRadioButton { spacing: 7px; }
QRadioButton::indicator { width: 13px; height: 13px; border: 1px solid @dim; border-radius: 7px; background: @panel; }
QRadioButton::indicator:hover, QRadioButton::indicator:focus { border-color: @accent; }
QRadioButton::indicator:checked { background: @accent; border-color: @accent; }
QToolButton[cell="true"] { background: @hover; border: 1px solid @line; border-radius: 4px; padding: 0px; }
QToolButton[cell="true"]:hover, QToolButton[cell="true"]:focus { border: 1px solid @accent; }
QToolButton[cell="true"]:checked { background: @accent; border: 1px solid @accent; }
QFrame[role="option"] { border: 2px solid transparent; border-radius: 6px; }
QFrame[role="option"][right="true"] { border: 2px solid @accent; }
QLineEdit[right="true"] { border: 2px solid @accent; }
QToolButton[cell="true"][right="true"] { border: 2px solid @text; }
QFrame[role="card"][lifted="true"] { border-color: @accent; }
QFrame[role="gap"] { background: @accent; border: none; border-radius: 1px; }
QFrame[role="card"][right="true"] { border: 2px solid @accent; }
QMenu::indicator { width: 12px; height: 12px; left: 6px; }
QMenu::indicator:checked { image: url(@tick); }
QMenu::right-arrow { image: url(@chevron_right); width: 10px; height: 10px; }
)";

QString asset_url(const char* relative) {
  const auto path = asset_path(relative);
  return path ? QString::fromStdString(*path) : QString();
}

}  // namespace

QString style_sheet(const Skin& s) {
  QString sheet = QString::fromLatin1(kSheet);
  const QString mode = s.dark ? QStringLiteral("dark") : QStringLiteral("light");
  const auto icon = [&](const char* stem) { return asset_url(("icons/" + std::string(stem) + "-" + mode.toStdString() + ".svg").c_str()); };
  // Longer names come first, because @accent is a prefix of @accent_soft.
  const std::initializer_list<std::pair<const char*, QString>> words = {
      {"@accent_hover", mix(s.accent, s.text, 0.15).name()},
      {"@accent_soft", mix(s.card, s.accent, s.dark ? 0.24 : 0.16).name()},
      {"@on_accent", s.on_accent.name()},
      {"@accent", s.accent.name()},
      {"@error_soft", mix(s.panel, s.error, 0.12).name()},
      {"@error", s.error.name()},
      {"@check", icon("check")},
      {"@tick", icon("tick")},
      {"@chevron_right", icon("chevron-right")},
      {"@chevron_left", icon("chevron-left")},
      {"@chevron_up", icon("chevron-up")},
      {"@chevron", icon("chevron-down")},
      {"@ground", s.ground.name()},
      {"@panel", s.panel.name()},
      {"@card", s.card.name()},
      {"@hover", s.hover.name()},
      {"@line", s.line.name()},
      {"@text", s.text.name()},
      {"@faint", mix(s.dim, s.panel, 0.45).name()},
      {"@dim", s.dim.name()},
      {"@notice_soft", mix(s.panel, s.notice, 0.12).name()},
      {"@notice", s.notice.name()},
  };
  for (const auto& [word, value] : words) sheet.replace(QLatin1String(word), value);
  return sheet;
}

}  // namespace gf::ui

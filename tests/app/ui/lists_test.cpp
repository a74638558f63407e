// The chosen entry of any list is readable, in both themes: its letters stand out from its ground, and its ground from the others'.
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QListWidget>
#include <QMenu>
#include <QMenuBar>
#include <QScrollBar>
#include <QTableWidget>
#include <QTreeWidget>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "app/ui/actions/command_palette.h"
#include "app/ui/docks/dock.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

/// Relative luminance. Source: WCAG 2.1.
double luminance(const QColor& c) {
  const auto linear = [](double x) { return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4); };
  return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}

double contrast(const QColor& a, const QColor& b) {
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

struct Row {
  QColor ground;       ///< the most frequent colour
  double legible = 1;  ///< contrast of the ground and the colour that differs most from it
};

Row row_in(QWidget& widget, const QRect& at) {
  const QImage image = widget.grab(at).toImage();
  std::map<QRgb, int> counts;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) ++counts[image.pixel(x, y)];
  Row row;
  if (counts.empty()) return row;
  row.ground = QColor(std::ranges::max_element(counts, {}, [](const auto& c) { return c.second; })->first);
  for (const auto& [color, count] : counts) row.legible = std::max(row.legible, contrast(row.ground, QColor(color)));
  return row;
}

void expect_readable(const Row& chosen, const Row& other, const std::string& where) {
  EXPECT_GE(chosen.legible, 4.5) << where << ", the chosen entry";
  EXPECT_GE(other.legible, 4.5) << where << ", another entry";
  EXPECT_NE(chosen.ground, other.ground) << where << ": the chosen entry looks like the others";
}

void expect_readable_rows(QAbstractItemView& view, const std::string& where) {
  const QAbstractItemModel& model = *view.model();
  if (model.rowCount() < 2) return;
  const QModelIndex first = model.index(0, 0), second = model.index(1, 0);
  view.setCurrentIndex(second);
  view.scrollToTop();
  QCoreApplication::processEvents();
  expect_readable(row_in(*view.viewport(), view.visualRect(second)), row_in(*view.viewport(), view.visualRect(first)), where);
}

class Lists : public ::testing::TestWithParam<const char*> {
 protected:
  Lists() {
    screen.open("fable");
    screen.run(std::string("theme ") + GetParam());
    for (const DockInfo& dock : docks()) screen.window().docks().show(dock.id, true);
    EXPECT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
    EXPECT_TRUE(screen.settle());
    QCoreApplication::processEvents();
  }
  Screen screen;
};

TEST_P(Lists, of_combo_boxes_are_readable) {
  int opened = 0;
  for (QComboBox* combo : screen.window().findChildren<QComboBox*>()) {
    if (combo->count() < 2) continue;
    QWidget* tab = combo;  // a dock behind another tab has to come to the front
    for (; tab && !dynamic_cast<Dock*>(tab); tab = tab->parentWidget()) {
    }
    if (const auto* dock = dynamic_cast<Dock*>(tab)) screen.window().docks().show(dock->info().id, true);
    QCoreApplication::processEvents();
    if (!combo->isVisible()) continue;
    const int kept = combo->currentIndex();
    combo->showPopup();
    QCoreApplication::processEvents();
    expect_readable_rows(*combo->view(), combo->objectName().toStdString());
    combo->hidePopup();
    EXPECT_EQ(combo->currentIndex(), kept);
    ++opened;
  }
  EXPECT_GE(opened, 4);
}

TEST_P(Lists, of_the_palette_are_readable) {
  screen.window().show_palette();
  auto* list = screen.window().palette()->findChild<QListWidget*>("palette_list");
  ASSERT_NE(list, nullptr);
  QCoreApplication::processEvents();
  expect_readable_rows(*list, "palette");
  screen.window().palette()->close();
}

TEST_P(Lists, of_menus_are_readable) {
  for (QAction* title : screen.window().menuBar()->actions()) {
    QMenu* menu = title->menu();
    menu->popup(screen.window().mapToGlobal(QPoint(20, 20)));
    QCoreApplication::processEvents();
    QList<QAction*> rows;
    for (QAction* row : menu->actions())
      if (!row->isSeparator() && row->isEnabled()) rows << row;
    if (rows.size() >= 2) {
      menu->setActiveAction(rows[1]);
      QCoreApplication::processEvents();
      expect_readable(row_in(*menu, menu->actionGeometry(rows[1])), row_in(*menu, menu->actionGeometry(rows[0])),
                      title->text().toStdString());
    }
    menu->close();
  }
}

TEST_P(Lists, in_docks_are_readable) {
  for (const char* name : {"lessons_list", "model_tree", "logits_table"}) {
    auto* view = screen.window().findChild<QAbstractItemView*>(name);
    ASSERT_NE(view, nullptr) << name;
    QWidget* dock = view;
    while (!dynamic_cast<Dock*>(dock)) dock = dock->parentWidget();
    screen.window().docks().show(dynamic_cast<Dock*>(dock)->info().id, true);
    QCoreApplication::processEvents();
    expect_readable_rows(*view, name);
  }
}

INSTANTIATE_TEST_SUITE_P(Themes, Lists, ::testing::Values("dark", "light"), [](const auto& theme) { return std::string(theme.param); });

TEST(Lists, are_scrolled_by_the_wheel_and_never_changed) {
  Screen screen;
  screen.open("fable");
  for (const char* head : {"0.0", "0.5", "4.3", "4.7"}) EXPECT_EQ(screen.run(std::string("cut-head ") + head), "");
  ASSERT_TRUE(screen.settle());
  for (const char* dock : {"probe", "logits", "model"}) (void)screen.dock(dock);
  const doc::Document before = screen.lab().document();
  int fields = 0;
  for (QWidget* field : screen.window().findChildren<QWidget*>()) {
    const bool changes = qobject_cast<QComboBox*>(field) || qobject_cast<QAbstractSpinBox*>(field) ||
                         (qobject_cast<QAbstractSlider*>(field) && !qobject_cast<QScrollBar*>(field));
    if (!changes || !field->isVisible()) continue;
    ++fields;
    EXPECT_FALSE(field->focusPolicy() == Qt::WheelFocus) << field->objectName().toStdString();
    for (const int down : {-120, 120, 120}) {
      const QPointF middle = QRectF(field->rect()).center();
      QWheelEvent wheel(middle, field->mapToGlobal(middle), {}, {0, down}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
      QApplication::sendEvent(field, &wheel);
    }
  }
  EXPECT_GT(fields, 8);
  EXPECT_EQ(screen.lab().document(), before);
}

}  // namespace
}  // namespace gf::ui

// A small screen, such as 1920 x 1080 at 200 %: the window fits with every dock open, and nothing in it is cut off.
#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <gtest/gtest.h>

#include "app/ui/docks/dock.h"
#include "app/ui/docks/sampling_row.h"
#include "app/ui/heads/head_grid.h"
#include "app/ui/shell/status_line.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/elided_label.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

constexpr int kMostWidth = 940;

int least_width(Screen& screen) {
  QCoreApplication::sendPostedEvents();
  QCoreApplication::processEvents();
  return screen.window().layout()->totalMinimumSize().width();
}

std::string report(Screen& screen) {
  std::string all;
  const auto say = [&](const QWidget& widget) {
    all += widget.objectName().toStdString() + " " + std::to_string(widget.minimumSizeHint().width()) + "\n";
  };
  for (const DockInfo& info : docks()) {
    all += std::string(info.id) + ": ";
    say(screen.window().docks().dock(info.id));
  }
  for (const char* name : {"prompt_bar", "view_bar", "transport", "viewport", "error_strip", "status_bar", "centre"})
    if (const auto* part = screen.window().findChild<QWidget*>(name)) say(*part);
  return all;
}

TEST(SmallWindow, is_narrow_enough_whatever_docks_are_open) {
  Screen screen;
  screen.open("fable");
  EXPECT_LE(least_width(screen), kMostWidth) << "the docks of the first start\n" << report(screen);
  for (const char* model : {"induction-nano", "fable"}) {  // one with training steps, and the largest one
    screen.open(model);
    for (const DockInfo& dock : docks()) {
      screen.window().docks().show(dock.id, true);
      EXPECT_LE(least_width(screen), kMostWidth) << model << ", " << dock.id << "\n" << report(screen);
    }
  }
  for (const auto& [layer, head] : {std::pair{0, 0}, {4, 7}}) screen.lab().set_cut({layer, head}, true);
  screen.run("temperature 0.7");
  screen.run("select-position 3");
  ASSERT_TRUE(screen.settle());
  EXPECT_LE(least_width(screen), kMostWidth) << "with edits\n" << report(screen);
}

TEST(SmallWindow, is_low_enough_whatever_docks_are_open) {
  Screen screen;
  screen.open("fable");
  constexpr int kMostHeight = 500;  // 1920 x 1080 at 200 %, less the window manager's frame
  for (const DockInfo& dock : docks()) {
    screen.window().docks().show(dock.id, true);
    (void)least_width(screen);
    EXPECT_LE(screen.window().layout()->totalMinimumSize().height(), kMostHeight) << dock.id;
  }
}

TEST(SmallWindow, stays_on_the_screen_in_present_with_docks_and_a_lesson) {
  Screen screen;
  screen.open("fable");
  ASSERT_TRUE(screen.until([&] { return !screen.window().player().lessons().empty(); }));
  constexpr int kMostHeight = 520;
  const auto least_height = [&] { return screen.window().layout()->totalMinimumSize().height(); };
  screen.run("present");
  EXPECT_LE(least_width(screen), kMostWidth) << report(screen);
  for (const char* dock : {"probe", "logits", "lens"}) {
    screen.window().docks().show(dock, true);
    EXPECT_LE(least_width(screen), kMostWidth) << dock << "\n" << report(screen);
    EXPECT_LE(least_height(), kMostHeight) << dock;
  }
  for (const char* lesson : {"cut-a-head", "tokens"}) {
    screen.run(std::string("lesson ") + lesson);
    ASSERT_TRUE(screen.settle());
    EXPECT_LE(least_width(screen), kMostWidth) << lesson << "\n" << report(screen);
    EXPECT_LE(least_height(), kMostHeight) << lesson;
  }
}

TEST(SmallWindow, is_not_widened_by_what_the_status_bar_and_the_strip_say) {
  Screen screen;
  screen.open("fable");
  for (const DockInfo& dock : docks()) screen.window().docks().show(dock.id, true);
  screen.window().status().set_device("llvmpipe (LLVM 15.0.7, 256 bits) with a long name of a driver behind it");
  const std::string path = "/home/somebody/" + std::string(300, 'x') + "/model.safetensors";
  screen.window().say(QString::fromStdString("Saved " + path));
  EXPECT_LE(least_width(screen), kMostWidth) << "a long remark\n" << report(screen);
  auto reading = screen.lab().jobs().open<int>("reading " + path, {}), sweeping = screen.lab().jobs().open<int>("sweeping " + path, {}),
       film = screen.lab().jobs().open<int>("film " + path, {});
  EXPECT_LE(least_width(screen), kMostWidth) << "three jobs\n" << report(screen);
  screen.window().show_error({ErrorCode::NotFound, "There is no file " + path, path});
  EXPECT_LE(least_width(screen), kMostWidth) << "an error\n" << report(screen);
}

/// Whether a control is whole: as large as it needs to be, and inside of what the dock can be scrolled to.
void expect_whole_controls(const Dock& dock, const std::string& where) {
  const QWidget& around = *dock.findChild<QScrollArea*>("dock_scroll")->widget();
  EXPECT_LE(around.width(), dock.width()) << where;
  int seen = 0;
  for (const QWidget* part : around.findChildren<QWidget*>()) {
    const bool control =
        qobject_cast<const QAbstractButton*>(part) || qobject_cast<const QComboBox*>(part) || qobject_cast<const QAbstractSpinBox*>(part);
    if (!control || !part->isVisible()) continue;
    const std::string name = where + ", " + part->objectName().toStdString();
    EXPECT_TRUE(around.rect().contains(QRect(part->mapTo(&around, QPoint(0, 0)), part->size()))) << name;
    if (qobject_cast<const QAbstractButton*>(part)) {
      EXPECT_GE(part->width(), part->minimumSizeHint().width()) << name;
    }
    ++seen;
  }
  EXPECT_GT(seen, 0) << where;
}

TEST(SmallWindow, cuts_no_control_of_its_docks) {
  Screen screen;
  screen.open("fable");
  screen.run("temperature 0.7");
  ASSERT_TRUE(screen.settle());
  screen.window().resize(kMostWidth, 480);
  for (const char* id : {"model", "lessons"}) screen.window().docks().show(id, true);
  for (const char* id : {"probe", "logits"}) {
    screen.window().docks().show(id, true);
    QCoreApplication::sendPostedEvents();
    QCoreApplication::processEvents();
    ASSERT_EQ(screen.window().width(), kMostWidth);
    const Dock& dock = screen.window().docks().dock(id);
    EXPECT_LE(dock.mapTo(&screen.window(), QPoint(dock.width(), 0)).x(), kMostWidth) << id;
    expect_whole_controls(dock, id);
  }
  screen.window().docks().show("probe", true);
  QCoreApplication::processEvents();
  const auto* grid = screen.window().findChild<HeadGridView*>("head_grid");
  const Dock& probe = screen.window().docks().dock("probe");
  EXPECT_LE(grid->mapTo(&probe, grid->cell_rect(0, grid->n_head() - 1).topRight()).x(), probe.width()) << "the last column of heads";
}

TEST(SmallWindow, names_of_sampling_controls_are_whole_at_any_width) {
  Screen screen;
  screen.open("fable");
  screen.run("temperature 0.7");
  ASSERT_TRUE(screen.settle());
  for (const bool all : {false, true}) {
    SamplingRow row(screen.window().runner(), all, nullptr);
    row.refresh(screen.lab().document().sampler);
    row.show();
    for (int width = 420; width >= row.minimumSizeHint().width(); width -= 7) {
      row.resize(width, row.sizeHint().height());
      QCoreApplication::sendPostedEvents();
      QCoreApplication::processEvents();
      for (const auto* box : row.findChildren<QAbstractSpinBox*>()) {
        const auto* field = box->findChild<QLineEdit*>();
        EXPECT_GE(field->contentsRect().width(), field->fontMetrics().horizontalAdvance(field->text()))
            << width << ", " << box->objectName().toStdString() << ": " << box->text().toStdString();
        EXPECT_TRUE(row.rect().contains(box->geometry())) << width << ", " << box->objectName().toStdString();
      }
    }
  }
}

TEST(HeadGridView, settles_in_a_scroll_area_of_any_size) {
  Screen screen;
  screen.open("fable");
  QWidget around;
  auto* area = new QScrollArea(&around);
  auto* grid = new HeadGridView(screen.lab());
  area->setFrameShape(QFrame::NoFrame);
  area->setWidgetResizable(true);
  area->setWidget(grid);
  grid->refresh();
  around.resize(600, 600);
  around.show();
  for (int width = 200; width <= 420; width += 3) {
    const int whole = grid->heightForWidth(width);
    for (int lack = -2; lack <= 14; ++lack) {
      area->resize(width, whole - lack);
      QCoreApplication::sendPostedEvents();
      EXPECT_GE(grid->height(), grid->heightForWidth(grid->width())) << width << " x " << whole - lack;
    }
  }
}

TEST(DockFrames, give_the_docks_their_usual_widths_at_the_first_start) {
  Screen screen;  // it is made larger than at its start
  screen.open("fable");
  const MainWindow& window = screen.window();
  EXPECT_GE(window.docks().dock("probe").width(), 390);
  EXPECT_GT(window.viewport().width(), window.width() / 2);
}

TEST(ElidedLabel, keeps_its_text_and_shows_what_fits) {
  need_application();
  ElidedLabel label(nullptr, Qt::ElideMiddle);
  label.setText("a long sentence of many words");
  label.resize(label.sizeHint());
  EXPECT_EQ(label.shown(), label.text());
  label.resize(label.sizeHint().width() / 2, label.height());
  EXPECT_TRUE(label.shown().contains(QStringLiteral("…"))) << label.shown().toStdString();
  EXPECT_TRUE(label.shown().startsWith(QStringLiteral("a long")) && label.shown().endsWith(QStringLiteral("words")));
  EXPECT_EQ(label.text(), "a long sentence of many words");
  EXPECT_LT(label.minimumSizeHint().width(), 60);
  label.setText("ab");
  EXPECT_LE(label.minimumSizeHint().width(), label.sizeHint().width());
}

}  // namespace
}  // namespace gf::ui

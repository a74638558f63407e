// What the dialog that saves a picture offers.
#include "app/ui/dialogs/picture_dialog.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QComboBox>
#include <QLineEdit>
#include <QTemporaryDir>
#include <QTest>
#include <gtest/gtest.h>
#include <optional>
#include <utility>

#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

TEST(PictureDialog, opens_the_list_of_figures_by_a_click_on_what_is_shown) {
  const QTemporaryDir folder;
  PictureDialog dialog({1280, 720}, {"pattern 4.3"}, folder.path(), "fable.png", nullptr);
  auto* shows = dialog.findChild<QComboBox*>("picture_figure");
  ASSERT_NE(shows, nullptr);
  dialog.show();
  dialog.findChild<QLineEdit*>("picture_path")->setFocus();
  QTest::mouseClick(shows->lineEdit(), Qt::LeftButton);
  EXPECT_TRUE(shows->view()->isVisible());
  shows->hidePopup();
  QTest::keyClicks(shows, "pattern 5.1");
  EXPECT_TRUE(shows->currentText().endsWith("pattern 5.1")) << "one types as well: " << shows->currentText().toStdString();
}

TEST(PictureDialog, has_a_format_that_the_ending_follows_and_8k) {
  const QTemporaryDir folder;
  auto* dialog = new PictureDialog({1280, 720}, {}, folder.path(), "fable.svg", nullptr);
  auto* format = dialog->findChild<QComboBox*>("picture_format");
  auto* path = dialog->findChild<QLineEdit*>("picture_path");
  ASSERT_TRUE(format && path);
  ASSERT_EQ(format->count(), 4) << "PNG, SVG, PDF and pages";
  EXPECT_TRUE(has(format->currentText().toStdString(), "SVG")) << "as the name says";
  for (const auto& [index, ending] : {std::pair(0, ".png"), std::pair(2, ".pdf"), std::pair(1, ".svg")}) {
    format->setCurrentIndex(index);
    emit format->activated(index);
    EXPECT_EQ(path->text().toStdString(), folder.filePath("fable").toStdString() + ending);
  }
  path->setText(folder.filePath("other.PDF"));
  emit path->editingFinished();
  EXPECT_TRUE(has(format->currentText().toStdString(), "PDF"));
  auto* size = dialog->findChild<QComboBox*>("picture_size");
  const int large = size->findText("7680 × 4320 (8K)");
  ASSERT_GE(large, 0);
  size->setCurrentIndex(large);
  emit size->activated(large);
  std::optional<PictureJob> job;
  dialog->on_save = [&](const PictureJob& asked) { job = asked; };
  path->setText(folder.filePath("no-such-file-yet"));
  dialog->findChild<QAbstractButton*>("picture_save")->click();
  ASSERT_TRUE(job);
  EXPECT_EQ(job->path, folder.filePath("no-such-file-yet.pdf").toStdString()) << "a name without an ending gets that of the format";
  EXPECT_EQ(job->options.width, 7680);
  EXPECT_EQ(job->options.height, 4320);
}

}  // namespace
}  // namespace gf::ui

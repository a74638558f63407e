// The status bar says whether the open model's numbers are right.
#include <QFile>
#include <QLabel>
#include <QTemporaryDir>
#include <filesystem>
#include <gtest/gtest.h>

#include "app/ui/shell/status_line.h"
#include "model/io/loaders.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

using State = doc::ParityWatch::State;

const QLabel& badge(Screen& screen) { return *screen.window().findChild<QLabel*>("status_parity"); }

void check(Screen& screen) {
  screen.lab().check_parity();
  ASSERT_TRUE(screen.until([&] { return screen.lab().parity().state() == State::Done; }));
}

TEST(ParityBadge, says_how_near_pytorch_the_model_is_and_belongs_to_that_model) {
  Screen screen;
  screen.open("fable");
  EXPECT_TRUE(badge(screen).isHidden());
  screen.lab().check_parity();
  EXPECT_EQ(badge(screen).text(), "checking its numbers …");
  check(screen);
  const QString said = badge(screen).text(), tip = badge(screen).toolTip();
  EXPECT_TRUE(said.startsWith("✓ equals PyTorch to ")) << said.toStdString();
  EXPECT_EQ(tip.count('\n'), 2) << tip.toStdString();
  EXPECT_TRUE(tip.startsWith("PyTorch 2.13: ")) << tip.toStdString();
  EXPECT_TRUE(tip.contains("plain loops in double: 57,344 logits at 14 positions")) << tip.toStdString();
  screen.run("open sort-nano");
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(badge(screen).isHidden()) << "this model was not checked";
  screen.run("undo");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(badge(screen).text(), said) << "and this one need not be checked again";
}

TEST(ParityBadge, says_what_differs) {
  need_application();
  QTemporaryDir folder;
  const std::filesystem::path copied = folder.path().toStdString() + "/spoiled";
  std::filesystem::copy(*resolve_model("sort-nano"), copied);
  QFile file(QString::fromStdString(copied.string() + "/reference.json"));
  ASSERT_TRUE(file.open(QIODevice::ReadWrite));
  QByteArray json = file.readAll();
  json.replace("-6.060501", "-6.5");  // the first logit
  file.resize(0);
  file.write(json);
  file.close();
  Screen screen;
  screen.open(copied.string());
  check(screen);
  EXPECT_TRUE(badge(screen).text().startsWith("✗ differs from PyTorch by ")) << badge(screen).text().toStdString();
  EXPECT_EQ(badge(screen).property("role").toString(), "error");
  EXPECT_TRUE(badge(screen).toolTip().contains("at position 0 the logit of ")) << badge(screen).toolTip().toStdString();
}

}  // namespace
}  // namespace gf::ui

// Another language reaches every word of the window: each sentence is marked, and what is not marked is data.
#include <QAction>
#include <QDockWidget>
#include <QTabBar>
#include <QToolButton>
#include <gtest/gtest.h>
#include <set>

#include "app/document/recent.h"
#include "app/ui/shell/languages.h"
#include "model/base/text.h"
#include "model/io/loaders.h"
#include "tests/app/ui/screen.h"
#include "tests/house/sentences.h"

namespace gf::ui {
namespace {

/// While it lives, every sentence of the program stands in brackets.
class MarkedLanguage {
 public:
  MarkedLanguage() {
    Translations marked;
    for (const auto& [english, file] : house::all_sentences(house::kRoot)) marked.emplace(english, "⟦" + english + "⟧");
    set_translations(std::move(marked));
  }
  ~MarkedLanguage() { set_translations({}); }
  MarkedLanguage(const MarkedLanguage&) = delete;
  MarkedLanguage& operator=(const MarkedLanguage&) = delete;
};

bool is_marked(const QString& words) { return words.isEmpty() || words.contains(QStringLiteral("⟦")); }

TEST(Languages, reach_every_action_dock_and_button) {
  const MarkedLanguage language;
  Screen screen;
  screen.open("fable");
  std::set<std::string> unmarked;
  for (const QAction* action : screen.window().findChildren<QAction*>())
    if (!is_marked(action->text())) unmarked.insert(action->text().toStdString());
  for (const QDockWidget* dock : screen.window().findChildren<QDockWidget*>())
    if (!is_marked(dock->windowTitle())) unmarked.insert(dock->windowTitle().toStdString());
  for (const QToolButton* button : screen.window().findChildren<QToolButton*>()) {
    if (qobject_cast<const QTabBar*>(button->parentWidget())) continue;  // Qt's own words, "Scroll Left"
    for (const QString& words : {button->toolTip(), button->accessibleName()})
      if (!is_marked(words)) unmarked.insert(words.toStdString());
  }
  for (const BundledModel& model : bundled_models()) {
    unmarked.erase(model.name);
    for (const int step : training_steps(model.path)) unmarked.erase(model.name + "@" + std::to_string(step));
  }
  for (const std::string& opened : doc::read_recent()) unmarked.erase(opened);
  for (const Language& language_of : languages()) unmarked.erase(language_of.name);  // each in its own
  EXPECT_EQ(unmarked, std::set<std::string>{});
}

}  // namespace
}  // namespace gf::ui

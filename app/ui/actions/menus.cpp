#include "app/ui/actions/menus.h"

#include <QAction>
#include <QMenu>
#include <QMenuBar>
#include <utility>

#include "app/ui/actions/action_choices.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// Adds the choices of an action to a menu; fill() does so each time that the menu opens.
void add_choices(QMenu& menu, const MenuRow& row, ActionRunner& runner) {
  for (const Choice& choice : runner.choices(*find_action(row.id))) {
    if (*row.group && std::string_view(row.group) != choice.group) continue;
    const bool brief = row.submenu && !choice.brief.empty();
    QAction* q = menu.addAction(QString::fromStdString(brief ? choice.brief : choice.label), &menu,
                                [&runner, id = std::string(row.id), arguments = choice.arguments] { runner.trigger(id, arguments); });
    q->setToolTip(QString::fromStdString(choice.tip));
    q->setCheckable(choice.checked);
    q->setChecked(choice.checked);
  }
}

void fill(QMenu& menu, const MenuInfo& info, ActionRunner& runner) {
  // clear() does not delete the submenus.
  qDeleteAll(menu.findChildren<QMenu*>(Qt::FindDirectChildrenOnly));
  menu.clear();
  for (const MenuRow& row : info.rows) {
    if (!row.id) {
      menu.addSeparator();
    } else if (!row.choices) {
      menu.addAction(runner.qaction(row.id));
    } else if (row.submenu) {
      QMenu* below = menu.addMenu(text(row.submenu));
      add_choices(*below, row, runner);
      below->setEnabled(!below->isEmpty());
    } else {
      add_choices(menu, row, runner);
    }
  }
}

}  // namespace

std::span<const MenuInfo> menus() {
  static const MenuInfo kMenus[] = {
      {phrase("&File"),
       {{"open-folder"},
        {"open-file"},
        {"get-model"},
        {"open", true, kBundledGroup, phrase("Bundled models")},
        {"open", true, kRecentGroup, phrase("Recent models")},
        {},
        {"open-session"},
        {"save-session"},
        {"recover"},
        {"save-picture"},
        {"save-film"},
        {"save-handout"},
        {"save-notebook"},
        {},
        {"quit"}}},
      {phrase("&Edit"), {{"undo"}, {"redo"}, {}, {"edit-prompt"}, {"bos"}, {"up"}, {"palette"}, {}, {"shortcuts"}}},
      {phrase("&View"),
       {{"view"},
        {"ribbons"},
        {},
        {"fit"},
        {"home"},
        {"fly-to-selection"},
        {"closer"},
        {"farther"},
        {},
        {"one-head"},
        {"whole-machine"},
        {"open-product"},
        {"product-order"},
        {"close-product"},
        {},
        {"compare", true},
        {"difference"},
        {"split"},
        {"split-left"},
        {"split-right"},
        {},
        {"theme"},
        {"legend"},
        {"map"},
        {"times"},
        {},
        {"pin-card"},
        {"large-cards"},
        {"card-depth", true},
        {"card-depth"},
        {"copy-code"},
        {"close-cards"},
        {},
        {"present"},
        {},
        {"show-dock", true}}},
      {phrase("&Play"),
       {{"play"},
        {"tell"},
        {"follow"},
        {},
        {"step-forward"},
        {"step-back"},
        {"to-start"},
        {"to-end"},
        {},
        {"step-by-operation"},
        {"step-by-block"},
        {"step-by-token"},
        {},
        {"generate-token"},
        {"generate"},
        {"greedy"}}},
      {phrase("&Bookmarks"),
       {{"add-bookmark"},
        {"speaker-notes"},
        {},
        {"bookmark-1"},
        {"bookmark-2"},
        {"bookmark-3"},
        {"bookmark-4"},
        {"bookmark-5"},
        {"bookmark-6"},
        {"bookmark-7"},
        {"bookmark-8"},
        {"bookmark-9"},
        {},
        {"go-to-bookmark", true}}},
      {phrase("P&robe"), {{"cut-head"}, {"remove-edits"}, {}, {"observe"}, {"intervene"}, {}, {"open-recipe"}, {"save-recipe"}}},
      {phrase("&Lessons"), {{"next-step"}, {"previous-step"}, {"leave-lesson"}, {}, {"lesson", true}}},
      {phrase("&Help"), {{"help"}, {"this-machine"}, {"about"}}},
  };
  return kMenus;
}

void build_menus(QMenuBar& bar, ActionRunner& runner) {
  for (const MenuInfo& info : menus()) {
    QMenu* menu = bar.addMenu(text(info.title));
    menu->setToolTipsVisible(true);
    fill(*menu, info, runner);
    QObject::connect(menu, &QMenu::aboutToShow, menu, [menu, &info, &runner] { fill(*menu, info, runner); });
  }
}

}  // namespace gf::ui

#include "app/ui/actions/menus.h"

#include <QAction>
#include <QMenu>
#include <QMenuBar>
#include <utility>

#include "app/ui/actions/action_choices.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/values_needed.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

// What the menu View would be too long for: on a screen of 720 lines it must stand in one column.
constexpr const char *kLayoutMenu = phrase("Layout"), *kCompareMenu = phrase("Base and edited"), *kCardsMenu = phrase("Cards"),
                     *kProductMenu = phrase("Product or head alone"), *kWeightsMenu = phrase("Weights and gradients");

/// Adds the choices of an action to a menu; fill() does so each time that the menu opens.
void add_choices(QMenu& menu, const MenuRow& row, ActionRunner& runner) {
  const QString lack = needs_values(row.id) ? runner.lack_of_values() : QString();
  for (const Choice& choice : runner.choices(*find_action(row.id))) {
    if (*row.group && std::string_view(row.group) != choice.group) continue;
    const bool brief = row.submenu && !choice.brief.empty();
    QAction* q = menu.addAction(QString::fromStdString(brief ? choice.brief : choice.label), &menu,
                                [&runner, id = std::string(row.id), arguments = choice.arguments] { runner.trigger(id, arguments); });
    q->setToolTip(QString::fromStdString(choice.tip));
    q->setCheckable(choice.checked);
    q->setChecked(choice.checked);
    if (lack.isEmpty()) continue;
    q->setEnabled(false);
    q->setToolTip(lack);
  }
}

void fill(QMenu& menu, const MenuInfo& info, ActionRunner& runner) {
  // clear() does not delete the submenus.
  qDeleteAll(menu.findChildren<QMenu*>(Qt::FindDirectChildrenOnly));
  menu.clear();
  QMenu* below = nullptr;  // the present submenu
  std::string_view name;
  for (const MenuRow& row : info.rows) {
    if (!row.submenu) {
      below = nullptr;
    } else if (!below || name != row.submenu) {
      below = menu.addMenu(text(row.submenu));
      below->setToolTipsVisible(true);
      name = row.submenu;
    }
    QMenu& to = below ? *below : menu;
    if (!row.id) to.addSeparator();
    else if (row.choices) add_choices(to, row, runner);
    else to.addAction(runner.qaction(row.id));
    if (below) below->setEnabled(!below->isEmpty());
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
        {"show-circuit"},
        {},
        {"fit"},
        {"home"},
        {"fly-to-selection"},
        {"closer"},
        {"farther"},
        {},
        {"show-dock", true, "", phrase("Docks")},
        {"layout", true, "", kLayoutMenu},
        {nullptr, false, "", kLayoutMenu},
        {"save-layout", false, "", kLayoutMenu},
        {"reset-layout", false, "", kLayoutMenu},
        {"compare", true, "", kCompareMenu},
        {nullptr, false, "", kCompareMenu},
        {"difference", false, "", kCompareMenu},
        {"split", false, "", kCompareMenu},
        {"side", false, "", kCompareMenu},
        {"split-left", false, "", kCompareMenu},
        {"split-right", false, "", kCompareMenu},
        {"pin-card", false, "", kCardsMenu},
        {"large-cards", false, "", kCardsMenu},
        {nullptr, false, "", kCardsMenu},
        {"card-depth", true, "", kCardsMenu},
        {"card-depth", false, "", kCardsMenu},
        {nullptr, false, "", kCardsMenu},
        {"copy-code", false, "", kCardsMenu},
        {"close-cards", false, "", kCardsMenu},
        {"open-product", false, "", kProductMenu},
        {"product-order", false, "", kProductMenu},
        {"close-product", false, "", kProductMenu},
        {nullptr, false, "", kProductMenu},
        {"one-head", false, "", kProductMenu},
        {"whole-machine", false, "", kProductMenu},
        {},
        {"language", true, "", phrase("Language")},
        {"theme"},
        {"legend"},
        {"map"},
        {"times"},
        {"train-weights", true, "", kWeightsMenu},
        {nullptr, false, "", kWeightsMenu},
        {"look-at-weights", false, "", kWeightsMenu},
        {},
        {"present"}}},
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
      {phrase("P&robe"),
       {{"cut-head"}, {"remove-edits"}, {}, {"observe"}, {"intervene"}, {"what-if"}, {}, {"open-recipe"}, {"save-recipe"}}},
      {phrase("&Lessons"), {{"next-step"}, {"previous-step"}, {"leave-lesson"}, {}, {"lesson", true}}},
      {phrase("&Help"), {{"help"}, {"this-machine"}, {"about"}}},
  };
  return kMenus;
}

void build_menus(QMenuBar& bar, ActionRunner& runner) {
  qDeleteAll(bar.findChildren<QMenu*>(Qt::FindDirectChildrenOnly));
  bar.clear();
  for (const MenuInfo& info : menus()) {
    QMenu* menu = bar.addMenu(text(info.title));
    menu->setToolTipsVisible(true);
    fill(*menu, info, runner);
    QObject::connect(menu, &QMenu::aboutToShow, menu, [menu, &info, &runner] { fill(*menu, info, runner); });
  }
}

}  // namespace gf::ui

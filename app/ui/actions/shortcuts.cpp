#include "app/ui/actions/shortcuts.h"

#include <QKeySequence>
#include <QSettings>
#include <QStringList>
#include <QWidget>
#include <algorithm>
#include <map>

#include "app/ui/actions/menus.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr char kTipProperty[] = "key_tip", kIdsProperty[] = "key_tip_ids";
const QString kGroup = QStringLiteral("shortcuts/");

/// What the user has changed, by the actions' ids.
std::map<std::string, QString, std::less<>>& changed_keys() {
  static std::map<std::string, QString, std::less<>> keys;
  return keys;
}

QString own_keys(const Action& action) { return QLatin1String(action.keys); }

/// The keys that the window uses itself, and what for.
struct WindowKeys {
  const char* keys;
  const char* use;  ///< a phrase(); {0} are the keys
};
constexpr WindowKeys kWindowKeys[] = {
    {"B", phrase("{0} shows the base run while it is held, so no command can have it.")},
    {"Return", phrase("{0} opens the product of a cell, so no command can have it.")},
    {"Enter", phrase("{0} opens the product of a cell, so no command can have it.")},
    {"Shift+Left", phrase("{0} turns the model, so no command can have it.")},
    {"Shift+Right", phrase("{0} turns the model, so no command can have it.")},
    {"Shift+Up", phrase("{0} turns the model, so no command can have it.")},
    {"Shift+Down", phrase("{0} turns the model, so no command can have it.")},
    {"Up", phrase("{0} goes through lists, so no command can have it.")},
    {"Down", phrase("{0} goes through lists, so no command can have it.")},
    {"Tab", phrase("{0} goes from one control to the next, so no command can have it.")},
    {"Shift+Backtab", phrase("{0} goes from one control to the next, so no command can have it.")},
    {"Del", phrase("{0} cuts or removes what is selected in a list, so no command can have it.")},
};

void renew_key_tip(QWidget& widget) {
  const QByteArray tip = widget.property(kTipProperty).toByteArray();
  if (tip.isEmpty()) return;
  const QStringList ids = widget.property(kIdsProperty).toStringList();
  const std::string english = tip.toStdString();
  if (english.find("{0}") == std::string::npos) {
    widget.setToolTip(with_keys(QString::fromStdString(gf::text(english)), ids.front().toStdString()));
    return;
  }
  std::vector<std::string> keys;
  for (const QString& id : ids) keys.push_back(keys_or_title(id.toStdString()));
  widget.setToolTip(QString::fromStdString(words::filled(translated(english), keys)));
}

}  // namespace

void read_shortcuts() {
  changed_keys().clear();
  const QSettings settings;
  for (const Action& action : actions())
    if (const QString key = kGroup + QLatin1String(action.id); action.bare() && settings.contains(key))
      changed_keys()[action.id] = settings.value(key).toString();
}

QString keys_of(const Action& action) {
  const auto& changed = changed_keys();
  if (const auto found = changed.find(action.id); found != changed.end()) return found->second;
  const QString own = own_keys(action);
  const bool given_away = std::ranges::any_of(changed, [&](const auto& other) { return other.second == own; });
  return given_away ? QString() : own;
}

QString shown_keys(const Action& action) {
  return QKeySequence(keys_of(action), QKeySequence::PortableText).toString(QKeySequence::NativeText);
}

bool has_own_keys(const Action& action) { return keys_of(action) == own_keys(action); }

std::string keys_or_title(std::string_view id) {
  const Action* action = find_action(id);
  EXPECTS(action, "the id of an action");
  const QString keys = shown_keys(*action);
  return keys.isEmpty() ? gf::text("“{0}”", gf::text(action->title)) : keys.toStdString();
}

QString with_keys(const QString& words, std::string_view id) {
  const Action* action = find_action(id);
  EXPECTS(action, "the id of an action");
  const QString keys = shown_keys(*action);
  return keys.isEmpty() ? words : QStringLiteral("%1 (%2)").arg(words, keys);
}

std::string tip_of(const Action& action) { return gf::text(action.tip, keys_or_title("up")); }

const Action* action_with(const QString& keys) {
  if (keys.isEmpty()) return nullptr;
  const auto all = actions();
  const auto found = std::ranges::find_if(all, [&](const Action& action) { return action.bare() && keys_of(action) == keys; });
  return found == all.end() ? nullptr : &*found;
}

Result<QString> checked_keys(const QString& keys) {
  const QKeySequence sequence(keys, QKeySequence::PortableText);
  const bool known = !sequence.isEmpty() && sequence[0].key() != Qt::Key_unknown;
  if (!known)
    return fail(ErrorCode::InvalidArgument, gf::text("\"{0}\" names no keys; \"Ctrl+Alt+K\" does.", keys.toStdString()), "action");
  const QString name = sequence.toString(QKeySequence::PortableText);
  const std::string shown = sequence.toString(QKeySequence::NativeText).toStdString();
  if (sequence.count() > 1)
    return fail(ErrorCode::InvalidArgument, gf::text("{0} are several keys one after the other; a command has one.", shown), "action");
  for (const WindowKeys& used : kWindowKeys)
    if (name == QLatin1String(used.keys)) return fail(ErrorCode::InvalidArgument, gf::text(used.use, shown), "action");
  for (const MenuInfo& menu : menus()) {
    const QString title = text(menu.title);
    if (QKeySequence::mnemonic(title) == sequence)
      return fail(ErrorCode::InvalidArgument,
                  gf::text("{0} opens the menu {1}, so no command can have it.", shown, QString(title).remove('&').toStdString()),
                  "action");
  }
  return name;
}

void store_keys(const Action& action, const QString& keys) {
  QSettings settings;
  auto& changed = changed_keys();
  const auto store = [&](const char* id, const QString& value) {
    changed[id] = value;
    settings.setValue(kGroup + QLatin1String(id), value);
  };
  // An action whose own keys these are loses them without a note, and so has them again when they are free.
  if (const Action* other = action_with(keys); other && other != &action && changed.contains(other->id)) store(other->id, QString());
  if (keys != own_keys(action)) return store(action.id, keys);
  changed.erase(action.id);
  settings.remove(kGroup + QLatin1String(action.id));
}

void forget_keys() {
  changed_keys().clear();
  QSettings().remove(kGroup.chopped(1));
}

void set_key_tip(QWidget& widget, const char* tip, std::initializer_list<const char*> ids) {
  QStringList names;
  for (const char* id : ids) names << QLatin1String(id);
  widget.setProperty(kTipProperty, QByteArray(tip));
  widget.setProperty(kIdsProperty, names);
  renew_key_tip(widget);
}

void renew_key_tips(const QWidget& window) {
  for (QWidget* widget : window.findChildren<QWidget*>()) renew_key_tip(*widget);
}

}  // namespace gf::ui

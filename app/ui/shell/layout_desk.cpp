#include "app/ui/shell/layout_desk.h"

#include <algorithm>

#include "app/ui/dialogs/layouts_dialog.h"
#include "app/ui/shell/dock_frames.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/widgets/words.h"
#include "model/base/listed.h"

namespace gf::ui {
namespace {

constexpr int kLongestName = 60;

tl::unexpected<Error> refused(std::string sentence) { return fail(ErrorCode::InvalidArgument, std::move(sentence), "layout"); }

std::string names_of_layouts(const std::vector<OwnLayout>& own) {
  std::vector<std::string> names;
  for (const LayoutInfo& one : layouts()) names.emplace_back(one.id);
  for (const OwnLayout& one : own) names.push_back(one.name.toStdString());
  return listed(names);
}

tl::unexpected<Error> unknown_layout(const std::string& name, const std::vector<OwnLayout>& own) {
  return fail(ErrorCode::NotFound, gf::text("There is no layout \"{0}\"; there are {1}.", name, names_of_layouts(own)), "layout");
}

auto find_own(std::vector<OwnLayout>& all, const QString& name) { return std::ranges::find(all, name, &OwnLayout::name); }

/// A name that an own layout can have, without blanks at its ends.
Result<QString> checked_name(const std::string& name) {
  const QString trimmed = QString::fromStdString(name).trimmed();
  if (trimmed.isEmpty()) return refused(gf::text("Give the layout a name."));
  if (trimmed.size() > kLongestName) return refused(gf::text("The name of a layout has at most {0} letters.", kLongestName));
  if (find_layout(trimmed.toStdString()))
    return refused(gf::text("The layout \"{0}\" comes with the program; choose another name.", trimmed.toStdString()));
  return trimmed;
}

Result<void> docks_show(const MainWindow& window) {
  if (window.presenting()) return refused(gf::text("Present has no docks; leave it first."));
  return {};
}

}  // namespace

Result<void> LayoutDesk::use(const std::string& name) {
  GF_TRY(docks_show(window_));
  std::vector<OwnLayout> own = own_layouts();
  const auto kept = find_own(own, QString::fromStdString(name));
  if (const LayoutInfo* info = find_layout(name)) {
    window_.arrange_docks([info](DockFrames& docks) { docks.arrange(*info); });
    keep_chosen_layout(info->id);
  } else if (kept != own.end()) {
    window_.arrange_docks([&](DockFrames& docks) { docks.set_layout(kept->layout); });
    keep_chosen_layout(name);
  } else {
    return unknown_layout(name, own);
  }
  return {};
}

Result<void> LayoutDesk::reset() {
  const std::string name = chosen_layout();
  std::vector<OwnLayout> own = own_layouts();
  const bool known = find_layout(name) || find_own(own, QString::fromStdString(name)) != own.end();
  return use(known ? name : layouts().front().id);
}

Result<void> LayoutDesk::save(const std::string& name) {
  GF_TRY(docks_show(window_));
  GF_TRY_ASSIGN(const QString checked, checked_name(name));
  std::vector<OwnLayout> own = own_layouts();
  auto at = find_own(own, checked);
  if (at == own.end()) at = own.insert(own.end(), {checked, {}});
  at->layout = window_.docks().layout();
  keep_own_layouts(own);
  keep_chosen_layout(checked.toStdString());
  window_.say(text("Saved the layout {0}", checked));
  return {};
}

Result<void> LayoutDesk::rename(const std::string& from, const std::string& to) {
  std::vector<OwnLayout> own = own_layouts();
  const auto at = find_own(own, QString::fromStdString(from));
  if (at == own.end()) return unknown_layout(from, own);
  GF_TRY_ASSIGN(const QString checked, checked_name(to));
  if (checked != at->name && find_own(own, checked) != own.end())
    return refused(gf::text("There is a layout \"{0}\" already.", checked.toStdString()));
  at->name = checked;
  keep_own_layouts(own);
  if (chosen_layout() == from) keep_chosen_layout(checked.toStdString());
  return {};
}

Result<void> LayoutDesk::remove(const std::string& name) {
  std::vector<OwnLayout> own = own_layouts();
  const auto at = find_own(own, QString::fromStdString(name));
  if (at == own.end() && find_layout(name)) return refused(gf::text("The layout \"{0}\" comes with the program and stays.", name));
  if (at == own.end()) return unknown_layout(name, own);
  own.erase(at);
  keep_own_layouts(own);
  window_.say(text("Deleted the layout {0}", name));
  return {};
}

void LayoutDesk::manage() {
  if (auto* open = window_.findChild<LayoutsDialog*>()) return open->raise();
  (new LayoutsDialog(window_.runner(), &window_))->show();
  window_.write_state_soon();
}

}  // namespace gf::ui

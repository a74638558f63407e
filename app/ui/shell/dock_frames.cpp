#include "app/ui/shell/dock_frames.h"

#include <QChildEvent>
#include <QDockWidget>
#include <QLayout>
#include <QMainWindow>
#include <QTabBar>
#include <algorithm>
#include <ranges>
#include <utility>

#include "app/ui/docks/dock_title.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kLayoutVersion = 1;
/// Sizes of the window: below them there is no room for docks on both sides, or for one above the other.
constexpr int kRoomForBothSides = 1090, kRoomForTwo = 760;
/// Of the window's width: docks on one side leave this to the scene, those on both sides and one that accompanies leave more.
constexpr double kMostOfOneSide = 0.5, kMostOfWindow = 0.45;

/// Tabs keep their whole words and scroll: cut to the width of a narrow dock, the words of seven docks say nothing.
class ReadableTabs : public QObject {
 public:
  explicit ReadableTabs(QMainWindow& window) : QObject(&window) { window.installEventFilter(this); }

 protected:
  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() != QEvent::ChildPolished) return false;
    auto* tabs = qobject_cast<QTabBar*>(static_cast<QChildEvent*>(event)->child());
    if (!tabs) return false;
    tabs->setElideMode(Qt::ElideNone);
    tabs->setUsesScrollButtons(true);
    return false;
  }
};

bool on_the_left(DockPlace place) { return place == DockPlace::Left || place == DockPlace::LeftTab; }

/// A window that is too low for one stack above the other has a single one.
std::vector<LayoutStack> stacks_for(QSize room, const std::vector<LayoutStack>& stacks) {
  if (stacks.size() < 2 || room.height() >= kRoomForTwo) return stacks;
  LayoutStack all;
  for (const LayoutStack& stack : stacks) all.docks.insert(all.docks.end(), stack.docks.begin(), stack.docks.end());
  return {all};
}

}  // namespace

DockFrames::DockFrames(QMainWindow& window, const DockContext& context) : window_(window), context_(context) {
  window.setDockNestingEnabled(true);
  new ReadableTabs(window);
  window.setCorner(Qt::TopLeftCorner, Qt::LeftDockWidgetArea);
  window.setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
  window.setCorner(Qt::TopRightCorner, Qt::RightDockWidgetArea);
  window.setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
  for (const DockInfo& info : docks()) {
    auto* frame = new QDockWidget(&window);
    frame->setObjectName(QStringLiteral("%1_dock").arg(QLatin1String(info.id)));
    frames_.push_back({info.make(info, context), frame});
    dress(frames_.back());
  }
  arrange(layouts().front());
}

void DockFrames::dress(const Frame& made) {
  const QString title = text(made.dock->info().title);
  made.frame->setWindowTitle(title);
  made.frame->setAccessibleName(title);
  made.frame->setWidget(made.dock);
  const QWidget* before = made.frame->titleBarWidget();
  made.frame->setTitleBarWidget(new DockTitle(made.frame));
  delete before;
}

void DockFrames::say_anew() {
  for (Frame& f : frames_) {
    Dock* before = std::exchange(f.dock, f.dock->info().make(f.dock->info(), context_));
    f.dock->stand_in_for(*before);
    dress(f);
    delete before;
  }
}

void DockFrames::arrange(const LayoutInfo& layout) {
  const QSize room = window_.size();
  const bool both = !layout.left.empty() && !layout.right.empty();
  const auto left = both && room.width() < kRoomForBothSides ? std::vector<LayoutStack>() : stacks_for(room, layout.left);
  const auto right = stacks_for(room, layout.right);
  window_.setUpdatesEnabled(false);
  for (const Frame& f : frames_) {
    f.frame->setFloating(false);
    window_.removeDockWidget(f.frame);
  }
  const QList<QDockWidget*> left_docks = arrange_side(true, left), right_docks = arrange_side(false, right);
  // The docks take their sizes in a layout that knows them.
  window_.layout()->activate();
  const int left_width = left_docks.isEmpty() ? 0 : layout.left_width, right_width = right_docks.isEmpty() ? 0 : layout.right_width;
  const double most = left_width > 0 && right_width > 0 ? kMostOfWindow : kMostOfOneSide;
  const double fit = std::min(1.0, most * room.width() / std::max(1, left_width + right_width));
  const auto widen = [&](const QList<QDockWidget*>& docks, int width) {
    if (!docks.isEmpty()) window_.resizeDocks({docks.front()}, {static_cast<int>(fit * width)}, Qt::Horizontal);
  };
  widen(left_docks, left_width);
  widen(right_docks, right_width);
  const auto heighten = [&](const QList<QDockWidget*>& docks, const std::vector<LayoutStack>& stacks) {
    QList<int> heights;
    int all = 0;
    for (const LayoutStack& stack : stacks) all += stack.share;
    for (const LayoutStack& stack : stacks) heights << room.height() * stack.share / all;
    if (docks.size() > 1) window_.resizeDocks(docks, heights, Qt::Vertical);
  };
  heighten(left_docks, left);
  heighten(right_docks, right);
  refresh_titles();
  window_.setUpdatesEnabled(true);
}

QList<QDockWidget*> DockFrames::arrange_side(bool left, const std::vector<LayoutStack>& stacks) {
  const auto area = left ? Qt::LeftDockWidgetArea : Qt::RightDockWidgetArea;
  const auto add = [&](QDockWidget* frame, QDockWidget* over) {
    if (over) window_.tabifyDockWidget(over, frame);
    else window_.addDockWidget(area, frame, Qt::Vertical);
    return frame;
  };
  QList<QDockWidget*> firsts, lasts;
  for (const LayoutStack& stack : stacks) {
    QDockWidget* last = nullptr;
    for (const char* id : stack.docks) {
      last = add(frame_of(id).frame, last);
      if (firsts.size() == lasts.size()) firsts << last;
    }
    lasts << last;
  }
  // What is hidden waits where it belongs: those of the side's first stack in the list behind the upper stack, the others behind the
  // lower one.
  QDockWidget *upper = lasts.value(0), *lower = lasts.value(lasts.size() - 1);
  bool above = true, begun = false;
  for (const Frame& f : frames_) {
    const DockPlace place = f.dock->info().place;
    if (on_the_left(place) != left) continue;
    if (place == DockPlace::Left || place == DockPlace::Right) above = !std::exchange(begun, true);
    if (window_.dockWidgetArea(f.frame) != Qt::NoDockWidgetArea) continue;  // it stands in this layout
    QDockWidget*& over = above || upper == lower ? upper : lower;
    add(f.frame, over);
    over = f.frame;
    f.frame->hide();
  }
  for (const LayoutStack& stack : stacks)
    for (const char* id : stack.docks) frame_of(id).frame->show();
  for (QDockWidget* first : firsts) first->raise();
  return firsts;
}

const DockFrames::Frame& DockFrames::frame_of(std::string_view id) const {
  const DockInfo* info = find_dock(id);
  const auto found = std::ranges::find_if(frames_, [&](const Frame& f) { return info == &f.dock->info(); });
  EXPECTS(found != frames_.end(), "a dock of the list");
  return *found;
}

void DockFrames::refresh(const doc::Changes& changes) {
  for (const Frame& f : frames_) f.dock->refresh(changes);
}

void DockFrames::publish(QJsonObject& state) const {
  for (const Frame& f : frames_) f.dock->publish(state);
}

Dock& DockFrames::dock(std::string_view id) const { return *frame_of(id).dock; }
bool DockFrames::shown(std::string_view id) const { return !frame_of(id).frame->isHidden(); }

bool DockFrames::in_front(std::string_view id) const {
  const QDockWidget* frame = frame_of(id).frame;
  return !frame->isHidden() && !frame->visibleRegion().isEmpty();
}

void DockFrames::show(std::string_view id, bool on) {
  QDockWidget* frame = frame_of(id).frame;
  frame->setVisible(on);
  if (on) frame->raise();
}

void DockFrames::show_only(const std::vector<std::string>& ids, bool presented) {
  for (const Frame& f : frames_)
    if (!f.dock->accompanies() && (presented || !ids.empty()))
      f.frame->setVisible(!presented && std::ranges::find(ids, f.dock->info().id) != ids.end());
  // After all of them show, because a tab that is shown later comes to the front of its stack.
  if (!presented)
    for (const std::string& id : std::views::reverse(ids)) frame_of(id).frame->raise();
  for (const Frame& f : frames_) {
    if (!f.dock->accompanies()) continue;
    f.dock->set_presented(presented);
    f.frame->show();
    f.frame->raise();
    const int most = std::max(f.dock->reading_width(false), static_cast<int>(kMostOfWindow * window_.width()));
    if (const int width = std::min(most, f.dock->reading_width(presented)); width > 0)
      window_.resizeDocks({f.frame}, {width}, Qt::Horizontal);
  }
}

void DockFrames::refresh_titles() {
  for (const Frame& f : frames_) static_cast<DockTitle*>(f.frame->titleBarWidget())->refresh();
}

void DockFrames::go_back() {
  for (const Frame& f : frames_) static_cast<DockTitle*>(f.frame->titleBarWidget())->go_back();
}

DockLayout DockFrames::layout() const {
  DockLayout now{window_.saveState(kLayoutVersion), {}};
  for (const Frame& f : frames_)
    if (!f.frame->isHidden()) now.ids.emplace_back(f.dock->info().id);
  return now;
}

void DockFrames::set_layout(const DockLayout& layout) {
  EXPECTS(!layout.state.isEmpty(), "a layout that was taken from a window");
  window_.restoreState(layout.state, kLayoutVersion);
  // restoreState() shows a hidden tab where all tabs beside it were hidden too.
  for (const Frame& f : frames_) f.frame->setVisible(std::ranges::find(layout.ids, f.dock->info().id) != layout.ids.end());
  refresh_titles();
}

}  // namespace gf::ui

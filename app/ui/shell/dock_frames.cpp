#include "app/ui/shell/dock_frames.h"

#include <QDockWidget>
#include <QMainWindow>
#include <QScreen>
#include <algorithm>

#include "app/ui/docks/dock_title.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kLayoutVersion = 1;
constexpr int kLeftWidth = 236, kRightWidth = 400, kRoomForBothSides = 1100, kRoomForTwo = 800;
/// Heights of the docks on the right: the first is taller.
constexpr int kFirstHeight = 640, kNextHeight = 300;
/// Of the window's width: a dock that accompanies leaves more than this to the scene.
constexpr double kMostOfWindow = 0.45;

bool on_the_left(DockPlace place) { return place == DockPlace::Left || place == DockPlace::LeftTab; }

}  // namespace

DockFrames::DockFrames(QMainWindow& window, const DockContext& context) : window_(window) {
  window.setDockNestingEnabled(true);
  window.setCorner(Qt::TopLeftCorner, Qt::LeftDockWidgetArea);
  window.setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
  window.setCorner(Qt::TopRightCorner, Qt::RightDockWidgetArea);
  window.setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
  for (const DockInfo& info : docks()) {
    Dock* dock = info.make(info, context);
    auto* frame = new QDockWidget(text(info.title), &window);
    frame->setObjectName(QStringLiteral("%1_dock").arg(QLatin1String(info.id)));
    frame->setAccessibleName(text(info.title));
    frame->setWidget(dock);
    frame->setTitleBarWidget(new DockTitle(frame));
    place(info, frame);
    frames_.push_back({dock, frame});
  }
  for (const Frame& f : frames_)
    if (!f.dock->info().at_first) f.frame->hide();
  take_first_sizes();
}

void DockFrames::take_first_sizes() {
  QList<QDockWidget*> wide, high;
  QList<int> widths, heights;
  for (const Frame& f : frames_) {
    const DockPlace place = f.dock->info().place;
    if (place == DockPlace::Left || place == DockPlace::Right) {
      wide << f.frame;
      widths << (on_the_left(place) ? kLeftWidth : kRightWidth);
    }
    if (place == DockPlace::Right) {
      heights << (high.isEmpty() ? kFirstHeight : kNextHeight);
      high << f.frame;
    }
  }
  window_.resizeDocks(wide, widths, Qt::Horizontal);
  window_.resizeDocks(high, heights, Qt::Vertical);
}

void DockFrames::place(const DockInfo& info, QDockWidget* frame) {
  const bool left = on_the_left(info.place);
  const bool tab = info.place == DockPlace::LeftTab || info.place == DockPlace::RightTab;
  const auto last =
      std::find_if(frames_.rbegin(), frames_.rend(), [&](const Frame& f) { return on_the_left(f.dock->info().place) == left; });
  window_.addDockWidget(left ? Qt::LeftDockWidgetArea : Qt::RightDockWidgetArea, frame);
  if (tab && last != frames_.rend()) window_.tabifyDockWidget(last->frame, frame);
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
  for (const Frame& f : frames_) {
    if (!f.dock->accompanies()) {
      if (presented || !ids.empty()) f.frame->setVisible(!presented && std::ranges::find(ids, f.dock->info().id) != ids.end());
      continue;
    }
    f.dock->set_presented(presented);
    f.frame->show();
    f.frame->raise();
    const int most = std::max(f.dock->reading_width(false), static_cast<int>(kMostOfWindow * window_.width()));
    if (const int width = std::min(most, f.dock->reading_width(presented)); width > 0)
      window_.resizeDocks({f.frame}, {width}, Qt::Horizontal);
  }
}

DockFrames::Layout DockFrames::layout() const {
  Layout now{window_.saveState(kLayoutVersion), {}};
  for (const Frame& f : frames_)
    if (!f.frame->isHidden()) now.ids.emplace_back(f.dock->info().id);
  return now;
}

void DockFrames::set_layout(const Layout& layout) {
  restore(layout.state);
  // restoreState() shows a hidden tab where all tabs beside it were hidden too.
  for (const Frame& f : frames_) f.frame->setVisible(std::ranges::find(layout.ids, f.dock->info().id) != layout.ids.end());
}

void DockFrames::restore(const QByteArray& state) {
  if (!state.isEmpty()) {
    window_.restoreState(state, kLayoutVersion);
    return;
  }
  // The first start on a small screen, such as a laptop at 200 %: there is no room for docks on the left, and on the right there
  // is room for one, so that the others become tabs.
  const QSize screen = window_.screen()->availableSize();
  QDockWidget* first = nullptr;
  for (const Frame& f : frames_) {
    const DockPlace place = f.dock->info().place;
    if (on_the_left(place) && screen.width() < kRoomForBothSides) f.frame->hide();
    if (place != DockPlace::Right || screen.height() >= kRoomForTwo) continue;
    if (first) window_.tabifyDockWidget(first, f.frame);
    else first = f.frame;
  }
  if (first) first->raise();
}

}  // namespace gf::ui

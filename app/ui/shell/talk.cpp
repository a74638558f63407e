#include "app/ui/shell/talk.h"

#include <QGuiApplication>
#include <QScreen>
#include <algorithm>
#include <utility>

#include "app/document/bookmarks.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/speaker_notes.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/transport.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

/// Whether a bookmark is of what a document shows, wherever its camera is.
bool shows_scene_of(const doc::Document& document, const doc::Bookmark& one) {
  return one.view.view == document.view && scene::alone_name(one.view) == scene::alone_name(document) &&
         one.subject.model == document.model && one.subject.prompt == document.prompt && one.subject.continuation == document.continuation;
}

}  // namespace

Talk::~Talk() = default;

std::optional<render::Camera> Talk::camera() const {
  const Viewport& viewport = window_.viewport();
  if (viewport.at_home()) return std::nullopt;
  return viewport.shaped(viewport.report().camera);
}

Result<void> Talk::go_to(std::size_t index) {
  const auto& bookmarks = lab_.document().bookmarks;
  if (index >= bookmarks.size())
    return fail(ErrorCode::NotFound,
                bookmarks.empty() ? gf::text("There are no bookmarks; {0} adds one.", keys_or_title("add-bookmark"))
                                  : gf::text("There is no bookmark {0}; there are {1}.", index + 1, bookmarks.size()),
                "action");
  const doc::Bookmark one = bookmarks[index];
  const bool same_scene = shows_scene_of(lab_.document(), one);
  window_.transport().pause();
  lab_.execute(doc::go_to_bookmark(index));
  at_ = static_cast<int>(index);
  // In the same scene the eye is led from place to place; another scene is there at once.
  lab_.set_camera(one.view.camera);
  if (!same_scene) window_.viewport().set_framing({one.view.camera});
  else if (one.view.camera) window_.viewport().fly_to_kept(*one.view.camera);
  else window_.viewport().home();
  refresh();
  return {};
}

void Talk::go_on(int direction) {
  const int last = static_cast<int>(lab_.document().bookmarks.size()) - 1;
  const int to = std::clamp(at_ + direction, 0, std::max(last, 0));
  if (last < 0 || to == at_) return;
  (void)go_to(static_cast<std::size_t>(to));
}

void Talk::present(bool on) {
  // Where something else is in sight than the bookmark that one came from, the talk begins with the first one.
  const auto& bookmarks = lab_.history().own().bookmarks;
  if (on && at_ >= 0 && at_ < static_cast<int>(bookmarks.size()) &&
      !shows_scene_of(lab_.document(), bookmarks[static_cast<std::size_t>(at_)]))
    at_ = -1;
  if (on && !lab_.document().bookmarks.empty() && !notes_shown() && QGuiApplication::screens().size() > 1) {
    show_notes(true);
    notes_by_present_ = true;
  } else if (!on && std::exchange(notes_by_present_, false)) {
    show_notes(false);
  }
  if (notes_) place_notes();
  refresh();
}

bool Talk::notes_shown() const { return notes_ && notes_->isVisible(); }

void Talk::show_notes(bool on) {
  if (on == notes_shown()) return;
  if (!on) return notes_->hide();
  if (!notes_) notes_ = new SpeakerNotes(window_.runner(), &window_);
  if (QGuiApplication::screens().size() == 1) place_in_corner();
  place_notes();
  refresh();
  notes_->show();
  notes_->raise();
}

void Talk::say_anew() {
  if (notes_) notes_->setWindowTitle(text("Speaker's notes"));
  refresh();
}

void Talk::place_in_corner() {
  constexpr int kFromEdgePx = 24, kFromTopPx = 96;
  constexpr double kShare = 0.34;  // of the screen, which shows the scene as well
  const QRect room = window_.screen()->availableGeometry();
  notes_->resize((QSizeF(room.size()) * kShare).toSize().expandedTo({480, 300}).boundedTo(notes_->size()));
  notes_->move(std::max(room.left(), room.right() - notes_->width() - kFromEdgePx), room.top() + kFromTopPx);
}

void Talk::place_notes() {
  // The audience looks at the window's screen.
  for (const QScreen* screen : QGuiApplication::screens())
    if (screen != window_.screen()) {
      const QRect room = screen->availableGeometry();
      notes_->resize(notes_->size().boundedTo(room.size()));
      notes_->move(room.center() - notes_->rect().center());
      return;
    }
}

void Talk::refresh() {
  const bool aside = lab_.history().aside();  // a lesson or a story shows a document of its own, without bookmarks
  const auto& bookmarks = lab_.history().own().bookmarks;
  at_ = std::min(at_, static_cast<int>(bookmarks.size()) - 1);
  if (notes_) notes_->show_talk(bookmarks, at_);
  if (window_.story().showing()) return;  // the caption is the story's
  if (window_.presenting() && at_ >= 0 && !aside && shows_scene_of(lab_.document(), bookmarks[static_cast<std::size_t>(at_)])) {
    captioned_ = true;
    window_.viewport().set_caption(bookmarks[static_cast<std::size_t>(at_)].name);
  } else if (std::exchange(captioned_, false)) {
    window_.viewport().set_caption({});
  }
}

}  // namespace gf::ui

#include "app/ui/shell/recover_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <algorithm>

#include "app/ui/actions/action_runner.h"
#include "app/ui/widgets/glyphs.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

RecoverStrip::RecoverStrip(doc::Lab& lab, ActionRunner& runner, QWidget* parent) : QFrame(parent), lab_(lab) {
  setObjectName("recover_strip");
  setProperty("role", "notice_strip");
  sentence_ = new QLabel(this);
  sentence_->setObjectName("recover_text");
  sentence_->setTextFormat(Qt::PlainText);
  sentence_->setWordWrap(true);
  const auto button = [this](const char* name, const QString& words, const QString& tip) {
    auto* made = new QToolButton(this);
    made->setObjectName(name);
    made->setText(words);
    made->setToolTip(tip);
    return made;
  };
  go_on_ = button("recover_go_on", text("Go on with it"), text("Open this session"));
  all_ = button("recover_all", text("All …"), text("All sessions that are kept"));
  close_ = button("recover_close", {}, text("Not now; File > Recover a session has it still"));
  set_glyph(*close_, Glyph::Close);
  close_->setProperty("flat", true);
  close_->setAccessibleName(text("Not now"));
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  for (QToolButton* one : {go_on_, all_, close_}) buttons->addWidget(one);
  row_ = new QBoxLayout(QBoxLayout::LeftToRight, this);
  row_->setContentsMargins(12, 6, 8, 6);
  row_->addWidget(sentence_, 1);
  row_->addLayout(buttons);
  connect(go_on_, &QToolButton::clicked, this, [this, &runner] { runner.trigger("recover", {id_}); });
  connect(all_, &QToolButton::clicked, this, [&runner] { runner.trigger("recover", {}); });
  connect(close_, &QToolButton::clicked, this, [this] { set_offered(false); });
  hide();
}

void RecoverStrip::set_offered(bool on) {
  offered_ = on;
  setVisible(offered_ && !aside_);
}

void RecoverStrip::set_aside(bool on) {
  aside_ = on;
  set_offered(offered_);
}

void RecoverStrip::resizeEvent(QResizeEvent* event) {
  QFrame::resizeEvent(event);
  constexpr int kBesidePx = 460;  // a narrower sentence would have many lines of two or three words
  row_->setDirection(width() < kBesidePx ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void RecoverStrip::offer(const std::vector<doc::KeptSession>& left, bool closed_too) {
  const auto crashed = std::ranges::count_if(left, [](const doc::KeptSession& s) { return s.document && !s.mark.closed; });
  const doc::KeptSession* newest = left_by_crash(left, true);
  crashed_ = newest != nullptr;
  if (!newest && closed_too) {
    const auto closed = std::ranges::find_if(left, [](const doc::KeptSession& s) { return s.document.has_value(); });
    if (closed != left.end()) newest = &*closed;
  }
  id_ = newest ? newest->id : std::string();
  if (!newest) return set_offered(false);
  sentence_->setText(!crashed_      ? text("Your last session: {0}", described(*newest))
                     : crashed == 1 ? text("A session was left by a crash: {0}", described(*newest))
                                    : text("{0} sessions were left by crashes; the newest: {1}", crashed, described(*newest)));
  set_offered(true);
}

void RecoverStrip::renew(const std::vector<doc::KeptSession>& left) {
  if (!offered_) return;
  if (crashed_) return offer(left, false);
  if (std::ranges::none_of(left, [this](const doc::KeptSession& s) { return s.id == id_; })) set_offered(false);
}

void RecoverStrip::refresh() {
  if (!offered_) return;
  if (lab_.document().storage.kept == id_ || (!crashed_ && lab_.history().own_decided())) set_offered(false);
}

}  // namespace gf::ui

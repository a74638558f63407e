// The offer to go on with a session that is kept.
#pragma once

#include <QFrame>
#include <string>

#include "app/ui/shell/session_keeper.h"

class QBoxLayout;
class QLabel;
class QToolButton;

namespace gf::ui {

class ActionRunner;

/// One line with the newest session that a crash left, or else the one that was closed last, and buttons: go on with it, show
/// all, not now. The offer of a closed session goes when the user has begun something else; that of a crash stays until it is
/// answered. Hidden while there is nothing to offer.
class RecoverStrip : public QFrame {
 public:
  RecoverStrip(doc::Lab& lab, ActionRunner& runner, QWidget* parent = nullptr);
  /// `closed_too`: else only those of crashes.
  void offer(const std::vector<doc::KeptSession>& left, bool closed_too);
  /// Sessions were opened or deleted; an offer that stands is made anew.
  void renew(const std::vector<doc::KeptSession>& left);
  void refresh();
  [[nodiscard]] bool offers() const { return offered_; }
  /// A talk has no room for the offer; it comes back after it.
  void set_aside(bool on);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void set_offered(bool on);

  doc::Lab& lab_;
  QBoxLayout* row_;  ///< the sentence and its buttons; below each other where the strip is narrow
  QLabel* sentence_;
  QToolButton *go_on_, *all_, *close_;
  std::string id_;
  bool crashed_ = false, offered_ = false, aside_ = false;
};

}  // namespace gf::ui

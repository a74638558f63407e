// The base of all docks.
#pragma once

#include <QWidget>

#include "app/document/lab.h"
#include "app/ui/docks/docks.h"

class QJsonObject;
class QLabel;
class QStackedLayout;

namespace gf::ui {

/// The contents of a dock. While the model or run that it needs is missing, it shows a sentence that says what to do. While it
/// is hidden, it does nothing; it catches up when it is shown.
class Dock : public QWidget {
 public:
  Dock(const DockInfo& info, const DockContext& context);
  ~Dock() override;
  Dock(const Dock&) = delete;
  Dock& operator=(const Dock&) = delete;

  [[nodiscard]] const DockInfo& info() const { return info_; }
  void refresh(const doc::Changes& changes);
  /// Whether it stays visible in Present, and in a lesson's step that names other docks.
  [[nodiscard]] virtual bool accompanies() const { return false; }
  /// The width that it needs to be read in pixels; 0: any. Asked when it accompanies().
  [[nodiscard]] virtual int reading_width(bool presented) const;
  /// Says, while it accompanies(), whether other docks are hidden because the window presents.
  virtual void set_presented(bool on);
  /// Whether it names what the model predicts. While a question of a lesson hides that, it shows a sentence instead.
  [[nodiscard]] virtual bool tells_prediction() const { return false; }
  /// A dock may be lower than its contents want, which then scroll, and in Present, whose letters are larger, narrower too: else the
  /// window would not fit on a small screen.
  [[nodiscard]] QSize minimumSizeHint() const override;
  /// Adds what tests need to drive it with a pointer, see state_file.h.
  virtual void publish(QJsonObject& state) const;

 protected:
  /// Shows the present state. Called only while the dock is visible and has what it needs.
  virtual void fill(const doc::Changes& changes) = 0;
  /// Shows a sentence instead of body(), until a fill() that does not call it.
  void show_instead(const QString& sentence);
  void showEvent(QShowEvent* event) override;
  /// A dock may let go of what it shows when it is hidden: it is filled again when it is shown.
  void hideEvent(QHideEvent* event) override;

  /// The parent of the dock's own widgets.
  [[nodiscard]] QWidget* body() const { return body_; }
  [[nodiscard]] doc::Lab& lab() const { return context_.lab; }
  [[nodiscard]] lessons::Player& player() const { return context_.player; }
  [[nodiscard]] ActionRunner& runner() const { return context_.runner; }

 private:
  /// A sentence about what is missing or hidden; empty: nothing is.
  [[nodiscard]] QString lack() const;

  const DockInfo& info_;
  DockContext context_;
  QStackedLayout* pages_;
  QWidget* body_;
  QLabel* sentence_;
  bool stale_ = true;
};

}  // namespace gf::ui

// What all docks have in common.
#pragma once

#include <QWidget>

#include "app/document/lab.h"
#include "app/ui/docks/docks.h"

class QJsonObject;
class QLabel;
class QStackedLayout;

namespace gf::ui {

/// The inside of a dock. While what it needs is missing it shows a sentence that says what to do; while it is hidden it
/// rests, and catches up when it is shown.
class Dock : public QWidget {
 public:
  Dock(const DockInfo& info, const DockContext& context);
  ~Dock() override;
  Dock(const Dock&) = delete;
  Dock& operator=(const Dock&) = delete;

  [[nodiscard]] const DockInfo& info() const { return info_; }
  void refresh(const doc::Changes& changes);
  /// Whether it goes on showing in Present, and beside a lesson's step that names other docks.
  [[nodiscard]] virtual bool accompanies() const { return false; }
  /// The width that reading it takes, 0: any. Asked when it comes to accompany.
  [[nodiscard]] virtual int reading_width(bool presented) const;
  /// Adds what tests with a pointer want to know of it, see state_file.h.
  virtual void publish(QJsonObject& state) const;

 protected:
  /// Shows what is there now; called while it is visible and has what it needs.
  virtual void fill(const doc::Changes& changes) = 0;
  /// Instead of body(), until the next fill() that does not call it.
  void show_instead(const QString& sentence);
  void showEvent(QShowEvent* event) override;

  /// Where the dock's own widgets go.
  [[nodiscard]] QWidget* body() const { return body_; }
  [[nodiscard]] doc::Lab& lab() const { return context_.lab; }
  [[nodiscard]] lessons::Player& player() const { return context_.player; }
  [[nodiscard]] Commands& commands() const { return context_.commands; }

 private:
  /// What it needs and lacks, as a sentence; empty: all is there.
  [[nodiscard]] QString lack() const;

  const DockInfo& info_;
  DockContext context_;
  QStackedLayout* pages_;
  QWidget* body_;
  QLabel* sentence_;
  bool stale_ = true;
};

}  // namespace gf::ui

// The base of all docks.
#pragma once

#include <QWidget>
#include <optional>
#include <string>

#include "app/document/lab.h"
#include "app/ui/docks/docks.h"
#include "app/ui/widgets/control_values.h"
#include "app/ui/widgets/product_saver.h"

class QJsonObject;
class QLabel;
class QStackedLayout;

namespace gf::exporting {
struct WindowPart;
}

namespace gf::ui {

/// The contents of a dock. While the model or run that it needs is missing, it shows a sentence that says what to do. While it
/// is hidden, it does nothing; it catches up when it is shown.
class Dock : public QWidget, public ProductSaver {
 public:
  Dock(const DockInfo& info, const DockContext& context);
  ~Dock() override;
  Dock(const Dock&) = delete;
  Dock& operator=(const Dock&) = delete;

  [[nodiscard]] const DockInfo& info() const { return info_; }
  void refresh(const doc::Changes& changes);
  /// Takes the place of a dock of the same make whose words are in another language: it shows what that one showed, with what the user
  /// has set in it, and goes on with what that one computes. Call it while `before` still stands in the frame.
  void stand_in_for(Dock& before);
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
  /// Sets the controls of the dock as a sidecar has them, as soon as the run is that of the document and with the answers that bring
  /// them, and asks again what gave the product.
  void restore(const exporting::WindowPart& part);
  [[nodiscard]] Result<void> save_product(const std::string& path, std::string_view bytes, const QString& part) const override;

 protected:
  /// Shows the present state. Called only while the dock is visible and has what it needs.
  virtual void fill(const doc::Changes& changes) = 0;
  /// Shows a sentence instead of body(), until a fill() that does not call it.
  void show_instead(const QString& sentence);
  void showEvent(QShowEvent* event) override;
  /// A dock may let go of what it shows when it is hidden: it is filled again when it is shown.
  void hideEvent(QHideEvent* event) override;
  /// Called when the dock is hidden and stays so. Qt hides a dock for a moment when it floats or is docked again, and what the user
  /// asked it to compute must not end by that.
  virtual void put_away();
  /// The part of stand_in_for() that no control tells: what was asked for and found. `before` is of the same class.
  virtual void take_over(Dock& before);

  /// The part of restore() that no control tells: computes what the user once asked for.
  virtual void ask_again();

  /// The parent of the dock's own widgets.
  [[nodiscard]] QWidget* body() const { return body_; }
  [[nodiscard]] doc::Lab& lab() const { return context_.lab; }
  [[nodiscard]] lessons::Player& player() const { return context_.player; }
  [[nodiscard]] ActionRunner& runner() const { return context_.runner; }
  /// What a sidecar says of the dock beside a product of it.
  [[nodiscard]] exporting::WindowPart window_part(const QString& part) const;

 private:
  void set_restored();
  /// A sentence about what is missing or hidden; empty: nothing is.
  [[nodiscard]] QString lack() const;

  const DockInfo& info_;
  DockContext context_;
  QStackedLayout* pages_;
  QWidget* body_;
  QLabel* sentence_;
  bool stale_ = true;
  bool filled_ = false;  ///< it has been shown with what it needs
  struct Restored {
    ControlValues controls;     ///< that are not set yet
    std::string model, prompt;  ///< of the document for which they are: with another one they are let go
    bool asked = false;
  };
  std::optional<Restored> restored_;
};

}  // namespace gf::ui

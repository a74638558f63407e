// The bar above the viewport, with buttons for view, run, camera and picture.
#pragma once

#include <QWidget>
#include <vector>

#include "app/ui/actions/actions.h"

class QHBoxLayout;
class QToolButton;

namespace gf::ui {

class ActionRunner;
enum class Glyph;

/// Buttons that run actions. The choices of an action make a row of buttons, named ID_CHOICE. In a narrow window, or with large
/// letters, the camera's buttons lose their words, and then the choice of the run moves to a second row: no word is cut off.
class ViewBar : public QWidget {
 public:
  explicit ViewBar(ActionRunner& runner, QWidget* parent = nullptr);
  void refresh();
  /// With two rows.
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  bool event(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* add_choices(const char* id);
  void add_button(const char* id, const char* name, Glyph glyph, const QString& label);
  /// Chooses words or icons, and one row or two, for the width.
  void arrange();
  /// The width of the tools, as icons and with their words.
  struct CameraWidths {
    int icons = 0, whole = 0;
  };
  /// Each as it was measured last in that style; the other style's is estimated until it has been shown.
  [[nodiscard]] CameraWidths camera_widths() const;
  /// About the width of the tools' words.
  [[nodiscard]] int words_width() const;

  ActionRunner& runner_;
  mutable CameraWidths measured_;  ///< 0: not measured
  QHBoxLayout *first_, *second_;
  QWidget *view_, *compare_, *camera_;
  struct Segment {
    const Action* action;
    std::vector<QToolButton*> buttons;
  };
  std::vector<Segment> segments_;
  std::vector<QToolButton*> tools_;
};

}  // namespace gf::ui

// What all plots have in common: they draw themselves on any painter, and leave the window as a picture or as numbers.
#pragma once

#include <QString>
#include <QWidget>
#include <functional>
#include <string>

#include "model/base/error.h"

class QMenu;
class QPainter;

namespace gf::ui {

/// For an axis: "0.25", "1872", "25 k"; never with an exponent for what is written without one.
[[nodiscard]] QString axis_number(double value);

/// A context menu (right click, Menu key) saves it as PNG, SVG, PDF or CSV and copies its numbers; Ctrl+C copies them too.
/// Arrow keys reach a plot that has the keyboard before the transport gets them.
class Plot : public QWidget {
 public:
  explicit Plot(QWidget* parent);
  /// Draws the plot into the rectangle from the origin, in logical pixels. `picture`: not for the screen, so that no focus, no
  /// cursor and no hint is drawn.
  virtual void draw(QPainter& painter, QSizeF size, bool picture) const = 0;
  /// The numbers that are shown, tidy: one column for each axis, then the value.
  [[nodiscard]] virtual std::string csv() const = 0;
  /// The size of a saved picture in logical pixels; PNG has twice as many in each direction.
  [[nodiscard]] virtual QSize picture_size() const { return size(); }
  /// Saves what the ending says: .png, .svg, .pdf or .csv; in a dock with the sidecar that reproduces it. Errors: InvalidArgument
  /// (another ending, a file that is open), Io.
  [[nodiscard]] Result<void> save(const QString& path) const;
  void copy_numbers() const;

  std::function<void(const Error&)> on_error;  ///< what save() from the menu gave
  std::function<void(QMenu&)> on_menu;         ///< puts entries about the current item into the context menu

 protected:
  void paintEvent(QPaintEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  /// What the hint at a point of the widget says, and the part of it in which that holds; no words: there is no hint.
  struct Hint {
    QString words;
    QRect area = {};  ///< empty: until the pointer leaves the plot
  };
  [[nodiscard]] virtual Hint hint_at(QPoint /*point*/) const { return {toolTip()}; }
  /// Makes the item at a point the current one, before a menu speaks of it.
  virtual void point_at(QPoint) {}
  /// The place of the current item: where the Menu key opens the menu.
  [[nodiscard]] virtual QPoint menu_place() const { return rect().center(); }
  /// Says the current item to screen readers.
  void say_current(const QString& words);

 private:
  void choose_file();
};

}  // namespace gf::ui

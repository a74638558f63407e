// The row above the viewport, with buttons for view, run, camera and picture.
#pragma once

#include <QWidget>
#include <vector>

#include "app/ui/actions/actions.h"

class QHBoxLayout;
class QToolButton;

namespace gf::ui {

class Commands;
enum class Glyph;

/// Buttons that run actions. The choices of an action make a row of buttons, named ID_CHOICE.
class ViewBar : public QWidget {
 public:
  explicit ViewBar(Commands& commands, QWidget* parent = nullptr);
  void refresh();

 protected:
  /// In a narrow window the buttons show only their icons.
  void resizeEvent(QResizeEvent* event) override;

 private:
  void add_choices(const char* id);
  void add_button(const char* id, const char* name, Glyph glyph, const QString& label);

  Commands& commands_;
  QHBoxLayout* row_;
  struct Segment {
    const Action* action;
    std::vector<QToolButton*> buttons;
  };
  std::vector<Segment> segments_;
  std::vector<QToolButton*> tools_;
};

}  // namespace gf::ui

// The row above the viewport: which view, which run, and where the camera goes.
#pragma once

#include <QWidget>
#include <vector>

#include "app/ui/actions/actions.h"

class QHBoxLayout;
class QToolButton;

namespace gf::ui {

class Commands;
enum class Glyph;

/// Buttons of actions: a row of one's choices, named ID_CHOICE, or ID_button.
class ViewBar : public QWidget {
 public:
  explicit ViewBar(Commands& commands, QWidget* parent = nullptr);
  void refresh();

 protected:
  /// Where there is little room the buttons are icons alone.
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

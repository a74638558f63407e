// One edit of the recipe as a card: a switch, what it does and where, how strongly, its receipt, and a button to remove it.
#pragma once

#include <QFrame>
#include <functional>
#include <optional>

#include "app/document/lab.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSlider;

namespace gf::ui {

class EditGrip;
class Switch;

/// Of the edit at one place of the recipe, which is there as long as the card is.
class EditCard : public QFrame {
 public:
  EditCard(doc::Lab& lab, std::size_t index, QWidget* parent);
  void refresh();

  [[nodiscard]] EditGrip& grip() const { return *grip_; }

  std::function<void(const Error&)> on_error;  ///< what a typed scope was refused for

 private:
  void make_widgets();
  void lay_out();
  void listen();
  [[nodiscard]] const Edit& edit() const;
  void set_op(int choice);
  void choose_scope();
  void show_title();
  void show_op();
  void show_strength();
  void show_scope();
  void show_receipt();

  doc::Lab& lab_;
  const std::size_t index_;
  Switch* on_;
  EditGrip* grip_;
  QLabel *title_, *words_, *receipt_, *scope_label_;
  QComboBox *op_, *scope_;
  QDoubleSpinBox* number_;
  QSlider* slider_;
  std::optional<Edit> shown_;  ///< what the slider's range was chosen for
  double span_ = 0;            ///< of the slider, on each side
  int drags_ = 0;              ///< how many there have been: each is undone alone
  bool dragged_ = false;
  bool quiet_ = false;  ///< the program moves the slider, not the user
};

}  // namespace gf::ui

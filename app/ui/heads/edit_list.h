// The recipe as cards, in its order, which a drag changes.
#pragma once

#include <QWidget>
#include <functional>
#include <optional>
#include <vector>

#include "app/document/lab.h"

class QFrame;
class QLabel;
class QVBoxLayout;

namespace gf::ui {

class EditCard;

class EditList : public QWidget {
 public:
  explicit EditList(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh();

  std::function<void(const Error&)> on_error;  ///< what was typed into a card was refused

 private:
  void add_card();
  /// The pointer has the card at `from` in its hand, at `y` on the screen.
  void drag(std::size_t from, int y);
  void end_drag(bool drop);
  void move(std::size_t from, std::size_t to);

  doc::Lab& lab_;
  QVBoxLayout* layout_;
  std::vector<EditCard*> cards_;
  QLabel* more_;
  QFrame* gap_;  ///< where the dragged card would go
  struct Drag {
    std::size_t from = 0, gap = 0;  ///< `gap`: before the card with this number
  };
  std::optional<Drag> drag_;
};

}  // namespace gf::ui

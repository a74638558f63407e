// Passages of a text, each token shaded by an activation.
#pragma once

#include <QListWidget>
#include <QStyledItemDelegate>
#include <functional>
#include <vector>

namespace gf::ui {

struct Passage {
  QString interval;             ///< "strongest", "2 to 4"
  float activation = 0;         ///< the largest
  int peak = 0;                 ///< its token
  std::vector<QString> tokens;  ///< their texts, as they stand in the passage
  std::vector<float> values;    ///< of each token
};

/// Up and down move, a click or Enter gives a passage to on_chosen. Strong tokens have the accent behind them, the strongest a
/// frame. An item's text is "strongest · 3.21 · passage".
class PassageList : public QListWidget {
 public:
  explicit PassageList(QWidget* parent);
  void set_passages(std::vector<Passage> passages);
  [[nodiscard]] const std::vector<Passage>& passages() const { return passages_; }
  [[nodiscard]] float largest() const { return largest_; }

  std::function<void(int row)> on_chosen;

 private:
  std::vector<Passage> passages_;
  float largest_ = 0;  ///< of all
};

}  // namespace gf::ui

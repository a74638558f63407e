// Why a query's score with each key is what it is, element by element: q, k, their product, its scaled sum, the softmax.
#pragma once

#include <functional>
#include <memory>

#include "app/document/neuron_rows.h"
#include "app/ui/plots/plot.h"

namespace gf::ui {

/// The first row is the query's q; below it a row for each key with k, q * k by element, the score and the share of the softmax.
/// Up and down move the key, left and right the element, Enter selects the key, Del cuts its edge; a click does the first two and
/// selects. Source of the form: the neuron view of BertViz (Vig 2019).
class NeuronPlot : public Plot {
 public:
  explicit NeuronPlot(QWidget* parent);
  /// `tokens`: the labels of the positions, at least as many as there are keys. null rows: there are none. Keeps the current key
  /// and element where they are there.
  void set_rows(std::shared_ptr<const doc::NeuronRows> rows, QStringList tokens);
  [[nodiscard]] const doc::NeuronRows* rows() const { return rows_.get(); }
  /// Does not call on_select; -1: none. Another element than the present one is chosen by the user alone.
  void set_current(int key);
  [[nodiscard]] int current_key() const { return key_; }
  [[nodiscard]] int current_element() const { return element_; }  ///< -1: none
  /// "key 1 ·Mary, element 3: q 0.41 × k −1.2 = −0.49"; element -1: "key 1 ·Mary: score 3.1, share 61.0 %".
  [[nodiscard]] QString words_of(int key, int element) const;
  [[nodiscard]] QRectF key_row(int key) const;                    ///< on the screen
  [[nodiscard]] QRectF product_cell(int key, int element) const;  ///< on the screen

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] QSize picture_size() const override;

  std::function<void(int key)> on_select;
  std::function<void(int key)> on_cut;               ///< Del
  std::function<void()> on_element;                  ///< another key or element is the current one
  std::function<void(const QRect& row)> on_current;  ///< what scrolls the plot shows it

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  [[nodiscard]] Hint hint_at(QPoint point) const override;
  void point_at(QPoint point) override;
  [[nodiscard]] QPoint menu_place() const override;

 private:
  /// Where the columns stand, in logical pixels.
  struct Columns {
    double names, k, product, strip, score, score_width, share, share_width, row, top;
    [[nodiscard]] double y_of(int key) const { return top + (key + 2) * row; }  ///< after titles and q
  };
  struct Spot {
    int key = -1, element = -1;
  };
  [[nodiscard]] Columns columns(double width) const;
  [[nodiscard]] Spot spot_at(QPointF point) const;
  [[nodiscard]] int count() const { return rows_ ? rows_->keys() : 0; }
  [[nodiscard]] QString name_of_key(int key) const;
  void move_to(int key, int element);
  void draw_titles(QPainter& painter, const Columns& at, bool picture) const;
  void draw_key(QPainter& painter, const Columns& at, int key, bool picture) const;
  void draw_number(QPainter& painter, const QRectF& box, double share, const QColor& ink, const QString& words) const;

  std::shared_ptr<const doc::NeuronRows> rows_;
  QStringList tokens_;
  float largest_input_ = 0, largest_product_ = 0, largest_score_ = 0;  ///< absolute values; infinite scores are left out
  int key_ = -1, element_ = -1;
};

}  // namespace gf::ui

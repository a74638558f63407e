// The patterns of all heads as small pictures, of which one is picked.
#pragma once

#include <QPixmap>
#include <functional>
#include <memory>
#include <vector>

#include "app/document/head_patterns.h"
#include "app/ui/plots/plot.h"

namespace gf::ui {

/// Arrow keys move from head to head and pick it; so does a click.
class HeadThumbs : public Plot {
 public:
  explicit HeadThumbs(QWidget* parent);
  void set_patterns(std::shared_ptr<const doc::HeadPatterns> patterns);
  /// Does not call on_pick.
  void set_current(int layer, int head);
  [[nodiscard]] QRectF thumb_rect(int layer, int head) const;

  void draw(QPainter& painter, QSizeF size, bool picture) const override;
  [[nodiscard]] std::string csv() const override;
  [[nodiscard]] QSize sizeHint() const override { return {320, heightForWidth(320)}; }
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  [[nodiscard]] int heightForWidth(int width) const override;
  [[nodiscard]] QSize picture_size() const override;

  std::function<void(int layer, int head)> on_pick;
  std::function<void(const QRect& thumb)> on_current;  ///< what scrolls the plot shows it

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  [[nodiscard]] Hint hint_at(QPoint point) const override;
  void point_at(QPoint point) override;
  [[nodiscard]] QPoint menu_place() const override { return thumb_rect(layer_, head_).center().toPoint(); }

 private:
  [[nodiscard]] double pitch(double width) const;
  [[nodiscard]] bool head_at(QPointF point, int& layer, int& head) const;

  std::shared_ptr<const doc::HeadPatterns> patterns_;
  mutable std::vector<QImage> images_;  ///< [layer, head]; made when they are first drawn
  mutable bool light_ = false;          ///< the theme that they were made in
  int layer_ = 0, head_ = 0;
};

}  // namespace gf::ui

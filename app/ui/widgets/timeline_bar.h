// Tokens and blocks over time, what has been computed of them, and a playhead to drag.
#pragma once

#include <QWidget>
#include <functional>
#include <memory>

#include "app/scene/operations/timeline.h"

namespace gf::ui {

class TimelineBar : public QWidget {
 public:
  explicit TimelineBar(QWidget* parent = nullptr);
  /// `words`: one for each position. `timeline` null: there is nothing to show.
  void set_run(std::shared_ptr<const scene::Timeline> timeline, int n_layer, QStringList words);
  void set_time(double time);
  /// Shows one animation from 0 to 1 in place of the run's.
  void set_single(bool single);
  [[nodiscard]] QSize minimumSizeHint() const override { return {90, height()}; }

  std::function<void(double)> on_scrub;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void changeEvent(QEvent* event) override;
  bool event(QEvent* event) override;

 private:
  [[nodiscard]] double x_of(double time) const;
  [[nodiscard]] double time_at(double x) const;
  void scrub(double x);
  void paint_token(QPainter& painter, int position) const;
  void paint_words(QPainter& painter) const;
  void paint_single(QPainter& painter) const;
  [[nodiscard]] double end() const { return single_ ? 1 : timeline_ ? timeline_->end() : 0; }

  std::shared_ptr<const scene::Timeline> timeline_;
  int n_layer_ = 0;
  QStringList words_;
  double time_ = 0;
  bool single_ = false;
};

}  // namespace gf::ui

// Playing and stepping through the run.
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <memory>

#include "app/document/lab.h"

class QComboBox;
class QLabel;
class QToolButton;

namespace gf::ui {

class TimelineBar;

class Transport : public QWidget {
 public:
  explicit Transport(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh(const doc::Changes& changes);
  /// With scale_text().
  void set_scale(double scale);

  void play();  ///< from here, or from the start when at the end
  void pause();
  void toggle();
  void play_from(double time, double until = 1e300);
  void first();
  void last();
  void step(int direction);  ///< by the unit chosen
  [[nodiscard]] bool playing() const { return timer_.isActive(); }
  /// The time within [0, end]; the document's own may lie beyond the end ("all").
  [[nodiscard]] double now() const;
  [[nodiscard]] const scene::Timeline* timeline() const { return timeline_.get(); }

 protected:
  /// Where there is little room the moment is said by the timeline alone.
  void resizeEvent(QResizeEvent* event) override;

 private:
  void tick();
  void set_time(double time);
  void show_state();

  doc::Lab& lab_;
  std::shared_ptr<const scene::Timeline> timeline_;
  std::shared_ptr<const Run> run_;
  QTimer timer_;
  QElapsedTimer clock_;
  double until_ = 1e300;   ///< where playing ends, if before the end of the run
  double started_at_ = 0;  ///< position where playing began: the first tokens are slow, the rest flow
  QToolButton* play_;
  QComboBox* unit_;
  QComboBox* speed_;
  QLabel* moment_;
  TimelineBar* bar_;
};

}  // namespace gf::ui

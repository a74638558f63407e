// Controls to play the run and to step through it.
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <functional>
#include <memory>

#include "app/document/lab.h"
#include "app/story/player.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QToolButton;

namespace gf::ui {

class TimelineBar;

class Transport : public QWidget {
 public:
  /// While a story is shown, its steps are played in place of the pass.
  Transport(doc::Lab& lab, story::Player& story, QWidget* parent = nullptr);
  void refresh(const doc::Changes& changes);
  /// Call it with scale_text().
  void set_scale(double scale);
  /// With the timeline in a second row.
  [[nodiscard]] QSize minimumSizeHint() const override;

  void play();  ///< from here, or from the start when at the end
  void pause();
  void toggle();
  /// `seconds`: how long that takes, at any pace and speed; none: as long as those say.
  void play_from(double time, double until = 1e300, std::optional<double> seconds = {});
  /// Operations a second of a play that has its own time; none: the pace is the viewer's.
  [[nodiscard]] std::optional<double> own_rate() const { return own_rate_; }
  void first();
  void last();
  void step(int direction);  ///< by the unit chosen
  [[nodiscard]] bool playing() const { return timer_.isActive() && !story_.showing(); }
  /// The story has begun or ended, or is played or not.
  void follow_story();
  std::function<void()> on_play;  ///< playing begins
  /// The document's time, clamped to the run: a time beyond the end means that all is computed. While a product is open, all of
  /// this is its own time, from 0 to 1.
  [[nodiscard]] double now() const;
  [[nodiscard]] double end() const;
  [[nodiscard]] const scene::Timeline* timeline() const { return timeline_.get(); }

 protected:
  bool event(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  /// In a narrow window, or with large letters, the words for the moment are hidden, and timeline and speed get a second row.
  void arrange();
  /// The width of the controls in the first row, without timeline, moment and speed.
  [[nodiscard]] int controls_width() const;
  void tick();
  void set_time(double time);
  void show_state();

  doc::Lab& lab_;
  story::Player& story_;
  std::shared_ptr<const scene::Timeline> timeline_;
  std::shared_ptr<const Run> run_;
  std::string product_;  ///< the open one; empty: none
  QTimer timer_;
  QElapsedTimer clock_;
  double until_ = 1e300;   ///< the time at which playing stops, if the run does not end before
  double started_at_ = 0;  ///< the time at which playing began: what is seen first plays slowly
  QHBoxLayout *first_, *second_;
  QToolButton* play_;
  QComboBox* unit_;
  QComboBox* speed_;
  std::optional<double> own_rate_;
  QLabel* moment_;
  TimelineBar* bar_;
};

}  // namespace gf::ui

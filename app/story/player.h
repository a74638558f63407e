// Plays a story in the window: a view of the Lab's document, like a lesson. No widgets; lives on the Lab's thread and never waits.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/lab.h"
#include "app/story/way.h"

namespace gf::story {

class Player {
 public:
  explicit Player(doc::Lab& lab) : lab_(lab) {}
  ~Player() = default;
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  /// Derives the story of the present run in the background, then sets the user's document aside and plays. Does nothing without a run.
  void start();
  /// True from start() to leave(), while the story is derived or shown.
  [[nodiscard]] bool active() const { return preparing() || showing(); }
  [[nodiscard]] bool preparing() const { return telling_.running(); }
  [[nodiscard]] bool showing() const { return story_ != nullptr; }
  [[nodiscard]] bool playing() const { return showing() && playing_; }
  /// These functions expect showing().
  [[nodiscard]] const Story& story() const { return *story_; }
  [[nodiscard]] const std::shared_ptr<const Story>& told() const { return story_; }  ///< null: none is shown
  [[nodiscard]] int index() const { return index_; }
  [[nodiscard]] int count() const { return static_cast<int>(story_->steps.size()); }
  [[nodiscard]] const Step& step() const { return story_->steps[static_cast<std::size_t>(index_)]; }
  /// The text at the picture's foot: the sentence once the camera has arrived, or what the player waits for. Empty: there is no text.
  [[nodiscard]] std::string caption() const;

  void play();
  void pause();
  void toggle() { playing() ? pause() : play(); }
  /// Goes to a step and plays it from its beginning; after the last step the story ends.
  void go(int step);
  void next() { go(index_ + 1); }
  void back() { go(index_ - 1); }
  /// Ends the story and restores the user's document; theme and speed stay as the story left them.
  void leave();
  /// Tells the same story anew, in the present language, from the present step on. Nothing where none is told.
  void say_anew();
  /// Lets time pass, if the story is playing.
  void advance(double seconds);

  /// The places of the steps in the present window; they come later than the story, and anew for a window of another shape.
  void set_places(std::vector<Place> places);
  /// Called after each change of the Lab.
  void refresh();

  std::function<void()> on_start;                               ///< the story is about to replace the user's own document
  std::function<void()> on_change;                              ///< begun or ended, played or paused, or at another step
  std::function<void()> on_wants_places;                        ///< set_places() is to be called
  std::function<void(const render::Camera& camera)> on_camera;  ///< where the camera stands now
  std::function<void(float share)> on_veil;                     ///< the share of the picture that the ground hides now
  std::function<void(const Error& error)> on_error;

 private:
  void tell() const;
  /// `at`: the step that is shown first.
  void begin(int at = 0);
  void show();
  /// Shows the present moment: the document of the step or of the way to it, its time, the camera and the veil.
  void show_moment();
  /// How the camera comes to the present step; empty: it stands there at once.
  [[nodiscard]] std::vector<Leg> way() const;
  [[nodiscard]] double way_takes() const { return seconds_of(way()); }

  doc::Lab& lab_;
  doc::Job telling_;
  std::shared_ptr<const Story> story_;
  std::shared_ptr<const Run> run_;  ///< the run that the story tells of
  std::vector<Place> places_;
  int index_ = 0;
  double at_ = 0;  ///< seconds since the way to the step began
  bool playing_ = false;
  bool staged_ = false;                                                                        ///< the user's own document is set aside
  enum class Picture : std::uint8_t { None, Before, Coming, There } picture_ = Picture::None;  ///< that the document shows
  bool from_before_ = false;                                                                   ///< the camera comes from the step before
};

}  // namespace gf::story

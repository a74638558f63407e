// Plays lessons: a view of the Lab's document. No widgets; lives on the Lab's thread and never waits.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/lab.h"
#include "app/lessons/lesson.h"
#include "app/lessons/question.h"

namespace gf::lessons {

class Player {
 public:
  /// `language`: of the texts, where a lesson has it.
  explicit Player(doc::Lab& lab, std::string language = "en");
  ~Player() = default;
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  /// The texts are in another language from here on.
  void set_language(std::string language);
  /// The lessons that come with the program, once they have been read.
  [[nodiscard]] const std::vector<std::shared_ptr<const Lesson>>& lessons() const { return lessons_; }
  [[nodiscard]] bool active() const { return lesson_ != nullptr; }
  /// Of the lesson that is played. Precondition for all of these: active().
  [[nodiscard]] const Lesson& lesson() const;
  [[nodiscard]] const LessonText& texts() const { return lesson().text(language_); }
  [[nodiscard]] const LessonText& texts_of(const Lesson& lesson) const { return lesson.text(language_); }
  [[nodiscard]] int index() const { return index_; }
  [[nodiscard]] int count() const { return static_cast<int>(lesson().steps.size()); }
  [[nodiscard]] const Step& step() const;
  [[nodiscard]] const StepText& text() const;

  /// Sets what one works on aside and shows a lesson's first step.
  void start(std::shared_ptr<const Lesson> lesson);
  void go(int step);
  void next();  ///< behind the last step: the end
  void back();
  /// What one worked on is there again, but for theme and speed, which stay.
  void leave();

  enum class Verdict : std::uint8_t { None, Judging, Right, Wrong };
  [[nodiscard]] Verdict verdict() const { return verdict_; }
  /// The answer that was right; none before.
  [[nodiscard]] const std::optional<Answer>& right() const { return right_; }
  /// Why an answer could not be judged; empty otherwise.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  void answer(Answer answer);
  /// Puts the solution of an Until question into the document.
  void solve();

  /// Called after each change of the Lab.
  void refresh(const doc::Changes& changes);

  std::function<void()> on_start;                  ///< a lesson is about to replace the user's own document
  std::function<void()> on_change;                 ///< list, step or verdict
  std::function<void(const Step& step)> on_ready;  ///< the step's run is there: camera and time may follow
  std::function<void(const std::string& lesson)> on_finished;

 private:
  void show();
  /// Hides the prediction if the step's question asks for it; shows the right answer once it has been given.
  void hide_or_reveal();
  void tell() const;

  doc::Lab& lab_;
  std::string language_;
  std::vector<std::shared_ptr<const Lesson>> lessons_;
  std::shared_ptr<const Lesson> lesson_;
  int index_ = 0;
  bool waiting_ = false;  ///< for the run of the step
  Verdict verdict_ = Verdict::None;
  std::optional<Answer> right_;
  std::string problem_;
  doc::Job reading_;  ///< the lessons that come with the program
  doc::Job judging_;  ///< of the newest answer
};

}  // namespace gf::lessons

// A question that is answered from the index of a text: made when the user asks for it, with progress and Stop.
#pragma once

#include <QWidget>
#include <functional>
#include <memory>
#include <optional>

#include "app/document/background/studies.h"

class QLabel;
class QPushButton;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

class ProgressLine;

/// The index is made as a study, so that any run goes before it; what is made of it is kept, and making it goes on from there.
/// Its parts are named PREFIX_state, PREFIX_progress and PREFIX_make.
class IndexStrip : public QWidget {
 public:
  /// The lab outlives it.
  IndexStrip(QWidget* parent, doc::Lab& lab, const QString& prefix);
  /// Watches the question of `key`, which has the flag "ready". nullopt: nothing, and `hint` is shown. `what_is_made`: a sentence
  /// about what making the index does.
  void follow(std::optional<doc::StudyKey> key, const QString& hint, const QString& what_is_made);
  /// What follow() watches, when it is ready.
  [[nodiscard]] std::shared_ptr<const Answer> answer() const;
  /// Stops making the index.
  void stop_making() { making_ = false; }
  void let_go();
  /// Goes on with what another one makes.
  void take_over(IndexStrip& before);

  std::function<void()> on_change;  ///< the user began or stopped making the index: follow() again

 private:
  void show_state(const QString& hint, const QString& what_is_made);

  doc::Lab& lab_;
  bool making_ = false;
  std::optional<doc::StudyKey> key_;
  doc::Watch<Answer> study_;
  QLabel* state_;
  ProgressLine* progress_;
  QPushButton* make_;
};

}  // namespace gf::ui

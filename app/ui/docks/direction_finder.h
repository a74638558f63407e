// Where a direction comes from, and how well it tells apart: a page of the Directions dock.
#pragma once

#include <QWidget>
#include <functional>
#include <memory>
#include <optional>

#include "app/document/directions.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;
class QStackedWidget;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

class LinesPlot;
class ProgressLine;
class ScatterPlot;

/// Probes run from Find until they are stopped or let_go(). Their last answer stays until another model is open.
class DirectionFinder : public QWidget {
 public:
  DirectionFinder(doc::Lab& lab, QWidget* parent);
  ~DirectionFinder() override;
  DirectionFinder(const DirectionFinder&) = delete;
  DirectionFinder& operator=(const DirectionFinder&) = delete;

  /// Shows the present state. Expects a model.
  void refresh();
  void let_go();  ///< called when the dock is hidden
  /// Goes on with what another one was asked for, and shows what that found.
  void take_over(DirectionFinder& before);
  [[nodiscard]] LinesPlot& scores() const { return *scores_; }
  [[nodiscard]] ScatterPlot& scatter() const { return *scatter_; }

 private:
  enum class From : int { Set, Lists, File, Token, Vector };
  void make_fields();
  void lay_out();
  [[nodiscard]] From from() const;
  [[nodiscard]] bool probes() const { return from() == From::Set || from() == From::Lists || from() == From::File; }
  [[nodiscard]] doc::DirectionQuery query() const;
  /// Says what is missing before Find can be clicked; empty: nothing is missing.
  [[nodiscard]] QString lack() const;
  [[nodiscard]] bool is_working() const;
  void find();
  void keep();
  void choose_layer(int layer);
  void show_state();
  void show_answer();
  /// The directions that the answer has.
  void show_methods();
  void show_scores();
  void show_scatter();
  [[nodiscard]] QString name_for() const;
  [[nodiscard]] std::optional<Edit> push() const;
  [[nodiscard]] int best_layer() const;

  doc::Lab& lab_;
  QComboBox *source_, *site_, *method_;
  QStackedWidget* fields_;
  QPlainTextEdit *list_from_, *list_to_;
  QLineEdit *file_, *tag_, *token_, *against_, *vector_file_, *tensor_, *name_;
  QPushButton *find_, *keep_;
  QSpinBox* layer_;
  QLabel *note_, *words_;
  ProgressLine* progress_;
  LinesPlot* scores_;
  ScatterPlot* scatter_;
  std::optional<doc::DirectionQuery> asked_;  ///< the query of the watched study
  doc::Watch<Answer> study_;
  struct Shown {
    std::shared_ptr<const Answer> answer;
    doc::DirectionQuery query;
    std::weak_ptr<const Model> model;
  } shown_;
  void show_found(Shown found);
};

}  // namespace gf::ui

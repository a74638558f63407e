// Heads that are fitted to a task, or found by probes, kept as sets and swapped: a page of the Directions dock.
#pragma once

#include <QWidget>
#include <memory>
#include <optional>

#include "app/document/head_sets.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSlider;
class QSpinBox;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

class LinesPlot;
class MatrixPlot;
class ProgressLine;

/// Fitting goes on from Fit until it is stopped or let_go(). Its last answer stays until another model is open.
class HeadFitter : public QWidget {
 public:
  HeadFitter(doc::Lab& lab, QWidget* parent);
  ~HeadFitter() override;
  HeadFitter(const HeadFitter&) = delete;
  HeadFitter& operator=(const HeadFitter&) = delete;

  /// Shows the present state. Expects a model.
  void refresh();
  void let_go();  ///< called when the dock is hidden
  /// Goes on with what another one was asked for, and shows what that found.
  void take_over(HeadFitter& before);
  [[nodiscard]] MatrixPlot& map() const { return *map_; }
  [[nodiscard]] LinesPlot& losses() const { return *losses_; }

 private:
  void make_fitting();
  void make_kept();
  void lay_out();
  [[nodiscard]] doc::HeadSetQuery query() const;
  [[nodiscard]] bool is_working() const;
  [[nodiscard]] QString lack() const;
  void fit();
  void keep();
  /// A name for a set that no kept one has: with a number behind it where the wish is taken.
  [[nodiscard]] QString free_name(const QString& wish) const;
  void show_answer();
  void show_found();
  void show_map();
  void show_words();
  void show_losses();
  void show_fitting();
  void show_sets();
  [[nodiscard]] const doc::HeadSet* chosen_set() const;
  void use_set(double strength);

  doc::Lab& lab_;
  QComboBox *task_, *method_, *heads_, *set_;
  QLineEdit *file_, *name_;
  QSpinBox* top_;
  QPushButton *fit_, *keep_, *forget_;
  QLabel *note_, *words_, *kept_title_, *kept_note_;
  ProgressLine* progress_;
  MatrixPlot* map_;
  LinesPlot* losses_;
  QCheckBox* use_;
  QSlider* slider_;
  QDoubleSpinBox* strength_;
  std::optional<doc::HeadSetQuery> asked_;  ///< the query of the watched study
  doc::Watch<Answer> study_;
  struct Shown {
    std::shared_ptr<const Answer> answer;
    doc::HeadSetQuery query;
    std::weak_ptr<const Model> model;
  } shown_;
  bool quiet_ = false;  ///< the program moves the controls, not the user
};

}  // namespace gf::ui

// Finds features of the open dictionary by a part of their name, or by a word that they write for.
#pragma once

#include <QWidget>
#include <functional>
#include <string>
#include <vector>

#include "app/ui/docks/features_dock.h"

class QLabel;
class QLineEdit;
class QListWidget;

namespace gf::doc {
class Lab;
}

namespace gf::ui {

/// A field, and below it what is found. Names are found while one types; Enter asks which features raise the token most.
class FeatureSearch : public QWidget {
 public:
  FeatureSearch(QWidget* parent, doc::Lab& lab);
  ~FeatureSearch() override;

  /// `answer`: of the features question, with its "named". To be called again whenever a study is answered.
  void show_names(const Answer& answer);
  void let_go();
  /// Goes on with what another one searches for.
  void take_over(FeatureSearch& before);

  std::function<void(int feature)> on_feature;

 private:
  void ask();
  void list();
  void add_row(int feature, const QString& words);

  doc::Lab& lab_;
  QLineEdit* field_;
  QLabel* note_;
  QListWidget* found_;
  std::vector<FeatureName> names_;
  std::string asked_;  ///< the word of the study
  doc::Watch<Answer> study_;
};

}  // namespace gf::ui

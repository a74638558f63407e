// Dictionaries of features at a hook: which features are active where, what each writes, and edits on them.
#pragma once

#include <optional>

#include "app/document/background/studies.h"
#include "app/ui/docks/dock.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;

namespace gf::ui {

class FeaturePage;
class FeatureSearch;
class IndexStrip;
class PassagesPage;
class Waterfall;

/// A question about the dictionary; it has the parameters of one and "top".
[[nodiscard]] doc::StudyKey features_key(const char* question, const doc::DictionaryInUse& dictionary, const char* top,
                                         std::vector<std::string> parts, doc::Side side = doc::Side::Base);

/// The features that have a name, by the part "named" of an answer to the features question.
struct FeatureName {
  int feature = -1;
  std::string name;
};
[[nodiscard]] std::vector<FeatureName> named_features(const Answer& answer);
/// Of the rows of a table with a column "activation"; 0 where none is above 0.
[[nodiscard]] double largest_activation(const Answer::Table& table);

/// While edits act, the list shows the edited run beside the base run, unless base is shown; a feature that an edit of the recipe acts on
/// stays in it. What stands above and below the list is the base run's.
class FeaturesDock : public Dock {
 public:
  FeaturesDock(const DockInfo& info, const DockContext& context);
  ~FeaturesDock() override;
  [[nodiscard]] bool tells_prediction() const override { return true; }
  void publish(QJsonObject& state) const override;

 protected:
  void fill(const doc::Changes& changes) override;
  void put_away() override;
  void take_over(Dock& before) override;

 private:
  void watch();
  /// -1: none.
  void watch_page(int feature);
  void let_go();
  void show_dictionaries();
  void choose_dictionary(int row);
  void show_named(const Answer& answer, int feature);
  void show_examples(int feature);
  /// The largest activation of the page's feature in the indexed text; 0: not known.
  [[nodiscard]] double most_in_text() const;
  void show_facts(const Answer& answer);
  /// The strongest features at the position as bars; gives the strongest one, or -1. `edited`: null: the base run shows.
  int show_active(const Answer& base, const Answer* edited, int position);
  /// Its name, if it has one, and what it does at the position.
  [[nodiscard]] QString line_about(const Answer& answer, int feature, int position) const;
  [[nodiscard]] QString what_it_does(const Answer& answer, int feature, int position) const;

  QComboBox *which_, *named_;
  QPushButton *open_, *close_;
  QLineEdit* hook_;
  QLabel *hint_, *facts_, *notes_, *side_, *place_;
  Waterfall* active_;
  FeatureSearch* search_;
  FeaturePage* page_;
  IndexStrip* index_;
  PassagesPage* passages_;
  QWidget* contents_;
  std::vector<std::string> bundled_;  ///< that the list offers after those that are open
  std::vector<int> bars_;             ///< the features of the bars
  std::optional<doc::StudyKey> key_, edited_key_, page_key_;
  doc::Watch<Answer> study_, edited_study_, page_study_;
  std::shared_ptr<const Answer> shown_examples_;
};

}  // namespace gf::ui

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
class Waterfall;

/// Shows the activations in the base run, so that a feature that an edit cuts stays in the list.
class FeaturesDock : public Dock {
 public:
  FeaturesDock(const DockInfo& info, const DockContext& context);
  ~FeaturesDock() override;
  [[nodiscard]] bool tells_prediction() const override { return true; }
  void publish(QJsonObject& state) const override;

 protected:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void watch();
  /// -1: none.
  void watch_page(int feature);
  void let_go();
  void show_dictionaries();
  void show_facts(const Answer& answer);
  /// The strongest features at the position as bars; gives the strongest one, or -1.
  int show_active(const Answer& answer, int position);
  [[nodiscard]] QString line_about(const Answer& answer, int feature, int position) const;

  QComboBox* which_;
  QPushButton *open_, *close_;
  QLineEdit* hook_;
  QLabel *hint_, *facts_, *notes_, *place_;
  Waterfall* active_;
  FeaturePage* page_;
  QWidget* contents_;
  std::vector<int> bars_;  ///< the features of the bars
  std::optional<doc::StudyKey> key_, page_key_;
  doc::Watch<Answer> study_, page_study_;
};

}  // namespace gf::ui

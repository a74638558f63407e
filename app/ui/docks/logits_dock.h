// The likeliest next tokens, of base and edited side by side.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/document/predictions.h"
#include "app/ui/docks/dock.h"

class QLabel;
class QTableWidget;

namespace gf::ui {

/// A row of the table.
struct Outcome {
  TokenId id;
  std::optional<double> base, edited;  ///< log-probabilities; none: not known yet
  std::optional<double> base_logit;
};
/// The likeliest next tokens after the selected position of base and edited together, sorted by the larger of the two
/// probabilities. What neither trace nor a study that is ready holds stays empty.
[[nodiscard]] std::vector<Outcome> outcomes(const Run& run, const doc::Predictions& predictions, int rows);

class SamplingRow;
class MissingBlanks;
class TokenField;

class LogitsDock : public Dock {
 public:
  LogitsDock(const DockInfo& info, const DockContext& context);
  [[nodiscard]] bool tells_prediction() const override { return true; }

 protected:
  /// A hidden dock watches no study.
  void hideEvent(QHideEvent* event) override;
  /// In Present, where it is low, the table has all the room.
  void resizeEvent(QResizeEvent* event) override;
  /// The letters have another size: those of the table's cells do not follow by themselves.
  void changeEvent(QEvent* event) override;

 private:
  void fill(const doc::Changes& changes) override;
  /// What a large scale leaves no room for is hidden.
  void fit_height();
  /// All that the dock shows, so that it is filled again only where some of it has changed.
  struct Shown {
    std::weak_ptr<const Model> model;  ///< weak: a hidden dock keeps no old run
    std::weak_ptr<const Run> run;
    int position = -1;
    std::optional<TokenId> a, b;
    std::string target, rival;                    ///< as in the fields
    std::array<std::optional<double>, 4> logits;  ///< A and B of base and edited, which a study brings later
    SamplerOptions sampler;
    std::vector<scene::CellRef> highlights;
    render::Theme theme = render::Theme::Dark;
    double points = 0;  ///< of the letters
    [[nodiscard]] bool operator==(const Shown& other) const;
  };
  [[nodiscard]] Shown wanted() const;
  void fill_table();
  /// A row for each listed token and run; what the model gives it, whatever the sampler draws.
  [[nodiscard]] std::string csv() const;
  void show_pair();

  QLabel *title_, *pair_;
  QWidget* pair_fields_;  ///< A and B
  QTableWidget* table_;
  TokenField *target_, *rival_;
  MissingBlanks* blanks_;
  SamplingRow* sampling_;
  doc::Predictions predictions_;
  std::optional<Shown> shown_;  ///< none: not filled yet
};

}  // namespace gf::ui

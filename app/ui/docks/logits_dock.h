// What the model says next: base and edited side by side.
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "app/document/lab.h"

class QLabel;
class QLineEdit;
class QTableWidget;

namespace gf::ui {

/// A row of the table.
struct Outcome {
  TokenId id;
  std::optional<double> base, edited;  ///< log-probabilities; none: the trace does not hold them
  double base_logit = 0;
};
/// The likeliest next tokens after `position`, of base and edited together, by the larger of the two probabilities.
[[nodiscard]] std::vector<Outcome> outcomes(const Run& run, int position, int rows);

class LogitsDock : public QWidget {
 public:
  explicit LogitsDock(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh(const doc::Changes& changes);

 private:
  void fill();
  void show_pair();

  doc::Lab& lab_;
  QLabel *title_, *pair_;
  QTableWidget* table_;
  QLineEdit *target_, *rival_;
};

}  // namespace gf::ui

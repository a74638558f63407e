// Findings as rows of a list: a bar for the strength, the kind, and the sentence.
#pragma once

#include <QStyledItemDelegate>
#include <vector>

#include "model/analysis/answer.h"

namespace gf::ui {

struct FindingRow {
  double strength = 0;  ///< 0 to 1
  QString kind, sentence;
  QString source;  ///< "ablate-sweep.delta[4,3] = -5.1162"
};
/// The rows of the table "findings" in an answer to the question "scan".
[[nodiscard]] std::vector<FindingRow> finding_rows(const Answer::Table& findings);
/// A phrase for a machine word of the column "kind".
[[nodiscard]] QString kind_of_finding(const std::string& kind);

/// Roles of an item, beside its text.
inline constexpr int kFindingStrength = Qt::UserRole, kFindingKind = Qt::UserRole + 1;

class FindingPainter : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace gf::ui

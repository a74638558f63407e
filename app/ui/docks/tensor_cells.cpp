#include "app/ui/docks/tensor_cells.h"

#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {

void TensorCells::set(std::optional<doc::TensorValues> values, std::shared_ptr<const Model> model, std::vector<TokenId> ids) {
  beginResetModel();
  values_ = std::move(values);
  model_ = std::move(model);
  tokens_ = model_ ? token_labels(*model_, ids) : QStringList();
  held_ = 0;
  endResetModel();
}

void TensorCells::hold(std::int64_t index) {
  if (held_ == index) return;
  beginResetModel();
  held_ = index;
  endResetModel();
}

TensorCells::Axes TensorCells::axes() const {
  const auto rank = values_ ? values_->shape().size() : 0;
  if (rank == 1) return {-1, 0, -1};
  if (rank == 2) return {0, 1, -1};
  // A pattern is held at a head; of other tensors with three axes the head is the one in the middle.
  if (rank == 3) return values_->axes()[0] == "head" ? Axes{1, 2, 0} : Axes{0, 2, 1};
  return {};
}

int TensorCells::rowCount(const QModelIndex& parent) const {
  if (parent.isValid() || !values_) return 0;
  const int axis = axes().row;
  return axis < 0 ? 1 : static_cast<int>(values_->shape()[static_cast<std::size_t>(axis)]);
}

int TensorCells::columnCount(const QModelIndex& parent) const {
  const int axis = axes().column;
  return parent.isValid() || axis < 0 ? 0 : static_cast<int>(values_->shape()[static_cast<std::size_t>(axis)]);
}

std::vector<std::int64_t> TensorCells::index_at(int row, int column) const {
  const Axes at = axes();
  std::vector<std::int64_t> index(values_->shape().size(), 0);
  if (at.row >= 0) index[static_cast<std::size_t>(at.row)] = row;
  if (at.column >= 0) index[static_cast<std::size_t>(at.column)] = column;
  if (at.held >= 0) index[static_cast<std::size_t>(at.held)] = held_;
  return index;
}

std::optional<float> TensorCells::value_at(int row, int column) const { return values_->at(index_at(row, column)); }

QString TensorCells::name_on(int axis, int index) const {
  if (axis < 0) return {};
  const std::string& name = values_->axes()[static_cast<std::size_t>(axis)];
  const QString number = QString::number(index);
  const bool of_run = !values_->tensor().is_weight() && (name == "position" || name == "query" || name == "key");
  if (of_run && index < tokens_.size()) return number + QLatin1Char(' ') + tokens_[index];
  if (model_ && name == "token") return number + QLatin1Char(' ') + token_text(*model_, TokenId(index));
  return number;
}

QVariant TensorCells::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || !values_) return {};
  switch (role) {
    case Qt::DisplayRole: {
      const auto value = value_at(index.row(), index.column());
      return value ? significant(static_cast<double>(*value), 4) : QString();
    }
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole: {
      const auto value = value_at(index.row(), index.column());
      const Axes at = axes();
      QString place;
      for (const auto& [axis, number] :
           {std::pair{at.held, static_cast<int>(held_)}, std::pair{at.row, index.row()}, std::pair{at.column, index.column()}})
        if (axis >= 0)
          place += (place.isEmpty() ? QString() : QStringLiteral(", ")) +
                   QString::fromStdString(values_->axes()[static_cast<std::size_t>(axis)]) + QLatin1Char(' ') + name_on(axis, number);
      return place + QStringLiteral(": ") +
             (value ? QString::fromStdString(numbers::exact(*value)) : text("no value, for the key comes later"));
    }
    case Qt::FontRole: return figures(8.5);
    case Qt::TextAlignmentRole: return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    default: return {};
  }
}

QVariant TensorCells::headerData(int section, Qt::Orientation orientation, int role) const {
  if (!values_ || role != Qt::DisplayRole) return {};
  return name_on(orientation == Qt::Horizontal ? axes().column : axes().row, section);
}

}  // namespace gf::ui

// Two axes of a tensor as a model for Qt's tables, while another axis is held.
#pragma once

#include <QAbstractTableModel>
#include <optional>
#include <vector>

#include "app/document/tensor_values.h"

namespace gf::ui {

/// Reads each number when it is shown, so that a large tensor costs nothing.
class TensorCells : public QAbstractTableModel {
 public:
  /// `ids`: of the run; they name positions, queries and keys. `model`: null: without names.
  void set(std::optional<doc::TensorValues> values, std::shared_ptr<const Model> model, std::vector<TokenId> ids);
  void hold(std::int64_t index);
  [[nodiscard]] std::int64_t held() const { return held_; }
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  /// Which axes are rows, columns and held; -1: there is none.
  struct Axes {
    int row = -1, column = -1, held = -1;
  };
  [[nodiscard]] Axes axes() const;
  [[nodiscard]] std::vector<std::int64_t> index_at(int row, int column) const;
  [[nodiscard]] std::optional<float> value_at(int row, int column) const;

 private:
  [[nodiscard]] QString name_on(int axis, int index) const;

  std::optional<doc::TensorValues> values_;
  std::shared_ptr<const Model> model_;
  QStringList tokens_;  ///< of the run
  std::int64_t held_ = 0;
};

}  // namespace gf::ui

// Controls for how the next token is chosen: greedy, or with temperature, top k, top p and a seed.
#pragma once

#include <QWidget>
#include <vector>

#include "app/document/document.h"

class QCheckBox;
class QDoubleSpinBox;
class QGridLayout;
class QSpinBox;

namespace gf::ui {

class ActionRunner;

/// Two rows of controls, or three where the dock is narrow: no name of a control is cut off.
class SamplingRow : public QWidget {
 public:
  explicit SamplingRow(ActionRunner& runner, QWidget* parent);
  void refresh(const SamplerOptions& sampler);
  /// In three rows.
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  bool event(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  struct Place {
    QWidget* widget;
    int row, column;
  };
  [[nodiscard]] std::vector<Place> places(bool narrow) const;
  /// The least width of the controls at these places.
  [[nodiscard]] int width_of(const std::vector<Place>& places) const;
  void make_room_for_all();
  void arrange();
  void put(bool narrow);

  QCheckBox* greedy_;
  QDoubleSpinBox *temperature_, *top_p_;
  QSpinBox *top_k_, *seed_;
  QGridLayout* grid_;
  bool narrow_ = false;
};

}  // namespace gf::ui

// Controls for how the next token is chosen: greedy, or with temperature, top k, top p and a seed; and where asked for, all others.
#pragma once

#include <QWidget>
#include <vector>

#include "app/document/document.h"

class QCheckBox;
class QDoubleSpinBox;
class QGridLayout;
class QLineEdit;
class QSpinBox;

namespace gf::ui {

class ActionRunner;

/// In three columns, or in two where the dock is narrow: no name of a control is cut off.
class SamplingRow : public QWidget {
 public:
  /// `all`: also min p, typical p, the penalties and where generation stops.
  SamplingRow(ActionRunner& runner, bool all, QWidget* parent);
  void refresh(const SamplerOptions& sampler);
  /// In two columns.
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
  [[nodiscard]] int columns_of(const Place& at) const;
  /// The least width of the controls at these places.
  [[nodiscard]] int width_of(const std::vector<Place>& places) const;
  void make_room_for_all();
  void arrange();
  void put(bool narrow);

  void make_all(ActionRunner& runner);

  bool all_;
  QCheckBox *greedy_, *eos_ = nullptr;
  QDoubleSpinBox *temperature_, *top_p_, *min_p_ = nullptr, *typical_p_ = nullptr, *repetition_ = nullptr, *presence_ = nullptr;
  QSpinBox *top_k_, *seed_;
  QLineEdit* stop_ = nullptr;
  QGridLayout* grid_;
  bool narrow_ = false;
};

/// Texts as one line: in quotes, with \n for a line's end; and back. Errors: InvalidArgument where a quote is not closed.
[[nodiscard]] QString line_of_texts(const std::vector<std::string>& texts);
[[nodiscard]] Result<std::vector<std::string>> texts_of_line(const QString& line);

}  // namespace gf::ui

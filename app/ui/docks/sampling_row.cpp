#include "app/ui/docks/sampling_row.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QGridLayout>
#include <QSpinBox>
#include <algorithm>
#include <array>
#include <limits>

#include "app/ui/actions/action_runner.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr int kGap = 5;

template <class Box>
Box* prepared(Box* box, const char* name, const QString& label, const QString& tip) {
  box->setObjectName(name);
  box->setAccessibleName(label);
  box->setToolTip(tip);
  box->setPrefix(label + QLatin1Char(' '));
  box->setKeyboardTracking(false);
  return box;
}

/// Room for the name and a value of usual length, in the letters that the box has now.
void make_room(QDoubleSpinBox* box) {
  const QFontMetrics letters = box->fontMetrics();
  box->setMinimumWidth(letters.horizontalAdvance(box->prefix() + QStringLiteral("00.00")) + 2 * letters.height() + 12);
}
void make_room(QSpinBox* box) {
  const QFontMetrics letters = box->fontMetrics();
  const int named = letters.horizontalAdvance(box->prefix() + QStringLiteral("00.00"));
  box->setMinimumWidth(std::max(named, letters.horizontalAdvance(box->specialValueText())) + 2 * letters.height() + 12);
}

}  // namespace

SamplingRow::SamplingRow(ActionRunner& runner, QWidget* parent) : QWidget(parent) {
  greedy_ = new QCheckBox(text("greedy"), this);
  greedy_->setObjectName("sampling_greedy");
  greedy_->setToolTip(text("Always the likeliest token, without chance"));
  temperature_ = prepared(new QDoubleSpinBox(this), "sampling_temperature", text("temperature"),
                          text("Below 1 the likely becomes likelier; 0 is greedy"));
  temperature_->setRange(0, 100);
  temperature_->setSingleStep(0.1);
  top_k_ = prepared(new QSpinBox(this), "sampling_top_k", text("top k"), text("Choose among the k likeliest"));
  top_k_->setRange(0, 1000000);
  top_k_->setSpecialValueText(text("top k: all"));
  top_p_ = prepared(new QDoubleSpinBox(this), "sampling_top_p", text("top p"), text("Choose among the likeliest that hold this share"));
  top_p_->setRange(0.01, 1);
  top_p_->setSingleStep(0.05);
  seed_ = prepared(new QSpinBox(this), "sampling_seed", text("seed"), text("The same seed draws the same tokens"));
  seed_->setRange(0, std::numeric_limits<int>::max());
  grid_ = new QGridLayout(this);
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setSpacing(kGap);
  make_room_for_all();
  put(false);
  connect(greedy_, &QCheckBox::clicked, this, [&runner](bool on) { runner.trigger("greedy", {on ? "on" : "off"}); });
  const auto number = [this, &runner](QDoubleSpinBox* box, const char* id) {
    connect(box, &QDoubleSpinBox::valueChanged, this,
            [&runner, id](double value) { runner.trigger(id, {numbers::significant(value, 6)}); });
  };
  const auto whole = [this, &runner](QSpinBox* box, const char* id) {
    connect(box, &QSpinBox::valueChanged, this, [&runner, id](int value) { runner.trigger(id, {std::to_string(value)}); });
  };
  number(temperature_, "temperature");
  number(top_p_, "top-p");
  whole(top_k_, "top-k");
  whole(seed_, "seed");
}

std::vector<SamplingRow::Place> SamplingRow::places(bool narrow) const {
  if (narrow) return {{greedy_, 0, 0}, {seed_, 0, 1}, {temperature_, 1, 0}, {top_k_, 1, 1}, {top_p_, 2, 0}};
  return {{greedy_, 0, 0}, {temperature_, 0, 1}, {seed_, 0, 2}, {top_k_, 1, 1}, {top_p_, 1, 2}};
}

int SamplingRow::width_of(const std::vector<Place>& places) const {
  std::array<int, 3> columns{};
  for (const Place& at : places) {
    int& column = columns.at(static_cast<std::size_t>(at.column));
    column = std::max({column, at.widget->minimumWidth(), at.widget == greedy_ ? greedy_->sizeHint().width() : 0});
  }
  return columns[0] + kGap + columns[1] + (columns[2] > 0 ? kGap + columns[2] : 0);
}

QSize SamplingRow::minimumSizeHint() const { return {width_of(places(true)), QWidget::minimumSizeHint().height()}; }

void SamplingRow::make_room_for_all() {
  make_room(temperature_);
  make_room(top_p_);
  make_room(top_k_);
  make_room(seed_);
}

void SamplingRow::arrange() {
  make_room_for_all();
  if (const bool narrow = width() < width_of(places(false)); narrow != narrow_) put(narrow);
}

void SamplingRow::put(bool narrow) {
  narrow_ = narrow;
  for (const Place& at : places(narrow)) {
    grid_->removeWidget(at.widget);
    grid_->addWidget(at.widget, at.row, at.column);
  }
  grid_->setColumnStretch(0, narrow ? 1 : 0);
  grid_->setColumnStretch(1, 1);
  grid_->setColumnStretch(2, narrow ? 0 : 1);  // an empty column would take its share, too
}

bool SamplingRow::event(QEvent* event) {
  if (event->type() == QEvent::LayoutRequest) arrange();  // the letters have another size
  return QWidget::event(event);
}

void SamplingRow::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void SamplingRow::refresh(const SamplerOptions& sampler) {
  const QSignalBlocker quiet[] = {QSignalBlocker(temperature_), QSignalBlocker(top_k_), QSignalBlocker(top_p_), QSignalBlocker(seed_)};
  greedy_->setChecked(sampler.greedy);
  temperature_->setValue(sampler.greedy ? 0 : static_cast<double>(sampler.temperature));
  top_k_->setValue(sampler.top_k);
  top_p_->setValue(static_cast<double>(sampler.top_p));
  seed_->setValue(static_cast<int>(std::min<std::uint64_t>(sampler.seed, std::numeric_limits<int>::max())));
}

}  // namespace gf::ui

#include "app/ui/docks/sampling_row.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLineEdit>
#include <QSpinBox>
#include <algorithm>
#include <limits>

#include "app/ui/actions/commands.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

/// A spin box that shows its beginning where it is too narrow for all of its text, and not its end.
template <class Spin>
class FromTheStart : public Spin {
 public:
  explicit FromTheStart(QWidget* parent) : Spin(parent) {
    QObject::connect(this->lineEdit(), &QLineEdit::textChanged, this, [this] { show_start(); });
  }

 protected:
  void resizeEvent(QResizeEvent* event) override {
    Spin::resizeEvent(event);
    show_start();
  }
  void focusOutEvent(QFocusEvent* event) override {
    Spin::focusOutEvent(event);
    show_start();
  }

 private:
  void show_start() {
    if (!this->hasFocus()) this->lineEdit()->setCursorPosition(0);
  }
};

template <class Box>
Box* prepared(Box* box, const char* name, const QString& label, const QString& tip) {
  box->setObjectName(name);
  box->setAccessibleName(label);
  box->setToolTip(tip);
  box->setPrefix(label + QLatin1Char(' '));
  box->setKeyboardTracking(false);
  box->setMinimumWidth(60);
  return box;
}

}  // namespace

SamplingRow::SamplingRow(Commands& commands, QWidget* parent) : QWidget(parent) {
  greedy_ = new QCheckBox(text("greedy"), this);
  greedy_->setObjectName("sampling_greedy");
  greedy_->setToolTip(text("Always the likeliest token, without chance"));
  temperature_ = prepared(new FromTheStart<QDoubleSpinBox>(this), "sampling_temperature", text("temperature"),
                          text("Below 1 the likely becomes likelier; 0 is greedy"));
  temperature_->setRange(0, 100);
  temperature_->setSingleStep(0.1);
  top_k_ = prepared(new FromTheStart<QSpinBox>(this), "sampling_top_k", text("top k"), text("Choose among the k likeliest"));
  top_k_->setRange(0, 1000000);
  top_k_->setSpecialValueText(text("top k: all"));
  top_p_ = prepared(new FromTheStart<QDoubleSpinBox>(this), "sampling_top_p", text("top p"),
                    text("Choose among the likeliest that hold this share"));
  top_p_->setRange(0.01, 1);
  top_p_->setSingleStep(0.05);
  seed_ = prepared(new FromTheStart<QSpinBox>(this), "sampling_seed", text("seed"), text("The same seed draws the same tokens"));
  seed_->setRange(0, std::numeric_limits<int>::max());
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(5);
  grid->addWidget(greedy_, 0, 0);
  grid->addWidget(temperature_, 0, 1, 1, 2);  // its word is the longest
  grid->addWidget(top_k_, 1, 0);
  grid->addWidget(top_p_, 1, 1);
  grid->addWidget(seed_, 1, 2);
  for (int column = 0; column < 3; ++column) grid->setColumnStretch(column, 1);
  connect(greedy_, &QCheckBox::clicked, this, [&commands](bool on) { commands.trigger("greedy", {on ? "on" : "off"}); });
  const auto number = [this, &commands](QDoubleSpinBox* box, const char* id) {
    connect(box, &QDoubleSpinBox::valueChanged, this,
            [&commands, id](double value) { commands.trigger(id, {numbers::significant(value, 6)}); });
  };
  const auto whole = [this, &commands](QSpinBox* box, const char* id) {
    connect(box, &QSpinBox::valueChanged, this, [&commands, id](int value) { commands.trigger(id, {std::to_string(value)}); });
  };
  number(temperature_, "temperature");
  number(top_p_, "top-p");
  whole(top_k_, "top-k");
  whole(seed_, "seed");
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

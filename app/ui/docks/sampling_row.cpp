#include "app/ui/docks/sampling_row.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QGridLayout>
#include <QLineEdit>
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

/// The action gets each new value of the box.
void send_values(QObject* owner, ActionRunner& runner, QDoubleSpinBox* box, const char* id) {
  QObject::connect(box, &QDoubleSpinBox::valueChanged, owner,
                   [&runner, id](double value) { runner.trigger(id, {numbers::significant(value, 6)}); });
}

}  // namespace

QString line_of_texts(const std::vector<std::string>& texts) {
  QString line;
  for (const std::string& each : texts) {
    QString one = QString::fromStdString(each);
    one.replace(QLatin1Char('"'), QLatin1String("\\\"")).replace(QLatin1Char('\n'), QLatin1String("\\n"));
    line += (line.isEmpty() ? "\"" : " \"") + one + QLatin1Char('"');
  }
  return line;
}

Result<std::vector<std::string>> texts_of_line(const QString& line) {
  GF_TRY_ASSIGN(ActionCall call, parse_call("stop-text " + line.toStdString()));
  for (std::string& each : call.arguments)
    for (std::size_t at = each.find("\\n"); at != std::string::npos; at = each.find("\\n", at + 1)) each.replace(at, 2, "\n");
  return std::move(call.arguments);
}

void SamplingRow::make_all(ActionRunner& runner) {
  const auto box = [&](const char* name, const char* id, const QString& label, const QString& tip, double low, double high, double step) {
    auto* made = prepared(new QDoubleSpinBox(this), name, label, tip);
    made->setRange(low, high);
    made->setSingleStep(step);
    send_values(this, runner, made, id);
    return made;
  };
  min_p_ = box("sampling_min_p", "min-p", text("min p"), text("Choose among tokens at least this share as likely as the likeliest; 0: all"),
               0, 1, 0.01);
  typical_p_ = box("sampling_typical_p", "typical-p", text("typical p"),
                   text("Choose among the tokens of typical surprisal that hold this share; 1: all"), 0.01, 1, 0.05);
  repetition_ = box("sampling_repetition", "repetition-penalty", text("repetition"),
                    text("Penalty: above 1 tokens of the text become less likely; 1: off"), 0.01, 100, 0.05);
  presence_ = box("sampling_presence", "presence-penalty", text("presence"),
                  text("Penalty: taken from the logit of each token that was generated; 0: off"), -100, 100, 0.1);
  eos_ = new QCheckBox(text("stop at end of text"), this);
  eos_->setObjectName("sampling_eos");
  eos_->setToolTip(text("Generation ends with the model's end-of-text token"));
  connect(eos_, &QCheckBox::clicked, this, [&runner](bool on) { runner.trigger("stop-at-eos", {on ? "on" : "off"}); });
  stop_ = new QLineEdit(this);
  stop_->setObjectName("sampling_stop");
  stop_->setAccessibleName(text("Texts to stop at"));
  stop_->setPlaceholderText(text("stop at a text"));
  stop_->setToolTip(text("Generation ends where one of these texts is complete; those with blanks in quotes, \\n: the end of a line"));
  connect(stop_, &QLineEdit::editingFinished, this, [this, &runner] {
    if (!stop_->isModified()) return;
    stop_->setModified(false);
    auto texts = texts_of_line(stop_->text());
    if (texts) runner.trigger("stop-text", std::move(*texts));
    else if (runner.on_error) runner.on_error(texts.error());
  });
}

SamplingRow::SamplingRow(ActionRunner& runner, bool all, QWidget* parent) : QWidget(parent), all_(all) {
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
  if (all_) make_all(runner);
  grid_ = new QGridLayout(this);
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setSpacing(kGap);
  make_room_for_all();
  put(false);
  connect(greedy_, &QCheckBox::clicked, this, [&runner](bool on) { runner.trigger("greedy", {on ? "on" : "off"}); });
  send_values(this, runner, temperature_, "temperature");
  send_values(this, runner, top_p_, "top-p");
  const auto whole = [this, &runner](QSpinBox* box, const char* id) {
    connect(box, &QSpinBox::valueChanged, this, [&runner, id](int value) { runner.trigger(id, {std::to_string(value)}); });
  };
  whole(top_k_, "top-k");
  whole(seed_, "seed");
}

/// In two columns the longest name has a row of its own.
constexpr int kRowAlone = 5;

std::vector<SamplingRow::Place> SamplingRow::places(bool narrow) const {
  std::vector<Place> all = narrow
                               ? std::vector<Place>{{greedy_, 0, 0}, {seed_, 0, 1}, {temperature_, 1, 0}, {top_k_, 1, 1}, {top_p_, 2, 0}}
                               : std::vector<Place>{{greedy_, 0, 0}, {temperature_, 0, 1}, {seed_, 0, 2}, {top_k_, 1, 1}, {top_p_, 1, 2}};
  if (!all_) return all;
  // The long names stand in the first column.
  if (narrow) all.back().column = 1;
  const std::vector<Place> more =
      narrow ? std::vector<Place>{{repetition_, 2, 0}, {presence_, 3, 0}, {min_p_, 3, 1},
                                  {typical_p_, 4, 0},  {stop_, 4, 1},     {eos_, kRowAlone, 0}}
             : std::vector<Place>{{min_p_, 1, 0}, {typical_p_, 2, 0}, {repetition_, 2, 1}, {presence_, 2, 2}, {eos_, 3, 0}, {stop_, 3, 1}};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

int SamplingRow::columns_of(const Place& at) const { return at.widget == eos_ && at.row == kRowAlone ? 2 : 1; }

int SamplingRow::width_of(const std::vector<Place>& places) const {
  std::array<int, 3> columns{};
  for (const Place& at : places) {
    int& column = columns.at(static_cast<std::size_t>(at.column));
    if (columns_of(at) > 1) continue;
    const bool is_check = at.widget == greedy_ || at.widget == eos_;
    column = std::max({column, at.widget->minimumWidth(), is_check ? at.widget->sizeHint().width() : 0});
  }
  return columns[0] + kGap + columns[1] + (columns[2] > 0 ? kGap + columns[2] : 0);
}

QSize SamplingRow::minimumSizeHint() const { return {width_of(places(true)), QWidget::minimumSizeHint().height()}; }

void SamplingRow::make_room_for_all() {
  make_room(temperature_);
  make_room(top_p_);
  make_room(top_k_);
  make_room(seed_);
  for (QDoubleSpinBox* box : {min_p_, typical_p_, repetition_, presence_})
    if (box != nullptr) make_room(box);
}

void SamplingRow::arrange() {
  make_room_for_all();
  if (const bool narrow = width() < width_of(places(false)); narrow != narrow_) put(narrow);
}

void SamplingRow::put(bool narrow) {
  narrow_ = narrow;
  for (const Place& at : places(narrow)) {
    grid_->removeWidget(at.widget);
    grid_->addWidget(at.widget, at.row, at.column, 1, columns_of(at));
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
  if (!all_) return;
  const QSignalBlocker silent[] = {QSignalBlocker(min_p_), QSignalBlocker(typical_p_), QSignalBlocker(repetition_),
                                   QSignalBlocker(presence_)};
  min_p_->setValue(static_cast<double>(sampler.min_p));
  typical_p_->setValue(static_cast<double>(sampler.typical_p));
  repetition_->setValue(static_cast<double>(sampler.repetition_penalty));
  presence_->setValue(static_cast<double>(sampler.presence_penalty));
  eos_->setChecked(sampler.stop_at_eos);
  if (!stop_->hasFocus() || !stop_->isModified()) stop_->setText(line_of_texts(sampler.stop));
}

}  // namespace gf::ui

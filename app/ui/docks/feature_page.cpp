#include "app/ui/docks/feature_page.h"

#include <QGridLayout>
#include <QIntValidator>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSlider>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/docks/segments.h"
#include "app/ui/plots/curve_plot.h"
#include "app/ui/plots/token_strip.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kFeatureSliderSteps = 200;  // on each side of 0
constexpr int kHistogramBins = 12;

QLabel* page_heading(const QString& words, QWidget* parent) {
  auto* label = new QLabel(words, parent);
  label->setProperty("role", "dim");
  return label;
}

/// "“·Mary” +0.41" for each token, a line each.
QString token_lines(const Answer::Table& table, const Model& model) {
  const auto& ids = std::get<std::vector<TokenId>>(table.find("token")->cells);
  const auto& logits = std::get<std::vector<float>>(table.find("logit")->cells);
  QStringList lines;
  for (std::size_t i = 0; i < ids.size(); ++i)
    lines << QStringLiteral("%1 <span style='opacity:0.6'>%2</span>")
                 .arg(quoted_token(model, ids[i]).toHtmlEscaped(), signed_number(static_cast<double>(logits[i]), 2));
  return lines.isEmpty() ? text("none: a later operation reads it") : lines.join(QStringLiteral("<br>"));
}

/// How many positions have an activation in each of the steps up to the largest; zeros are left out.
CurveOf histogram_of_feature(const Grid& activations) {
  CurveOf curve{.bars = true, .values = {}, .first = 0, .last = 1, .x_name = gf::text("activation"), .y_name = gf::text("positions")};
  float largest = 0;
  for (const float a : activations.values) largest = std::max(largest, a);
  curve.values.assign(kHistogramBins, 0);
  if (!(largest > 0)) return curve;
  curve.last = static_cast<double>(largest);
  for (const float a : activations.values)
    if (a > 0) ++curve.values[static_cast<std::size_t>(std::min(kHistogramBins - 1, static_cast<int>(a / largest * kHistogramBins)))];
  return curve;
}

}  // namespace

FeaturePage::FeaturePage(QWidget* parent) : QWidget(parent) {
  number_ = new QLineEdit(this);
  number_->setObjectName("features_feature");
  number_->setAccessibleName(text("Number of the feature"));
  number_->setToolTip(text("A number and Enter: that feature; empty: the strongest at the selected position"));
  number_->setMaximumWidth(90);
  number_->setValidator(new QIntValidator(0, 1 << 28, number_));
  title_ = new QLabel(this);
  title_->setObjectName("features_here");
  title_->setProperty("role", "dim");
  title_->setWordWrap(true);
  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(new QLabel(text("Feature"), this));
  top->addWidget(number_);
  top->addWidget(title_, 1);

  auto* row = new QHBoxLayout;
  row->setSpacing(0);
  edits_ = add_segments(*row, this,
                        {{"feature_none", text("As it is"), text("Nothing is done to the feature")},
                         {"feature_cut", text("Cut"), text("Its activation becomes 0; what the dictionary does not explain stays")},
                         {"feature_clamp", text("Clamp"), text("Its activation becomes the slider's number at every position")},
                         {"feature_steer", text("Steer"), text("Its row of the decoder is added so often at every position")}},
                        [this](int which) { edit(static_cast<doc::FeatureEdit>(which)); });
  row->addStretch(1);
  slider_ = new QSlider(Qt::Horizontal, this);
  slider_->setObjectName("feature_slider");
  slider_->setAccessibleName(text("Strength of the edit"));
  value_ = new QLabel(this);
  value_->setObjectName("feature_value");
  value_->setMinimumWidth(48);
  value_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  strength_ = page_heading({}, this);
  strength_->setObjectName("feature_strength");
  strength_->setBuddy(slider_);
  auto* strength = new QHBoxLayout;
  strength->setSpacing(6);
  strength->addWidget(strength_);
  strength->addWidget(slider_, 1);
  strength->addWidget(value_);

  strip_ = new TokenStrip(this);
  strip_->setObjectName("feature_strip");
  strip_->setAccessibleName(text("Activation of the feature over the prompt"));
  histogram_ = new CurvePlot(this);
  histogram_->setObjectName("feature_histogram");
  histogram_->setAccessibleName(text("Histogram of the feature's activations"));
  histogram_->setFixedHeight(110);
  const auto words = [this](const char* name) {
    auto* label = new QLabel(this);
    label->setObjectName(name);
    label->setTextFormat(Qt::RichText);
    label->setWordWrap(true);
    label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    return label;
  };
  for_ = words("feature_words_for");
  against_ = words("feature_words_against");
  nearest_ = words("feature_nearest");
  auto* columns = new QGridLayout;
  columns->setHorizontalSpacing(14);
  columns->addWidget(page_heading(text("writes for"), this), 0, 0);
  columns->addWidget(page_heading(text("writes against"), this), 0, 1);
  columns->addWidget(page_heading(text("nearest features"), this), 0, 2);
  columns->addWidget(for_, 1, 0);
  columns->addWidget(against_, 1, 1);
  columns->addWidget(nearest_, 1, 2);
  for (int i = 0; i < 3; ++i) columns->setColumnStretch(i, 1);

  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(6);
  all->addLayout(top);
  all->addLayout(row);
  all->addLayout(strength);
  all->addWidget(strip_);
  all->addLayout(columns);
  spread_ = page_heading({}, this);
  all->addWidget(spread_);
  all->addWidget(histogram_);

  connect(number_, &QLineEdit::editingFinished, this, [this] {
    const int feature = number_->text().isEmpty() ? -1 : number_->text().toInt();
    if (feature != of_.feature && on_feature) on_feature(feature);
  });
  connect(slider_, &QSlider::valueChanged, this, [this] {
    const auto what = static_cast<doc::FeatureEdit>(edits_->checkedId());
    value_->setText(fixed(slider_value(), 2));
    if (what == doc::FeatureEdit::Clamp || what == doc::FeatureEdit::Steer) edit(what);
  });
  connect(nearest_, &QLabel::linkActivated, this, [this](const QString& link) {
    if (on_feature) on_feature(link.toInt());
  });
  strip_->on_select = [this](int position) {
    if (on_position) on_position(position);
  };
}

double FeaturePage::slider_value() const { return most_ * slider_->value() / kFeatureSliderSteps; }

void FeaturePage::edit(doc::FeatureEdit what) {
  if (of_.feature < 0 || !on_edit) return;
  on_edit(what, slider_value());
}

void FeaturePage::scale_slider(double most_here) {
  // The ends stay where they are while the slider is dragged, even where the text's index is read just then.
  if (slider_->isSliderDown()) return;
  const double own = std::max(most_here, of_.most_in_text);
  most_ = own > 0 ? 2 * own : of_.most_of_any > 0 ? 2 * of_.most_of_any : 10;
  slider_->setToolTip(own <= 0 && of_.most_of_any > 0 ? text("Up to twice the largest activation of any feature here: this one is inactive")
                      : own <= 0                      ? text("Up to 10: no feature is active here")
                      : most_here >= of_.most_in_text ? text("Up to twice the feature's largest activation over the prompt")
                                                      : text("Up to twice the feature's largest activation in the indexed text"));
}

void FeaturePage::show_slider() {
  const QSignalBlocker quiet(slider_);
  const bool steers = of_.edit == doc::FeatureEdit::Steer;
  slider_->setRange(steers ? -kFeatureSliderSteps : 0, kFeatureSliderSteps);
  const bool has_value = steers || of_.edit == doc::FeatureEdit::Clamp;
  if (has_value && !slider_->isSliderDown())
    slider_->setValue(
        std::clamp(static_cast<int>(std::lround(of_.value / most_ * kFeatureSliderSteps)), slider_->minimum(), slider_->maximum()));
  slider_->setEnabled(of_.feature >= 0);
  strength_->setText(steers ? text("Steer by") : of_.edit == doc::FeatureEdit::Clamp ? text("Clamp to") : text("Strength"));
  value_->setText(has_value ? fixed(of_.value, 2) : fixed(slider_value(), 2));
}

void FeaturePage::show_feature(const Of& of, const Answer* answer, const Model& model, std::span<const TokenId> ids, int position) {
  const bool other = of.feature != of_.feature;
  of_ = of;
  if (other) placed_ = false;
  if (!number_->hasFocus() || other) number_->setText(of.feature < 0 ? QString() : QString::number(of.feature));
  title_->setText(of.here);
  {
    const QSignalBlocker quiet(edits_);
    edits_->button(static_cast<int>(of.edit))->setChecked(true);
  }
  for (const doc::FeatureEdit edit : {doc::FeatureEdit::Cut, doc::FeatureEdit::Clamp})
    edits_->button(static_cast<int>(edit))->setEnabled(of.clamps && of.feature >= 0);
  edits_->button(static_cast<int>(doc::FeatureEdit::Steer))->setEnabled(of.feature >= 0);
  const Grid* activations = answer != nullptr ? answer->get<Grid>("activations") : nullptr;
  if (activations != nullptr && activations->values.size() == ids.size()) {
    const QStringList labels = token_labels(model, ids);
    std::vector<QString> tokens(labels.begin(), labels.end());
    const std::vector<double> values(activations->values.begin(), activations->values.end());
    strip_->set_tokens(std::move(tokens), values, gf::text("activation"));
    strip_->set_current(position);
    const bool active = std::ranges::any_of(values, [](double a) { return a > 0; });
    spread_->setText(active ? text("positions by activation, without zeros") : text("It is active at no position of this prompt."));
    histogram_->setVisible(active);
    if (active) histogram_->set_curve(histogram_of_feature(*activations));
    scale_slider(values.empty() ? 0 : *std::ranges::max_element(values));
    if (!std::exchange(placed_, true) && of.edit == doc::FeatureEdit::None) {
      const QSignalBlocker quiet(slider_);
      slider_->setValue(kFeatureSliderSteps / 2);
    }
  }
  show_slider();
  if (answer == nullptr) return;
  if (const auto* table = answer->get<Answer::Table>("words_for")) for_->setText(token_lines(*table, model));
  if (const auto* table = answer->get<Answer::Table>("words_against")) against_->setText(token_lines(*table, model));
  if (const auto* table = answer->get<Answer::Table>("nearest")) {
    const auto& features = std::get<std::vector<int>>(table->find("feature")->cells);
    const auto& cosines = std::get<std::vector<float>>(table->find("cosine")->cells);
    QStringList lines;
    for (std::size_t i = 0; i < features.size(); ++i)
      lines << QStringLiteral("<a href='%1'>%1</a> %2").arg(features[i]).arg(fixed(static_cast<double>(cosines[i]), 2));
    nearest_->setText(lines.join(QStringLiteral("<br>")));
  }
}

}  // namespace gf::ui

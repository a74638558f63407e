#include "app/ui/docks/passages_page.h"

#include <QLabel>
#include <QVBoxLayout>

#include "app/ui/docks/passage_list.h"
#include "app/ui/plots/curve_plot.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/corpus/corpus_index.h"
#include "model/tokenizer/token_words.h"

namespace gf::ui {

namespace {

std::vector<Passage> passages_of(const Answer& answer, const Model& model) {
  const auto& table = answer.table("passages");
  const auto& tokens = answer.tokens("activations");
  const auto length = static_cast<std::size_t>(tokens.shape[1]);
  std::vector<Passage> all;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Passage p;
    p.interval = QString::fromStdString(std::get<std::vector<std::string>>(table.find("interval")->cells)[row]);
    p.activation = std::get<std::vector<float>>(table.find("activation")->cells)[row];
    p.peak = std::get<std::vector<int>>(table.find("position")->cells)[row];
    const auto texts = token_texts(*model.tokenizer, std::span(tokens.ids).subspan(row * length, length));
    for (std::size_t i = row * length; i < (row + 1) * length; ++i) {
      QString token = QString::fromStdString(texts[i - row * length]);
      token.replace(QLatin1Char('\n'), QChar(0x21B5));  // a sign for the end of a line
      p.tokens.push_back(std::move(token));
      p.values.push_back(tokens.values[i]);
    }
    all.push_back(std::move(p));
  }
  return all;
}

}  // namespace

PassagesPage::PassagesPage(QWidget* parent, const QString& prefix) : QWidget(parent) {
  words_ = wrapped_label(this, prefix + "_unit");
  histogram_ = new CurvePlot(this);
  histogram_->setObjectName(prefix + "_histogram");
  histogram_->setAccessibleName(text("Histogram of its activations"));
  constexpr int kHistogramHeightPx = 84;
  histogram_->setFixedHeight(kHistogramHeightPx);
  histogram_->on_error = [this](const Error& error) {
    if (on_error) on_error(error);
  };
  passages_ = new PassageList(this);
  passages_->setObjectName(prefix + "_list");
  passages_->setAccessibleName(text("Passages"));
  passages_->on_chosen = [this](int row) {
    if (row >= 0 && static_cast<std::size_t>(row) < texts_.size() && on_passage) on_passage(texts_[static_cast<std::size_t>(row)]);
  };
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addWidget(words_);
  column->addWidget(histogram_);
  column->addWidget(passages_, 1);
}

void PassagesPage::show_answer(const Answer& answer, const Model& model, const QString& words) {
  const Grid& histogram = answer.grid("histogram");
  CurveOf bars{.bars = true,
               .values = {},
               .first = corpus::kFirstInterval,
               .last = corpus::kFirstInterval + corpus::kIntervals,
               .x_name = "log2 activation",
               .y_name = "tokens"};
  for (std::size_t i = 1; i < histogram.values.size(); ++i) bars.values.push_back(static_cast<double>(histogram.values[i]));
  histogram_->set_curve(std::move(bars));
  passages_->set_passages(passages_of(answer, model));
  texts_ = std::get<std::vector<std::string>>(answer.table("passages").find("text")->cells);
  words_->setText(words);
}

}  // namespace gf::ui

#include "app/ui/docks/neuron_view.h"

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

#include "app/document/lab.h"
#include "app/ui/plots/neuron_plot.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kLeastNeuronsPx = 90;

}  // namespace

NeuronView::NeuronView(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  words_ = wrapped_label(this, QStringLiteral("attention_neuron_words"), "dim");
  plot_ = new NeuronPlot(this);
  plot_->setObjectName("attention_neurons");
  plot_->setAccessibleName(text("Query, keys and their products, element by element"));
  scroll_ = new QScrollArea(this);
  scroll_->setObjectName("attention_neurons_scroll");
  scroll_->setWidgetResizable(true);
  scroll_->setWidget(plot_);
  scroll_->setMinimumHeight(kLeastNeuronsPx);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(4);
  all->addWidget(scroll_, 1);
  all->addWidget(words_);
  plot_->on_current = [this](const QRect& row) { scroll_->ensureVisible(0, row.center().y(), 0, row.height()); };
  plot_->on_element = [this] { say_sum(); };
}

NeuronView::~NeuronView() = default;

void NeuronView::let_go() {
  study_ = {};
  watched_.clear();
  plot_->set_rows(nullptr, {});
}

void NeuronView::show_query(int layer, int head, int query, int key, doc::Side side) {
  auto wanted = doc::neuron_rows(layer, head, query, side);
  const std::string which = wanted.traits.key + (side == doc::Side::Base ? " base" : "");
  if (which != watched_) {
    watched_ = which;
    study_ = lab_.studies().watch(std::move(wanted));
  }
  const auto study = study_.now();
  const bool failed = study.state == doc::StudyState::Failed && study.error;
  scroll_->setVisible(!failed);
  if (failed) {
    words_->setText(QString::fromStdString(study.error->message));
    return;
  }
  // Until the answer for another run of this query comes, there are the rows of the one before, which may have other tokens.
  const int T = lab_.run()->base->length();
  if (study.answer && study.answer->keys() <= T) plot_->set_rows(study.answer, token_labels(*lab_.model(), lab_.run()->base->ids()));
  else if (plot_->rows() && plot_->rows()->keys() > T) plot_->set_rows(nullptr, {});
  constexpr int kMostHeightPx = 320;
  scroll_->setMinimumHeight(std::clamp(plot_->sizeHint().height() + 2, kLeastNeuronsPx, kMostHeightPx));
  if (plot_->rows() && plot_->rows()->query == query) plot_->set_current(key);
  say_sum();
}

void NeuronView::say_sum() {
  const doc::NeuronRows* rows = plot_->rows();
  const int key = plot_->current_key();
  if (!rows) return words_->setText(text("The rows of the query and its keys are on their way."));
  if (key < 0)
    return words_->setText(
        text("Each score is the sum of q × k over the elements, times {0}; the softmax over the keys makes "
             "the shares. A click chooses a key.",
             significant(static_cast<double>(rows->scale), 4)));
  const auto at = static_cast<std::size_t>(key);
  const double sum = rows->dot(key), scaled = sum * static_cast<double>(rows->scale);
  const QString scale = significant(static_cast<double>(rows->scale), 4), share = percent(static_cast<double>(rows->weights[at]));
  const QString score = signed_number(static_cast<double>(rows->scores[at]), 3);
  QString said =
      rows->score_is_edited(key)
          ? text("Sum of q × k: {0}, times {1} = {2}. An edit makes the score {3}, and the softmax {4} of it.", signed_number(sum, 3),
                 scale, signed_number(scaled, 3), score, share)
          : text("Sum of q × k: {0}, times {1} = score {2}; the softmax makes {3} of it.", signed_number(sum, 3), scale, score, share);
  if (plot_->current_element() >= 0) said = plot_->words_of(key, plot_->current_element()) + QLatin1Char('\n') + said;
  words_->setText(said);
}

}  // namespace gf::ui

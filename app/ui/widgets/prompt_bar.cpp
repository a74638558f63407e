#include "app/ui/widgets/prompt_bar.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>
#include <algorithm>
#include <cmath>

#include "app/ui/widgets/token_chips.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

enum Measure { kSurprisal, kRank, kEntropy };

struct Measured {
  QString number;
  double strength = 0;
};

/// The number under a chip and how strongly it colours it; nothing at position 0, whose token nothing predicted.
Measured measured(const TokenStats& stats, int measure) {
  switch (measure) {
    case kRank:
      if (stats.rank < 0) return {};
      return {QString::number(stats.rank), std::min(1.0, std::log10(1.0 + stats.rank) / 3)};
    case kEntropy: return {QString::number(stats.entropy, 'f', 1), std::min(1.0, static_cast<double>(stats.entropy) / 6)};
    default:
      if (std::isnan(stats.logprob)) return {};
      // Surprisal is never negative: the "+ 0.0" takes the sign from a rounded minus zero.
      return {QString::number(std::max(0.0, -static_cast<double>(stats.logprob)) + 0.0, 'f', 1),
              std::min(1.0, -static_cast<double>(stats.logprob) / 6)};
  }
}

QString chip_tooltip(const Model& model, const Trace& trace, int position) {
  const TokenStats& stats = trace.stats(position);
  const TokenId id = trace.ids()[static_cast<std::size_t>(position)];
  QString text = QObject::tr("position %1: “%2”, id %3").arg(position).arg(token_text(model, id)).arg(id.v);
  if (std::isnan(stats.logprob)) text += QObject::tr("\nfirst token: nothing predicts it");
  else
    text += QObject::tr("\nsurprisal %1 nats (probability %2), rank %3")
                .arg(-static_cast<double>(stats.logprob), 0, 'f', 3)
                .arg(percent(std::exp(static_cast<double>(stats.logprob))))
                .arg(stats.rank);
  text += QObject::tr("\nentropy of the prediction made here: %1 nats").arg(static_cast<double>(stats.entropy), 0, 'f', 3);
  return text;
}

}  // namespace

PromptBar::PromptBar(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  setObjectName("prompt_bar");
  edit_ = new QLineEdit(this);
  edit_->setObjectName("prompt_edit");
  edit_->setAccessibleName(tr("Prompt"));
  edit_->setPlaceholderText(tr("Type a prompt and press Enter"));
  edit_->setToolTip(tr("The prompt (Ctrl+L). Enter runs it."));
  edit_->setMinimumHeight(36);
  run_ = new QPushButton(tr("Run ⏎"), this);
  run_->setObjectName("run_button");
  run_->setAccessibleName(tr("Run the prompt"));
  run_->setToolTip(tr("Run the prompt (Enter)"));
  run_->setProperty("primary", true);
  generate_ = new QPushButton(tr("Generate"), this);
  generate_->setObjectName("generate_button");
  generate_->setAccessibleName(tr("Generate tokens"));
  generate_->setToolTip(tr("Let the model go on by this many tokens (Ctrl+G)"));
  generate_n_ = new QSpinBox(this);
  generate_n_->setObjectName("generate_count");
  generate_n_->setAccessibleName(tr("Tokens to generate"));
  generate_n_->setRange(1, 256);
  generate_n_->setValue(8);
  generate_n_->setToolTip(tr("How many tokens to generate"));
  bos_ = new QCheckBox(tr("BOS"), this);
  bos_->setObjectName("bos_switch");
  bos_->setAccessibleName(tr("Begin with the beginning-of-sequence token"));
  bos_->setToolTip(tr("Begin with the model's beginning-of-sequence token"));
  measure_ = new QComboBox(this);
  measure_->setObjectName("chip_measure");
  measure_->setAccessibleName(tr("What colours the tokens"));
  measure_->setToolTip(tr("What the number under each token is"));
  measure_->addItems({tr("surprisal, nats"), tr("rank"), tr("entropy, nats")});
  chips_ = new TokenChips;
  scroll_ = new QScrollArea(this);
  scroll_->setWidget(chips_);
  scroll_->setWidgetResizable(true);
  scroll_->setFixedHeight(56);
  scroll_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFrameShape(QFrame::NoFrame);

  auto* top = new QHBoxLayout;
  top->setSpacing(8);
  top->addWidget(edit_, 1);
  top->addWidget(run_);
  top->addWidget(generate_);
  top->addWidget(generate_n_);
  top->addSpacing(4);
  top->addWidget(bos_);
  auto* below = new QHBoxLayout;
  below->setSpacing(8);
  below->addWidget(scroll_, 1);
  below->addWidget(measure_, 0, Qt::AlignTop);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(8, 8, 8, 0);
  all->setSpacing(6);
  all->addLayout(top);
  all->addLayout(below);

  connect(edit_, &QLineEdit::returnPressed, this, [this] { run(); });
  connect(run_, &QPushButton::clicked, this, [this] { run(); });
  connect(generate_, &QPushButton::clicked, this, [this] { lab_.generate(generate_n_->value()); });
  connect(bos_, &QCheckBox::clicked, this,
          [this](bool on) { lab_.execute({on ? "begin with BOS" : "begin without BOS", [on](doc::Document& d) { d.bos = on; }, {}}); });
  connect(measure_, &QComboBox::currentIndexChanged, this, [this] { refresh_chips(); });
  chips_->on_select = [this](int position) { lab_.execute(doc::select_position(position)); };
  chips_->on_prediction = [this] { lab_.generate(1); };
}

void PromptBar::focus_prompt() {
  edit_->setFocus();
  edit_->selectAll();
}

void PromptBar::run() {
  lab_.execute(doc::set_prompt(edit_->text().toStdString()));
  if (on_ran) on_ran();
}

void PromptBar::refresh(const doc::Changes& changes) {
  const doc::Document& d = lab_.document();
  if (changes.document || changes.model) {
    const QString prompt = QString::fromStdString(d.prompt);
    if (prompt != shown_prompt_) {  // not while the user types: only when the document's own prompt is another
      shown_prompt_ = prompt;
      if (edit_->text() != prompt) edit_->setText(prompt);
    }
    bos_->setChecked(d.bos);
    const auto model = lab_.model();
    bos_->setEnabled(model && model->weights->config.bos_token_id >= 0);
    const bool open = model != nullptr;
    run_->setEnabled(open);
    generate_->setEnabled(open);
  }
  if (changes.run || changes.model) refresh_chips();
  const auto run = lab_.run();
  if (!run) return;
  const int last = run->base->length() - 1;
  const int selected = d.selected_position < 0 ? last : std::min(d.selected_position, last);
  chips_->set_selected(selected);
  const QRect box = chips_->chip_rect(selected);
  if (changes.run) scroll_->ensureVisible(chips_->prediction_rect().right(), 0);
  else if (changes.document) scroll_->ensureVisible(box.center().x(), 0, box.width(), 0);
}

void PromptBar::refresh_chips() {
  const auto model = lab_.model();
  const auto run = lab_.run();
  if (!model || !run) {
    chips_->set_chips({}, std::nullopt, {});
    return;
  }
  const Trace& trace = *run->edited;
  const int measure = measure_->currentIndex();
  std::vector<Chip> chips;
  for (int p = 0; p < trace.length(); ++p) {
    const Measured m = measured(trace.stats(p), measure);
    chips.push_back({token_text(*model, trace.ids()[static_cast<std::size_t>(p)]), m.number, chip_tooltip(*model, trace, p), m.strength,
                     p >= trace.n_prompt()});
  }
  std::optional<Chip> next;
  const auto& top = trace.stats(trace.length() - 1).top;
  if (!top.empty()) {
    const QString probability = percent(std::exp(static_cast<double>(top.front().logprob)));
    next = Chip{token_text(*model, top.front().id) + QStringLiteral(" ?"), probability,
                tr("the likeliest next token, %1. Click to generate one token.").arg(probability), 0, false};
  }
  chips_->set_chips(std::move(chips), std::move(next), measure_->currentText());
}

}  // namespace gf::ui

#include "app/ui/widgets/prompt_bar.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>
#include <algorithm>
#include <cmath>

#include "app/document/request.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/actions/values_needed.h"
#include "app/ui/widgets/token_chips.h"
#include "app/ui/widgets/words.h"
#include "model/tokenizer/token_words.h"

namespace gf::ui {
namespace {

enum Measure { kSurprisal, kRank, kEntropy };

struct Measured {
  QString number;
  double strength = 0;
};

/// The number under a chip, and how strongly it colours the chip. Empty at position 0, where nothing predicted the token,
/// and where the logits that predict it are NaN.
Measured measured(const TokenStats& stats, int measure) {
  switch (measure) {
    case kRank:
      if (stats.rank < 0) return {};
      return {QString::number(stats.rank), std::min(1.0, std::log10(1.0 + stats.rank) / 3)};
    case kEntropy: return {fixed(static_cast<double>(stats.entropy), 1), std::min(1.0, static_cast<double>(stats.entropy) / 6)};
    default:
      if (std::isnan(stats.logprob)) return {};
      // Surprisal is not negative; "+ 0.0" turns minus zero into zero.
      return {fixed(std::max(0.0, -static_cast<double>(stats.logprob)) + 0.0, 1), std::min(1.0, -static_cast<double>(stats.logprob) / 6)};
  }
}

QString chip_tooltip(const Model& model, const Trace& trace, const TokenPiece& piece, int position) {
  const TokenStats& stats = trace.stats(position);
  const TokenId id = trace.ids()[static_cast<std::size_t>(position)];
  QString said = text("position {0}: {1}, id {2}", position, quoted_token(model, id), id.v);
  if (piece.count > 1) said += text("\npiece {0} of {1} of “{2}”", piece.index + 1, piece.count, piece.words);
  if (position == 0) {
    said += text("\nfirst token: nothing predicts it");
  } else if (std::isnan(stats.logprob)) {
    said += text("\nsurprisal and rank: NaN, as logits of the position before are");
  } else {
    said += text("\nsurprisal {0} nats (probability {1}), rank {2}", fixed(-static_cast<double>(stats.logprob), 3),
                 percent(std::exp(static_cast<double>(stats.logprob))), stats.rank);
  }
  said += text("\nentropy of the prediction made here: {0} nats", fixed(static_cast<double>(stats.entropy), 3));
  return said;
}

}  // namespace

PromptBar::PromptBar(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab) {
  setObjectName("prompt_bar");
  edit_ = new QLineEdit(this);
  edit_->setObjectName("prompt_edit");
  edit_->setAccessibleName(text("Prompt"));
  edit_->setPlaceholderText(text("Type a prompt and press Enter"));
  set_key_tip(*edit_, phrase("The prompt ({0}). Enter runs it."), {"edit-prompt"});
  edit_->setMinimumSize(64, 36);
  constexpr int kLongest = 1 << 20;  // beyond that, and by default beyond 32,767 signs, Qt cuts a text off
  edit_->setMaxLength(kLongest);
  run_ = new QPushButton(text("Run ⏎"), this);
  run_->setObjectName("run_button");
  run_->setAccessibleName(text("Run the prompt"));
  run_->setToolTip(text("Run the prompt (Enter)"));
  run_->setProperty("primary", true);
  generate_ = new QPushButton(text("Generate"), this);
  generate_->setObjectName("generate_button");
  generate_->setAccessibleName(text("Generate tokens"));
  set_key_tip(*generate_, phrase("Let the model go on by this many tokens"), {"generate"});
  generate_n_ = new QSpinBox(this);
  generate_n_->setObjectName("generate_count");
  generate_n_->setAccessibleName(text("Tokens to generate"));
  generate_n_->setRange(1, 256);
  generate_n_->setValue(8);
  generate_n_->setToolTip(text("How many tokens to generate"));
  bos_ = new QCheckBox(text("BOS"), this);
  bos_->setObjectName("bos_switch");
  bos_->setAccessibleName(text("Begin with the beginning-of-sequence token"));
  bos_->setToolTip(text("Begin with the model's beginning-of-sequence token"));
  measure_ = new QComboBox(this);
  measure_->setObjectName("chip_measure");
  measure_->setAccessibleName(text("What colours the tokens"));
  measure_->setToolTip(text("What the number under each token is"));
  measure_->addItems({text("surprisal, nats"), text("rank"), text("entropy, nats")});
  side_ = new QLabel(this);
  side_->setObjectName("chips_side");
  side_->setProperty("role", "notice");
  side_->setToolTip(text("Whose numbers stand under the tokens"));
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
  auto* what = new QVBoxLayout;
  what->setSpacing(0);
  what->addWidget(measure_);
  what->addWidget(side_, 0, Qt::AlignRight);
  what->addStretch(1);
  below->addLayout(what);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(8, 8, 8, 0);
  all->setSpacing(6);
  all->addLayout(top);
  all->addLayout(below);

  connect(edit_, &QLineEdit::returnPressed, this, [this] { run(); });
  connect(run_, &QPushButton::clicked, this, [this] { run(); });
  connect(generate_, &QPushButton::clicked, this, [this] { lab_.generate(generate_n_->value()); });
  connect(bos_, &QCheckBox::clicked, this, [this](bool on) { lab_.execute(doc::set_bos(on)); });
  connect(measure_, &QComboBox::currentIndexChanged, this, [this] { refresh_chips(); });
  chips_->on_select = [this](int position) { lab_.execute(doc::select_position(position)); };
  chips_->on_prediction = [this] {
    if (!hidden_) lab_.generate(1);
  };
}

void PromptBar::focus_prompt() {
  edit_->setFocus(Qt::ShortcutFocusReason);
  edit_->selectAll();
}

void PromptBar::take_back() { edit_->setText(shown_prompt_); }

int PromptBar::generate_count() const { return generate_n_->value(); }

void PromptBar::run() {
  lab_.execute(doc::set_prompt(edit_->text().toStdString()));
  const auto model = lab_.model();
  if (on_ran && model && doc::request_of(lab_.document(), *model)) on_ran();
}

void PromptBar::refresh(const doc::Changes& changes) {
  const doc::Document& d = lab_.document();
  if (changes.document || changes.model) {
    const QString prompt = QString::fromStdString(d.prompt);
    if (prompt != shown_prompt_) {  // only when the document has another prompt, so that typed text stays
      shown_prompt_ = prompt;
      if (edit_->text() != prompt) edit_->setText(prompt);
      if (!edit_->hasFocus()) edit_->setCursorPosition(0);  // a narrow field shows where the prompt begins
    }
    bos_->setChecked(d.bos);
    const auto model = lab_.model();
    bos_->setEnabled(model && model->weights->config.bos_token_id >= 0);
    const bool open = model != nullptr;
    const QString lack = lack_of_values(lab_);
    for (QWidget* control : {static_cast<QWidget*>(run_), static_cast<QWidget*>(generate_)}) enable_unless(*control, lack, open);
    for (QWidget* control : {static_cast<QWidget*>(generate_n_), static_cast<QWidget*>(measure_)}) enable_unless(*control, lack);
    set_key_tip(*edit_,
                lack.isEmpty()
                    ? phrase("The prompt ({0}). Enter runs it.")
                    : phrase("The prompt ({0}). Enter: the page has a row for each of its tokens, as there are no values to run."),
                {"edit-prompt"});
  }
  if (changes.run || changes.model || shown_compare_ != d.compare || hidden_ != d.hide_prediction) {
    shown_compare_ = d.compare;
    hidden_ = d.hide_prediction;
    refresh_chips();
  }
  const auto run = lab_.run();
  if (!run) return;
  const int selected = scene::selected_position_in(d, run->base->length());
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
  const bool base = lab_.document().compare == scene::Compare::Base;
  side_->setVisible(run->has_edits());
  side_->setText(base ? text("base run") : text("edited run"));
  const Trace& trace = base ? *run->base : *run->edited;
  const int measure = measure_->currentIndex();
  std::vector<Chip> chips;
  const auto pieces = token_pieces(model->tokenizer.get(), trace.ids());
  for (int p = 0; p < trace.length(); ++p) {
    const Measured m = measured(trace.stats(p), measure);
    const TokenPiece& piece = pieces[static_cast<std::size_t>(p)];
    chips.push_back({QString::fromStdString(piece.words), m.number, chip_tooltip(*model, trace, piece, p), m.strength,
                     p >= trace.n_prompt(), piece.index, piece.count});
  }
  std::optional<Chip> next;
  const auto& top = trace.stats(trace.length() - 1).top;
  if (!top.empty() && hidden_) {
    next = Chip{QStringLiteral("?"), {}, text("Hidden until the lesson's question is answered."), 0, false};
  } else if (!top.empty()) {
    const QString probability = percent(std::exp(static_cast<double>(top.front().logprob)));
    next = Chip{token_text(*model, top.front().id) + QStringLiteral(" ?"), probability,
                text("the likeliest next token, {0}. Click to generate one token.", probability), 0, false};
  }
  chips_->set_chips(std::move(chips), std::move(next), measure_->currentText());
}

}  // namespace gf::ui

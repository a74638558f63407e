#include "app/ui/docks/what_if_panel.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <string>
#include <utility>

#include "app/document/lab.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/docks/text_pair_view.h"
#include "app/ui/widgets/progress_line.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kTokens = 24;

}  // namespace

WhatIfPanel::WhatIfPanel(doc::Lab& lab, ActionRunner& runner, QWidget* parent) : QWidget(parent), lab_(lab) {
  setObjectName("what_if");
  note_ = wrapped_label(this, "what_if_note", "dim");
  again_ = new QPushButton(text("Other noise"), this);
  again_->setObjectName("what_if_again");
  progress_ = new ProgressLine(QStringLiteral("what_if_progress"), text("Progress of the texts"), this);
  texts_ = new TextPairView(lab, QStringLiteral("what_if"), this);
  texts_->set_titles(text("without the edits"), text("with the edits"));
  texts_->on_text = [this] { say(); };
  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(note_, 1);
  top->addWidget(again_, 0, Qt::AlignTop);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(4);
  all->addLayout(top);
  all->addWidget(progress_);
  all->addWidget(texts_);
  connect(again_, &QPushButton::clicked, this, [this, &runner] {
    const SamplerOptions& sampler = lab_.document().sampler;
    if (sampler.greedy) runner.trigger("greedy", {"off"});
    else runner.trigger("seed", {std::to_string(sampler.seed + 1)});
  });
}

void WhatIfPanel::let_go() {
  texts_->let_go();
  sampler_.reset();
}

void WhatIfPanel::say() {
  const SamplerOptions& sampler = lab_.document().sampler;
  const auto study = texts_->study();
  if (study.state == doc::StudyState::Failed && study.error) return note_->setText(QString::fromStdString(study.error->message));
  if (!lab_.run() || !lab_.run()->has_edits()) return note_->setText(text("There is no edit that acts, so both texts are the same."));
  const doc::TextPair& texts = texts_->texts();
  const QString rule = sampler.greedy ? text("Greedy: both take the likeliest token.")
                                      : text("Both draw with the same noise (seed {0}).", static_cast<long long>(sampler.seed));
  const QString parts = texts.n == 0   ? QString()
                        : texts.parted ? texts.same == 0 ? text("The first token differs.")
                                                         : counted(texts.same, "{0} token is the same, then they part.",
                                                                   "{0} tokens are the same, then they part.")
                                       : counted(texts.n, "{0} token, the same in both.", "{0} tokens, the same in both.");
  note_->setText(parts.isEmpty() ? rule : text("{0} {1}", rule, parts));
}

void WhatIfPanel::refresh() {
  const bool on = lab_.document().mode == doc::Mode::WhatIf;
  setVisible(on);
  if (!on) return let_go();
  if (const SamplerOptions& sampler = lab_.document().sampler; sampler_ != sampler) {
    sampler_ = sampler;
    texts_->watch([&](doc::TellTexts tell) { return doc::what_if(sampler, kTokens, std::move(tell)); });
  }
  const auto study = texts_->study();
  const bool works = study.state == doc::StudyState::Computing || study.state == doc::StudyState::Waiting;
  progress_->setVisible(works);
  progress_->set_fraction(study.fraction);
  const bool greedy = lab_.document().sampler.greedy;
  again_->setText(greedy ? text("With noise") : text("Other noise"));
  again_->setToolTip(greedy
                         ? text("Draws both texts by their probabilities, with the same noise; the Decoding dock has the rest of the rule")
                         : text("Draws both texts again with the next seed"));
  texts_->refresh();
  say();
}

}  // namespace gf::ui

// What decoding kept and cut at each step, with the reason for each choice.
#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "app/document/decoding_steps.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/docks/dock.h"
#include "app/ui/docks/sampling_row.h"
#include "app/ui/widgets/column_widths.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/run/remarks.h"

namespace gf::ui {
namespace {

QString words_of_cut(CutReason why) {
  switch (why) {
    case CutReason::NoText: return text("has no text");
    case CutReason::Ban: return text("banned");
    case CutReason::Ngram: return text("would repeat an n-gram");
    case CutReason::TopK: return text("beyond top k");
    case CutReason::TopP: return text("beyond top p");
    case CutReason::MinP: return text("below min p");
    case CutReason::TypicalP: return text("not typical");
    case CutReason::Force: return text("another is forced");
  }
  return {};
}

QString words_of_choice(const DecodingStep& step) {
  if (!step.chosen) return text("nothing left");
  switch (step.why) {
    case ChoiceReason::Likeliest: return text("likeliest");
    case ChoiceReason::Noise: return text("by noise");
    case ChoiceReason::Force: return text("forced");
    case ChoiceReason::Beam: return text("beam");
  }
  return {};
}

int cut_in_all(const DecodingStep& step) {
  int n = 0;
  for (const int count : step.n_cut) n += count;
  return n;
}

/// "120 beyond top k, 3 below min p": how many were cut for which reason; empty: none.
QString words_of_cuts(const DecodingStep& step) {
  QStringList parts;
  for (std::size_t i = 0; i < kCutReasons; ++i)
    if (step.n_cut[i] > 0) parts << text("{0} {1}", count(step.n_cut[i]), words_of_cut(static_cast<CutReason>(i)));
  if (step.n_penalized > 0) parts << text("{0} penalized", count(step.n_penalized));
  return parts.join(text(", "));
}

QString short_number(float value) { return significant(static_cast<double>(value), 3); }

/// How the next token is chosen, and where generation stops.
QString words_of_rule(const SamplerOptions& s, const Model& model) {
  QStringList parts;
  if (s.greedy) {
    parts << text("greedy: always the likeliest token");
  } else {
    parts << text("temperature {0}, top k {1}, top p {2}, seed {3}", short_number(s.temperature),
                  s.top_k > 0 ? QString::number(s.top_k) : text("all"), short_number(s.top_p), static_cast<long long>(s.seed));
    if (s.min_p > 0) parts << text("min p {0}", short_number(s.min_p));
    if (s.typical_p < 1) parts << text("typical p {0}", short_number(s.typical_p));
  }
  if (s.repetition_penalty != 1) parts << text("repetition penalty {0}", short_number(s.repetition_penalty));
  if (s.presence_penalty != 0) parts << text("presence penalty {0}", short_number(s.presence_penalty));
  const int eos = model.weights->config.eos_token_id;
  if (eos >= 0 && s.stop_at_eos) parts << text("stops at {0}", quoted_token(model, TokenId(eos)));
  if (!s.stop.empty()) parts << text("stops at the text {0}", line_of_texts(s.stop));
  QString all;
  for (const QString& part : parts) all = all.isEmpty() ? part : text("{0}, {1}", all, part);
  return all;
}

/// Above: the controls, a row for each generated token and one for the next. Below: what the sampler weighed there.
class DecodingDock : public Dock {
 public:
  DecodingDock(const DockInfo& info, const DockContext& context);
  [[nodiscard]] bool tells_prediction() const override { return true; }

 private:
  enum StepColumn { kStepPosition, kStepToken, kStepWhy, kStepKept, kStepCut, kStepColumns };
  enum TokenColumn { kWhich, kState, kProbability, kDrawn, kNoise, kScore, kPenalty, kTokenColumns };

  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;
  void fill_steps(const doc::DecodingSteps& steps);
  void fill_tokens(const doc::DecodingSteps& steps);
  void choose(int row);

  SamplingRow* controls_;
  QLabel *rule_, *step_words_;
  QTableWidget *steps_, *tokens_;
  std::optional<SamplerOptions> sampler_;  ///< of the study that is watched; none: the dock is hidden
  doc::Watch<doc::DecodingSteps> study_;
  std::shared_ptr<const doc::DecodingSteps> shown_;
  int row_ = -1;
  bool quiet_ = false;  ///< the program moves the cursor, not the user
};

QTableWidget* plain_table(QWidget* parent, const char* name, const QString& label, const QStringList& columns) {
  auto* table = new QTableWidget(0, static_cast<int>(columns.size()), parent);
  table->setObjectName(QLatin1String(name));
  table->setAccessibleName(label);
  table->setHorizontalHeaderLabels(columns);
  table->verticalHeader()->hide();
  table->verticalHeader()->setDefaultSectionSize(21);
  // A stretched last column would be cut in a narrow dock instead of being scrolled to.
  table->horizontalHeader()->setStretchLastSection(false);
  table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table->setShowGrid(false);
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setSelectionMode(QAbstractItemView::SingleSelection);
  return table;
}

DecodingDock::DecodingDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  controls_ = new SamplingRow(runner(), true, body());
  rule_ = new QLabel(body());
  rule_->setObjectName("decoding_rule");
  rule_->setProperty("role", "dim");
  rule_->setWordWrap(true);
  steps_ = plain_table(body(), "decoding_steps", text("Steps of decoding"),
                       {text("position"), text("token"), text("why"), text("kept"), text("cut")});
  step_words_ = new QLabel(body());
  step_words_->setObjectName("decoding_step");
  step_words_->setWordWrap(true);
  tokens_ =
      plain_table(body(), "decoding_tokens", text("Tokens that were weighed"),
                  {text("token"), text("state"), text("probability"), text("of kept"), text("noise"), text("score"), text("penalty")});
  tokens_->horizontalHeaderItem(kDrawn)->setToolTip(text("The probability among the tokens that are kept, by which one is drawn"));
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addWidget(controls_);
  all->addWidget(rule_);
  all->addWidget(steps_, 1);
  all->addWidget(step_words_);
  all->addWidget(tokens_, 2);
  connect(steps_, &QTableWidget::cellClicked, this, [this](int row) { choose(row); });
  connect(steps_, &QTableWidget::currentCellChanged, this, [this](int row) {
    if (row >= 0 && steps_->hasFocus()) choose(row);
  });
}

void DecodingDock::hideEvent(QHideEvent* event) {
  study_ = {};
  sampler_.reset();
  Dock::hideEvent(event);
}

void DecodingDock::choose(int row) {
  const auto run = lab().run();
  if (quiet_ || !run || !shown_ || row < 0 || row >= static_cast<int>(shown_->steps.size())) return;
  if (shown_->steps[static_cast<std::size_t>(row)].position > run->edited->length()) return;  // a newer run has fewer positions
  row_ = row;
  // The prediction that the step chose from is made at the position before its token.
  const int position = shown_->steps[static_cast<std::size_t>(row)].position - 1;
  fill_tokens(*shown_);
  lab().execute(doc::select_position(position));
}

void DecodingDock::fill_steps(const doc::DecodingSteps& steps) {
  const auto model = lab().model();
  const auto run = lab().run();
  const auto put = [](QTableWidget* table, int row, int column, const QString& said) {
    auto* item = new QTableWidgetItem(said);
    item->setToolTip(said);
    table->setItem(row, column, item);
  };
  const QStringList labels = token_labels(*model, run->edited->ids());
  quiet_ = true;
  steps_->setRowCount(static_cast<int>(steps.steps.size()));
  for (int row = 0; row < steps_->rowCount(); ++row) {
    const DecodingStep& step = steps.steps[static_cast<std::size_t>(row)];
    const bool next = step.position >= run->edited->length();
    put(steps_, row, kStepPosition, next ? text("next") : QString::number(step.position));
    const bool of_run = !next && step.chosen == run->edited->ids()[static_cast<std::size_t>(step.position)];
    put(steps_, row, kStepToken, of_run ? labels[step.position] : step.chosen ? token_text(*model, *step.chosen) : QStringLiteral("–"));
    put(steps_, row, kStepWhy, words_of_choice(step));
    put(steps_, row, kStepKept, count(step.n_kept));
    put(steps_, row, kStepCut, count(cut_in_all(step)));
    // With another seed, rule or edit than the tokens were generated with, the sampler would choose another one.
    const bool other = !next && step.chosen && !of_run;
    if (other) put(steps_, row, kStepWhy, text("would be {0}", words_of_choice(step)));
    for (int c = 0; c < kStepColumns; ++c) steps_->item(row, c)->setForeground(next || other ? skin().dim : skin().text);
  }
  fit_columns_to_texts(*steps_, steps_->font());
  quiet_ = false;
}

void DecodingDock::fill_tokens(const doc::DecodingSteps& steps) {
  const auto model = lab().model();
  const DecodingStep& step = steps.steps[static_cast<std::size_t>(row_)];
  const int n = static_cast<int>(step.candidates.size() + step.cut.size());
  tokens_->setRowCount(n);
  tokens_->setColumnHidden(kPenalty, step.n_penalized == 0);
  tokens_->setColumnHidden(kNoise, std::ranges::none_of(step.candidates, [](const auto& one) { return one.noise.has_value(); }));
  int row = 0;
  const auto put = [&](int column, const QString& said) {
    auto* item = new QTableWidgetItem(said);
    if (column != kWhich && column != kState) item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    tokens_->setItem(row, column, item);
  };
  for (const auto& candidate : step.candidates) {
    put(kWhich, token_text(*model, candidate.id));
    put(kProbability, percent(std::exp(candidate.logprob)));
    put(kDrawn, percent(candidate.prob));
    put(kNoise, candidate.noise ? signed_number(*candidate.noise, 2) : QString());
    put(kScore, fixed(candidate.score, 2));
    put(kPenalty, candidate.penalty != 0 ? fixed(candidate.penalty, 2) : QString());
    put(kState, step.chosen == candidate.id ? text("chosen") : text("kept"));
    ++row;
  }
  for (const auto& cut : step.cut) {
    put(kWhich, token_text(*model, cut.id));
    put(kProbability, percent(std::exp(cut.logprob)));
    for (const int empty : {kDrawn, kNoise, kScore, kPenalty}) put(empty, {});
    put(kState, words_of_cut(cut.why));
    for (int c = 0; c < kTokenColumns; ++c) tokens_->item(row, c)->setForeground(skin().dim);
    ++row;
  }
  fit_columns_to_texts(*tokens_, tokens_->font());
  const QString place = after_position(*model, lab().run()->edited->ids(), step.position - 1);
  const QString why = words_of_cuts(step);
  step_words_->setText(why.isEmpty() ? text("{0}: {1} kept, {2} cut", place, count(step.n_kept), count(cut_in_all(step)))
                                     : text("{0}: {1} kept, {2} cut ({3})", place, count(step.n_kept), count(cut_in_all(step)), why));
}

void DecodingDock::fill(const doc::Changes&) {
  const SamplerOptions& sampler = lab().document().sampler;
  controls_->refresh(sampler);
  if (sampler.beams > 0) return show_instead(text("A beam search weighs whole continuations; glassformer run --beam prints its log."));
  if (sampler_ != sampler) {
    sampler_ = sampler;
    study_ = lab().studies().watch(doc::decoding_steps(sampler));
  }
  const auto study = study_.now();
  if (study.state == doc::StudyState::Failed && study.error) return show_instead(QString::fromStdString(study.error->message));
  if (!study.answer || study.answer->steps.empty()) return show_instead(text("{0}: on its way.", text("Decoding")));
  const auto run = lab().run();
  const bool of_this_run = study.state == doc::StudyState::Ready;
  if (!of_this_run) return;  // the last answer is of another run; what shows stays until the new one is there
  shown_ = study.answer;
  const bool none = shown_->steps.size() == 1;
  const QString rule = words_of_rule(sampler, *lab().model());
  const auto ended = remark_on_stop(*run, *lab().model());
  rule_->setText(none    ? text("{0} · nothing is generated yet: {1} generates a token", rule, keys_or_title("generate-token"))
                 : ended ? text("{0} · {1}", rule, *ended)
                         : rule);
  fill_steps(*shown_);
  const int position = scene::selected_position_in(lab().document(), run->edited->length());
  row_ = std::clamp(position + 1 - shown_->n_prompt, 0, static_cast<int>(shown_->steps.size()) - 1);
  quiet_ = true;
  steps_->setCurrentCell(row_, 0);
  steps_->scrollToItem(steps_->item(row_, 0));
  quiet_ = false;
  fill_tokens(*shown_);
}

}  // namespace

Dock* make_decoding_dock(const DockInfo& info, const DockContext& context) { return new DecodingDock(info, context); }

}  // namespace gf::ui

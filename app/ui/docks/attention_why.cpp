// The lower part of the Attention dock: why the head looks from one position to another.
#include <QLabel>
#include <QScrollArea>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "app/ui/docks/attention_dock.h"
#include "app/ui/docks/attention_split.h"
#include "app/ui/plots/waterfall.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr std::size_t kPartsShown = 8;

}  // namespace

void AttentionDock::fill_why(const Run& run) {
  const bool there = cell_.query >= 0 && cell_.key >= 0 && cell_.query < run.base->length();
  why_box_->setVisible(there);
  if (!there) {
    why_study_ = {};
    why_key_.reset();
    return;
  }
  const Question* question = find_question("why-attention");
  EXPECTS(question, "a question of the list");
  doc::StudyKey key{question, Params(question->params), {}, side(), 0};
  const std::pair<const char*, std::string> values[] = {{"head", std::to_string(cell_.layer) + "." + std::to_string(cell_.head)},
                                                        {"query", std::to_string(cell_.query)},
                                                        {"key", std::to_string(cell_.key)}};
  for (const auto& [name, value] : values) {
    const auto set = key.params.set(name, value);
    EXPECTS(set.has_value(), "a value that the question takes");
  }
  if (key != why_key_) {
    why_key_ = std::move(key);
    why_study_ = lab().studies().watch(*why_key_);
  }
  const doc::Study study = why_study_.now();
  const bool failed = study.state == doc::StudyState::Failed && study.error;
  // The last answer of this study may be that of the run before; of another cell there is none.
  why_words_->setText(failed          ? QString::fromStdString(study.error->message)
                      : !study.answer ? text("{0}: on its way.", text(question->title))
                                      : text("score {0} before the softmax", signed_number(study.answer->number("score"), 3)));
  why_scroll_->setVisible(!failed);
  if (!failed && study.answer) return show_split(*study.answer);
  parts_.clear();
  why_->set_bars({}, true, {});
}

void AttentionDock::show_split(const Answer& answer) {
  std::vector<SplitBar> found =
      split_ == Split::Pairs ? bars_of_pairs(answer) : bars_of_side(answer, split_ == Split::Query ? "query_parts" : "key_parts");
  const double score = answer.number("score");
  const auto all = static_cast<long long>(answer.words("components").words.size());
  const long long count = split_ == Split::Pairs ? all * all : all;
  found.resize(std::min(found.size(), split_ == Split::Pairs ? found.size() : kPartsShown));
  std::vector<WaterfallBar> bars;
  parts_.clear();
  double rest = score;
  const ModelConfig& config = lab().model()->weights->config;
  for (const SplitBar& bar : found) {
    const bool cut = bar.part && doc::can_be_cut(*bar.part) && doc::is_part_cut(lab().document().recipe, *bar.part, config);
    bars.push_back({.name = bar.name, .value = bar.value, .before = {}, .cut = cut});
    parts_.push_back(bar.part);
    rest -= bar.value;
  }
  if (const long long others = count - static_cast<long long>(found.size()); others > 0) {
    bars.push_back({.name = split_ == Split::Pairs ? counted(others, "{0} other pair", "{0} other pairs")
                                                   : counted(others, "{0} other part", "{0} other parts"),
                    .value = rest,
                    .before = {}});
    parts_.emplace_back();
  }
  bars.push_back({.name = text("score"), .value = score, .before = {}, .sum = true});
  parts_.emplace_back();
  why_->set_bars(std::move(bars), true, {});
}

void AttentionDock::choose_part(int bar) {
  const auto run = lab().run();
  if (!run || bar < 0 || bar >= static_cast<int>(parts_.size()) || !parts_[static_cast<std::size_t>(bar)]) return;
  lab().execute(doc::select_part(*parts_[static_cast<std::size_t>(bar)], trace_of(*run), split_ == Split::Key ? cell_.key : cell_.query));
}

void AttentionDock::cut_part(int bar) {
  if (!lab().model() || bar < 0 || bar >= static_cast<int>(parts_.size())) return;
  const auto& part = parts_[static_cast<std::size_t>(bar)];
  if (!part || !doc::can_be_cut(*part)) return;
  const ModelConfig& config = lab().model()->weights->config;
  lab().execute(doc::set_part_cut(*part, config, !doc::is_part_cut(lab().document().recipe, *part, config)));
}

}  // namespace gf::ui

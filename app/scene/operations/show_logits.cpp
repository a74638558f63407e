// Logits: the final LayerNorm's row against words' columns; bars grow. Then the choice: shares of one, what is kept, the draw.
#include <algorithm>
#include <cmath>

#include "app/scene/operations/show_parts.h"
#include "model/base/numbers.h"

namespace gf::scene::showing {
namespace {

constexpr int kWords = 8;
using Kind = ShowLine::Kind;

std::string word_of(const Work& work, TokenId id) { return explaining::token_text(work.pass, id.v); }

const char* choice_words(ChoiceReason why) {
  switch (why) {
    case ChoiceReason::Likeliest: return phrase("{0} is chosen: the likeliest");
    case ChoiceReason::Noise: return phrase("{0} is drawn");
    case ChoiceReason::Force: return phrase("{0} was asked for");
    case ChoiceReason::Beam: return phrase("{0} is chosen by the beam search");
  }
  return "";
}

/// How the token after this position was chosen; null where it was not, or nobody knows.
const DecodingStep* step_after(const Work& work) {
  const bool other_run = work.input.run->has_edits() && work.view.compare == Compare::Base;  // the log is that of the edited run
  if (!work.input.run->log || other_run) return nullptr;
  const auto& log = *work.input.run->log;
  const auto step = std::ranges::find(log, work.position + 1, &DecodingStep::position);
  return step == log.end() ? nullptr : &*step;
}

}  // namespace

std::optional<Show> show_logits(const Work& work) {
  const auto row = row_of(work.pass, HookKind::LnFinalNormalized, -1, work.position);
  const auto& top = work.pass.trace->stats(work.position).top;
  if (row.empty() || top.empty()) return std::nullopt;
  const LayerNormWeights& gain = work.pass.weights.ln_f;
  const TokenId word = work.chosen >= 0 ? TokenId(work.chosen) : top.front().id;
  // The likeliest word's logit is written out in the first half, then the others' bars grow.
  const double s = std::min(1.0, work.progress / 0.6), grow = eased(work.progress, 0.6, 0.85);
  SumOfProducts sum;
  for (int i = 0; i < work.config().d_model; ++i) {
    const double input = static_cast<double>(gain.gamma.at(i)) * static_cast<double>(row[static_cast<std::size_t>(i)]) +
                         (gain.beta.empty() ? 0.0 : static_cast<double>(gain.beta.at(i)));
    sum.terms.emplace_back(input, static_cast<double>(work.pass.weights.unembed.at(i, word.v)));
  }
  Show show;
  show.hook = work.hook;
  show.position = work.position;
  show.title = text("what may follow {0}: the logit of {1}", work.token(work.position), word_of(work, word));
  tell_sum(
      show, sum, s, text("row × the word's column"), [](int i) { return text("dim {0}", i); }, text("logit of {0}", word_of(work, word)),
      Kind::Result);
  if (work.progress >= 0.6) {
    ShowBars bars;
    bars.title = text("logits of the likeliest words");
    for (std::size_t i = 0; i < std::min<std::size_t>(kWords, top.size()); ++i) {
      const auto logit = static_cast<double>(top[i].logit);
      bars.values.push_back(logit * (i == 0 ? 1 : grow));
      bars.reach = std::max(bars.reach, std::abs(logit));
      bars.names.push_back(word_of(work, top[i].id));
      bars.numbers.push_back(grow >= 1 || i == 0 ? number(logit) : "");
    }
    show.bars = std::move(bars);
  }
  show.result = at_hook(HookKind::Logits, -1, {work.position, word.v, -1});
  show.marks.push_back(
      {at_hook(HookKind::LnFinalNormalized, -1, {work.position, 0, -1}), work.config().d_model, ShowMark::Kind::Source, 1});
  if (work.config().tied) show.marks.push_back({at_weight("wte.weight", word.v, 0), work.config().d_model, ShowMark::Kind::Source, 1});
  else show.marks.push_back({at_weight("lm_head.weight", 0, word.v), 1, ShowMark::Kind::Column, 1});
  show.marks.push_back({show.result, 1, ShowMark::Kind::Result, 1});
  if (s >= kDropAt && s < kDropEnd) show.moves.push_back({{}, show.result, 1, 1, static_cast<float>(eased(s, kDropAt, kDropEnd)), 1});
  show.fills.push_back({-1, grow * work.config().n_vocab});
  return show;
}

std::optional<Show> show_choice(const Work& work) {
  const auto& top = work.pass.trace->stats(work.position).top;
  if (top.empty()) return std::nullopt;
  const DecodingStep* step = step_after(work);
  const SamplerOptions& sampler = work.input.run->request.sampler;
  const double p = work.progress, shares = eased(p, 0.05, 0.4);
  const bool noise = step != nullptr && step->why == ChoiceReason::Noise;
  Show show;
  show.hook = work.hook;
  show.position = work.position;
  show.title = text("what follows {0}", work.token(work.position));
  ShowBars bars;
  bars.title =
      noise ? text("probability among what is kept, at temperature {0}", numbers::significant(static_cast<double>(sampler.temperature), 3))
            : text("probability: exp(logit), divided by the sum over all words");
  bars.reach = 1;
  bars.shares = true;
  const auto add = [&](TokenId id, double probability) {
    bars.values.push_back(probability * shares);
    bars.names.push_back(word_of(work, id));
    bars.numbers.push_back(shares >= 1 ? numbers::percent(probability) : "");
  };
  if (noise)
    for (std::size_t i = 0; i < std::min<std::size_t>(kWords, step->candidates.size()); ++i)
      add(step->candidates[i].id, step->candidates[i].prob);
  else
    for (std::size_t i = 0; i < std::min<std::size_t>(kWords, top.size()); ++i)
      add(top[i].id, std::exp(static_cast<double>(top[i].logprob)));
  show.bars = std::move(bars);

  const auto ids = work.pass.trace->ids();
  const auto next = static_cast<std::size_t>(work.position) + 1;
  if (step != nullptr) {
    const int cut = [&] {
      int n = 0;
      for (const int c : step->n_cut) n += c;
      return n;
    }();
    if (cut > 0) show.lines.push_back({Kind::Note, text("{0} words are kept, {1} cut", step->n_kept, cut), 0, p >= 0.45});
    if (noise && step->chosen) {
      const auto drawn = std::ranges::find(step->candidates, *step->chosen, &DecodingStep::Candidate::id);
      if (drawn != step->candidates.end() && drawn->noise) {
        const double scaled = static_cast<double>(drawn->logit) / static_cast<double>(sampler.temperature);
        show.lines.push_back({Kind::Term, text("{0}: logit / temperature", word_of(work, drawn->id)), scaled, p >= 0.55});
        show.lines.push_back({Kind::Term, text("noise of the draw"), *drawn->noise, p >= 0.65});
        show.lines.push_back({Kind::Result, text("the largest sum"), drawn->score, p >= 0.72});
      }
    }
    if (step->chosen) show.lines.push_back({Kind::Note, text(choice_words(step->why), word_of(work, *step->chosen)), 0, p >= 0.75});
  } else if (next < ids.size() && static_cast<int>(next) < work.pass.trace->n_prompt()) {
    const auto& stats = work.pass.trace->stats(static_cast<int>(next));
    show.lines.push_back(
        {Kind::Note,
         text("the prompt goes on with {0}: {1}", word_of(work, ids[next]), numbers::percent(std::exp(static_cast<double>(stats.logprob)))),
         0, p >= 0.5});
  } else {
    const TokenId chosen = next < ids.size() ? ids[next] : top.front().id;
    const bool first = chosen == top.front().id;
    show.lines.push_back({Kind::Note,
                          first ? text("{0} is the likeliest word", word_of(work, chosen)) : text("{0} was chosen", word_of(work, chosen)),
                          0, p >= 0.5});
  }
  show.result = at_hook(HookKind::Logits, -1, {work.position, top.front().id.v, -1});
  return show;
}

}  // namespace gf::scene::showing

#include "model/sampling/generate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace gf {

namespace {

DecodingStep decide_on(const Trace& trace, int n_generated, const GenerateOptions& o) {
  return decide(
      {.logits = trace.last_logits(), .before = trace.ids(), .n_generated = n_generated, .n_text = o.n_text, .n_prompt = trace.n_prompt()},
      o.sampler);
}

/// Whether a logit that the next token is chosen by is NaN. A forced token is not chosen.
bool chooses_by_nan(const Trace& trace, int n_generated, const GenerateOptions& o) {
  const bool is_forced = static_cast<std::size_t>(n_generated) < o.sampler.force.size();
  return !is_forced && last_logits_have_nan(trace, static_cast<std::size_t>(o.n_text));
}

bool fills_context(const Trace& trace) { return trace.length() == trace.config().n_ctx; }

/// The text to stop at that ends within the newest token.
std::optional<std::string> completed_stop(std::span<const TokenId> generated, const GenerateOptions& o) {
  std::size_t longest = 0;
  for (const std::string& stop : o.sampler.stop) longest = std::max(longest, stop.size());
  if (longest == 0 || generated.empty()) return std::nullopt;
  std::string text;
  std::size_t newest = 0;
  for (std::size_t i = generated.size(); i-- > 0 && text.size() < longest + newest;) {
    text.insert(0, o.bytes_of(generated[i]));
    if (i + 1 == generated.size()) newest = text.size();
  }
  for (const std::string& stop : o.sampler.stop) {
    // From the first place whose end would lie in the newest token.
    const std::size_t before = text.size() - newest;
    const std::size_t first = before + 1 > stop.size() ? before + 1 - stop.size() : 0;
    if (text.find(stop, first) != std::string::npos) return stop;
  }
  return std::nullopt;
}

/// Notes in `g` whether generation ends with this token, the newest of `ids`, of which the first `n_prompt` are the prompt's.
void look_for_end(Generated& g, std::span<const TokenId> ids, int n_prompt, const GenerateOptions& o) {
  g.stopped_at_eos = o.sampler.stop_at_eos && ids.back().v == o.eos;
  if (!g.stopped_at_eos) g.stopped_at = completed_stop(ids.subspan(static_cast<std::size_t>(n_prompt)), o);
}

Result<Generated> generate_line(Continuation start, const GenerateOptions& o) {
  Generated g{.run = std::move(start)};
  for (int i = 0; i < o.n && !g.beyond && !g.nothing_left && !g.stopped_at_eos && !g.stopped_at; ++i) {
    g.stopped_at_nan = chooses_by_nan(g.run.trace, i, o);
    if (g.stopped_at_nan) break;
    g.log.push_back(decide_on(g.run.trace, i, o));
    const auto next = g.log.back().chosen;
    g.nothing_left = !next;
    if (next && fills_context(g.run.trace)) g.beyond = next;
    else if (next) GF_TRY(o.extend(g.run, *next));
    const bool still_forced = static_cast<std::size_t>(i) + 1 < o.sampler.force.size();
    if (!next || still_forced) continue;
    std::vector<TokenId> ids(g.run.trace.ids().begin(), g.run.trace.ids().end());
    if (g.beyond) ids.push_back(*next);
    look_for_end(g, ids, g.run.trace.n_prompt(), o);
  }
  return g;
}

using DecodingView = std::shared_ptr<const DecodingStep>;

struct SearchBeam {
  Continuation run;
  double score = 0;
  std::vector<DecodingView> views;  ///< of each step what its own parent saw
  std::vector<std::size_t> path;    ///< its place among the entries of each step
};

/// All continuations of all beams that may survive, best first.
std::vector<BeamEntry> beam_proposals(const std::vector<SearchBeam>& beams, const std::vector<DecodingView>& views) {
  std::vector<BeamEntry> all;
  for (std::size_t b = 0; b < beams.size(); ++b)
    for (const auto& c : views[b]->candidates) {
      // A NaN of broken weights counts as the worst score, so that all scores have an order.
      const double logprob = std::isnan(c.logprob) ? -std::numeric_limits<double>::infinity() : c.logprob;
      all.push_back({static_cast<int>(b), c.id, logprob, beams[b].score + logprob, BeamEntry::State::Dropped});
    }
  std::ranges::stable_sort(all, [](const BeamEntry& x, const BeamEntry& y) { return x.score > y.score; });
  return all;
}

SearchBeam grown_beam(const SearchBeam& parent, const DecodingView& view, double score, std::size_t place) {
  SearchBeam beam{parent.run, score, parent.views, parent.path};
  beam.views.push_back(view);
  beam.path.push_back(place);
  return beam;
}

Result<Generated> beam_search(Continuation start, const GenerateOptions& o) {
  const auto width = static_cast<std::size_t>(o.sampler.beams);
  std::vector<SearchBeam> beams;
  beams.push_back({std::move(start), 0, {}, {}});
  std::vector<std::vector<BeamEntry>> entries;  // of each step
  Generated g;
  for (int i = 0; i < o.n && !g.beyond; ++i) {
    g.stopped_at_nan = std::ranges::any_of(beams, [&](const SearchBeam& beam) { return chooses_by_nan(beam.run.trace, i, o); });
    if (g.stopped_at_nan) break;
    std::vector<DecodingView> views;
    for (const SearchBeam& beam : beams) views.push_back(std::make_shared<const DecodingStep>(decide_on(beam.run.trace, i, o)));
    std::vector<BeamEntry> all = beam_proposals(beams, views);
    g.nothing_left = all.empty();
    if (g.nothing_left) {
      beams.front().views.push_back(views.front());
      break;
    }
    const std::size_t n_live = std::min(width, all.size());
    for (std::size_t k = 0; k < n_live; ++k) all[k].state = BeamEntry::State::Live;
    all.resize(std::min(all.size(), 2 * width));
    // After the last step only the best beam goes on: no step needs the others' predictions.
    const bool full = fills_context(beams.front().run.trace), last = full || i + 1 == o.n;
    std::vector<SearchBeam> next;
    for (std::size_t k = 0; k < (last ? 1 : n_live); ++k) {
      const auto parent = static_cast<std::size_t>(all[k].parent);
      next.push_back(grown_beam(beams[parent], views[parent], all[k].score, k));
      if (full) g.beyond = all[k].id;
      else GF_TRY(o.extend(next.back().run, all[k].id));
    }
    beams = std::move(next);
    entries.push_back(std::move(all));
  }
  SearchBeam& best = beams.front();
  for (const DecodingView& view : best.views) g.log.push_back(*view);
  for (std::size_t step = 0; step < entries.size(); ++step) {
    BeamEntry& entry = entries[step][best.path[step]];
    entry.state = BeamEntry::State::Chosen;
    g.log[step].chosen = entry.id;
    g.log[step].beams = std::move(entries[step]);
  }
  g.run = std::move(best.run);
  return g;
}

}  // namespace

Result<Generated> generate(Continuation start, const GenerateOptions& options) {
  EXPECTS(start.trace.length() > 0, "there is a prediction to begin with");
  return options.sampler.beams > 0 ? beam_search(std::move(start), options) : generate_line(std::move(start), options);
}

}  // namespace gf

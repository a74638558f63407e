// Making an index: each passage is run, and what it shows is put into the units' records.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <system_error>

#include "model/analysis/head_scores.h"
#include "model/base/parallel.h"
#include "model/base/text.h"
#include "model/corpus/corpus_index.h"
#include "model/cpu/matrix.h"

namespace gf::corpus {

namespace {

using BuildClock = std::chrono::steady_clock;

constexpr double kSumUnits = 1 << 20;
constexpr float kHalfOfAttention = 0.5F;

CapturePlan plan_of_index() {
  CapturePlan plan = CapturePlan::none();
  for (const HookKind kind : {HookKind::MlpPost, HookKind::Z, HookKind::Pattern}) plan.want(kind);
  plan.last_stats_only = true;
  return plan;
}

/// W_O of every block, and the lengths of what heads add through it.
class HeadLengths {
 public:
  explicit HeadLengths(const Weights& w) {
    for (const BlockWeights& block : w.blocks) out_.push_back(cpu::PreparedMatrix::of(block.o));
  }
  /// One number for each position.
  [[nodiscard]] std::vector<float> of(const Trace& trace, int layer, int head) const {
    const ModelConfig& c = trace.config();
    const auto d_model = static_cast<std::size_t>(c.d_model), d_head = static_cast<std::size_t>(c.d_head);
    const auto T = static_cast<std::size_t>(trace.length());
    const std::size_t column = static_cast<std::size_t>(head) * d_head;
    std::vector<float> z(T * d_head), added(T * d_model), lengths(T);
    for (std::size_t p = 0; p < T; ++p)
      std::ranges::copy(trace.row({HookKind::Z, layer}, static_cast<int>(p)).subspan(column, d_head),
                        z.begin() + static_cast<std::ptrdiff_t>(p * d_head));
    cpu::multiply_rows_of(out_[static_cast<std::size_t>(layer)], column, d_head, z.data(), d_head, T, added.data(), d_model);
    for (std::size_t p = 0; p < T; ++p) {
      double squares = 0;
      for (std::size_t i = 0; i < d_model; ++i) {
        const double x = static_cast<double>(added[p * d_model + i]);
        squares += x * x;
      }
      lengths[p] = static_cast<float>(std::sqrt(squares));
    }
    return lengths;
  }

 private:
  std::vector<cpu::PreparedMatrix> out_;
};

/// Puts runs of passages into an index.
class PassageNotes {
 public:
  PassageNotes(CorpusIndex& index, const Weights& w) : index_(index), lengths_(w) {}

  void add(const Trace& trace, int passage) {
    const HeadScores scores = head_scores(trace);
    const std::array<std::int64_t, kHeadMeasures> counted = queries_of(trace.ids());
    const std::array<const Grid*, 4> grids{&scores.previous, &scores.sink, &scores.duplicate, &scores.induction};
    for (std::size_t m = 0; m < index_.queries.size(); ++m) index_.queries[m] += counted[m];
    index_.queries[static_cast<std::size_t>(HeadMeasure::Written)] +=
        index_.identity().passage_tokens - index_.identity().first_token(Unit::Kind::Head);
    pool_.parallel_for(static_cast<std::size_t>(index_.identity().n_layer), [&](std::size_t at) {
      const auto layer = static_cast<int>(at);
      add_neurons(trace, layer, passage);
      for (int head = 0; head < index_.identity().n_head; ++head) {
        const std::size_t h = at * static_cast<std::size_t>(index_.identity().n_head) + static_cast<std::size_t>(head);
        for (std::size_t m = 0; m < grids.size(); ++m)
          if (counted[m] > 0) add_sum(m, h, static_cast<double>(grids[m]->at(layer, head)) * static_cast<double>(counted[m]));
        add_head(trace, layer, head, h, passage);
      }
    });
  }

 private:
  void add_sum(std::size_t measure, std::size_t head, double sum) {
    if (std::isfinite(sum)) index_.head_sums[measure][head] += std::llround(sum * kSumUnits);
  }
  /// How many queries each measure counts, as head_scores() does.
  [[nodiscard]] static std::array<std::int64_t, kHeadMeasures> queries_of(std::span<const TokenId> ids) {
    std::map<int, std::size_t> first;  // where a token stands first
    std::int64_t duplicate = 0, induction = 0;
    for (std::size_t t = 0; t < ids.size(); ++t) {
      const auto [at, fresh] = first.emplace(ids[t].v, t);
      if (fresh) continue;
      ++duplicate;
      induction += at->second + 1 < t ? 1 : 0;
    }
    const auto later = static_cast<std::int64_t>(ids.size()) - 1;
    return {later, later, duplicate, induction, 0};
  }

  void add_neurons(const Trace& trace, int layer, int passage) {
    const auto d_mlp = static_cast<std::size_t>(index_.identity().d_mlp);
    const std::size_t first = static_cast<std::size_t>(layer) * d_mlp;
    std::vector<Example> most(d_mlp, {passage, 0, -std::numeric_limits<float>::infinity()});
    for (int p = 0; p < trace.length(); ++p) {
      const auto row = trace.row({HookKind::MlpPost, layer}, p);
      for (std::size_t n = 0; n < d_mlp; ++n) {
        UnitRecord& record = index_.units()[first + n];
        ++record.histogram[static_cast<std::size_t>(bin_of(row[n]))];
        record.active += row[n] > 0 ? 1 : 0;
        if (row[n] > most[n].activation) most[n] = {passage, p, row[n]};
      }
    }
    for (std::size_t n = 0; n < d_mlp; ++n)
      if (std::isfinite(most[n].activation)) put_example(index_.units()[first + n], first + n, most[n]);
  }

  void add_head(const Trace& trace, int layer, int head, std::size_t h, int passage) {
    const std::vector<float> lengths = lengths_.of(trace, layer, head);
    const std::size_t unit = index_.identity().number_of({Unit::Kind::Head, layer, head});
    UnitRecord& record = index_.units()[unit];
    Example most{passage, 0, -std::numeric_limits<float>::infinity()};
    double sum = 0;
    for (int p = index_.identity().first_token(Unit::Kind::Head); p < trace.length(); ++p) {
      const float length = lengths[static_cast<std::size_t>(p)];
      ++record.histogram[static_cast<std::size_t>(bin_of(length))];
      record.active += trace.causal_row({HookKind::Pattern, layer}, head, p)[0] < kHalfOfAttention ? 1 : 0;
      sum += static_cast<double>(length);
      if (length > most.activation) most = {passage, p, length};
    }
    add_sum(static_cast<std::size_t>(HeadMeasure::Written), h, sum);
    if (std::isfinite(most.activation)) put_example(record, unit, most);
  }

  CorpusIndex& index_;
  HeadLengths lengths_;
  ThreadPool pool_{0};
};

/// The one that stands at the path, if it is of this and of this shard; else an empty one.
CorpusIndex begun_index(const BuildOptions& options, const Identity& identity, const Corpus& corpus) {
  if (auto old = CorpusIndex::read(options.path);
      old && old->identity() == identity && old->progress.index == options.shard && old->progress.count == options.shards)
    return std::move(*old);
  CorpusIndex index(identity, corpus.ids);
  index.progress = {options.shard, options.shards, 0};
  return index;
}

}  // namespace

Identity identity_of(const Model& model, const Corpus& corpus) {
  const ModelConfig& c = model.weights->config;
  return {.model = model.weights->name,
          .text = corpus.name,
          .model_print = print_of_weights(*model.weights),
          .text_print = corpus.print,
          .n_layer = c.n_layer,
          .n_head = c.n_head,
          .d_mlp = c.d_mlp,
          .passage_tokens = corpus.passage_tokens,
          .tokens = static_cast<std::int64_t>(corpus.ids.size())};
}

Result<void> build_index(Session& session, const Corpus& corpus, const BuildOptions& options) {
  const Identity identity = identity_of(session.model(), corpus);
  std::error_code error;
  if (const auto folder = std::filesystem::path(options.path).parent_path(); !folder.empty())
    std::filesystem::create_directories(folder, error);
  CorpusIndex index = begun_index(options, identity, corpus);
  const std::int64_t total = index.progress.total(identity.passages());
  if (index.progress.done >= total && total > 0) return {};
  PassageNotes notes(index, *session.model().weights);
  const CapturePlan plan = plan_of_index();
  auto saved = BuildClock::now();
  while (index.progress.done < total) {
    const std::int64_t passage = index.progress.index - 1 + index.progress.done * index.progress.count;
    const auto length = static_cast<std::size_t>(identity.passage_tokens);
    const auto ids = std::span(corpus.ids).subspan(static_cast<std::size_t>(passage) * length, length);
    auto trace = session.pass(ids, identity.passage_tokens, plan, nullptr, options.stop);
    if (!trace) {
      if (index.progress.done > 0) GF_TRY(index.write(options.path));  // what was done is not lost
      return tl::unexpected(std::move(trace).error());
    }
    notes.add(*trace, static_cast<int>(passage));
    ++index.progress.done;
    if (options.progress) options.progress(static_cast<double>(index.progress.done) / static_cast<double>(total));
    const double since = std::chrono::duration<double>(BuildClock::now() - saved).count();
    if (since < options.seconds_between_saves || index.progress.done == total) continue;
    GF_TRY(index.write(options.path));
    saved = BuildClock::now();
  }
  return index.write(options.path);
}

Result<std::vector<float>> activations_in(Session& session, std::span<const TokenId> passage, const Unit& unit, std::stop_token stop) {
  const auto length = static_cast<int>(passage.size());
  GF_TRY_ASSIGN(const Trace trace, session.pass(passage, length, plan_of_index(), nullptr, std::move(stop)));
  if (unit.kind == Unit::Kind::Head) return HeadLengths(*session.model().weights).of(trace, unit.layer, unit.index);
  std::vector<float> found;
  for (int p = 0; p < length; ++p) found.push_back(trace.row({HookKind::MlpPost, unit.layer}, p)[static_cast<std::size_t>(unit.index)]);
  return found;
}

}  // namespace gf::corpus

// What is noted of neurons and heads.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "model/analysis/head_scores.h"
#include "model/base/parallel.h"
#include "model/corpus/passage_notes.h"
#include "model/cpu/matrix.h"

namespace gf::corpus {

/// W_O of every block.
struct HeadLengths::Prepared {
  std::vector<cpu::PreparedMatrix> out;
};

HeadLengths::HeadLengths(const Weights& weights) : prepared_(std::make_unique<Prepared>()) {
  for (const BlockWeights& block : weights.blocks) prepared_->out.push_back(cpu::PreparedMatrix::of(block.o));
}

HeadLengths::~HeadLengths() = default;

std::vector<float> HeadLengths::of(const Trace& trace, int layer, int head) const {
  const ModelConfig& c = trace.config();
  const auto d_model = static_cast<std::size_t>(c.d_model), d_head = static_cast<std::size_t>(c.d_head);
  const auto T = static_cast<std::size_t>(trace.length());
  const std::size_t column = static_cast<std::size_t>(head) * d_head;
  std::vector<float> z(T * d_head), added(T * d_model), lengths(T);
  for (std::size_t p = 0; p < T; ++p)
    std::ranges::copy(trace.row({HookKind::Z, layer}, static_cast<int>(p)).subspan(column, d_head),
                      z.begin() + static_cast<std::ptrdiff_t>(p * d_head));
  cpu::multiply_rows_of(prepared_->out[static_cast<std::size_t>(layer)], column, d_head, z.data(), d_head, T, added.data(), d_model);
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

CapturePlan plan_of_units() {
  CapturePlan plan = CapturePlan::none();
  for (const HookKind kind : {HookKind::MlpPost, HookKind::Z, HookKind::Pattern}) plan.want(kind);
  plan.last_stats_only = true;
  return plan;
}

namespace {

constexpr double kSumUnits = 1 << 20;
constexpr float kHalfOfAttention = 0.5F;

class UnitNotes : public PassageNotes {
 public:
  UnitNotes(CorpusIndex& index, const Weights& w) : index_(index), lengths_(w) {}
  [[nodiscard]] CapturePlan plan() const override { return plan_of_units(); }

  Result<void> add(const Trace& trace, int passage, const std::stop_token&) override {
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
    return {};
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

}  // namespace

std::unique_ptr<PassageNotes> notes_of_units(CorpusIndex& index, const Weights& weights) {
  return std::make_unique<UnitNotes>(index, weights);
}

}  // namespace gf::corpus

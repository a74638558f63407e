// The naive twin of the CPU backend: plain loops in double, row by row, for tests.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "model/backend.h"
#include "model/base/text.h"
#include "model/cpu/naive_backward.h"
#include "model/cpu/stats.h"
#include "model/edits/compiled.h"
#include "model/trace_writer.h"

namespace gf {
namespace {

using Numbers = std::vector<double>;

/// y = x W[:, first .. first + n) + bias
Numbers naive_product(const Numbers& x, const Matrix& w, int first, int n, const TensorView& bias) {
  Numbers y(static_cast<std::size_t>(n));
  for (int j = 0; j < n; ++j) {
    double sum = bias.empty() ? 0 : static_cast<double>(bias.at(first + j));
    for (int i = 0; i < w.n_in(); ++i) sum += x[static_cast<std::size_t>(i)] * static_cast<double>(w.at(i, first + j));
    y[static_cast<std::size_t>(j)] = sum;
  }
  return y;
}

/// One step. Every operation goes over all rows of the step before the next begins, as edits expect.
class NaivePass {
 public:
  NaivePass(const Weights& weights, TraceWriter& writer, const ForwardStep& step)
      : w_(weights),
        c_(weights.config),
        writer_(writer),
        step_(step),
        first_(step.first_position),
        rows_(static_cast<int>(step.ids.size())) {}

  Result<void> run() {
    if (step_.edits != nullptr) step_.edits->begin_step(first_, rows_, first_ + rows_);
    const int end_block = step_.end_block < 0 ? c_.n_layer : step_.end_block;
    start();
    for (int b = step_.first_block; b < end_block; ++b) {
      if (step_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the run was cancelled"));
      if (step_.progress) step_.progress(b);
      block(b);
    }
    if (step_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the run was cancelled"));
    if (step_.end_block >= 0) {
      writer_.commit(step_.ids, step_.n_prompt, {}, nullptr);
      return {};
    }
    unembed();
    return {};
  }

 private:
  using Rows = std::vector<Numbers>;  ///< one vector for each row of the step

  /// Rounds to float, lets the edits act, captures, and hands back what later operations read.
  Rows meet(HookId hook, Rows rows) {
    const bool causal = info_of(hook.kind).shape == RowShape::Causal;
    for (int r = 0; r < rows_; ++r) {
      std::vector<float> row(rows[at(r)].begin(), rows[at(r)].end());
      if (step_.edits != nullptr && step_.edits->touches(hook)) {
        if (causal) step_.edits->apply_causal(hook, first_ + r, row.data());
        else step_.edits->apply(hook, first_ + r, 1, row.data(), row.size());
      }
      if (float* kept = writer_.row(hook, first_ + r)) std::copy(row.begin(), row.end(), kept);
      rows[at(r)].assign(row.begin(), row.end());
    }
    return rows;
  }

  template <class F>
  Rows each(F make) const {
    Rows rows;
    for (int r = 0; r < rows_; ++r) rows.push_back(make(r));
    return rows;
  }
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  static Numbers sum(const Numbers& a, const Numbers& b) {
    Numbers s(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) s[i] = a[i] + b[i];
    return s;
  }

  void start() {
    if (step_.first_block > 0) {
      const HookId input =
          step_.first_block == c_.n_layer ? HookId{HookKind::ResidPost, c_.n_layer - 1} : HookId{HookKind::ResidPre, step_.first_block};
      x_ = each([&](int r) {
        const float* row = writer_.row(input, first_ + r);
        return Numbers(row, row + c_.d_model);
      });
      return;
    }
    const auto from = [&](const TensorView& table, std::int64_t row) {
      Numbers values;
      for (std::int64_t j = 0; j < c_.d_model; ++j) values.push_back(static_cast<double>(table.at(row * c_.d_model + j)));
      return values;
    };
    const Rows token = meet({HookKind::Embed, -1}, each([&](int r) { return from(w_.wte, step_.ids[at(r)].v); }));
    const Rows position = meet({HookKind::PosEmbed, -1}, each([&](int r) { return from(w_.wpe, first_ + r); }));
    x_ = each([&](int r) { return sum(token[at(r)], position[at(r)]); });
  }

  Rows norm(const Rows& x, const LayerNormWeights& w, HookId scale_hook, HookId normalized_hook) {
    const auto mean = [&](int r) {
      double total = 0;
      for (const double v : x[at(r)]) total += v;
      return total / c_.d_model;
    };
    const Rows scale = meet(scale_hook, each([&](int r) {
                              double squares = 0;
                              for (const double v : x[at(r)]) squares += (v - mean(r)) * (v - mean(r));
                              return Numbers{std::sqrt(squares / c_.d_model + static_cast<double>(c_.layer_norm_eps))};
                            }));
    Rows y = meet(normalized_hook, each([&](int r) {
                    Numbers row;
                    for (const double v : x[at(r)]) row.push_back((v - mean(r)) / scale[at(r)][0]);
                    return row;
                  }));
    for (Numbers& row : y)
      for (int i = 0; i < c_.d_model; ++i)
        row[at(i)] = row[at(i)] * static_cast<double>(w.gamma.at(i)) + (w.beta.empty() ? 0 : static_cast<double>(w.beta.at(i)));
    return y;
  }

  /// A copy of the row for each head.
  Numbers repeated(const Numbers& x) const {
    Numbers row;
    for (int h = 0; h < c_.n_head; ++h) row.insert(row.end(), x.begin(), x.end());
    return row;
  }

  /// LayerNorm of one row that has no hooks.
  Numbers norm_of(Numbers x, const LayerNormWeights& w) const {
    double mean = 0, squares = 0;
    for (const double v : x) mean += v / c_.d_model;
    for (const double v : x) squares += (v - mean) * (v - mean);
    const double scale = std::sqrt(squares / c_.d_model + static_cast<double>(c_.layer_norm_eps));
    for (int i = 0; i < c_.d_model; ++i)
      x[at(i)] = (x[at(i)] - mean) / scale * static_cast<double>(w.gamma.at(i)) + (w.beta.empty() ? 0 : static_cast<double>(w.beta.at(i)));
    return x;
  }

  /// Element d of head h of k or v at a position: captured rows are all there, older ones and this step's.
  double cached(HookId hook, int position, int h, int d) const {
    return static_cast<double>(writer_.row(hook, position)[h * c_.d_head + d]);
  }

  void block(int b) {
    const BlockWeights& w = w_.blocks[at(b)];
    x_ = meet({HookKind::ResidPre, b}, x_);
    const Rows n1 = norm(x_, w.ln1, {HookKind::Ln1Scale, b}, {HookKind::Ln1Normalized, b});
    const auto third = [&](HookKind kind, int i) {
      Rows made = each([&](int r) { return naive_product(n1[at(r)], w.qkv, i * c_.d_model, c_.d_model, w.b_qkv); });
      const HookId input{split_input_of(kind), b};
      const Rows copies = meet(input, each([&](int r) { return repeated(x_[at(r)]); }));
      for (int h = 0; h < c_.n_head && step_.edits != nullptr && step_.edits->touches(input); ++h)
        for (int r = 0; r < rows_; ++r) {
          const double* copy = copies[at(r)].data() + h * c_.d_model;
          const Numbers read = norm_of(Numbers(copy, copy + c_.d_model), w.ln1);
          const Numbers own = naive_product(read, w.qkv, i * c_.d_model + h * c_.d_head, c_.d_head, w.b_qkv);
          std::copy(own.begin(), own.end(), made[at(r)].begin() + h * c_.d_head);
        }
      return meet({kind, b}, std::move(made));
    };
    const Rows q = third(HookKind::Q, 0);
    third(HookKind::K, 1);
    third(HookKind::V, 2);

    const Rows scores = meet({HookKind::AttnScores, b}, each([&](int r) { return scores_of(q[at(r)], first_ + r, b); }));
    const Rows pattern = meet({HookKind::Pattern, b}, each([&](int r) { return softmax(scores[at(r)], first_ + r + 1); }));
    meet({HookKind::PatternEntropy, b}, each([&](int r) { return entropies(pattern[at(r)], first_ + r + 1); }));
    const Rows z = meet({HookKind::Z, b}, each([&](int r) {
                          Numbers row(at(c_.d_model));
                          const int keys = first_ + r + 1;
                          for (int h = 0; h < c_.n_head; ++h)
                            for (int key = 0; key < keys; ++key)
                              for (int d = 0; d < c_.d_head; ++d)
                                row[at(h * c_.d_head + d)] += pattern[at(r)][at(h * keys + key)] * cached({HookKind::V, b}, key, h, d);
                          return row;
                        }));
    const Rows result = meet({HookKind::Result, b}, each([&](int r) { return results_of(z[at(r)], w.o); }));
    const Rows attn_out = meet({HookKind::AttnOut, b}, each([&](int r) {
                                 Numbers row(at(c_.d_model));
                                 for (int j = 0; j < c_.d_model; ++j) {
                                   row[at(j)] = w.b_o.empty() ? 0 : static_cast<double>(w.b_o.at(j));
                                   for (int h = 0; h < c_.n_head; ++h) row[at(j)] += result[at(r)][at(h * c_.d_model + j)];
                                 }
                                 return row;
                               }));
    x_ = meet({HookKind::ResidMid, b}, each([&](int r) { return sum(x_[at(r)], attn_out[at(r)]); }));

    const Rows mlp_in = meet({HookKind::MlpInput, b}, x_);
    const Rows n2 = norm(mlp_in, w.ln2, {HookKind::Ln2Scale, b}, {HookKind::Ln2Normalized, b});
    const Rows pre = meet({HookKind::MlpPre, b}, each([&](int r) { return naive_product(n2[at(r)], w.in, 0, c_.d_mlp, w.b_in); }));
    const Rows post = meet({HookKind::MlpPost, b}, each([&](int r) {
                             Numbers row = pre[at(r)];
                             for (double& v : row) v = cpu::naive_activation(c_.activation, v);
                             return row;
                           }));
    const Rows out = meet({HookKind::MlpOut, b}, each([&](int r) { return naive_product(post[at(r)], w.out, 0, c_.d_model, w.b_out); }));
    x_ = meet({HookKind::ResidPost, b}, each([&](int r) { return sum(x_[at(r)], out[at(r)]); }));
  }

  Numbers scores_of(const Numbers& q, int query, int b) const {
    Numbers row;
    for (int h = 0; h < c_.n_head; ++h)
      for (int key = 0; key <= query; ++key) {
        double total = 0;
        for (int d = 0; d < c_.d_head; ++d) total += q[at(h * c_.d_head + d)] * cached({HookKind::K, b}, key, h, d);
        row.push_back(total * static_cast<double>(c_.score_scale(b)));
      }
    return row;
  }

  Numbers softmax(Numbers row, int keys) const {
    for (int h = 0; h < c_.n_head; ++h) {
      double* x = row.data() + h * keys;
      const bool has_nan = std::any_of(x, x + keys, [](double v) { return std::isnan(v); });
      double top = -std::numeric_limits<double>::infinity(), total = 0;
      for (int k = 0; k < keys; ++k) top = std::max(top, x[k]);
      const bool nothing = !has_nan && std::isinf(top) && top < 0;
      for (int k = 0; k < keys; ++k)
        total += x[k] = nothing ? 0 : has_nan ? std::numeric_limits<double>::quiet_NaN() : std::exp(x[k] - top);
      for (int k = 0; k < keys; ++k) x[k] = nothing ? 0 : x[k] / total;
    }
    return row;
  }

  /// Of each head's row, nats.
  Numbers entropies(const Numbers& pattern, int keys) const {
    Numbers row(at(c_.n_head));
    for (int h = 0; h < c_.n_head; ++h)
      for (int k = 0; k < keys; ++k)
        if (const double a = pattern[at(h * keys + k)]; !(a <= 0)) row[at(h)] -= a * std::log(a);
    return row;
  }

  Numbers results_of(const Numbers& z, const Matrix& o) const {
    Numbers row(at(c_.n_head * c_.d_model));
    for (int h = 0; h < c_.n_head; ++h)
      for (int j = 0; j < c_.d_model; ++j)
        for (int d = 0; d < c_.d_head; ++d)
          row[at(h * c_.d_model + j)] += z[at(h * c_.d_head + d)] * static_cast<double>(o.at(h * c_.d_head + d, j));
    return row;
  }

  void unembed() {
    const Rows x = norm(x_, w_.ln_f, {HookKind::LnFinalScale, -1}, {HookKind::LnFinalNormalized, -1});
    const Rows logits = meet({HookKind::Logits, -1}, each([&](int r) { return naive_product(x[at(r)], w_.unembed, 0, c_.n_vocab, {}); }));
    std::vector<std::shared_ptr<const TokenStats>> stats;
    std::vector<float> before(writer_.trace().last_logits().begin(), writer_.trace().last_logits().end());
    for (int r = 0; r < rows_; ++r) {
      TokenStats s = cpu::unknown_stats();
      if (!before.empty()) cpu::LogitRow(*cpu::kernels_plain(), before).describe_token(step_.ids[at(r)], s);
      before.assign(logits[at(r)].begin(), logits[at(r)].end());
      cpu::LogitRow(*cpu::kernels_plain(), before).describe_prediction(s);
      stats.push_back(std::make_shared<const TokenStats>(std::move(s)));
    }
    writer_.commit(step_.ids, step_.n_prompt, std::move(stats), std::make_shared<const std::vector<float>>(std::move(before)));
  }

  const Weights& w_;
  const ModelConfig& c_;
  TraceWriter& writer_;
  const ForwardStep& step_;
  int first_, rows_;
  Rows x_;
};

class NaiveBackend final : public Backend {
 public:
  std::string name() const override { return "naive"; }
  Result<void> load(std::shared_ptr<const Weights> weights) override {
    weights_ = std::move(weights);
    return {};
  }
  Result<void> forward(Trace& trace, const ForwardStep& step) override {
    EXPECTS(weights_ != nullptr, "a model was loaded");
    GF_TRY_ASSIGN(auto writer, TraceWriter::open_for(trace, step));
    return NaivePass(*weights_, *writer, step).run();
  }

  /// Runs the tokens again, for every value and for what edits found.
  Result<void> backward(Trace& gradients, const BackwardStep& step) override {
    EXPECTS(weights_ != nullptr, "a model was loaded");
    const ModelConfig& c = weights_->config;
    const Trace& run = *step.run;
    CapturePlan plan = CapturePlan::full();
    for (const HookInfo& info : hook_table()) plan.want(info.kind);
    Trace values(c, plan);
    std::optional<RowsBefore> before;
    if (step.edits != nullptr) before.emplace(c, *step.edits);
    ForwardStep again;
    again.ids = run.ids();
    again.n_prompt = run.n_prompt();
    again.edits = before ? &*before : nullptr;
    again.stop = step.stop;
    GF_TRY(forward(values, again));
    GF_TRY_ASSIGN(
        auto writer,
        TraceWriter::open(gradients,
                          {.first_position = 0, .rows = run.length(), .first_block = 0, .end_block = c.n_layer, .edits = step.edits}));
    cpu::naive_backward(*weights_, values, before ? &*before : nullptr, *writer, step);
    writer->commit(run.ids(), run.n_prompt(), {}, nullptr);
    return {};
  }

 private:
  std::shared_ptr<const Weights> weights_;
};

}  // namespace

std::unique_ptr<Backend> make_naive_backend() { return std::make_unique<NaiveBackend>(); }

}  // namespace gf

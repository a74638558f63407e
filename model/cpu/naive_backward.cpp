#include "model/cpu/naive_backward.h"

#include <algorithm>
#include <cmath>

namespace gf::cpu {
namespace {

using Slopes = std::vector<double>;
using SlopeRows = std::vector<Slopes>;  ///< one for each position

/// dm/dx of dm/dy, y = x W[:, first .. first + n)
Slopes naive_slope_of_product(std::span<const double> of_y, const Matrix& w, int first) {
  Slopes of_x(static_cast<std::size_t>(w.n_in()));
  for (int i = 0; i < w.n_in(); ++i)
    for (std::size_t j = 0; j < of_y.size(); ++j)
      of_x[static_cast<std::size_t>(i)] += of_y[j] * static_cast<double>(w.at(i, first + static_cast<int>(j)));
  return of_x;
}

class NaiveBackward {
 public:
  NaiveBackward(const Weights& weights, const Trace& values, const RowsBefore* before, TraceWriter& writer, const BackwardStep& step)
      : w_(weights), c_(weights.config), values_(values), before_(before), writer_(writer), step_(step), T_(values.length()) {}

  void run() {
    head();
    for (int b = c_.n_layer - 1; b >= 0; --b) {
      stream_ = meet({HookKind::ResidPost, b}, stream_);
      mlp(b);
      attention(b);
      stream_ = meet({HookKind::ResidPre, b}, stream_);
    }
    meet({HookKind::Embed, -1}, stream_);
    meet({HookKind::PosEmbed, -1}, stream_);
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  [[nodiscard]] double value(HookId hook, int position, int i) const { return static_cast<double>(values_.row(hook, position)[at(i)]); }
  template <class F>
  SlopeRows each(F make) const {
    SlopeRows rows;
    for (int p = 0; p < T_; ++p) rows.push_back(make(p));
    return rows;
  }

  /// Rounds to float, captures, and takes the gradient back through the edits of the hook.
  SlopeRows meet(HookId hook, SlopeRows rows) {
    for (int p = 0; p < T_; ++p) {
      std::vector<float> row(rows[at(p)].begin(), rows[at(p)].end());
      if (float* kept = writer_.row(hook, p)) std::copy(row.begin(), row.end(), kept);
      if (before_ != nullptr && before_->touches(hook)) step_.edits->apply_slope(hook, p, before_->row(hook, p), row);
      rows[at(p)].assign(row.begin(), row.end());
    }
    return rows;
  }

  void head() {
    SlopeRows logits = each([&](int) { return Slopes(at(c_.n_vocab)); });
    for (const LogitSlope& slope : step_.slopes)
      for (int v = 0; v < c_.n_vocab; ++v) logits[at(slope.position)][at(v)] += static_cast<double>(slope.values[at(v)]);
    logits = meet({HookKind::Logits, -1}, std::move(logits));
    const SlopeRows normed = each([&](int p) { return naive_slope_of_product(logits[at(p)], w_.unembed, 0); });
    stream_ =
        norm_slope({HookKind::ResidPost, c_.n_layer - 1}, w_.ln_f, {HookKind::LnFinalScale, -1}, {HookKind::LnFinalNormalized, -1}, normed);
  }

  void add_to_stream(const SlopeRows& rows) {
    for (int p = 0; p < T_; ++p)
      for (int i = 0; i < c_.d_model; ++i) stream_[at(p)][at(i)] += rows[at(p)][at(i)];
  }

  /// What comes back through the LayerNorm of the values at `input`.
  SlopeRows norm_slope(HookId input, const LayerNormWeights& w, HookId scale_hook, HookId normalized_hook, const SlopeRows& normed) {
    const double n = c_.d_model;
    const SlopeRows slope = meet(normalized_hook, each([&](int p) {
                                   Slopes row = normed[at(p)];
                                   for (int i = 0; i < c_.d_model; ++i) row[at(i)] *= static_cast<double>(w.gamma.at(i));
                                   return row;
                                 }));
    const SlopeRows away = each([&](int p) {  // x - mean
      Slopes row;
      double sum = 0;
      for (int i = 0; i < c_.d_model; ++i) sum += value(input, p, i);
      for (int i = 0; i < c_.d_model; ++i) row.push_back(value(input, p, i) - sum / n);
      return row;
    });
    const SlopeRows of_scale = meet(scale_hook, each([&](int p) {
                                      double along = 0;
                                      for (int i = 0; i < c_.d_model; ++i) along += slope[at(p)][at(i)] * away[at(p)][at(i)];
                                      return Slopes{-along / std::pow(value(scale_hook, p, 0), 2)};
                                    }));
    return each([&](int p) {
      Slopes row;
      double squares = 0, mean = 0;
      for (const double x : away[at(p)]) squares += x * x;
      const double scale = std::sqrt(squares / n + static_cast<double>(c_.layer_norm_eps)), used = value(scale_hook, p, 0);
      for (const double s : slope[at(p)]) mean += s / used / n;
      for (int i = 0; i < c_.d_model; ++i)
        row.push_back(slope[at(p)][at(i)] / used - mean + of_scale[at(p)][0] * away[at(p)][at(i)] / (n * scale));
      return row;
    });
  }

  /// dm/dx of a row x of d_model numbers, of dm/d(gamma * normalized + beta) where its LayerNorm has no hooks.
  Slopes norm_slope_of(std::span<const float> x, const LayerNormWeights& w, Slopes slope) const {
    const double n = c_.d_model;
    double mean = 0, squares = 0, along = 0, sum = 0;
    for (const float v : x) mean += static_cast<double>(v) / n;
    for (const float v : x) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
    const double scale = std::sqrt(squares / n + static_cast<double>(c_.layer_norm_eps));
    for (int i = 0; i < c_.d_model; ++i) {
      slope[at(i)] *= static_cast<double>(w.gamma.at(i));
      along += slope[at(i)] * (static_cast<double>(x[at(i)]) - mean) / scale;
      sum += slope[at(i)];
    }
    for (int i = 0; i < c_.d_model; ++i)
      slope[at(i)] = (slope[at(i)] - sum / n - along / n * (static_cast<double>(x[at(i)]) - mean) / scale) / scale;
    return slope;
  }

  [[nodiscard]] bool edited(HookId hook) const { return before_ != nullptr && before_->touches(hook); }

  /// The gradient at the heads' copies of the stream of dm/dq, dm/dk or dm/dv, before edits of the copies.
  SlopeRows at_copies(HookId made, int third, const SlopeRows& slope) {
    const BlockWeights& w = w_.blocks[at(made.layer)];
    const HookId input{split_input_of(made.kind), made.layer};
    return meet(input, each([&](int p) {
                  Slopes row;
                  for (int h = 0; h < c_.n_head; ++h) {
                    const auto own = std::span(slope[at(p)]).subspan(at(h * c_.d_head), at(c_.d_head));
                    const Slopes part = norm_slope_of(values_.row(input, p).subspan(at(h * c_.d_model), at(c_.d_model)), w.ln1,
                                                      naive_slope_of_product(own, w.qkv, third * c_.d_model + h * c_.d_head));
                    row.insert(row.end(), part.begin(), part.end());
                  }
                  return row;
                }));
  }

  void mlp(int b) {
    const BlockWeights& w = w_.blocks[at(b)];
    const SlopeRows out = meet({HookKind::MlpOut, b}, stream_);
    const SlopeRows post = meet({HookKind::MlpPost, b}, each([&](int p) { return naive_slope_of_product(out[at(p)], w.out, 0); }));
    const SlopeRows pre = meet({HookKind::MlpPre, b}, each([&](int p) {
                                 Slopes row = post[at(p)];
                                 for (int i = 0; i < c_.d_mlp; ++i)
                                   row[at(i)] *= naive_activation_slope(c_.activation, value({HookKind::MlpPre, b}, p, i));
                                 return row;
                               }));
    const HookId input{HookKind::MlpInput, b};
    add_to_stream(meet(input, norm_slope(input, w.ln2, {HookKind::Ln2Scale, b}, {HookKind::Ln2Normalized, b},
                                         each([&](int p) { return naive_slope_of_product(pre[at(p)], w.in, 0); }))));
    stream_ = meet({HookKind::ResidMid, b}, std::move(stream_));
  }

  void attention(int b) {
    const BlockWeights& w = w_.blocks[at(b)];
    const int d = c_.d_head;
    const SlopeRows out = meet({HookKind::AttnOut, b}, stream_);
    const SlopeRows result = meet({HookKind::Result, b}, each([&](int p) {
                                    Slopes row;
                                    for (int h = 0; h < c_.n_head; ++h) row.insert(row.end(), out[at(p)].begin(), out[at(p)].end());
                                    return row;
                                  }));
    const SlopeRows z = meet({HookKind::Z, b}, each([&](int p) {
                               Slopes row(at(c_.d_model));
                               for (int i = 0; i < c_.d_model; ++i)
                                 for (int j = 0; j < c_.d_model; ++j)
                                   row[at(i)] += result[at(p)][at(i / d * c_.d_model + j)] * static_cast<double>(w.o.at(i, j));
                               return row;
                             }));
    SlopeRows q = each([&](int) { return Slopes(at(c_.d_model)); }), k = q, v = q;
    const HookId pattern_hook{HookKind::Pattern, b};
    const SlopeRows pattern = meet(pattern_hook, each([&](int p) {
                                     Slopes row(at(c_.n_head * (p + 1)));
                                     each_score(p, [&](int key, int i, int cell) {
                                       row[at(cell)] += z[at(p)][at(i)] * value({HookKind::V, b}, key, i);
                                       v[at(key)][at(i)] += z[at(p)][at(i)] * value(pattern_hook, p, cell);
                                     });
                                     return row;
                                   }));
    const SlopeRows scores = meet({HookKind::AttnScores, b}, each([&](int p) { return softmax_slope(b, p, pattern[at(p)]); }));
    const double scale = static_cast<double>(c_.score_scale(b));
    for (int p = 0; p < T_; ++p)
      each_score(p, [&](int key, int i, int cell) {
        q[at(p)][at(i)] += scale * scores[at(p)][at(cell)] * value({HookKind::K, b}, key, i);
        k[at(key)][at(i)] += scale * scores[at(p)][at(cell)] * value({HookKind::Q, b}, p, i);
      });
    SlopeRows normed = each([&](int) { return Slopes(at(c_.d_model)); }), beside = normed;
    int third = 0;
    for (const auto& [kind, rows] : {std::pair{HookKind::Q, &q}, {HookKind::K, &k}, {HookKind::V, &v}}) {
      const SlopeRows before = meet({kind, b}, *rows);
      const SlopeRows copies = at_copies({kind, b}, third, before);
      const bool apart = edited({split_input_of(kind), b});
      for (int p = 0; p < T_ && apart; ++p)
        for (int i = 0; i < c_.n_head * c_.d_model; ++i) beside[at(p)][at(i % c_.d_model)] += copies[at(p)][at(i)];
      for (int p = 0; p < T_ && !apart; ++p) {
        const Slopes part = naive_slope_of_product(before[at(p)], w.qkv, third * c_.d_model);
        for (int i = 0; i < c_.d_model; ++i) normed[at(p)][at(i)] += part[at(i)];
      }
      ++third;
    }
    add_to_stream(norm_slope({HookKind::ResidPre, b}, w.ln1, {HookKind::Ln1Scale, b}, {HookKind::Ln1Normalized, b}, normed));
    add_to_stream(beside);
  }

  /// body(key, element of q, k, v or z, cell of the query's row of scores)
  template <class Body>
  void each_score(int query, Body body) const {
    for (int i = 0; i < c_.d_model; ++i)
      for (int key = 0; key <= query; ++key) body(key, i, i / c_.d_head * (query + 1) + key);
  }

  [[nodiscard]] Slopes softmax_slope(int b, int query, Slopes row) const {
    const HookId hook{HookKind::Pattern, b};
    const std::span<const float> softmax = edited(hook) ? before_->row(hook, query) : values_.row(hook, query);
    const int keys = query + 1;
    for (int h = 0; h < c_.n_head; ++h) {
      double along = 0;
      for (int i = h * keys; i < (h + 1) * keys; ++i) along += row[at(i)] * static_cast<double>(softmax[at(i)]);
      for (int i = h * keys; i < (h + 1) * keys; ++i) row[at(i)] = (row[at(i)] - along) * static_cast<double>(softmax[at(i)]);
    }
    return row;
  }

  const Weights& w_;
  const ModelConfig& c_;
  const Trace& values_;
  const RowsBefore* before_;
  TraceWriter& writer_;
  const BackwardStep& step_;
  int T_;
  SlopeRows stream_;
};

}  // namespace

double naive_activation(Activation kind, double x) {
  switch (kind) {
    case Activation::GeluTanh: return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::GeluErf: return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case Activation::Relu: return x <= 0 ? 0 : x;
  }
  return 0;
}

double naive_activation_slope(Activation kind, double x) {
  switch (kind) {
    case Activation::GeluTanh: {
      const double root = std::sqrt(2 / M_PI), t = std::tanh(root * (x + 0.044715 * x * x * x));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 3 * 0.044715 * x * x);
    }
    case Activation::GeluErf: return 0.5 * (1 + std::erf(x / std::sqrt(2.0))) + x * std::exp(-x * x / 2) / std::sqrt(2 * M_PI);
    case Activation::Relu: return x > 0 ? 1 : 0;
  }
  return 0;
}

void naive_backward(const Weights& weights, const Trace& values, const RowsBefore* before, TraceWriter& writer, const BackwardStep& step) {
  NaiveBackward(weights, values, before, writer, step).run();
}

}  // namespace gf::cpu

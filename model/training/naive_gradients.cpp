#include "model/training/naive_gradients.h"

#include <cmath>

#include "model/cpu/naive_backward.h"

namespace gf::training {
namespace {

using NaiveRows = std::vector<std::vector<double>>;  ///< one for each place of a sequence

/// One sequence, forward and back.
class NaiveSequence {
 public:
  NaiveSequence(const ParameterLayout& layout, std::span<const double> p, std::span<const TokenId> inputs, std::span<const TokenId> targets,
                double share, std::vector<double>* gradients)
      : l_(layout), c_(layout.config), p_(p), inputs_(inputs), targets_(targets), share_(share), g_(gradients), T_(inputs.size()) {}

  double run() {
    NaiveRows x = rows(c_.d_model);
    for (std::size_t t = 0; t < T_; ++t)
      for (std::size_t i = 0; i < d(); ++i) x[t][i] = p_[l_.wte + inputs_[t].index() * d() + i] + p_[l_.wpe + t * d() + i];
    for (std::size_t b = 0; b < l_.blocks.size(); ++b) x = block(b, x);
    NaiveRows of_x;
    const double loss = head(x, of_x);
    if (g_ == nullptr) return loss;
    for (std::size_t b = l_.blocks.size(); b-- > 0;) of_x = block_back(b, of_x);
    for (std::size_t t = 0; t < T_; ++t)
      for (std::size_t i = 0; i < d(); ++i) {
        g(l_.wte + inputs_[t].index() * d() + i) += of_x[t][i];
        g(l_.wpe + t * d() + i) += of_x[t][i];
      }
    return loss;
  }

 private:
  struct Kept {
    NaiveRows in, normed1, qkv, z, mid, normed2, pre, post;
    std::vector<NaiveRows> pattern;  ///< of each head
  };

  [[nodiscard]] std::size_t d() const { return static_cast<std::size_t>(c_.d_model); }
  [[nodiscard]] NaiveRows rows(int width) const { return NaiveRows(T_, std::vector<double>(static_cast<std::size_t>(width))); }
  double& g(std::size_t at) { return (*g_)[at]; }

  [[nodiscard]] NaiveRows linear(const ParameterLayout::Linear& w, const NaiveRows& x) const {
    NaiveRows y = rows(w.n_out);
    for (std::size_t t = 0; t < T_; ++t)
      for (std::size_t j = 0; j < y[t].size(); ++j) {
        y[t][j] = w.bias == ParameterLayout::kNone ? 0 : p_[w.bias + j];
        for (std::size_t i = 0; i < x[t].size(); ++i) y[t][j] += x[t][i] * p_[w.weight + i * y[t].size() + j];
      }
    return y;
  }
  NaiveRows linear_back(const ParameterLayout::Linear& w, const NaiveRows& x, const NaiveRows& of_y) {
    NaiveRows of_x = rows(w.n_in);
    for (std::size_t t = 0; t < T_; ++t)
      for (std::size_t j = 0; j < of_y[t].size(); ++j) {
        if (w.bias != ParameterLayout::kNone) g(w.bias + j) += of_y[t][j];
        for (std::size_t i = 0; i < of_x[t].size(); ++i) {
          g(w.weight + i * of_y[t].size() + j) += x[t][i] * of_y[t][j];
          of_x[t][i] += p_[w.weight + i * of_y[t].size() + j] * of_y[t][j];
        }
      }
    return of_x;
  }

  struct Measured {
    double mean = 0, scale = 0;
  };
  [[nodiscard]] Measured measure(const std::vector<double>& x) const {
    Measured m;
    double squares = 0;
    for (const double v : x) m.mean += v / static_cast<double>(d());
    for (const double v : x) squares += (v - m.mean) * (v - m.mean) / static_cast<double>(d());
    m.scale = std::sqrt(squares + static_cast<double>(c_.layer_norm_eps));
    return m;
  }
  [[nodiscard]] NaiveRows norm(const ParameterLayout::Norm& w, const NaiveRows& x) const {
    NaiveRows y = x;
    for (std::size_t t = 0; t < T_; ++t) {
      const Measured m = measure(x[t]);
      for (std::size_t i = 0; i < d(); ++i)
        y[t][i] = (x[t][i] - m.mean) / m.scale * p_[w.gamma + i] + (w.beta == ParameterLayout::kNone ? 0 : p_[w.beta + i]);
    }
    return y;
  }
  NaiveRows norm_back(const ParameterLayout::Norm& w, const NaiveRows& x, const NaiveRows& of_y) {
    NaiveRows of_x = rows(c_.d_model);
    for (std::size_t t = 0; t < T_; ++t) {
      const Measured m = measure(x[t]);
      double sum = 0, along = 0;
      for (std::size_t i = 0; i < d(); ++i) {
        const double normalized = (x[t][i] - m.mean) / m.scale, slope = of_y[t][i] * p_[w.gamma + i];
        g(w.gamma + i) += of_y[t][i] * normalized;
        if (w.beta != ParameterLayout::kNone) g(w.beta + i) += of_y[t][i];
        sum += slope;
        along += slope * normalized;
      }
      for (std::size_t i = 0; i < d(); ++i) {
        const double normalized = (x[t][i] - m.mean) / m.scale, slope = of_y[t][i] * p_[w.gamma + i], n = static_cast<double>(d());
        of_x[t][i] = (slope - sum / n - normalized * along / n) / m.scale;
      }
    }
    return of_x;
  }

  NaiveRows block(std::size_t b, const NaiveRows& in) {
    const ParameterLayout::Block& w = l_.blocks[b];
    Kept k;
    k.in = in;
    k.normed1 = norm(w.ln1, in);
    k.qkv = linear(w.qkv, k.normed1);
    attend(b, k);
    k.mid = plus(in, linear(w.o, k.z));
    k.normed2 = norm(w.ln2, k.mid);
    k.pre = k.post = linear(w.in, k.normed2);
    for (auto& row : k.post)
      for (double& v : row) v = cpu::naive_activation(c_.activation, v);
    NaiveRows out = plus(k.mid, linear(w.out, k.post));
    kept_.push_back(std::move(k));
    return out;
  }
  NaiveRows block_back(std::size_t b, const NaiveRows& of_out) {
    const ParameterLayout::Block& w = l_.blocks[b];
    const Kept& k = kept_[b];
    NaiveRows of_pre = linear_back(w.out, k.post, of_out);
    for (std::size_t t = 0; t < T_; ++t)
      for (std::size_t j = 0; j < of_pre[t].size(); ++j) of_pre[t][j] *= cpu::naive_activation_slope(c_.activation, k.pre[t][j]);
    const NaiveRows of_mid = plus(of_out, norm_back(w.ln2, k.mid, linear_back(w.in, k.normed2, of_pre)));
    const NaiveRows of_qkv = attend_back(b, k, linear_back(w.o, k.z, of_mid));
    return plus(of_mid, norm_back(w.ln1, k.in, linear_back(w.qkv, k.normed1, of_qkv)));
  }

  void attend(std::size_t b, Kept& k) const {
    const auto d_head = static_cast<std::size_t>(c_.d_head);
    const auto scale = static_cast<double>(c_.score_scale(static_cast<int>(b)));
    k.z = rows(c_.d_model);
    for (std::size_t h = 0; h < static_cast<std::size_t>(c_.n_head); ++h) {
      NaiveRows pattern;
      for (std::size_t t = 0; t < T_; ++t) {
        std::vector<double> row(t + 1);
        double sum = 0;
        for (std::size_t s = 0; s <= t; ++s) {
          for (std::size_t i = h * d_head; i < (h + 1) * d_head; ++i) row[s] += scale * k.qkv[t][i] * k.qkv[s][d() + i];
          row[s] = std::exp(row[s]);
          sum += row[s];
        }
        for (std::size_t s = 0; s <= t; ++s) {
          row[s] /= sum;
          for (std::size_t i = h * d_head; i < (h + 1) * d_head; ++i) k.z[t][i] += row[s] * k.qkv[s][2 * d() + i];
        }
        pattern.push_back(std::move(row));
      }
      k.pattern.push_back(std::move(pattern));
    }
  }
  [[nodiscard]] NaiveRows attend_back(std::size_t b, const Kept& k, const NaiveRows& of_z) const {
    const auto d_head = static_cast<std::size_t>(c_.d_head);
    const auto scale = static_cast<double>(c_.score_scale(static_cast<int>(b)));
    NaiveRows of_qkv = rows(3 * c_.d_model);
    for (std::size_t h = 0; h < static_cast<std::size_t>(c_.n_head); ++h)
      for (std::size_t t = 0; t < T_; ++t) {
        const std::vector<double>& pattern = k.pattern[h][t];
        std::vector<double> of_pattern(t + 1);
        double along = 0;
        for (std::size_t s = 0; s <= t; ++s) {
          for (std::size_t i = h * d_head; i < (h + 1) * d_head; ++i) {
            of_pattern[s] += of_z[t][i] * k.qkv[s][2 * d() + i];
            of_qkv[s][2 * d() + i] += pattern[s] * of_z[t][i];
          }
          along += pattern[s] * of_pattern[s];
        }
        for (std::size_t s = 0; s <= t; ++s)
          for (std::size_t i = h * d_head; i < (h + 1) * d_head; ++i) {
            const double of_score = scale * pattern[s] * (of_pattern[s] - along);
            of_qkv[t][i] += of_score * k.qkv[s][d() + i];
            of_qkv[s][d() + i] += of_score * k.qkv[t][i];
          }
      }
    return of_qkv;
  }

  /// The loss of the sequence, and its gradient by the stream that goes in.
  double head(const NaiveRows& x, NaiveRows& of_x) {
    const NaiveRows normed = norm(l_.ln_f, x);
    NaiveRows of_normed = rows(c_.d_model);
    double loss = 0;
    const auto n_vocab = static_cast<std::size_t>(c_.n_vocab);
    for (std::size_t t = 0; t < T_; ++t) {
      std::vector<double> logits(n_vocab);
      double sum = 0;
      for (std::size_t v = 0; v < n_vocab; ++v) {
        for (std::size_t i = 0; i < d(); ++i) logits[v] += normed[t][i] * p_[l_.unembed + v * d() + i];
        sum += std::exp(logits[v]);
      }
      const std::size_t target = targets_[t].index();
      loss += share_ * (std::log(sum) - logits[target]);
      for (std::size_t v = 0; g_ != nullptr && v < n_vocab; ++v) {
        const double of_logit = share_ * (std::exp(logits[v]) / sum - (v == target ? 1 : 0));
        for (std::size_t i = 0; i < d(); ++i) {
          g(l_.unembed + v * d() + i) += of_logit * normed[t][i];
          of_normed[t][i] += of_logit * p_[l_.unembed + v * d() + i];
        }
      }
    }
    if (g_ != nullptr) of_x = norm_back(l_.ln_f, x, of_normed);
    return loss;
  }

  static NaiveRows plus(NaiveRows a, const NaiveRows& b) {
    for (std::size_t t = 0; t < a.size(); ++t)
      for (std::size_t i = 0; i < a[t].size(); ++i) a[t][i] += b[t][i];
    return a;
  }

  const ParameterLayout& l_;
  const ModelConfig& c_;
  std::span<const double> p_;
  std::span<const TokenId> inputs_, targets_;
  double share_;
  std::vector<double>* g_;
  std::size_t T_;
  std::vector<Kept> kept_;
};

}  // namespace

double naive_loss(const ParameterLayout& layout, std::span<const double> parameters, const Batch& batch, std::vector<double>* gradients) {
  if (gradients != nullptr) gradients->assign(layout.size, 0);
  const auto T = static_cast<std::size_t>(batch.T);
  const double share = 1.0 / static_cast<double>(batch.inputs.size());
  double loss = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(batch.B); ++i)
    loss += NaiveSequence(layout, parameters, std::span(batch.inputs).subspan(i * T, T), std::span(batch.targets).subspan(i * T, T), share,
                          gradients)
                .run();
  return loss;
}

}  // namespace gf::training

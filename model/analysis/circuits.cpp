#include "model/analysis/circuits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "model/analysis/question.h"
#include "model/base/text.h"
#include "model/cpu/matrix.h"

namespace gf {

namespace {

/// Row-major.
struct Dense {
  std::size_t rows = 0, columns = 0;
  std::vector<float> a;
  Dense(std::size_t r, std::size_t c) : rows(r), columns(c), a(r * c) {}
};

Dense product_of(const Dense& x, const Dense& y) {
  Dense out(x.rows, y.columns);
  cpu::gemm(false, x.rows, y.columns, x.columns, 1.0F, x.a.data(), x.columns, y.a.data(), y.columns, false, out.a.data(), out.columns);
  return out;
}

Dense transposed(const Dense& x) {
  Dense out(x.columns, x.rows);
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t j = 0; j < x.columns; ++j) out.a[j * out.columns + i] = x.a[i * x.columns + j];
  return out;
}

double inner_of(const Dense& x, const Dense& y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.a.size(); ++i) sum += static_cast<double>(x.a[i]) * static_cast<double>(y.a[i]);
  return sum;
}

/// Rows [row, row + rows) and columns [column, column + columns) of a checkpoint's matrix. gamma: row i is multiplied by
/// gamma[i]; nullptr: by 1.
Dense part_of(const Matrix& m, int row, int rows, int column, int columns, const TensorView* gamma = nullptr) {
  Dense out(static_cast<std::size_t>(rows), static_cast<std::size_t>(columns));
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j)
      out.a[static_cast<std::size_t>(i) * out.columns + static_cast<std::size_t>(j)] =
          gamma == nullptr ? m.at(row + i, column + j) : m.at(row + i, column + j) * gamma->at(i);
  return out;
}

/// A head's matrices. All that passes is d_head wide, so norms of products need small Gram matrices alone.
struct HeadWeights {
  Dense q, k, v, o;                      ///< [d_model, d_head] three times, [d_head, d_model]
  Dense q_gram, k_gram, v_gram, o_gram;  ///< [d_head, d_head]: W^T W, of o: W W^T
  double ov_norm = 0, qk_norm = 0;

  HeadWeights(const BlockWeights& w, const ModelConfig& c, int head, const TensorView* gamma)
      : q(part_of(w.qkv, 0, c.d_model, head * c.d_head, c.d_head, gamma)),
        k(part_of(w.qkv, 0, c.d_model, c.d_model + head * c.d_head, c.d_head, gamma)),
        v(part_of(w.qkv, 0, c.d_model, 2 * c.d_model + head * c.d_head, c.d_head, gamma)),
        o(part_of(w.o, head * c.d_head, c.d_head, 0, c.d_model)),
        q_gram(product_of(transposed(q), q)),
        k_gram(product_of(transposed(k), k)),
        v_gram(product_of(transposed(v), v)),
        o_gram(product_of(o, transposed(o))),
        ov_norm(std::sqrt(inner_of(v_gram, o_gram))),
        qk_norm(std::sqrt(inner_of(q_gram, k_gram))) {}
};

/// norm(W_V W_O in right) where right's rows have the Gram matrix `right_gram`.
double composition_of(const HeadWeights& earlier, const Dense& in, const Dense& right_gram) {
  const Dense middle = product_of(earlier.o, in);  // [d_head, d_head]
  return std::sqrt(std::max(inner_of(product_of(product_of(transposed(middle), earlier.v_gram), middle), right_gram), 0.0));
}

/// W_U W_E [d_model, d_model]: from the stream through the logits back to embeddings.
Dense through_vocabulary(const Weights& w, bool fold_ln) {
  const auto d = static_cast<std::size_t>(w.config.d_model), n_vocab = static_cast<std::size_t>(w.config.n_vocab);
  constexpr std::size_t kPanel = 1024;
  std::vector<float> up(d * kPanel), down(kPanel * d);
  Dense out(d, d);
  for (std::size_t first = 0; first < n_vocab; first += kPanel) {
    const std::size_t count = std::min(kPanel, n_vocab - first);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < d; ++j)
        up[j * kPanel + i] = w.unembed.at(static_cast<int>(j), static_cast<int>(first + i)) *
                             (fold_ln ? w.ln_f.gamma.at(static_cast<std::int64_t>(j)) : 1.0F);
    widen(w.wte.data + first * d * size_of(w.wte.dtype), w.wte.dtype, down.data(), count * d);
    cpu::gemm(false, d, d, count, 1.0F, up.data(), kPanel, down.data(), d, first > 0, out.a.data(), d);
  }
  return out;
}

}  // namespace

Result<Circuits> circuits(const Weights& w, bool fold_ln, std::stop_token stop, const std::function<void(double)>& progress) {
  const ModelConfig& c = w.config;
  ThreadPool pool(0);
  pool.parallel_for(1, [](std::size_t) {});  // from here on oneDNN starts no threads of its own on this thread
  std::vector<HeadWeights> heads;
  for (int layer = 0; layer < c.n_layer; ++layer)
    for (int head = 0; head < c.n_head; ++head) {
      const BlockWeights& block = w.blocks[static_cast<std::size_t>(layer)];
      heads.emplace_back(block, c, head, fold_ln ? &block.ln1.gamma : nullptr);
    }
  Circuits out;
  out.n_layer = c.n_layer, out.n_head = c.n_head;
  const std::size_t pairs = heads.size() * heads.size();
  for (auto* list : {&out.q, &out.k, &out.v}) list->assign(pairs, std::numeric_limits<float>::quiet_NaN());
  out.copying = Grid::of({"layer", "head"}, {c.n_layer, c.n_head}, "");
  const Dense vocabulary = through_vocabulary(w, fold_ln);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the circuits were cancelled"));
    const HeadWeights& one = heads[i];
    // x W_V W_O W_U W_E has the non-zero eigenvalues of the small W_O W_U W_E W_V.
    const Dense small = product_of(product_of(one.o, vocabulary), one.v);
    std::complex<double> sum = 0;
    double absolute = 0;
    for (const auto& e : eigenvalues(std::vector<double>(small.a.begin(), small.a.end()), small.rows)) sum += e, absolute += std::abs(e);
    out.copying.values[i] = absolute > 0 ? static_cast<float>(sum.real() / absolute) : std::numeric_limits<float>::quiet_NaN();
    const std::size_t next_layer = (i / static_cast<std::size_t>(c.n_head) + 1) * static_cast<std::size_t>(c.n_head);
    pool.parallel_for(heads.size() - next_layer, [&](std::size_t later) {
      const std::size_t j = next_layer + later;
      const HeadWeights& two = heads[j];
      const std::size_t at = i * heads.size() + j;
      out.q[at] = static_cast<float>(composition_of(one, two.q, two.k_gram) / (one.ov_norm * two.qk_norm));
      out.k[at] = static_cast<float>(composition_of(one, two.k, two.q_gram) / (one.ov_norm * two.qk_norm));
      out.v[at] = static_cast<float>(composition_of(one, two.v, two.o_gram) / (one.ov_norm * two.ov_norm));
    });
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(heads.size()));
  }
  return out;
}

namespace {

constexpr std::array kCircuitsParams{
    Param{.name = "fold-ln",
          .kind = Param::Kind::Flag,
          .doc = phrase("fold LayerNorm's gamma into the weights that read through it"),
          .fallback = "no"},
};
#define GF_COMPOSITION(side, what)                                                           \
  PartInfo {                                                                                 \
    .name = "composition." side, .axes = "layer,head,later layer,later head", .title = what, \
    .doc = phrase("how much of what an earlier head writes a later one reads there")         \
  }
constexpr std::array kCircuitsParts{
    GF_COMPOSITION("q", phrase("composition with queries")),
    GF_COMPOSITION("k", phrase("composition with keys")),
    GF_COMPOSITION("v", phrase("composition with values")),
    PartInfo{.name = "copying",
             .axes = "layer,head",
             .title = phrase("copying"),
             .doc = phrase("whether the head writes the token that it reads (1) or against it (-1)"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "weights",
             .title = phrase("weights"),
             .doc = phrase("raw: as the checkpoint has them; folded: with LayerNorm's gamma in them"),
             .kind = PartInfo::Kind::Words},
};
#undef GF_COMPOSITION

Result<Answer> answer_circuits(const Asking& asking) {
  GF_TRY_ASSIGN(auto c, circuits(*asking.model().weights, asking.params.flag("fold-ln"), asking.stop, asking.progress));
  const auto pairs = [&c](std::vector<float>& values) {
    return Grid{{"layer", "head", "later layer", "later head"}, {c.n_layer, c.n_head, c.n_layer, c.n_head}, "", std::move(values)};
  };
  Answer answer;
  answer.add("composition.q", pairs(c.q));
  answer.add("composition.k", pairs(c.k));
  answer.add("composition.v", pairs(c.v));
  answer.add("copying", std::move(c.copying));
  answer.add("weights", Answer::Words{{}, {}, {asking.params.flag("fold-ln") ? "folded" : "raw"}});
  return answer;
}

}  // namespace

extern constinit const Question kCircuitsQuestion{.name = "circuits",
                                                  .title = phrase("Circuits"),
                                                  .doc = phrase("what the weights alone say: which heads feed which, and which copy"),
                                                  .needs = {.prompt = false},
                                                  .params = kCircuitsParams,
                                                  .parts = kCircuitsParts,
                                                  .answer = answer_circuits};

}  // namespace gf

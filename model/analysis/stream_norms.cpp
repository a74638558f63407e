#include "model/analysis/stream_norms.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/analysis/question.h"
#include "model/base/text.h"
#include "model/cpu/matrix.h"

namespace gf {

namespace {

constexpr int kNormRows = kChunkRows;  // vectors in memory at a time

float length_of(std::span<const float> v) {
  double sum = 0;
  for (const float x : v) sum += static_cast<double>(x) * static_cast<double>(x);
  return static_cast<float>(std::sqrt(sum));
}

}  // namespace

Result<StreamNorms> stream_norms(const Model& model, const Trace& trace, std::stop_token stop) {
  const Weights& w = *model.weights;
  const ModelConfig& c = w.config;
  const int T = trace.length();
  if (T == 0 || !trace.has({HookKind::AttnOut, 0}) || !trace.has({HookKind::MlpOut, 0}))
    return fail(ErrorCode::NotCaptured, text("the norms of the stream need hook_attn_out and hook_mlp_out; capture the default plan"));
  StreamNorms out;
  out.attn = Grid::of({"layer", "position"}, {c.n_layer, T}, "norm");
  out.mlp = Grid::of({"layer", "position"}, {c.n_layer, T}, "norm");
  out.value = Grid::of({"layer", "head", "position"}, {c.n_layer, c.n_head, T}, "norm");
  const auto d_model = static_cast<std::size_t>(c.d_model), d_head = static_cast<std::size_t>(c.d_head);
  std::vector<float> values(kNormRows * d_head), moved(kNormRows * d_model);
  for (int layer = 0; layer < c.n_layer; ++layer) {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the norms of the stream were cancelled"));
    for (int p = 0; p < T; ++p) {
      out.attn.at(layer, p) = length_of(trace.row({HookKind::AttnOut, layer}, p));
      out.mlp.at(layer, p) = length_of(trace.row({HookKind::MlpOut, layer}, p));
    }
    const auto w_o = cpu::PreparedMatrix::of(w.blocks[static_cast<std::size_t>(layer)].o);
    for (int head = 0; head < c.n_head; ++head)
      for (int first = 0; first < T; first += kNormRows) {
        const int rows = std::min(kNormRows, T - first);
        const std::size_t column = static_cast<std::size_t>(head) * d_head;
        for (int r = 0; r < rows; ++r)
          std::ranges::copy(trace.row({HookKind::V, layer}, first + r).subspan(column, d_head),
                            values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(r) * d_head));
        cpu::multiply_rows_of(w_o, column, d_head, values.data(), d_head, static_cast<std::size_t>(rows), moved.data(), d_model);
        for (int r = 0; r < rows; ++r)
          out.value.at(layer, head, first + r) = length_of({moved.data() + static_cast<std::size_t>(r) * d_model, d_model});
      }
  }
  return out;
}

namespace {

constexpr std::array kStreamNormsParts{
    PartInfo{.name = "resid",
             .axes = "depth,position",
             .unit = "norm",
             .title = phrase("length of the stream"),
             .doc = phrase("how long the residual stream is at each depth")},
    PartInfo{.name = "attn_out",
             .axes = "layer,position",
             .unit = "norm",
             .title = phrase("length of what attention writes"),
             .doc = phrase("how much the heads of a block add to the stream")},
    PartInfo{.name = "mlp_out",
             .axes = "layer,position",
             .unit = "norm",
             .title = phrase("length of what the MLP writes"),
             .doc = phrase("how much the MLP of a block adds to the stream")},
    PartInfo{.name = "value",
             .axes = "layer,head,position",
             .unit = "norm",
             .title = phrase("length of what a key moves"),
             .doc = phrase("of a value times W_O: how much a head would add that looks at this position alone")},
    PartInfo{.name = "dimension",
             .axes = "depth,dimension",
             .title = phrase("share of each dimension"),
             .doc = phrase("of the stream's squared length, averaged over the positions"),
             .only = PartInfo::Only::Wanted},
};

/// Of the squared length of the stream at each depth, the mean over the positions.
Grid shares_of_dimensions(const Trace& trace) {
  const int n_layer = trace.config().n_layer, d_model = trace.config().d_model, T = trace.length();
  Grid shares = Grid::of({"depth", "dimension"}, {n_layer + 1, d_model}, "");
  for (int depth = 0; depth <= n_layer; ++depth) {
    std::vector<double> sums(static_cast<std::size_t>(d_model));
    for (int p = 0; p < T; ++p) {
      const auto row = trace.row(stream_hook(depth, n_layer), p);
      double squares = 0;
      for (const float x : row) squares += static_cast<double>(x) * static_cast<double>(x);
      for (std::size_t i = 0; i < row.size(); ++i) sums[i] += static_cast<double>(row[i]) * static_cast<double>(row[i]) / squares;
    }
    for (int i = 0; i < d_model; ++i) shares.at(depth, i) = static_cast<float>(sums[static_cast<std::size_t>(i)] / T);
  }
  return shares;
}

Result<Answer> answer_stream_norms(const Asking& asking) {
  const Trace& trace = asking.trace();
  const int n_layer = trace.config().n_layer, T = trace.length();
  if (!trace.has({HookKind::ResidPost, n_layer - 1}))
    return fail(ErrorCode::NotCaptured, text("the norms of the stream need {0}; capture the default plan", "hook_resid_post"));
  if (asking.wanted.size() == 1 && asking.wants("dimension")) {
    Answer shares;
    shares.add("dimension", shares_of_dimensions(trace));
    return shares;
  }
  GF_TRY_ASSIGN(auto norms, stream_norms(asking.model(), trace, asking.stop));
  Grid resid = Grid::of({"depth", "position"}, {n_layer + 1, T}, "norm");
  for (int depth = 0; depth <= n_layer; ++depth)
    for (int p = 0; p < T; ++p) resid.at(depth, p) = length_of(trace.row(stream_hook(depth, n_layer), p));
  Answer answer;
  answer.add("resid", std::move(resid));
  answer.add("attn_out", std::move(norms.attn));
  answer.add("mlp_out", std::move(norms.mlp));
  answer.add("value", std::move(norms.value));
  if (!asking.wanted.empty() && asking.wants("dimension")) answer.add("dimension", shares_of_dimensions(trace));
  return answer;
}

}  // namespace

extern constinit const Question kStreamNormsQuestion{.name = "stream-norms",
                                                     .title = phrase("Lengths in the stream"),
                                                     .doc = phrase("how long the residual stream is, and how much each part adds to it"),
                                                     .needs = {.pattern = false},
                                                     .params = {},
                                                     .parts = kStreamNormsParts,
                                                     .answer = answer_stream_norms};

}  // namespace gf

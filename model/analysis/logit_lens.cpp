#include "model/analysis/logit_lens.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "model/analysis/question.h"
#include "model/analysis/ranked.h"
#include "model/analysis/sweeping.h"
#include "model/base/logits.h"
#include "model/base/text.h"
#include "model/cpu/matrix.h"
#include "model/io/lens_file.h"

namespace gf {

namespace {

constexpr int kLensRows = kChunkRows;  // rows of logits that are in memory at a time, or those of one position

/// (x - mean) / scale * gamma + beta
void final_norm_of(const Weights& w, std::span<const float> x, float* out) {
  const auto n = static_cast<double>(x.size());
  double mean = 0, squares = 0;
  for (const float v : x) mean += static_cast<double>(v) / n;
  for (const float v : x) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean) / n;
  const double scale = std::sqrt(squares + static_cast<double>(w.config.layer_norm_eps));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const double beta = w.ln_f.beta.empty() ? 0.0 : static_cast<double>(w.ln_f.beta.at(at));
    out[i] = static_cast<float>((static_cast<double>(x[i]) - mean) / scale * static_cast<double>(w.ln_f.gamma.at(at)) + beta);
  }
}

/// What one row of logits says.
struct LensReading {
  std::span<const float> logits;
  double log_sum = 0;
  explicit LensReading(std::span<const float> row) : logits(row), log_sum(log_sum_exp(row)) {}
  [[nodiscard]] float logprob(TokenId id) const { return static_cast<float>(logprob_of(logits, id.index(), log_sum)); }
  [[nodiscard]] float rank(TokenId id) const {
    const int rank = rank_of(logits, id.index());
    return rank < 0 || std::isnan(log_sum) ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(rank);
  }
  [[nodiscard]] float entropy() const { return static_cast<float>(entropy_of(logits, log_sum)); }
  void top(int k, std::vector<int>& order, std::span<LogitLens::Token> out) const {
    order.resize(logits.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::partial_sort(order, order.begin() + k, [this](int a, int b) {
      const float x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
      return ranks_before(x, y) || (!ranks_before(y, x) && a < b);
    });
    for (int i = 0; i < k; ++i) {
      const TokenId id(order[static_cast<std::size_t>(i)]);
      out[static_cast<std::size_t>(i)] = {id, logprob(id)};
    }
  }
};

}  // namespace

Result<LogitLens> logit_lens(const Model& model, const Trace& trace, const LensOptions& options, std::stop_token stop) {
  const Weights& w = *model.weights;
  const ModelConfig& c = w.config;
  const int T = trace.length(), depths = c.n_layer + 1;
  if (T == 0 || !trace.has({HookKind::ResidPost, c.n_layer - 1}))
    return fail(ErrorCode::NotCaptured, text("the logit lens needs hook_resid_post; capture the default plan"));
  if (options.target) GF_TRY(check_tokens(c, *options.target, {}));
  LogitLens out;
  out.k = std::clamp(options.k, 0, c.n_vocab);
  out.entropy = Grid::of({"depth", "position"}, {depths, T}, "nats");
  out.logprob_of_next = Grid::of({"depth", "position"}, {depths, T - 1}, "nats");
  out.rank_of_next = Grid::of({"depth", "position"}, {depths, T - 1}, "");
  if (options.target) out.logprob_of_target = Grid::of({"depth"}, {depths}, "nats");
  if (options.kl) out.kl_to_final = Grid::of({"depth", "position"}, {depths, T}, "nats");
  out.top.resize(static_cast<std::size_t>(depths) * static_cast<std::size_t>(T) * static_cast<std::size_t>(out.k));
  const int target_at = options.position < 0 ? T - 1 : options.position;

  ThreadPool pool(0);
  const cpu::Kernels& kernels = cpu::best_kernels();
  const cpu::PreparedMatrix unembed = cpu::PreparedMatrix::of(w.unembed);
  const auto d_model = static_cast<std::size_t>(c.d_model), n_vocab = static_cast<std::size_t>(c.n_vocab);
  // All depths of some positions share a product, because most of the cost is reading the unembedding.
  const int positions_at_once = std::max(1, kLensRows / depths), all = depths * T;
  const auto rows_at_once = static_cast<std::size_t>(positions_at_once * depths);
  std::vector<float> stream(rows_at_once * d_model), logits(rows_at_once * n_vocab), mapped(d_model);
  std::vector<int> order;
  for (int first = 0; first < all; first += positions_at_once * depths) {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the logit lens was cancelled"));
    const int rows = std::min(positions_at_once * depths, all - first);
    for (int r = 0; r < rows; ++r) {
      const int d = (first + r) % depths;
      auto row = trace.row(stream_hook(d, c.n_layer), (first + r) / depths);
      if (options.lens != nullptr && options.lens->depths[static_cast<std::size_t>(d)]) {
        options.lens->depths[static_cast<std::size_t>(d)]->apply(row, mapped);
        row = mapped;
      }
      final_norm_of(w, row, stream.data() + static_cast<std::size_t>(r) * d_model);
    }
    const StepRows x{{stream.data()}, d_model}, y{{logits.data()}, n_vocab};
    const Segment segment{0, rows, 0};
    const cpu::Product product{.x = &x, .w = &unembed, .n = n_vocab, .y = &y};
    cpu::multiply(pool, kernels, {&segment, 1}, {&product, 1});
    const auto logits_of = [&](int r) { return std::span<const float>(logits.data() + static_cast<std::size_t>(r) * n_vocab, n_vocab); };
    for (int r = 0; options.kl && r < rows; r += depths) {
      const KlFrom last(logits_of(r + depths - 1));
      for (int d = 0; d < depths; ++d) out.kl_to_final.at(d, (first + r) / depths) = static_cast<float>(last.to(logits_of(r + d)));
    }
    for (int r = 0; r < rows; ++r) {
      const int d = (first + r) % depths, p = (first + r) / depths;
      const LensReading reading(logits_of(r));
      out.entropy.at(d, p) = reading.entropy();
      const auto k = static_cast<std::size_t>(out.k);
      reading.top(out.k, order, std::span(out.top).subspan(static_cast<std::size_t>(d * T + p) * k, k));
      if (p + 1 < T) {
        const TokenId next = trace.ids()[static_cast<std::size_t>(p) + 1];
        out.logprob_of_next.at(d, p) = reading.logprob(next);
        out.rank_of_next.at(d, p) = reading.rank(next);
      }
      if (options.target && p == target_at) out.logprob_of_target.at(d) = reading.logprob(*options.target);
    }
  }
  return out;
}

namespace {

constexpr std::array kLensParams{
    Param{.name = "top", .kind = Param::Kind::Whole, .doc = phrase("tokens that are listed"), .fallback = "5", .low = 1, .high = 1000},
    Param{.name = "lens",
          .kind = Param::Kind::Text,
          .doc = phrase(
              "a tuned lens (its folder) or a Jacobian lens (its .pt file) to read through; without it the stream is read as it is")},
};
constexpr std::array kLensParts{
    PartInfo{.name = "top",
             .axes = "depth,position,k",
             .title = phrase("words of the lens"),
             .doc = phrase("the likeliest next tokens at each depth"),
             .kind = PartInfo::Kind::Tokens},
    PartInfo{.name = "logprob_of_next",
             .axes = "depth,position",
             .unit = "nats",
             .title = phrase("lens log-probability"),
             .doc = phrase("of the token that really follows")},
    PartInfo{.name = "rank_of_next",
             .axes = "depth,position",
             .title = phrase("lens rank"),
             .doc = phrase("how many tokens the lens finds likelier than the one that follows")},
    PartInfo{.name = "kl_to_final",
             .axes = "depth,position",
             .unit = "nats",
             .title = phrase("KL to the final distribution"),
             .doc = phrase("how far what the lens says is from what the model says in the end")},
    PartInfo{.name = "kl_by_depth",
             .axes = "depth",
             .unit = "nats",
             .title = phrase("KL to the final distribution by depth"),
             .doc = phrase("how far what the lens says is from what the model says in the end, mean over positions")},
    PartInfo{.name = "kl_by_depth_plain",
             .axes = "depth",
             .unit = "nats",
             .title = phrase("KL of the logit lens by depth"),
             .doc = phrase("the same without the lens of a file, which is to be better"),
             .only = PartInfo::Only::ByParams},
    PartInfo{.name = "logprob_of_target",
             .axes = "depth",
             .unit = "nats",
             .title = phrase("lens log-probability of the target"),
             .doc = phrase("at the position that is explained"),
             .only = PartInfo::Only::WithTarget},
};

/// [depth, position] to [depth].
Grid mean_over_positions(const Grid& grid) {
  Grid means = Grid::of({"depth"}, {grid.shape[0]}, grid.unit);
  for (int d = 0; d < grid.shape[0]; ++d) {
    double sum = 0;
    for (int p = 0; p < grid.shape[1]; ++p) sum += static_cast<double>(grid.at(d, p));
    means.at(d) = static_cast<float>(sum / grid.shape[1]);
  }
  return means;
}

Result<Answer> answer_logit_lens(const Asking& asking) {
  const bool by_depth = asking.wants("kl_by_depth"), plain = asking.wants("kl_by_depth_plain");
  LensOptions options{
      .k = asking.params.whole("top"), .target = asking.a, .position = asking.at(), .kl = asking.wants("kl_to_final") || by_depth};
  std::optional<LensFile> file;
  if (const std::string path = asking.params.text("lens"); !path.empty()) {
    GF_TRY_ASSIGN(file, read_lens(path, asking.model().weights->config));
    options.lens = &*file;
  }
  GF_TRY_ASSIGN(auto lens, logit_lens(asking.model(), asking.trace(), options, asking.stop));
  Answer::Tokens top{{"depth", "position", "k"}, {lens.entropy.shape[0], lens.entropy.shape[1], lens.k}, {}, "logprob", "nats", {}};
  for (const LogitLens::Token& token : lens.top) {
    top.ids.push_back(token.id);
    top.values.push_back(token.logprob);
  }
  Answer answer;
  answer.add("top", std::move(top));
  answer.add("logprob_of_next", std::move(lens.logprob_of_next));
  answer.add("rank_of_next", std::move(lens.rank_of_next));
  if (by_depth) answer.add("kl_by_depth", mean_over_positions(lens.kl_to_final));
  if (plain && (file || !asking.wanted.empty())) {
    GF_TRY_ASSIGN(const auto without,
                  logit_lens(asking.model(), asking.trace(), {.k = 0, .target = {}, .position = -1, .kl = true}, asking.stop));
    answer.add("kl_by_depth_plain", mean_over_positions(without.kl_to_final));
  }
  if (asking.wants("kl_to_final")) answer.add("kl_to_final", std::move(lens.kl_to_final));
  if (asking.a) answer.add("logprob_of_target", std::move(lens.logprob_of_target));
  return answer;
}

}  // namespace

extern constinit const Question kLogitLensQuestion{.name = "logit-lens",
                                                   .title = phrase("Logit lens"),
                                                   .doc = phrase("what the residual stream of each depth would say next"),
                                                   .needs = {.a = TokenNeed::Optional, .pattern = false, .position = true},
                                                   .params = kLensParams,
                                                   .parts = kLensParts,
                                                   .answer = answer_logit_lens};

}  // namespace gf

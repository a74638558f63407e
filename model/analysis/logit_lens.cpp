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

constexpr int kLensRows = kChunkRows;  // rows of logits that are in memory at a time

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
  void top(int k, std::vector<int>& order, std::vector<LogitLens::Token>& out) const {
    order.resize(logits.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::partial_sort(order, order.begin() + k, [this](int a, int b) {
      const float x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
      return ranks_before(x, y) || (!ranks_before(y, x) && a < b);
    });
    for (int i = 0; i < k; ++i) {
      const TokenId id(order[static_cast<std::size_t>(i)]);
      out.push_back({id, logprob(id)});
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
  const int target_at = options.position < 0 ? T - 1 : options.position;

  ThreadPool pool(0);
  const cpu::Kernels& kernels = cpu::best_kernels();
  const cpu::PreparedMatrix unembed = cpu::PreparedMatrix::of(w.unembed);
  const auto d_model = static_cast<std::size_t>(c.d_model), n_vocab = static_cast<std::size_t>(c.n_vocab);
  std::vector<float> stream(kLensRows * d_model), logits(kLensRows * n_vocab), mapped(d_model);
  std::vector<int> order;
  // Rows of neighbouring depths share a product, because most of the cost is reading the unembedding.
  const int all = depths * T;
  for (int first = 0; first < all; first += kLensRows) {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the logit lens was cancelled"));
    const int rows = std::min(kLensRows, all - first);
    for (int r = 0; r < rows; ++r) {
      const int d = (first + r) / T;
      auto row = trace.row(stream_hook(d, c.n_layer), (first + r) % T);
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
    for (int r = 0; r < rows; ++r) {
      const int d = (first + r) / T, p = (first + r) % T;
      const LensReading reading({logits.data() + static_cast<std::size_t>(r) * n_vocab, n_vocab});
      out.entropy.at(d, p) = reading.entropy();
      reading.top(out.k, order, out.top);
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
    PartInfo{.name = "logprob_of_target",
             .axes = "depth",
             .unit = "nats",
             .title = phrase("lens log-probability of the target"),
             .doc = phrase("at the position that is explained"),
             .only = PartInfo::Only::WithTarget},
};

Result<Answer> answer_logit_lens(const Asking& asking) {
  LensOptions options{.k = asking.params.whole("top"), .target = asking.a, .position = asking.at()};
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

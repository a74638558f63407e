#include "model/lenses/tuned_lens_fit.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>

#include "model/base/files/whole_file.h"
#include "model/base/logits.h"
#include "model/base/text.h"
#include "model/cpu/matrix.h"
#include "model/io/files/torch_write.h"

namespace gf {

namespace {

constexpr double kLensBeta1 = 0.9, kLensBeta2 = 0.999, kLensEpsilon = 1e-8;
constexpr std::size_t kLensRowsOfShare = 32;

/// ln_final of a row, and what its slope needs.
struct FinalNorm {
  std::span<const float> gamma, beta;
  double epsilon;
  struct Scale {
    double mean, scale;
  };
  Scale apply(std::span<const float> x, std::span<float> out) const {
    const auto n = static_cast<double>(x.size());
    double mean = 0, squares = 0;
    for (const float v : x) mean += static_cast<double>(v) / n;
    for (const float v : x) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean) / n;
    const double scale = std::sqrt(squares + epsilon);
    for (std::size_t i = 0; i < x.size(); ++i)
      out[i] =
          static_cast<float>((static_cast<double>(x[i]) - mean) / scale * static_cast<double>(gamma[i]) + static_cast<double>(beta[i]));
    return {mean, scale};
  }
  /// dm/dx from dm/d(output), in place of the latter.
  void slope(std::span<const float> x, const Scale& s, std::span<float> slope) const {
    const auto n = static_cast<double>(x.size());
    double sum = 0, along = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double g = static_cast<double>(slope[i]) * static_cast<double>(gamma[i]);
      sum += g;
      along += g * (static_cast<double>(x[i]) - s.mean) / s.scale;
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double g = static_cast<double>(slope[i]) * static_cast<double>(gamma[i]),
                   normed = (static_cast<double>(x[i]) - s.mean) / s.scale;
      slope[i] = static_cast<float>((g - sum / n - normed * along / n) / s.scale);
    }
  }
};

std::vector<float> lens_vector(const TensorView& view, std::size_t n) {
  std::vector<float> values(n);
  if (!view.empty()) widen(view.data, view.dtype, values.data(), n);
  return values;
}

}  // namespace

TunedLensFit::TunedLensFit(const Weights& model, const LensFitOptions& options, int threads)
    : model_(model),
      options_(options),
      pool_(threads),
      d_(static_cast<std::size_t>(model.config.d_model)),
      n_vocab_(static_cast<std::size_t>(model.config.n_vocab)),
      gamma_(lens_vector(model.ln_f.gamma, d_)),
      beta_(lens_vector(model.ln_f.beta, d_)) {
  unembed_.resize(n_vocab_ * d_);
  if (!model.unembed.in_major) {
    widen(model.unembed.view.data, model.unembed.view.dtype, unembed_.data(), unembed_.size());
  } else {
    for (std::size_t t = 0; t < n_vocab_; ++t)
      for (std::size_t i = 0; i < d_; ++i) unembed_[t * d_ + i] = model.unembed.at(static_cast<int>(i), static_cast<int>(t));
  }
  const std::vector<std::vector<float>> zeros(static_cast<std::size_t>(model.config.n_layer), std::vector<float>(d_ * d_ + d_));
  maps_ = gradients_ = first_ = second_ = zeros;
  slopes_.resize(zeros.size());
}

Result<std::unique_ptr<TunedLensFit>> TunedLensFit::create(const Weights& model, const LensFitOptions& options, int threads) {
  try {
    return std::unique_ptr<TunedLensFit>(new TunedLensFit(model, options, threads));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::OutOfMemory, text("there is no memory for the maps of {0} depths with {1} numbers each", model.config.n_layer,
                                             std::int64_t{model.config.d_model} * model.config.d_model));
  }
}

std::vector<double> TunedLensFit::pass(const LensRows& rows, Want want, int first, int end) {
  const std::size_t m = rows.depths.front().size() / d_, depths = maps_.size();
  EXPECTS(rows.depths.size() == depths + 1 && m > 0, "rows of every depth");
  const std::size_t shares = (m + kLensRowsOfShare - 1) / kLensRowsOfShare;
  std::vector<std::vector<double>> kl(depths, std::vector<double>(m));
  if (want == Want::Slopes)
    for (int depth = first; depth < end; ++depth) slopes_[static_cast<std::size_t>(depth)].resize(m * d_);
  const FinalNorm norm{gamma_, beta_, static_cast<double>(model_.config.layer_norm_eps)};
  pool_.parallel_for(shares, [&](std::size_t s) {
    const std::size_t begin = s * kLensRowsOfShare, count = std::min(kLensRowsOfShare, m - begin);
    std::vector<float> mapped(count * d_), normed(count * d_), logits(count * n_vocab_), final_logits(count * n_vocab_);
    std::vector<FinalNorm::Scale> scales(count);
    const auto read = [&](const float* stream, std::vector<float>& out) {
      for (std::size_t r = 0; r < count; ++r) scales[r] = norm.apply({stream + r * d_, d_}, std::span(normed).subspan(r * d_, d_));
      cpu::gemm(true, count, n_vocab_, d_, 1.0F, normed.data(), d_, unembed_.data(), d_, false, out.data(), n_vocab_);
    };
    read(rows.depths.back().data() + begin * d_, final_logits);
    for (auto depth = static_cast<std::size_t>(first); depth < static_cast<std::size_t>(end); ++depth) {
      const float* stream = rows.depths[depth].data() + begin * d_;
      std::copy_n(stream, count * d_, mapped.data());
      if (want != Want::Plain) {
        const float *w = maps_[depth].data(), *b = w + d_ * d_;
        cpu::gemm(true, count, d_, d_, 1.0F, stream, d_, w, d_, true, mapped.data(), d_);
        for (std::size_t i = 0; i < count * d_; ++i) mapped[i] += b[i % d_];
      }
      read(mapped.data(), logits);
      for (std::size_t r = 0; r < count; ++r) {
        const std::span final_row(final_logits.data() + r * n_vocab_, n_vocab_), row(logits.data() + r * n_vocab_, n_vocab_);
        const double final_sum = log_sum_exp(final_row), sum = log_sum_exp(row);
        double total = 0;
        for (std::size_t t = 0; t < n_vocab_; ++t) {
          const double log_q = static_cast<double>(final_row[t]) - final_sum, log_p = static_cast<double>(row[t]) - sum,
                       q = std::exp(log_q);
          total += q * (log_q - log_p);
          if (want == Want::Slopes) row[t] = static_cast<float>((std::exp(log_p) - q) / static_cast<double>(m));
        }
        kl[depth][begin + r] = total;
      }
      if (want != Want::Slopes) continue;
      float* slopes = slopes_[depth].data() + begin * d_;
      cpu::gemm(false, count, d_, n_vocab_, 1.0F, logits.data(), n_vocab_, unembed_.data(), d_, false, slopes, d_);
      for (std::size_t r = 0; r < count; ++r) norm.slope({mapped.data() + r * d_, d_}, scales[r], {slopes + r * d_, d_});
    }
  });
  std::vector<double> means(depths);
  for (std::size_t depth = 0; depth < depths; ++depth)
    for (const double x : kl[depth]) means[depth] += x / static_cast<double>(m);
  return means;
}

void TunedLensFit::gradient_of(const LensRows& rows, int depth, std::vector<float>& gradient) {
  const auto at = static_cast<std::size_t>(depth);
  const std::vector<float>& slopes = slopes_[at];
  gradient.assign(d_ * d_ + d_, 0.0F);
  cpu::gemm_of_transpose(d_, d_, slopes.size() / d_, 1.0F, slopes.data(), d_, rows.depths[at].data(), d_, false, gradient.data(), d_);
  for (std::size_t i = 0; i < slopes.size(); ++i) gradient[d_ * d_ + i % d_] += slopes[i];
}

double TunedLensFit::kl_and_gradient(const LensRows& rows, int depth, std::vector<float>& gradient) {
  const double kl = pass(rows, Want::Slopes, depth, depth + 1)[static_cast<std::size_t>(depth)];
  gradient_of(rows, depth, gradient);
  return kl;
}

void TunedLensFit::move(int depth) {
  const auto at = static_cast<std::size_t>(depth);
  const double count = static_cast<double>(step_ + 1), correct1 = 1 - std::pow(kLensBeta1, count),
               correct2 = 1 - std::pow(kLensBeta2, count);
  const double left = static_cast<double>(options_.steps - step_) / static_cast<double>(std::max<std::int64_t>(1, options_.steps));
  const double rate = options_.rate * std::clamp(left, 0.0, 1.0);
  for (std::size_t i = 0; i < maps_[at].size(); ++i) {
    const double slope = static_cast<double>(gradients_[at][i]);
    first_[at][i] = static_cast<float>(kLensBeta1 * static_cast<double>(first_[at][i]) + (1 - kLensBeta1) * slope);
    second_[at][i] = static_cast<float>(kLensBeta2 * static_cast<double>(second_[at][i]) + (1 - kLensBeta2) * slope * slope);
    maps_[at][i] = static_cast<float>(static_cast<double>(maps_[at][i]) -
                                      rate * (static_cast<double>(first_[at][i]) / correct1) /
                                          (std::sqrt(static_cast<double>(second_[at][i]) / correct2) + kLensEpsilon));
  }
}

std::vector<double> TunedLensFit::step(const LensRows& rows) {
  const auto depths = static_cast<int>(maps_.size());
  auto kl = pass(rows, Want::Slopes, 0, depths);
  pool_.parallel_for(maps_.size(), [&](std::size_t depth) {
    gradient_of(rows, static_cast<int>(depth), gradients_[depth]);
    move(static_cast<int>(depth));
  });
  ++step_;
  return kl;
}

std::vector<double> TunedLensFit::measure(const LensRows& rows, bool plain) {
  return pass(rows, plain ? Want::Plain : Want::Kl, 0, static_cast<int>(maps_.size()));
}

Result<void> TunedLensFit::save(const std::string& folder) const {
  const auto d = static_cast<std::int64_t>(d_);
  std::vector<TorchTensor> tensors;
  for (std::size_t depth = 0; depth < maps_.size(); ++depth) {
    const std::span<const float> map(maps_[depth]);
    tensors.push_back({std::to_string(depth) + ".weight", {d, d}, map.first(d_ * d_)});
    tensors.push_back({std::to_string(depth) + ".bias", {d}, map.subspan(d_ * d_)});
  }
  const std::filesystem::path place(folder);
  GF_TRY(write_torch_tensors((place / "params.pt").string(), tensors));
  const nlohmann::ordered_json config = {{"base_model_name_or_path", model_.name},
                                         {"d_model", d},
                                         {"num_hidden_layers", model_.config.n_layer},
                                         {"bias", true},
                                         {"base_model_revision", nullptr},
                                         {"unembed_hash", nullptr},
                                         {"lens_type", "linear_tuned_lens"}};
  return write_whole_file((place / "config.json").string(), config.dump(1) + "\n");
}

}  // namespace gf

#include "app/cli/text_rows.h"

#include "app/cli/options.h"
#include "model/base/text.h"

namespace gf::cli {

namespace {

constexpr double kHeldOutOfText = 0.05;

}  // namespace

Result<TextRows> TextRows::make(const From& from, int threads) {
  TextRows made;
  made.from_ = from;
  ModelOptions options;
  options.model = from.model;
  GF_TRY_ASSIGN(made.model_, open(options));
  const ModelConfig& c = made.model_->weights->config;
  if (from.context > c.n_ctx)
    return fail(ErrorCode::InvalidArgument,
                text("A sequence of {0} tokens does not fit the model's context of {1}; give a smaller --context.", from.context, c.n_ctx));
  GF_TRY_ASSIGN(const std::string corpus, training::read_training_text(from.corpus));
  GF_TRY_ASSIGN(auto ids, made.model_->tokenizer->ids_of(corpus));
  GF_TRY_ASSIGN(auto data, training::TrainingData::make(std::move(ids), c.n_vocab, from.context, kHeldOutOfText, from.corpus));
  made.data_ = std::make_unique<training::TrainingData>(std::move(data));
  Session::Options session;
  session.threads = threads;
  GF_TRY_ASSIGN(made.session_, Session::create(made.model_, session));
  return made;
}

Result<std::vector<std::vector<float>>> TextRows::of_step(std::span<const HookId> hooks, std::int64_t step, const std::stop_token& stop) {
  data_->batch(step, from_.batch, training::Order::Random, from_.seed, batch_);
  return rows(hooks, stop);
}

Result<std::vector<std::vector<float>>> TextRows::held_out(std::span<const HookId> hooks, int i, const std::stop_token& stop) {
  if (!data_->held_out_batch(i, from_.batch, batch_)) return std::vector<std::vector<float>>{};
  return rows(hooks, stop);
}

Result<std::vector<std::vector<float>>> TextRows::rows(std::span<const HookId> hooks, const std::stop_token& stop) {
  std::vector<std::vector<float>> all(hooks.size());
  CapturePlan plan = CapturePlan::none();
  for (const HookId hook : hooks) plan.want(hook.kind);
  plan.last_stats_only = true;
  for (int i = 0; i < batch_.B; ++i) {
    const auto ids = std::span(batch_.inputs).subspan(static_cast<std::size_t>(i * batch_.T), static_cast<std::size_t>(batch_.T));
    GF_TRY_ASSIGN(const Trace run, session_->pass(ids, batch_.T, plan, nullptr, stop));
    for (std::size_t h = 0; h < hooks.size(); ++h)
      for (int p = 0; p < batch_.T; ++p) {
        const auto row = run.row(hooks[h], p);
        if (i == 0 && p == 0) all[h].reserve(batch_.inputs.size() * row.size());
        all[h].insert(all[h].end(), row.begin(), row.end());
      }
  }
  return all;
}

}  // namespace gf::cli

#include "model/analysis/head_fit.h"

#include <algorithm>
#include <cmath>

#include "model/analysis/row_states.h"
#include "model/backend.h"
#include "model/base/logits.h"
#include "model/base/text.h"
#include "model/cpu/kernels.h"
#include "model/edits/compiled.h"
#include "model/tokenizer/one_token.h"
#include "model/training/adamw.h"

namespace gf {

namespace {

constexpr training::AdamWOptions kHeadFitAdamW{.beta2 = 0.999};  // the rest is as torch.optim.AdamW has it

std::size_t first_number_of(const UnitRef& head, const ModelConfig& c) {
  return static_cast<std::size_t>(head.layer * c.n_head + head.index) * static_cast<std::size_t>(c.d_head);
}

/// The values in a pass; what flows back through them adds up in `slopes`.
class ValuedHeads final : public CompiledEdits {
 public:
  ValuedHeads(const ModelConfig& config, const HeadValues& values, HeadSlopes* slopes)
      : width_(static_cast<std::size_t>(config.n_head) * static_cast<std::size_t>(config.d_head)), values_(values), slopes_(slopes) {
    const auto changes = [&](std::size_t begin) {
      for (std::size_t i = begin; i < begin + width_; ++i)
        if (values.gain[i] != 1 || values.offset[i] != 0) return true;
      return false;
    };
    for (int layer = 0; layer < config.n_layer; ++layer)
      touched_.push_back(slopes != nullptr || changes(static_cast<std::size_t>(layer) * width_));
  }

  [[nodiscard]] bool touches(HookId hook) const override {
    return hook.kind == HookKind::Z && touched_[static_cast<std::size_t>(hook.layer)];
  }
  [[nodiscard]] int first_block() const override { return 0; }
  void begin_step(int /*first_position*/, int /*rows*/, int /*length*/) override {}
  void apply(HookId hook, int /*first_position*/, int rows, float* data, std::size_t stride) override {
    const std::size_t begin = static_cast<std::size_t>(hook.layer) * width_;
    for (int r = 0; r < rows; ++r) {
      float* z = data + static_cast<std::size_t>(r) * stride;
      for (std::size_t i = 0; i < width_; ++i) z[i] = values_.gain[begin + i] * z[i] + values_.offset[begin + i];
    }
  }
  void apply_causal(HookId /*hook*/, int /*query*/, float* /*row*/) override {}
  void apply_slope(HookId hook, int /*position*/, std::span<const float> before, std::span<float> slope) override {
    const std::size_t begin = static_cast<std::size_t>(hook.layer) * width_;
    for (std::size_t i = 0; i < width_; ++i) {
      slopes_->gain[begin + i] += static_cast<double>(slope[i]) * static_cast<double>(before[i]);
      slopes_->offset[begin + i] += static_cast<double>(slope[i]);
      slope[i] *= values_.gain[begin + i];
    }
  }
  [[nodiscard]] std::vector<Receipt> receipts() const override { return {}; }

 private:
  std::size_t width_;
  const HeadValues& values_;
  HeadSlopes* slopes_;
  std::vector<bool> touched_;
};

tl::unexpected<Error> wrong_row(const TaggedPrompt& row, const Error& error) {
  return fail(ErrorCode::InvalidArgument, text("row {0}: {1}", row.row, error.message));
}

}  // namespace

Result<std::vector<TaughtPrompt>> taught_prompts(const TaggedSet& set, const Model& model, bool opposite) {
  std::vector<TaughtPrompt> taught;
  const int n_vocab = model.weights->config.n_vocab;
  for (const TaggedPrompt& row : set.rows) {
    const std::string &target = opposite ? row.against : row.target, &against = opposite ? row.target : row.against;
    if (target.empty()) continue;
    auto id = one_token(target, *model.tokenizer, n_vocab);
    if (!id) return wrong_row(row, id.error());
    TaughtPrompt prompt{row.ids, *id, {}};
    if (!against.empty()) {
      auto other = one_token(against, *model.tokenizer, n_vocab);
      if (!other) return wrong_row(row, other.error());
      prompt.against = *other;
    }
    taught.push_back(std::move(prompt));
  }
  if (taught.empty())
    return fail(ErrorCode::InvalidArgument, text("The prompts of {0} have no word that should follow; give each row \"{1}\": \" word\".",
                                                 set.name, opposite ? "against" : "target"));
  return taught;
}

HeadValues::HeadValues(const ModelConfig& config) {
  const auto count =
      static_cast<std::size_t>(config.n_layer) * static_cast<std::size_t>(config.n_head) * static_cast<std::size_t>(config.d_head);
  gain.assign(count, 1.0F);
  offset.assign(count, 0.0F);
}

Result<double> taught_loss(Session& session, std::span<const TaughtPrompt* const> prompts, const HeadValues& values, HeadSlopes* slopes,
                           const std::stop_token& stop) {
  EXPECTS(!prompts.empty(), "a prompt");
  const ModelConfig& c = session.model().weights->config;
  if (slopes != nullptr) {
    slopes->gain.assign(values.gain.size(), 0.0);
    slopes->offset.assign(values.offset.size(), 0.0);
  }
  ValuedHeads edits(c, values, slopes);
  CapturePlan plan = slopes != nullptr ? backward_plan() : CapturePlan::none();
  plan.last_stats_only = true;
  const double share = 1.0 / static_cast<double>(prompts.size());
  double loss = 0;
  for (const TaughtPrompt* prompt : prompts) {
    const int T = static_cast<int>(prompt->ids.size());
    GF_TRY_ASSIGN(const Trace run, session.pass(prompt->ids, T, plan, &edits, stop));
    const auto logits = run.last_logits();
    loss -= share * logprob_of(logits, prompt->target.index());
    if (slopes == nullptr) continue;
    LogitSlope slope{T - 1, {logits.begin(), logits.end()}};
    softmax(slope.values);
    slope.values[prompt->target.index()] -= 1;
    for (float& x : slope.values) x = static_cast<float>(share * static_cast<double>(x));
    GF_TRY_ASSIGN(const Trace back, session.gradients(run, {&slope, 1}, CapturePlan::none(), &edits, stop));
  }
  return loss;
}

Result<TaughtScore> taught_score(Session& session, std::span<const TaughtPrompt> prompts, const HeadValues& values,
                                 const std::stop_token& stop) {
  ValuedHeads edits(session.model().weights->config, values, nullptr);
  CapturePlan plan = CapturePlan::none();
  plan.last_stats_only = true;
  TaughtScore score;
  for (const TaughtPrompt& prompt : prompts) {
    GF_TRY_ASSIGN(const Trace run, session.pass(prompt.ids, static_cast<int>(prompt.ids.size()), plan, &edits, stop));
    const auto logits = run.last_logits();
    const std::size_t target = prompt.target.index();
    const bool right = prompt.against ? logits[target] > logits[prompt.against->index()] : rank_of(logits, target) == 0;
    score.accuracy += right ? 1 : 0;
    score.logprob += logprob_of(logits, target);
  }
  score.accuracy /= static_cast<double>(prompts.size());
  score.logprob /= static_cast<double>(prompts.size());
  return score;
}

HeadFit::HeadFit(Session& session, std::span<const TaughtPrompt> prompts, const HeadFitOptions& options, std::stop_token stop)
    : session_(session), prompts_(prompts), options_(options), stop_(std::move(stop)) {
  EXPECTS(!prompts.empty() && options.batch > 0, "prompts to fit to");
}

int HeadFit::steps() const {
  const int n = static_cast<int>(prompts_.size()), batch = std::min(options_.batch, n);
  return options_.epochs * ((n + batch - 1) / batch);
}

Result<HeadFit::Fitted> HeadFit::descend(std::size_t count, const ToValues& to_values, const ToGradient& to_gradient) {
  Fitted fitted{HeadValues(session_.model().weights->config), {}};
  std::vector<float> parameters(count), gradient(count), first(count), second(count);
  const int all = steps();
  const std::size_t n = prompts_.size(), batch = std::min(static_cast<std::size_t>(options_.batch), n);
  HeadSlopes slopes;
  for (int epoch = 0, step = 0; epoch < options_.epochs; ++epoch) {
    const auto order = shuffled_order(n, options_.seed, static_cast<std::uint32_t>(epoch));
    for (std::size_t begin = 0; begin < n; begin += batch, ++step) {
      std::vector<const TaughtPrompt*> own;
      for (std::size_t i = begin; i < std::min(n, begin + batch); ++i) own.push_back(&prompts_[order[i]]);
      GF_TRY_ASSIGN(const double loss, taught_loss(session_, own, fitted.values, &slopes, stop_));
      if (!std::isfinite(loss))
        return fail(ErrorCode::InvalidArgument, text("The loss is not a number at step {0}; give a smaller learning rate.", step + 1));
      fitted.losses.push_back(static_cast<float>(loss));
      to_gradient(slopes, gradient);
      for (std::size_t i = 0; i < count; ++i) {
        const float x = parameters[i];
        if (x != 0) gradient[i] += static_cast<float>(x > 0 ? options_.l1 : -options_.l1);
      }
      const double rate = options_.rate * (1 - static_cast<double>(step) / all);
      const cpu::AdamWStep move = training::adamw_step(kHeadFitAdamW, rate, step + 1);
      cpu::best_kernels().adamw(move, gradient.data(), count, parameters.data(), first.data(), second.data());
      to_values(parameters, fitted.values);
      if (on_step) on_step();
    }
  }
  return fitted;
}

Result<HeadFit::Fitted> HeadFit::scales() {
  const std::size_t count = HeadValues(session_.model().weights->config).gain.size();
  return descend(
      count,
      [](std::span<const float> a, HeadValues& values) {
        for (std::size_t i = 0; i < a.size(); ++i) values.gain[i] = 1 + a[i];
      },
      [](const HeadSlopes& slopes, std::span<float> gradient) {
        std::ranges::transform(slopes.gain, gradient.begin(), [](double x) { return static_cast<float>(x); });
      });
}

Result<HeadFit::Fitted> HeadFit::offsets(std::span<const UnitRef> heads, bool with_gain) {
  const ModelConfig& c = session_.model().weights->config;
  const auto width = static_cast<std::size_t>(c.d_head);
  // The offsets of each head, then the gains less 1.
  return descend(
      heads.size() * (width + (with_gain ? 1 : 0)),
      [&, with_gain](std::span<const float> p, HeadValues& values) {
        for (std::size_t h = 0; h < heads.size(); ++h) {
          const std::size_t to = first_number_of(heads[h], c);
          for (std::size_t i = 0; i < width; ++i) {
            values.offset[to + i] = p[h * width + i];
            if (with_gain) values.gain[to + i] = 1 + p[heads.size() * width + h];
          }
        }
      },
      [&, with_gain](const HeadSlopes& slopes, std::span<float> gradient) {
        for (std::size_t h = 0; h < heads.size(); ++h) {
          const std::size_t from = first_number_of(heads[h], c);
          double gain = 0;
          for (std::size_t i = 0; i < width; ++i) {
            gradient[h * width + i] = static_cast<float>(slopes.offset[from + i]);
            gain += slopes.gain[from + i];
          }
          if (with_gain) gradient[heads.size() * width + h] = static_cast<float>(gain);
        }
      });
}

std::vector<float> scaling_norms(const HeadValues& values, const ModelConfig& config) {
  std::vector<float> norms;
  const auto width = static_cast<std::size_t>(config.d_head);
  for (std::size_t begin = 0; begin < values.gain.size(); begin += width) {
    double squares = 0;
    for (std::size_t i = begin; i < begin + width; ++i) squares += std::pow(static_cast<double>(values.gain[i]) - 1, 2);
    norms.push_back(static_cast<float>(std::sqrt(squares)));
  }
  return norms;
}

Recipe recipe_of_heads(const HeadValues& values, std::span<const UnitRef> heads, const ModelConfig& config) {
  Recipe recipe;
  for (const UnitRef& head : heads) {
    const std::size_t begin = first_number_of(head, config);
    if (const float gain = values.gain[begin]; gain != 1) {
      recipe.edits.push_back(edit_of_head(head.layer, head.index, EditOp::Scale));
      recipe.edits.back().factor = gain;
    }
    Edit add = edit_of_head(head.layer, head.index, EditOp::Add);
    add.vector.emplace();
    const auto own = std::span(values.offset).subspan(begin, static_cast<std::size_t>(config.d_head));
    add.vector->values.assign(own.begin(), own.end());
    add.factor = 1;
    recipe.edits.push_back(std::move(add));
  }
  return recipe;
}

Result<std::vector<UnitRef>> heads_of_recipe(const Recipe& recipe, const ModelConfig& config) {
  std::vector<UnitRef> heads;
  for (const Edit& edit : recipe.edits) {
    if (kind_named(edit.hook) != HookKind::Z || !edit.heads || edit.heads->kind != Selector::Kind::List) continue;
    const auto hook = parse_hook(edit.hook, config.n_layer);
    for (const int index : edit.heads->list) {
      const UnitRef head{hook ? hook->layer : -1, index < 0 ? config.n_head + index : index};
      if (head.layer < 0 || head.index < 0 || head.index >= config.n_head)
        return fail(ErrorCode::InvalidArgument, text("The recipe's head {0} of {1} is not in the model.", index, edit.hook));
      if (std::ranges::find(heads, head) == heads.end()) heads.push_back(head);
    }
  }
  return heads;
}

}  // namespace gf

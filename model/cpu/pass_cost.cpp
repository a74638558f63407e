// What each operation of a pass has to read, write and compute. The formulas are those of `bench` in full: every value
// counts once a call, multiply and add count as two.
#include "model/cpu/forward.h"
#include "model/cpu/pass_clock.h"
#include "model/edits/compiled.h"

namespace gf::cpu {

namespace {

struct Cost {
  std::uint64_t bytes = 0, flops = 0;
};

/// Numbers of one step. All products are of float32 rows with a matrix as the checkpoint has it.
class StepCosts {
 public:
  StepCosts(const PreparedModel& model, const ForwardStep& step, const CapturePlan& plan)
      : model_(model),
        c_(model.config()),
        plan_(plan),
        edits_(step.edits),
        n_(step.ids.size()),
        keys_(static_cast<std::uint64_t>(step.first_position) + n_),
        first_block_(step.first_block),
        end_block_(step.end_block < 0 ? c_.n_layer : step.end_block),
        pairs_(keys_ * (keys_ + 1) / 2 - (keys_ - n_) * (keys_ - n_ + 1) / 2) {}

  Cost of(Operation operation, std::uint64_t calls, std::uint64_t logit_rows) const {
    const std::uint64_t d = width(c_.d_model), m = width(c_.d_mlp), heads = width(c_.n_head), vocab = width(c_.n_vocab);
    switch (operation) {
      case Operation::Embed: {
        const Weights& w = *model_.weights;
        return {n_ * d * (size_of(w.wte.dtype) + size_of(w.wpe.dtype) + 3 * kFloat), n_ * d};
      }
      case Operation::LayerNorm:
      case Operation::LnFinal: return {calls * kFloat * (n_ * (3 * d + 1) + 2 * d), calls * 8 * n_ * d};
      case Operation::Qkv: return blocks(&PreparedBlock::qkv, &PreparedBlock::b_qkv);
      case Operation::Out: return blocks(&PreparedBlock::o, &PreparedBlock::b_o);
      case Operation::MlpIn: return blocks(&PreparedBlock::in, &PreparedBlock::b_in);
      case Operation::MlpOut: return blocks(&PreparedBlock::out, &PreparedBlock::b_out);
      case Operation::Results: return {calls * kFloat * (d * d + n_ * (heads + 1) * d), calls * 2 * n_ * d * d};
      case Operation::Scores:
        return {calls * kFloat * ((n_ + keys_) * d + kept(HookKind::AttnScores, heads * pairs_)), calls * 2 * d * pairs_};
      case Operation::Softmax: return {calls * kFloat * kept(HookKind::Pattern, heads * pairs_), calls * 4 * heads * pairs_};
      case Operation::Entropy: return {calls * kFloat * heads * n_, calls * 4 * heads * pairs_};
      case Operation::Values: return {calls * kFloat * (n_ + keys_) * d, calls * 2 * d * pairs_};
      case Operation::Residual: return {calls * kFloat * 3 * n_ * d, calls * n_ * d};
      case Operation::Activate: return {calls * kFloat * 2 * n_ * m, calls * 10 * n_ * m};
      case Operation::Unembed: return product(model_.unembed, {}, calls, logit_rows);
      case Operation::Statistics: return {kFloat * logit_rows * vocab, 6 * logit_rows * vocab};
      case Operation::Edits:
      case Operation::Rest: break;
    }
    return {};
  }

 private:
  static constexpr std::uint64_t kFloat = sizeof(float);
  static std::uint64_t width(int n) { return static_cast<std::uint64_t>(n); }
  /// Only what the plan keeps is written to memory.
  std::uint64_t kept(HookKind kind, std::uint64_t floats) const { return keeps(plan_, kind) ? floats : 0; }

  /// A matrix that is read `calls` times for `rows` rows altogether.
  static Cost product(const PreparedMatrix& w, const std::vector<float>& bias, std::uint64_t calls, std::uint64_t rows) {
    const std::uint64_t in = w.n_in, out = w.n_out;
    // Many rows are multiplied with the float32 copy of a small 16-bit matrix, see PreparedModel.
    const std::uint64_t element = rows > calls && w.f32 != nullptr ? kFloat : size_of(w.dtype);
    return {calls * (in * out * element + bias.size() * kFloat) + rows * (in + out) * kFloat, 2 * rows * in * out};
  }
  Cost blocks(PreparedMatrix PreparedBlock::* matrix, std::vector<float> PreparedBlock::* bias) const {
    Cost sum;
    for (int b = first_block_; b < end_block_; ++b) {
      if (matrix == &PreparedBlock::o && touches(b, HookKind::Result)) continue;  // the heads' results are added up
      const PreparedBlock& block = model_.blocks[static_cast<std::size_t>(b)];
      const Cost one = product(block.*matrix, block.*bias, 1, n_);
      sum.bytes += one.bytes;
      sum.flops += one.flops;
    }
    return sum;
  }
  bool touches(int block, HookKind kind) const { return edits_ != nullptr && edits_->touches({kind, block}); }

  const PreparedModel& model_;
  const ModelConfig& c_;
  const CapturePlan& plan_;
  const CompiledEdits* edits_;
  std::uint64_t n_, keys_;
  int first_block_, end_block_;
  std::uint64_t pairs_;  ///< of a query and a key
};

}  // namespace

void PassClock::begin_parts(std::span<const Operation> parts) {
  for (const Operation part : parts) work_[at(part)].store(0, std::memory_order_relaxed);
}

void PassClock::divide(Operation whole, Nanoseconds before, std::span<const Operation> parts) {
  Nanoseconds work = 0;
  for (const Operation part : parts) work += work_[at(part)].load(std::memory_order_relaxed);
  const Nanoseconds wall = ns_[at(whole)] - before;
  if (work == 0) return;
  for (const Operation part : parts) {
    const Nanoseconds own = work_[at(part)].load(std::memory_order_relaxed);
    if (own > 0) ++calls_[at(part)];
    if (part == whole) continue;
    const auto share = static_cast<Nanoseconds>(static_cast<double>(wall) * static_cast<double>(own) / static_cast<double>(work));
    ns_[at(part)] += share;
    ns_[at(whole)] -= share;
  }
}

void PassClock::report(const PreparedModel& model, const ForwardStep& step, const CapturePlan& plan, PassTimes& times) {
  go_on_with(Operation::Rest);
  count(Operation::Rest);
  times = {};
  times.first_position = step.first_position;
  times.rows = static_cast<int>(step.ids.size());
  times.ms = static_cast<double>(last_ - begin_) / 1e6;
  const StepCosts costs(model, step, plan);
  for (std::size_t i = 0; i < kOperations; ++i) {
    if (calls_[i] == 0) continue;
    const Cost cost = costs.of(static_cast<Operation>(i), calls_[i], logit_rows_);
    const bool relu = static_cast<Operation>(i) == Operation::Activate && model.config().activation == Activation::Relu;
    times.operations.push_back(
        {relu ? "relu" : name_of(static_cast<Operation>(i)), calls_[i], static_cast<double>(ns_[i]) / 1e6, cost.bytes, cost.flops});
  }
}

}  // namespace gf::cpu

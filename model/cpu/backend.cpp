#include "model/backend.h"

#include <omp.h>

#include "model/cpu/backward.h"
#include "model/cpu/batch.h"
#include "model/cpu/forward.h"

namespace gf {
namespace {

class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(int threads) : pool_(threads), kernels_(cpu::best_kernels()) {}

  std::string name() const override { return std::string("cpu (") + kernels_.name + ")"; }

  Result<void> load(std::shared_ptr<const Weights> weights) override {
    EXPECTS(weights != nullptr, "there are weights to load");
    model_ = std::make_unique<cpu::PreparedModel>(std::move(weights));
    return {};
  }

  Result<void> forward(Trace& trace, const ForwardStep& step) override {
    EXPECTS(model_ != nullptr, "a model was loaded");
    EXPECTS(trace.config() == model_->config(), "the trace belongs to this model");
    EXPECTS(!step.ids.empty() && step.first_position == trace.length(), "a step goes on where the trace ends");
    // oneDNN in this thread's share of the work must not start a team of its own.
    const SingleThreaded guard;
    std::optional<cpu::PassClock> clock;
    if (step.times != nullptr) clock.emplace();
    GF_TRY_ASSIGN(auto writer, TraceWriter::open_for(trace, step));
    GF_TRY(cpu::ForwardPass(*model_, pool_, kernels_, scratch_, *writer, step, clock ? &*clock : nullptr).run());
    if (clock) clock->report(*model_, step, trace.plan(), *step.times);
    return {};
  }

  Result<std::uint64_t> sweep(const Sweep& sweep) override {
    EXPECTS(model_ != nullptr, "a model was loaded");
    EXPECTS(sweep.trace != nullptr && sweep.trace->config() == model_->config(), "the trace belongs to this model");
    if (!cpu::SweepBatches::can(sweep)) return fail(ErrorCode::Unsupported, {});  // the caller computes them one by one
    const SingleThreaded guard;
    return cpu::SweepBatches(*model_, pool_, kernels_, sweep).run();
  }

  Result<void> backward(Trace& gradients, const BackwardStep& step) override {
    EXPECTS(model_ != nullptr, "a model was loaded");
    EXPECTS(step.run != nullptr && step.run->config() == model_->config(), "the run belongs to this model");
    EXPECTS(gradients.length() == 0 && step.run->length() > 0 && !step.slopes.empty(), "gradients of a run go to an empty trace");
    EXPECTS(!gradients.plan().wants(HookKind::PatternEntropy), "entropies are not on the way to the logits");
    const SingleThreaded guard;
    const Trace& run = *step.run;
    GF_TRY_ASSIGN(
        const auto writer,
        TraceWriter::open(
            gradients,
            {.first_position = 0, .rows = run.length(), .first_block = 0, .end_block = run.config().n_layer, .edits = step.edits}));
    GF_TRY(cpu::BackwardPass(*model_, pool_, kernels_, backward_scratch_, scratch_, *writer, step).run());
    writer->commit(run.ids(), run.n_prompt(), {}, nullptr);
    return {};
  }

 private:
  struct SingleThreaded {
    int before = omp_get_max_threads();
    SingleThreaded() { omp_set_num_threads(1); }
    ~SingleThreaded() { omp_set_num_threads(before); }
    SingleThreaded(const SingleThreaded&) = delete;
    SingleThreaded& operator=(const SingleThreaded&) = delete;
  };

  ThreadPool pool_;
  const cpu::Kernels& kernels_;
  cpu::ScratchRows scratch_, backward_scratch_;
  std::unique_ptr<cpu::PreparedModel> model_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(int threads) { return std::make_unique<CpuBackend>(threads); }

}  // namespace gf

#include "model/backend.h"

#include <omp.h>

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
    const int end_block = step.end_block < 0 ? model_->config().n_layer : step.end_block;
    GF_TRY_ASSIGN(auto writer, TraceWriter::open(trace, {.first_position = step.first_position,
                                                         .rows = static_cast<int>(step.ids.size()),
                                                         .first_block = step.first_block,
                                                         .end_block = end_block,
                                                         .edits = step.edits}));
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
  cpu::ScratchRows scratch_;
  std::unique_ptr<cpu::PreparedModel> model_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(int threads) { return std::make_unique<CpuBackend>(threads); }

}  // namespace gf

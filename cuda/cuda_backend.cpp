#include "cuda/cuda_backend.h"

#include "cuda/forward.h"
#include "cuda/timed_api.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::cuda {

namespace {

/// A loaded model and all that computes with it. Lifetime: destroyed before the Api.
class Loaded {
 public:
  explicit Loaded(TimedApi& api) : api_(api), stream_(api), captures_(api), workspace_(api), memory_(api) {}
  ~Loaded() {
    if (stream_.get().value != nullptr) api_.synchronize(stream_.get());
  }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;

  Result<void> open(std::shared_ptr<const Weights> weights) {
    if (const Status status = api_.create_stream(stream_.out()); status != Status::Ok)
      return tl::unexpected(device_error(api_, status, phrase("to make a stream")));
    GF_TRY(captures_.open());
    GF_TRY_ASSIGN(model_, DeviceModel::upload(api_, stream_.get(), std::move(weights)));
    GF_TRY_ASSIGN(cache_, KvCache::make(api_, model_->config()));
    GF_TRY_ASSIGN(last_logits_.on_device,
                  DeviceBuffer::make(api_, static_cast<std::size_t>(model_->config().n_vocab) * sizeof(float), "for this model's logits"));
    return {};
  }

  Result<void> forward(TraceWriter& writer, const ForwardStep& step) {
    Queue queue(api_, stream_.get());
    captures_.begin(queue);
    if (step.times != nullptr)
      if (const Status status = api_.start(stream_.get()); status != Status::Ok)
        return tl::unexpected(device_error(api_, status, phrase("to measure a step")));
    const DeviceState state{api_, *model_, queue, workspace_, memory_, captures_, *cache_, last_logits_};
    auto done = ForwardPass(state, writer, step).run();
    if (done && step.times != nullptr) {
      *step.times = {};
      step.times->first_position = step.first_position;
      step.times->rows = static_cast<int>(step.ids.size());
      // The step itself is done: what could not be measured is left out.
      if (api_.stop(stream_.get(), step.times) != Status::Ok) *step.times = {};
    }
    api_.forget();
    if (!done) {  // what is still queued must not meet memory that the next step uses
      captures_.abandon();
      cache_->forget();
      last_logits_.on_host = nullptr;
    }
    api_.synchronize(stream_.get());
    memory_.reset();
    return done;
  }

  [[nodiscard]] const ModelConfig& config() const { return model_->config(); }

 private:
  TimedApi& api_;
  Handle<Stream> stream_;
  Captures captures_;
  Workspace workspace_;
  StepMemory memory_;
  std::unique_ptr<DeviceModel> model_;
  std::unique_ptr<KvCache> cache_;
  LastLogits last_logits_;
};

class CudaBackend final : public Backend {
 public:
  CudaBackend(std::unique_ptr<Api> api, std::shared_ptr<void> keep_loaded)
      : keep_loaded_(std::move(keep_loaded)), api_(std::make_unique<TimedApi>(std::move(api))) {
    Card card;
    const bool answers = api_->card(card) == Status::Ok;
    name_ = std::string("cuda (") + (answers ? card.name : "device lost") + ")";
    if (answers) device_ = text_of(card);
  }

  std::string name() const override { return name_; }
  std::string device() const override { return device_; }

  Result<void> load(std::shared_ptr<const Weights> weights) override {
    EXPECTS(weights != nullptr, "there are weights to load");
    loaded_ = nullptr;
    auto loaded = std::make_unique<Loaded>(*api_);
    GF_TRY(loaded->open(std::move(weights)));
    loaded_ = std::move(loaded);
    return {};
  }

  Result<void> forward(Trace& trace, const ForwardStep& step) override {
    EXPECTS(loaded_ != nullptr, "a model was loaded");
    EXPECTS(trace.config() == loaded_->config(), "the trace belongs to this model");
    EXPECTS(!step.ids.empty() && step.first_position == trace.length(), "a step goes on where the trace ends");
    GF_TRY_ASSIGN(auto writer, TraceWriter::open_for(trace, step));
    return loaded_->forward(*writer, step);
  }

 private:
  std::shared_ptr<void> keep_loaded_;
  std::unique_ptr<TimedApi> api_;
  std::unique_ptr<Loaded> loaded_;
  std::string name_, device_;
};

}  // namespace

std::string text_of(const Card& card) {
  const std::string memory = numbers::bytes(static_cast<double>(card.memory_bytes));
  std::string line = text("{0}, {1}, compute capability {2}.{3}, driver for CUDA {4}.{5}", std::string_view(card.name), memory, card.major,
                          card.minor, card.driver / 1000, card.driver % 1000 / 10);
  if (card.products[0] != 0) line += text(", products: {0}", std::string_view(card.products));
  return line;
}

std::unique_ptr<Backend> make_cuda_backend(std::unique_ptr<Api> api, std::shared_ptr<void> keep_loaded) {
  return std::make_unique<CudaBackend>(std::move(api), std::move(keep_loaded));
}

}  // namespace gf::cuda

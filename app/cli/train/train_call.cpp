#include "app/cli/train/train_call.h"

#include <algorithm>
#include <limits>

#include "app/cli/validators.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

constexpr int kUsualContext = 256;
constexpr double kUsualHeldOut = 0.05, kFreshRate = 1e-3, kTunedRate = 1e-4;
constexpr std::int64_t kMostSteps = std::int64_t{1} << 40;
constexpr int kMostSequences = 1 << 20;

}  // namespace

void TrainCall::complete(int n_ctx, std::size_t tokens, bool fresh) {
  if (context < 0) context = std::min(n_ctx, kUsualContext);
  if (lr < 0) lr = fresh ? kFreshRate : kTunedRate;
  if (warmup < 0) warmup = schedule == "cosine" ? std::min<std::int64_t>(100, steps / 10) : 0;
  if (every < 0) every = std::max<std::int64_t>(1, steps / 10);
  // Batches in order are for comparisons, whose data is all that there is; a short text has nothing to spare.
  const bool spare = kUsualHeldOut * static_cast<double>(tokens) > context + 1;
  if (held_out < 0) held_out = order == "random" && spare ? kUsualHeldOut : 0;
}

training::TrainingOptions TrainCall::options() const {
  training::TrainingOptions o;
  o.batch = batch;
  o.context = context;
  o.steps = steps;
  o.rate = {lr, schedule == "cosine" ? training::Schedule::Cosine : training::Schedule::Constant, warmup, steps};
  o.adamw.beta2 = beta2;
  o.adamw.weight_decay = weight_decay;
  o.adamw.clip = clip;
  o.order = order == "random" ? training::Order::Random : training::Order::Sequential;
  o.seed = seed;
  return o;
}

Json to_json(const TrainCall& call) {
  Json json = Json::object();
  each_option(call, [&](const char* name, const auto& value) { json[name] = value; });
  return json;
}

Result<TrainCall> train_call_of(const Json& json, const std::string& where) {
  TrainCall call;
  const char* wrong = nullptr;
  each_option(call, [&](const char* name, auto& value) {
    using Value = std::remove_reference_t<decltype(value)>;
    const auto at = json.is_object() ? json.find(name) : json.end();
    const bool fits = json.is_object() && at != json.end() &&
                      (std::is_same_v<Value, std::string> ? at->is_string()
                       : std::is_floating_point_v<Value>  ? at->is_number()
                                                          : at->is_number_integer());
    if (fits) value = at->template get<Value>();
    else if (wrong == nullptr) wrong = name;
  });
  const bool sizes = call.steps >= 0 && call.steps <= kMostSteps && call.batch >= 1 && call.batch <= kMostSequences && call.context >= 1 &&
                     call.every >= 1 && call.warmup >= 0 && call.held_out >= 0 && call.held_out < 1;
  if (wrong == nullptr && sizes) return call;
  return fail(ErrorCode::Corrupt, text("{0} does not say with which options the training was begun.", where), "train_call_of");
}

}  // namespace gf::cli

#include "model/training/training_call.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "model/base/files/json_bounds.h"
#include "model/base/text.h"

namespace gf::training {
namespace {

constexpr int kUsualContext = 256;
constexpr double kUsualHeldOut = 0.05, kFreshRate = 1e-3, kTunedRate = 1e-4;
constexpr std::size_t kMostCallValues = 1000;

}  // namespace

void TrainingCall::complete(int n_ctx, std::size_t tokens, bool fresh) {
  if (context < 0) context = std::min(n_ctx, kUsualContext);
  if (lr < 0) lr = fresh ? kFreshRate : kTunedRate;
  if (warmup < 0) warmup = schedule == "cosine" ? std::min<std::int64_t>(100, steps / 10) : 0;
  if (every < 0) every = std::max<std::int64_t>(1, steps / 10);
  // Batches in order are for comparisons, whose data is all that there is; a short text has nothing to spare.
  const bool spare = kUsualHeldOut * static_cast<double>(tokens) > context + 1;
  if (held_out < 0) held_out = order == "random" && spare ? kUsualHeldOut : 0;
}

TrainingOptions TrainingCall::options() const {
  TrainingOptions o;
  o.batch = batch;
  o.context = context;
  o.steps = steps;
  o.rate = {lr, schedule == "cosine" ? Schedule::Cosine : Schedule::Constant, warmup, steps};
  o.adamw.beta2 = beta2;
  o.adamw.weight_decay = weight_decay;
  o.adamw.clip = clip;
  o.order = order == "random" ? Order::Random : Order::Sequential;
  o.seed = seed;
  return o;
}

Result<void> set_option(TrainingCall& call, std::string_view name, const std::string& value) {
  std::string names;
  bool known = false, read = false;
  each_option(call, [&](const char* option, auto& to) {
    names += (names.empty() ? "" : ", ") + std::string(option);
    if (option != name) return;
    known = true;
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(to)>, std::string>) {
      to = value;
      read = true;
    } else {
      const auto end = std::from_chars(value.data(), value.data() + value.size(), to);
      read = end.ec == std::errc{} && end.ptr == value.data() + value.size();
    }
  });
  if (!known) return fail(ErrorCode::InvalidArgument, text("A training has no option \"{0}\"; it has {1}.", name, names), "set_option");
  const auto one_of = [](const std::string& word, auto... words) { return word.empty() || ((word == words) || ...); };
  const bool in_range = call.steps >= 1 && call.steps <= kMostTrainingSteps && call.batch >= 1 && call.batch <= kMostSequences &&
                        (call.context == -1 || call.context >= 1) && (call.every == -1 || call.every >= 1) && call.warmup >= -1 &&
                        (call.lr == -1 || call.lr > 0) && call.weight_decay >= 0 && call.beta2 >= 0 && call.beta2 < 1 && call.clip >= 0 &&
                        (call.held_out == -1 || (call.held_out >= 0 && call.held_out <= 0.9)) && std::isfinite(call.lr) &&
                        std::isfinite(call.weight_decay) && one_of(call.schedule, "cosine", "constant") && !call.schedule.empty() &&
                        one_of(call.order, "random", "sequential") && !call.order.empty() &&
                        one_of(call.tokenizer, "chars", "bytes", "gpt2");
  if (read && in_range) return {};
  return fail(ErrorCode::InvalidArgument, text("\"{0}\" is no value for {1} of a training.", value, name), "set_option");
}

std::string to_json(const TrainingCall& call) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  each_option(call, [&](const char* name, const auto& value) { json[name] = value; });
  return json.dump();
}

Result<TrainingCall> training_call_of(std::string_view json_text, const std::string& where) {
  GF_TRY(check_json_bounds(json_text, kMostCallValues, where));
  const auto json = nlohmann::json::parse(json_text, nullptr, false);
  TrainingCall call;
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
  const bool sizes = call.steps >= 0 && call.steps <= kMostTrainingSteps && call.batch >= 1 && call.batch <= kMostSequences &&
                     call.context >= 1 && call.every >= 1 && call.warmup >= 0 && call.held_out >= 0 && call.held_out < 1;
  if (wrong == nullptr && sizes) return call;
  return fail(ErrorCode::Corrupt, text("{0} does not say with which options the training was begun.", where), "training_call_of");
}

}  // namespace gf::training

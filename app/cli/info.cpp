#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>

#include "app/cli/backend_choice.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/io/formats/huggingface.h"
#include "model/io/loaders.h"
#include "model/model_size.h"
#include "model/run/parity.h"
#include "model/trace.h"

namespace gf::cli {

namespace {

struct InfoOptions {
  ModelOptions model;
  int tokens = 0;
  bool check = false, json = false;
};

Json info_json(const Model& model, int T) {
  const Weights& w = *model.weights;
  const ModelConfig& c = w.config;
  const std::size_t in_weights = weights_bytes(w);
  Json parts = Json::array();
  for (const ModelPart& part : parts_of(w))
    parts.push_back({{"name", part.name}, {"shape", part.shape}, {"copies", part.copies}, {"parameters", part.parameters}});
  // A run's captures hold its keys and values.
  const std::size_t full = forecast_bytes(c, CapturePlan::full(), T), defaults = forecast_bytes(c, CapturePlan::defaults(), T);
  return {{"format", w.format},
          {"name", w.name},
          {"n_layer", c.n_layer},
          {"n_head", c.n_head},
          {"d_model", c.d_model},
          {"d_mlp", c.d_mlp},
          {"n_ctx", c.n_ctx},
          {"n_vocab", c.n_vocab},
          {"activation", name_of(c.activation)},
          {"tied", c.tied},
          {"dtype", name_of(w.dtype)},
          {"file_dtype", w.file_dtype.empty() ? std::string(name_of(w.dtype)) : w.file_dtype},
          {"weights", w.has_values()},
          {"parameters", w.parameters()},
          {"parts", std::move(parts)},
          {"tokenizer", model.tokenizer->kind()},
          {"steps", w.has_values() ? training_steps(model_folder(w.path)) : std::vector<int>()},
          {"tokens", T},
          {"flops", pass_flops(c, T)},
          {"memory",
           {{"weights_bytes", in_weights},
            {"kv_bytes", kv_bytes(c, T)},
            {"capture_bytes", {{"full", full}, {"default", defaults}}},
            {"total_bytes", {{"full", in_weights + full}, {"default", in_weights + defaults}}}}},
          {"gpu", device_line()},
          {"warnings", model.warnings}};
}

/// What is printed in words, not as a row of its key.
constexpr std::array<std::string_view, 8> kAsSentences{"memory", "warnings", "tokens", "steps", "flops", "parts", "weights", "parity"};

/// "attention: 2,362,368 (12 times)"
std::vector<std::string> row_of_part(const Json& part) {
  const std::string shape = part["shape"], each = numbers::count(part["parameters"].get<std::int64_t>());
  const int copies = part["copies"];
  std::string words = each;
  if (part["parameters"] == 0) words = text("none of its own: tied");
  else if (copies > 1)
    words = text("{0} in each of {1} blocks, {2} in all", each, copies, numbers::count(copies * part["parameters"].get<std::int64_t>()));
  return {text("  in {0}", text(part["name"].get<std::string>())), shape.empty() ? words : words + ": " + shape};
}

/// `parity`: what is known of it, a line each.
void print_info(const Json& r, const std::vector<std::string>& parity) {
  const auto shown = [](const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); };
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, value] : r.items())
    if (std::ranges::find(kAsSentences, key) == kAsSentences.end()) rows.push_back({key, shown(value)});
  if (!r["steps"].empty()) {
    std::string steps;
    for (const Json& step : r["steps"]) steps += (steps.empty() ? "" : ", ") + step.dump();
    rows.push_back({text("training steps"), steps});
  }
  for (const Json& part : r["parts"]) rows.push_back(row_of_part(part));
  const Json& m = r["memory"];
  const std::string at = text(" at {0} tokens", r["tokens"].dump());
  rows.push_back({text("a pass"), numbers::flops(r["flops"].get<double>()) + at});
  const std::string bytes = numbers::bytes(m["weights_bytes"].get<double>());
  rows.push_back({text("weights"), r["weights"] == true ? bytes : text("none are there; as float32 they take {0}", bytes)});
  rows.push_back({text("keys and values"), numbers::bytes(m["kv_bytes"].get<double>()) + at});
  rows.push_back(
      {text("default capture"), text("{0}{1}, keys and values among it", numbers::bytes(m["capture_bytes"]["default"].get<double>()), at)});
  rows.push_back({text("full capture"), numbers::bytes(m["capture_bytes"]["full"].get<double>()) + at});
  for (std::size_t i = 0; i < parity.size(); ++i) rows.push_back({i == 0 ? text("numbers") : std::string(), parity[i]});
  print_table(rows);
}

Json parity_json(const Parity& parity) {
  Json checks = Json::array();
  for (const ParityCheck& check : parity.checks) {
    Json one{{"with", name_of(check.with)}, {"positions", check.positions}, {"logits", check.compared}, {"largest", check.largest}};
    if (!check.source.empty()) one["source"] = check.source;
    if (const auto& wrong = check.wrong)
      one["wrong"] = {{"position", wrong->position}, {"token", wrong->token.v}, {"got", wrong->got}, {"want", wrong->want}};
    checks.push_back(std::move(one));
  }
  return {{"holds", parity.holds()}, {"summary", summary(parity)}, {"checks", std::move(checks)}};
}

int show_info(const InfoOptions& o) {
  const auto model = open(o.model);
  if (!model) return failed(model.error());
  const int n_ctx = (*model)->weights->config.n_ctx;
  if (o.tokens > n_ctx)
    return failed({ErrorCode::InvalidArgument, text("--tokens {0} is more than the model's context of {1}", o.tokens, n_ctx), {}});
  Json r = info_json(**model, o.tokens > 0 ? o.tokens : n_ctx);
  std::optional<Parity> parity;
  std::vector<std::string> lines;
  if (o.check) {
    const auto session = Session::create(*model, {});
    if (!session) return failed(session.error());
    auto found = check_parity(**session, false);
    if (!found) return failed(found.error());
    parity = *std::move(found);
    r["parity"] = parity_json(*parity);
    lines = details(*parity, **model);
    lines.insert(lines.begin(), summary(*parity));
  }
  if (o.json) print(r);
  else print_info(r, lines);
  return parity && !parity->holds() ? 1 : 0;
}

}  // namespace

Runner setup_info(CLI::App& app) {
  auto o = std::make_shared<InfoOptions>();
  add_model_options(app, o->model);
  add_config_option(app, o->model.model);
  app.add_option("-T,--tokens", o->tokens, text("forecast memory for this many tokens (default: the whole context)"))->check(whole(1));
  app.add_flag("--check", o->check,
               text("compare its logits with PyTorch's (where the model has them), with plain loops in double, and "
                    "token by token with all at once; ends with 1 where they differ"));
  app.add_flag("--json", o->json, text("print JSON"));
  app.footer(
      text("Example: glassformer info fable --tokens 64\n"
           "  a size without weights: glassformer info --config gpt3-175b --tokens 2048"));
  return [o] { return show_info(*o); };
}

}  // namespace gf::cli

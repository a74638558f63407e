#include "model/bench/bench.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include "app/cli/bench/bench_cuda.h"
#ifndef GLASSFORMER_NO_PICTURES
#include "app/cli/bench/bench_frames.h"
#endif
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "model/analysis/ablation.h"
#include "model/base/listed.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/bench/memory_read.h"
#include "model/bench/random_weights.h"
#include "model/io/loaders.h"

namespace gf::cli {

namespace {

constexpr std::array kBenchParts{
    "load",   "memory", "prefill", "decode", "gradients", "head_toggle", "ablate_sweep", "tokenize",
#ifndef GLASSFORMER_NO_PICTURES
    "frames",
#endif
};

struct BenchOptions {
  ModelOptions model;
  std::vector<std::string> only;
  std::string load_once, plan, backend = "cpu", shape, dtype = "f32";
  int threads = 0, cuda_T = 1024;
  bool json = false;
  [[nodiscard]] bool wants(const char* part) const { return only.empty() || std::ranges::find(only, part) != only.end(); }
};

/// Runs "load" in a new process of this program, whose peak of memory is that of loading alone.
Result<bench::Load> load_in_process(const BenchOptions& o, const std::string& path) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return fail(ErrorCode::Io, text("the program's own path cannot be read: {0}", error.message()));
  return bench::load_in_fresh_process({self.string(), "bench", "--load-once", path, "--threads", std::to_string(o.threads)});
}

RunRequest sweep_request(const Model& model) {
  RunRequest request;
  for (int i = 0; i < std::min(32, model.weights->config.n_ctx); ++i) request.prompt.emplace_back(i * 7 % model.weights->config.n_vocab);
  return request;
}

Result<void> measure_parts(const BenchOptions& o, Json& r) {
  GF_TRY_ASSIGN(const std::string path, resolve_model(o.model.model));
  GF_TRY_ASSIGN(const auto model, open(o.model));
  // Of a structure frames alone can be measured.
  if (!model->weights->has_values() && o.only != std::vector<std::string>{"frames"})
    return tl::unexpected(model->weights->no_values_error());
  ProgressBar bar(text("measuring"));
  int done = 0;
  const auto next = [&] { bar.set(static_cast<double>(done++) / static_cast<double>(kBenchParts.size())); };
  r["machine"] = bench::machine();
  r["model"] = model->weights->name;
  if (next(); o.wants("load")) {
    GF_TRY_ASSIGN(const auto l, load_in_process(o, path));
    r["load_ms"] = number(l.load_ms);
    r["peak_rss_bytes"] = l.peak_rss_bytes;
    r["file_bytes"] = l.file_bytes;
  }
  if (next(); o.wants("prefill")) {
    GF_TRY_ASSIGN(const auto rows, bench::prefill(model->weights, o.threads));
    r["prefill"] = Json::array();
    for (const auto& p : rows)
      r["prefill"].push_back({{"T", p.T},
                              {"capture", p.capture},
                              {"ms", number(p.ms)},
                              {"first_ms", number(p.first_ms)},
                              {"gflops", number(p.gflops)},
                              {"matmul_gflops", number(p.matmul_gflops)},
                              {"share_of_matmul", number(p.share_of_matmul)}});
  }
  if (next(); o.wants("memory") || o.wants("decode")) r["memory_read_gb_per_s"] = number(bench::memory_read_gb_per_s());
  if (next(); o.wants("decode")) {
    GF_TRY_ASSIGN(const auto rows, bench::decode(model->weights, o.threads));
    r["decode"] = Json::array();
    for (const auto& d : rows)
      r["decode"].push_back({{"T", d.T},
                             {"capture", d.capture},
                             {"ms_per_token", number(d.ms_per_token)},
                             {"gb_per_s", number(d.gb_per_s)},
                             {"memory_read_gb_per_s", number(d.memory_read_gb_per_s)},
                             {"share_of_memory_read", number(d.share_of_memory_read)}});
  }
  if (next(); o.wants("gradients")) {
    GF_TRY_ASSIGN(const auto g, bench::gradients(model->weights, o.threads));
    r["gradients"] = {{"T", g.T}, {"forward_ms", number(g.forward_ms)}, {"forward_backward_ms", number(g.both_ms)}};
  }
  Session::Options session_options;
  session_options.threads = o.threads;
  std::unique_ptr<Session> session;
  if (model->weights->has_values()) {
    GF_TRY_ASSIGN(session, Session::create(model, session_options));
  }
  if (next(); o.wants("head_toggle")) {
    GF_TRY_ASSIGN(const auto blocks, bench::head_toggle_ms(*session));
    r["head_toggle_ms"] = blocks;
  }
  if (next(); o.wants("ablate_sweep")) {
    const RunRequest request = sweep_request(*model);
    GF_TRY(session->run(request));
    std::array<double, 3> times{};
    for (double& ms : times) {
      const auto start = std::chrono::steady_clock::now();
      GF_TRY_ASSIGN(const Ablation sweep, ablate_everything(*session, request, TokenId(0), {}, {.mlps = false, .direct = false}));
      ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
      r["ablate_sweep_work"] = number(sweep.work_share);  // multiply-adds over those of as many whole passes
    }
    std::ranges::sort(times);
    r["ablate_sweep_ms"] = number(times[1]);
  }
  if (next(); o.wants("tokenize")) {
    GF_TRY_ASSIGN(const double rate, bench::tokenize_mb_per_s());
    r["tokenize_mb_per_s"] = number(rate);
  }
#ifndef GLASSFORMER_NO_PICTURES
  if (next(); o.wants("frames")) {
    GF_TRY_ASSIGN(const FrameBench f, measure_frames(model, o.model.model));
    r["start_ms"] = f.start_ms;
    r["raster_ref_ms"] = f.raster_ref_ms;
    r["film_ms_per_frame"] = f.film_ms_per_frame ? number(*f.film_ms_per_frame) : Json();
    if (!f.film_note.empty()) r["notes"].push_back("film_ms_per_frame: " + f.film_note);
    r["frame_ms"] = {{"whole", f.whole_ms}, {"close", f.close_ms}};
    if (f.of_run) {
      r["frame_ms"].update({{"stream", f.of_run->stream_ms},
                            {"operation", f.of_run->operation_ms},
                            {"product", f.of_run->product_ms},
                            {"product_logits", f.of_run->product_logits_ms}});
      r["head_toggle_picture_frames"] = f.of_run->toggle_frames;  // from the new Trace to the picture that shows it
    }
    r["device"] = f.device;
  }
#endif
  return {};
}

void print_bench(const Json& r) {
  for (const auto& [key, value] : r.items()) {
    if (!value.is_array() || value.empty() || !value[0].is_object()) {
      std::printf("%s: %s\n", key.c_str(), value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
      continue;
    }
    std::vector<std::vector<std::string>> rows(1);
    for (const auto& [column, unused] : value[0].items()) rows[0].push_back(column);
    for (const Json& row : value) {
      rows.emplace_back();
      for (const auto& [column, cell] : row.items())
        rows.back().push_back(cell.is_string()         ? cell.get<std::string>()
                              : cell.is_number_float() ? numbers::fixed(cell.get<double>(), 2)
                                                       : cell.dump());
    }
    print_line(key);
    print_table(rows);
  }
}

/// A share above 1 shows that its limit is none.
Result<void> check_shares(const Json& r) {
  const auto check = [](const Json& rows, const char* part, const char* share, const char* limit) -> Result<void> {
    for (const Json& row : rows)
      if (row[share].is_number() && row[share].get<double>() > bench::kMostOfALimit)
        return fail(ErrorCode::Device,
                    text("{0} of {1} tokens, capture {2}, took {3} of {4}, so that limit was measured too low; "
                         "measure again while this machine does nothing else",
                         part, row["T"].get<int>(), row["capture"].get<std::string>(), numbers::percent(row[share].get<double>()), limit));
    return {};
  };
  if (r.contains("prefill")) GF_TRY(check(r["prefill"], "prefill", "share_of_matmul", "matmul_gflops"));
  if (r.contains("decode")) GF_TRY(check(r["decode"], "decode", "share_of_memory_read", "memory_read_gb_per_s"));
  return {};
}

int bench_model(const BenchOptions& o) {
  if (!o.load_once.empty()) {
    const auto l = bench::load_and_run_one(o.load_once, o.threads);
    if (!l) return failed(l.error());
    print_line(bench::to_line(*l));
    return 0;
  }
  if (!o.plan.empty()) return print_cuda_plan(o.cuda_T, o.json);
  if (!o.shape.empty() && o.backend != "cuda") return wrong_usage(text("--shape is for --backend cuda"), "glassformer bench");
  if (o.backend == "cuda") return print_cuda_times({o.model, o.shape, o.dtype, o.cuda_T}, o.json);
  Json r = Json::object();
  const auto done = measure_parts(o, r);
  if (!done) return failed(done.error());
  if (o.json) print(r);
  else print_bench(r);
  const auto honest = check_shares(r);
  return honest ? 0 : failed(honest.error());
}

}  // namespace

Runner setup_bench(CLI::App& app) {
  auto o = std::make_shared<BenchOptions>();
  std::vector<std::string> names;
  for (const bench::ModelShape& s : bench::model_shapes()) names.emplace_back(s.name);
  const std::string shapes = listed(names);
  add_model_options(app, o->model);
  add_config_option(app, o->model.model);
  app.add_option("--only", o->only, text("parts to measure: {0}", listed(kBenchParts)))
      ->delimiter(',')
      ->check(CLI::IsMember(std::vector<std::string>(kBenchParts.begin(), kBenchParts.end())));
  app.add_option("--threads", o->threads, text("threads to compute with (default: all)"))->check(whole(0, kMostThreads));
  app.add_option("--load-once", o->load_once)->group("");  // what the load measurement starts in a process of its own
  app.add_option("--plan", o->plan, text("cuda: what the GPU's kernels move and compute for GPT-2 small, counted without a GPU"))
      ->check(CLI::IsMember({"cuda"}));
  app.add_option("--backend", o->backend, text("cpu, or cuda: times by kernel on the GPU"))->check(CLI::IsMember({"cpu", "cuda"}));
  auto* shape = app.add_option("--shape", o->shape, text("with --backend cuda, random weights instead of MODEL: {0}", shapes))
                    ->check(CLI::IsMember(names))
                    ->excludes(app.get_option("MODEL"));
  app.add_option("--dtype", o->dtype, text("of random weights: f32 or f16"))->check(CLI::IsMember({"f32", "f16"}))->needs(shape);
  app.add_option("-T,--tokens", o->cuda_T, text("tokens for --plan and --backend cuda (default: 1024)"))->check(whole(3, 1024));
  app.add_flag("--json", o->json, text("print JSON"));
  app.footer(text("Example: glassformer bench fable --only load,decode --json"));
  return [o] { return bench_model(*o); };
}

}  // namespace gf::cli

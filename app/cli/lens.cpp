// Lenses: fitting a tuned lens to a model on a text.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/text_rows.h"
#include "app/cli/validators.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/corpus/corpus_index.h"
#include "model/lenses/tuned_lens_fit.h"

namespace gf::cli {

namespace {

struct LensFitCall {
  TextRows::From from{.model = {}, .corpus = {}, .batch = 4, .context = 128, .seed = 0};
  LensFitOptions fit;
  std::string output;
  int threads = 0;
  bool json = false;
};

/// The stream entering each block, and what leaves the last one.
std::vector<HookId> hooks_of_depths(const ModelConfig& config) {
  std::vector<HookId> hooks;
  for (int depth = 0; depth < config.n_layer; ++depth) hooks.push_back({HookKind::ResidPre, depth});
  hooks.push_back({HookKind::ResidPost, config.n_layer - 1});
  return hooks;
}

/// Mean KL of each depth over up to eight held-out batches, through the maps and without them.
struct HeldOutKl {
  std::vector<double> tuned, plain;
  int batches = 0;
};
Result<HeldOutKl> held_out_kl(TunedLensFit& fit, TextRows& rows, const std::vector<HookId>& hooks, const std::stop_token& stop) {
  constexpr int most = 8;
  HeldOutKl all{std::vector<double>(hooks.size() - 1), std::vector<double>(hooks.size() - 1)};
  for (; all.batches < most; ++all.batches) {
    GF_TRY_ASSIGN(auto depths, rows.held_out(hooks, all.batches, stop));
    if (depths.empty()) break;
    const LensRows batch{std::move(depths)};
    const auto tuned = fit.measure(batch), plain = fit.measure(batch, true);
    for (std::size_t d = 0; d < tuned.size(); ++d) all.tuned[d] += tuned[d], all.plain[d] += plain[d];
  }
  for (std::size_t d = 0; d < all.tuned.size(); ++d) {
    all.tuned[d] /= std::max(1, all.batches);
    all.plain[d] /= std::max(1, all.batches);
  }
  return all;
}

Json json_of_numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(number(value));
  return list;
}

void print_kl(const LensFitCall& o, const HeldOutKl& kl) {
  if (o.json) {
    print({{"lens", o.output},
           {"axes", {"depth"}},
           {"unit", "nats"},
           {"kl_logit_lens", json_of_numbers(kl.plain)},
           {"kl_tuned_lens", json_of_numbers(kl.tuned)}});
    return;
  }
  print_line(text("KL to the final distribution on held-out text, nats"));
  print_line(text("depth  logit lens  tuned lens"));
  const auto right = [](std::string word, std::size_t width) { return std::string(width - std::min(width, word.size()), ' ') + word; };
  for (std::size_t d = 0; d < kl.tuned.size(); ++d)
    print_line(right(std::to_string(d), 5) + right(numbers::fixed(kl.plain[d], 4), 12) + right(numbers::fixed(kl.tuned[d], 4), 12));
}

Result<void> fit_lens(LensFitCall o) {
  GF_TRY_ASSIGN(o.from.corpus, corpus::resolve_corpus(o.from.corpus));
  std::error_code ignored;
  const std::filesystem::path folder(o.output);
  if (std::filesystem::exists(folder, ignored) && !std::filesystem::is_empty(folder, ignored))
    return fail(ErrorCode::InvalidArgument, text("{0} has files already; name a new folder.", o.output));
  const Interrupt interrupt;
  const std::stop_token stop = interrupt.token();
  GF_TRY_ASSIGN(TextRows rows, TextRows::make(o.from, o.threads));
  const auto hooks = hooks_of_depths(rows.model().weights->config);
  GF_TRY_ASSIGN(const auto fit, TunedLensFit::create(*rows.model().weights, o.fit, o.threads));
  {
    ProgressBar bar(text("fitting"));
    while (fit->steps() < o.fit.steps) {
      auto depths = rows.of_step(hooks, fit->steps(), stop);
      if (!depths && depths.error().code == ErrorCode::Cancelled) break;
      if (!depths) return tl::unexpected(std::move(depths).error());
      const std::vector<double> kl = fit->step({std::move(*depths)});
      if (o.json) print({{"step", fit->steps()}, {"kl", json_of_numbers(kl)}});
      bar.set(static_cast<double>(fit->steps()) / static_cast<double>(o.fit.steps));
    }
  }
  if (fit->steps() == 0) return fail(ErrorCode::Cancelled, text("Stopped before the first step; no lens was written."));
  std::filesystem::create_directories(folder, ignored);
  if (!std::filesystem::is_directory(folder, ignored)) return fail(ErrorCode::Io, text("Cannot make the folder {0}.", o.output));
  GF_TRY(fit->save(o.output));
  if (fit->steps() < o.fit.steps)
    return fail(ErrorCode::Cancelled,
                text("Stopped after step {0} of {1}; the lens as it is then stands in {2}.", fit->steps(), o.fit.steps, o.output));
  GF_TRY_ASSIGN(const HeldOutKl kl, held_out_kl(*fit, rows, hooks, stop));
  if (kl.batches > 0) print_kl(o, kl);
  say(text("Read through it with: glassformer analyze {0} --what logit-lens --lens {1} --prompt ...",
           o.from.model.empty() ? std::string("fable") : o.from.model, o.output));
  return {};
}

}  // namespace

Runner setup_lens(CLI::App& app) {
  app.require_subcommand(1);
  auto o = std::make_shared<LensFitCall>();
  CLI::App* fit = app.add_subcommand(
      "fit", text("fits a tuned lens: for each depth an affine map that brings what the lens reads near to the final distribution"));
  fit->add_option("MODEL", o->from.model, text("a directory or file in any supported format, or the name of a bundled model"))
      ->check(named());
  fit->add_option("--corpus", o->from.corpus, text("the text to fit on (default: the one that comes with the program)"))->check(named());
  fit->add_option("-o,--output", o->output, text("the folder to write, as the package tuned-lens writes it"))->required()->check(named());
  fit->add_option("--steps", o->fit.steps, text("steps of Adam (default: 300)"))->check(whole<std::int64_t>(1, 1'000'000'000));
  fit->add_option("--batch", o->from.batch, text("sequences of a step (default: 4)"))->check(whole(1, 1 << 16));
  fit->add_option("--context", o->from.context, text("tokens of a sequence (default: 128)"))->check(whole(2));
  fit->add_option("--lr", o->fit.rate, text("learning rate (default: 0.001), which falls to 0"))->check(above_zero<double>());
  fit->add_option("--seed", o->from.seed, text("of the batches (default: 0)"))->check(whole<std::uint64_t>(0));
  fit->add_option("--threads", o->threads, text("threads to compute with (default: all)"))->check(whole(0, kMostThreads));
  fit->add_flag("--json", o->json, text("print a line of JSON for each step, and the KL by depth at the end"));
  app.footer(text("Example: glassformer lens fit fable --corpus my-text.txt -o my-lens"));
  return [o] { return exit_code(fit_lens(*o)); };
}

}  // namespace gf::cli

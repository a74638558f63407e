// Indexes of texts: which passages excite each neuron and head, or each feature of a dictionary.
#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/cli/analyze/prompt_set.h"
#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "model/base/files/input_files.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/corpus/corpus_index.h"
#include "model/io/dictionaries/open_dictionary.h"

namespace gf::cli {
namespace {

struct CorpusOptions {
  ModelOptions model;
  std::string text, output, shard, dictionary, hook;
  int threads = 0;
  bool json = false;
};

Result<void> index_corpus(const CorpusOptions& o) {
  GF_TRY_ASSIGN(const std::string text_path, corpus::resolve_corpus(o.text));
  GF_TRY_ASSIGN(const auto model, open(o.model));
  GF_TRY_ASSIGN(const corpus::Corpus text_read, corpus::read_corpus(*model, text_path));
  corpus::BuildOptions build;
  if (!o.dictionary.empty()) {
    GF_TRY_ASSIGN(build.dictionary, open_fitted(o.dictionary, o.hook, *model->weights));
  }
  build.path = o.output;
  if (!o.output.empty()) GF_TRY(check_output(o.output));
  if (o.output.empty()) {
    GF_TRY_ASSIGN(build.path, corpus::index_path(*model, text_path, text_read.print, build.dictionary.get()));
  }
  const Shard shard = shard_of(o.shard);
  build.shard = static_cast<std::int64_t>(shard.index);
  build.shards = static_cast<std::int64_t>(shard.count);
  const auto of = corpus::identity_of(*model, text_read, build.dictionary.get());
  if (build.shard > of.passages())
    return fail(ErrorCode::InvalidArgument,
                text("shard {0} of {1} is empty: the text has {2} passages; take fewer shards", build.shard, build.shards, of.passages()));
  GF_TRY_ASSIGN(const auto session, Session::create(model, {.threads = o.threads}));
  const Interrupt interrupt;
  build.stop = interrupt.token();
  {
    ProgressBar bar(text("{0} tokens of {1}", numbers::count(of.tokens), of.text));
    build.progress = [&bar](double fraction) { bar.set(fraction); };
    auto built = corpus::build_index(*session, text_read, build);
    if (!built && built.error().code == ErrorCode::Cancelled)
      return fail(ErrorCode::Cancelled, text("Stopped; what is done is kept in {0}, and the same command goes on.", build.path));
    GF_TRY(built);
  }
  if (o.json)
    print({{"index", build.path},
           {"model", of.model},
           {"text", of.text},
           {"tokens", of.tokens},
           {"passages", of.passages()},
           {"passage_tokens", of.passage_tokens},
           {"units", of.units()},
           {"dictionary", of.features > 0 ? Json(of.dictionary) : Json()},
           {"shard", {build.shard, build.shards}}});
  else
    print_line(text(of.features > 0 ? phrase("{0} features over {1} tokens: {2}") : phrase("{0} neurons and heads over {1} tokens: {2}"),
                    numbers::count(static_cast<long long>(of.units())), numbers::count(of.tokens), build.path));
  return {};
}

}  // namespace

Runner setup_corpus(CLI::App& app) {
  auto o = std::make_shared<CorpusOptions>();
  auto* index =
      app.add_subcommand("index", text("notes which passages of a text excite each neuron and head most, or each feature of a dictionary; "
                                       "goes on where it was stopped"));
  app.require_subcommand(1);
  add_model_options(*index, o->model);
  index->add_option("FILE", o->text, text("the text (default: the one that comes with the program)"))->check(named());
  index
      ->add_option("--dictionary", o->dictionary,
                   text("of its features, in place of neurons and heads: a folder or file, hf:ORG/NAME/FOLDER, "
                        "or fable, which comes with the program"))
      ->check(named());
  index->add_option("--dictionary-hook", o->hook, text("the hook where the dictionary reads, where its file does not say"))->check(named());
  auto* output = index->add_option("-o,--output", o->output, text("the index to write (default: in the cache directory)"))
                     ->check(ends_in(".safetensors"));
  index->add_option("--shard", o->shard, text("I/N: every N-th passage alone; 'merge' makes one index of all N files"))
      ->check(shard_word())
      ->needs(output);
  index->add_option("--threads", o->threads, text("threads to compute with (default: all)"))->check(whole(1, kMostThreads));
  index->add_flag("--json", o->json, text("print JSON"));
  app.footer(text("Example: glassformer corpus index fable my-text.txt"));
  return [o] { return exit_code(index_corpus(*o)); };
}

}  // namespace gf::cli

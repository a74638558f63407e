// Making an index: each passage is run, and what it shows is put into the units' records.
#include <chrono>
#include <filesystem>
#include <system_error>

#include "model/corpus/passage_notes.h"
#include "model/dictionaries/coding.h"

namespace gf::corpus {

namespace {

using BuildClock = std::chrono::steady_clock;

/// The one that stands at the path, if it is of this and of this shard; else an empty one.
CorpusIndex begun_index(const BuildOptions& options, const Identity& identity, const Corpus& corpus) {
  if (auto old = CorpusIndex::read(options.path);
      old && old->identity() == identity && old->progress.index == options.shard && old->progress.count == options.shards)
    return std::move(*old);
  CorpusIndex index(identity, corpus.ids);
  index.progress = {options.shard, options.shards, 0};
  return index;
}

}  // namespace

Identity identity_of(const Model& model, const Corpus& corpus, const FittedDictionary* dictionary) {
  const ModelConfig& c = model.weights->config;
  return {.model = model.weights->name,
          .text = corpus.name,
          .model_print = print_of_weights(*model.weights),
          .text_print = corpus.print,
          .n_layer = c.n_layer,
          .n_head = c.n_head,
          .d_mlp = c.d_mlp,
          .passage_tokens = corpus.passage_tokens,
          .tokens = static_cast<std::int64_t>(corpus.ids.size()),
          .dictionary = dictionary != nullptr ? dictionary->dictionary->name : std::string(),
          .dictionary_print = dictionary != nullptr ? print_of_dictionary(*dictionary) : std::string(),
          .features = dictionary != nullptr ? dictionary->dictionary->features() : 0};
}

Result<void> build_index(Session& session, const Corpus& corpus, const BuildOptions& options) {
  const Identity identity = identity_of(session.model(), corpus, options.dictionary.get());
  std::error_code error;
  if (const auto folder = std::filesystem::path(options.path).parent_path(); !folder.empty())
    std::filesystem::create_directories(folder, error);
  CorpusIndex index = begun_index(options, identity, corpus);
  const std::int64_t total = index.progress.total(identity.passages());
  if (index.progress.done >= total && total > 0) return {};
  const auto notes = options.dictionary ? notes_of_features(index, options.dictionary) : notes_of_units(index, *session.model().weights);
  const CapturePlan plan = notes->plan();
  auto saved = BuildClock::now();
  while (index.progress.done < total) {
    const std::int64_t passage = index.progress.index - 1 + index.progress.done * index.progress.count;
    const auto length = static_cast<std::size_t>(identity.passage_tokens);
    const auto ids = std::span(corpus.ids).subspan(static_cast<std::size_t>(passage) * length, length);
    const auto noted = [&]() -> Result<void> {
      GF_TRY_ASSIGN(const Trace trace, session.pass(ids, identity.passage_tokens, plan, nullptr, options.stop));
      return notes->add(trace, static_cast<int>(passage), options.stop);
    }();
    if (!noted) {
      if (index.progress.done > 0) GF_TRY(index.write(options.path));  // what was done is not lost
      return noted;
    }
    ++index.progress.done;
    if (options.progress) options.progress(static_cast<double>(index.progress.done) / static_cast<double>(total));
    const double since = std::chrono::duration<double>(BuildClock::now() - saved).count();
    if (since < options.seconds_between_saves || index.progress.done == total) continue;
    GF_TRY(index.write(options.path));
    saved = BuildClock::now();
  }
  return index.write(options.path);
}

Result<std::vector<float>> activations_in(Session& session, std::span<const TokenId> passage, const Unit& unit,
                                          const FittedDictionary* dictionary, std::stop_token stop) {
  const auto length = static_cast<int>(passage.size());
  const bool feature = unit.kind == Unit::Kind::Feature;
  EXPECTS(!feature || dictionary != nullptr, "the dictionary of the feature");
  const CapturePlan plan = feature ? plan_of_features(*dictionary) : plan_of_units();
  GF_TRY_ASSIGN(const Trace trace, session.pass(passage, length, plan, nullptr, stop));
  if (unit.kind == Unit::Kind::Head) return HeadLengths(*session.model().weights).of(trace, unit.layer, unit.index);
  std::vector<float> found;
  if (feature) {
    const auto read = [&](int p) { return dictionary->part_read(trace.row(dictionary->in, p)); };
    GF_TRY_ASSIGN(const ActiveFeatures active, encode(*dictionary, read, length, stop));
    for (int p = 0; p < length; ++p) found.push_back(active.at(p, unit.index));
    return found;
  }
  for (int p = 0; p < length; ++p) found.push_back(trace.row({HookKind::MlpPost, unit.layer}, p)[static_cast<std::size_t>(unit.index)]);
  return found;
}

}  // namespace gf::corpus

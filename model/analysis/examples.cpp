// Passages of a text that excite a neuron, a head or a feature, and what all heads do over the text: read from a corpus index.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "model/analysis/question.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/corpus/corpus_index.h"
#include "model/io/dictionaries/open_dictionary.h"

namespace gf {

namespace {

constexpr Param kCorpusParam{.name = "corpus", .kind = Param::Kind::Text, .doc = phrase("the text, a file (default: the bundled one)")};
constexpr Param kIndexParam{
    .name = "index", .kind = Param::Kind::Text, .doc = phrase("the index of the text, a file (default: beside the model or in the cache)")};
constexpr Param kReadyParam{.name = "ready", .kind = Param::Kind::Flag, .doc = phrase("only if the index is there already")};

constexpr std::array kExamplesParams{
    Param{.name = "unit", .kind = Param::Kind::Neuron, .doc = phrase("a neuron, BLOCK.INDEX")},
    Param{.name = "head", .kind = Param::Kind::Head, .doc = phrase("a head, BLOCK.INDEX")},
    Param{.name = "feature", .kind = Param::Kind::Whole, .doc = phrase("a feature of the dictionary"), .high = 1 << 28},
    Param{.name = "dictionary",
          .kind = Param::Kind::Text,
          .doc = phrase("the feature's dictionary: a folder or file, hf:ORG/NAME/FOLDER, or fable, which comes with the program")},
    Param{.name = "dictionary-hook",
          .kind = Param::Kind::Text,
          .doc = phrase("the hook where the dictionary reads, where its file does not say")},
    kCorpusParam,
    kIndexParam,
    kReadyParam,
    Param{.name = "top",
          .kind = Param::Kind::Whole,
          .doc = phrase("strongest passages that are listed"),
          .fallback = "5",
          .low = 1,
          .high = corpus::kTop},
};
constexpr std::array kExamplesParts{
    PartInfo{.name = "passages",
             .title = phrase("passages"),
             .doc = phrase("the strongest, then some of each interval of strength; position: where it is strongest"),
             .kind = PartInfo::Kind::Table},
    PartInfo{.name = "activations",
             .axes = "row,position",
             .title = phrase("activations in the passages"),
             .doc = phrase("at each token of each listed passage"),
             .kind = PartInfo::Kind::Tokens},
    PartInfo{.name = "histogram", .axes = "bin", .unit = "tokens", .title = phrase("histogram"), .doc = phrase("tokens by activation")},
    PartInfo{.name = "bin_begin",
             .axes = "bin",
             .title = phrase("bins of the histogram"),
             .doc = phrase("where each begins; the first is open")},
    PartInfo{
        .name = "frequency",
        .title = phrase("frequency"),
        .doc = phrase("share of the tokens at which it is active: a neuron or feature above 0, a head with most of its attention off the "
                      "first token"),
        .kind = PartInfo::Kind::Number},
    PartInfo{.name = "tokens",
             .unit = "tokens",
             .title = phrase("tokens of the text"),
             .doc = phrase("that the index has"),
             .kind = PartInfo::Kind::Number},
};

/// The index that is asked about; it is made where it is not there, or not whole. `dictionary`: nullptr for neurons and heads.
Result<corpus::CorpusIndex> index_asked(const Asking& asking, const std::shared_ptr<const FittedDictionary>& dictionary = nullptr) {
  const Params& params = asking.params;
  GF_TRY_ASSIGN(const std::string text_path, corpus::resolve_corpus(params.text("corpus")));
  GF_TRY_ASSIGN(const std::string text_print, corpus::print_of_text(text_path));
  const std::string asked = params.text("index");
  std::string path = asked;
  if (asked.empty()) {
    GF_TRY_ASSIGN(path, corpus::index_path(asking.model(), text_path, text_print, dictionary.get()));
  }
  const std::string model_print = corpus::print_of_weights(*asking.model().weights);
  const std::string dictionary_print = dictionary ? corpus::print_of_dictionary(*dictionary) : std::string();
  auto index = corpus::CorpusIndex::read(path);
  if (!index && index.error().code != ErrorCode::NotFound) return index;
  if (index) {
    const corpus::Identity& of = index->identity();
    const corpus::Progress& done = index->progress;
    const bool stale = of.model_print != model_print || of.dictionary_print != dictionary_print ||
                       (of.text_print != text_print && (asked.empty() || !params.text("corpus").empty()));
    if (stale)
      return fail(
          ErrorCode::InvalidArgument,
          text("{0} is an index of {1} over {2}, which is not what is asked about or has changed since; remove it, or make it again "
               "with: glassformer corpus index",
               path, of.features > 0 ? text("{0} of {1}", of.dictionary, of.model) : of.model, of.text));
    if (done.count > 1)
      return fail(ErrorCode::InvalidArgument,
                  text("{0} is shard {1} of {2}; make one index of all with: glassformer merge", path, done.index, done.count));
    if (done.done == done.total(of.passages())) return index;
  } else if (!asked.empty()) {
    return index;
  }
  if (params.flag("ready"))
    return fail(ErrorCode::NotFound,
                text("There is no index of {0} over {1} yet.", dictionary ? dictionary->dictionary->name : asking.model().weights->name,
                     std::filesystem::path(text_path).filename().string()));
  GF_TRY_ASSIGN(const corpus::Corpus text, corpus::read_corpus(asking.model(), text_path));
  corpus::BuildOptions options;
  options.path = path;
  options.dictionary = dictionary;
  options.stop = asking.stop;
  options.progress = asking.progress;
  GF_TRY(corpus::build_index(asking.session, text, options));
  return corpus::CorpusIndex::read(path);
}

/// `dictionary`: that of the feature, where one is named.
Result<corpus::Unit> unit_asked(const Params& params, const ModelConfig& c, const FittedDictionary* dictionary) {
  const bool neuron = params.given("unit"), feature = params.given("feature");
  if ((neuron ? 1 : 0) + (feature ? 1 : 0) + (params.given("head") ? 1 : 0) != 1)
    return fail(ErrorCode::InvalidArgument,
                text("examples needs a neuron, a head or a feature; give --unit 3.17, --head 3.5, or --dictionary fable --feature 12"));
  if (feature) {
    if (dictionary == nullptr)
      return fail(ErrorCode::InvalidArgument, text("a feature is one of a dictionary; name it, as in --dictionary fable"));
    const int index = params.whole("feature"), features = dictionary->dictionary->features();
    if (index < features) return corpus::Unit{corpus::Unit::Kind::Feature, 0, index};
    return fail(ErrorCode::InvalidArgument, text("there is no feature {0}; the dictionary has features 0 to {1}", index, features - 1));
  }
  const UnitRef ref = params.unit(neuron ? "unit" : "head");
  const int most = neuron ? c.d_mlp : c.n_head;
  if (ref.layer >= c.n_layer || ref.index >= most)
    return fail(
        ErrorCode::InvalidArgument,
        neuron ? text("there is no neuron {0}.{1}; blocks are 0 to {2} and neurons 0 to {3}", ref.layer, ref.index, c.n_layer - 1, most - 1)
               : text("there is no head {0}.{1}; blocks are 0 to {2} and heads 0 to {3}", ref.layer, ref.index, c.n_layer - 1, most - 1));
  return corpus::Unit{neuron ? corpus::Unit::Kind::Neuron : corpus::Unit::Kind::Head, ref.layer, ref.index};
}

/// "strongest", or "4 to 8".
std::string words_of_interval(int interval) {
  const auto edge = [](int i) { return numbers::significant(std::ldexp(1.0, corpus::kFirstInterval + i), 3); };
  if (interval == 0) return text("below {0}", edge(1));
  if (interval == corpus::kIntervals - 1) return text("from {0}", edge(interval));
  return text("{0} to {1}", edge(interval), edge(interval + 1));
}

/// The passages that are listed: the strongest, then of the intervals from strong to weak those that are not among them.
struct ListedExample {
  std::string interval;
  corpus::Example example;
};
std::vector<ListedExample> listed_examples(const corpus::UnitRecord& record, int top) {
  std::vector<ListedExample> all;
  const auto add = [&](const std::string& interval, const corpus::Example& e) {
    if (e.passage >= 0 && std::ranges::none_of(all, [&](const ListedExample& l) { return l.example.passage == e.passage; }))
      all.push_back({interval, e});
  };
  for (const corpus::Example& e : std::span(record.top).first(static_cast<std::size_t>(top))) add(text("strongest"), e);
  for (int i = corpus::kIntervals - 1; i >= 0; --i) {
    auto some = record.interval[static_cast<std::size_t>(i)];
    std::ranges::stable_sort(some, [](const corpus::Example& x, const corpus::Example& y) { return x.activation > y.activation; });
    for (const corpus::Example& e : some) add(words_of_interval(i), e);
  }
  return all;
}

Result<Answer> answer_examples(const Asking& asking) {
  std::shared_ptr<const FittedDictionary> dictionary;
  if (const std::string name = asking.params.text("dictionary"); asking.params.given("feature") && !name.empty()) {
    GF_TRY_ASSIGN(dictionary, open_fitted(name, asking.params.text("dictionary-hook"), *asking.model().weights));
  }
  GF_TRY_ASSIGN(const corpus::Unit unit, unit_asked(asking.params, asking.model().weights->config, dictionary.get()));
  GF_TRY_ASSIGN(const corpus::CorpusIndex index, index_asked(asking, dictionary));
  const corpus::Identity& of = index.identity();
  const corpus::UnitRecord& record = index.units()[of.number_of(unit)];
  const auto listed = listed_examples(record, asking.params.whole("top"));
  const auto length = static_cast<std::size_t>(of.passage_tokens);
  std::vector<std::string> intervals, texts;
  std::vector<int> passages, positions;
  std::vector<float> activations;
  Answer::Tokens tokens{{"row", "position"}, {static_cast<int>(listed.size()), of.passage_tokens}, {}, "activation", "", {}};
  for (const ListedExample& l : listed) {
    const auto ids = index.ids().subspan(static_cast<std::size_t>(l.example.passage) * length, length);
    const std::vector<TokenId> own(ids.begin(), ids.end());
    intervals.push_back(l.interval);
    passages.push_back(l.example.passage);
    positions.push_back(l.example.place);
    activations.push_back(l.example.activation);
    texts.push_back(valid_utf8(asking.model().tokenizer->decode(own)));
    if (!asking.wants("activations")) continue;
    GF_TRY_ASSIGN(const auto values, corpus::activations_in(asking.session, ids, unit, dictionary.get(), asking.stop));
    tokens.ids.insert(tokens.ids.end(), own.begin(), own.end());
    tokens.values.insert(tokens.values.end(), values.begin(), values.end());
  }
  Grid histogram = Grid::of({"bin"}, {corpus::kBins}, "tokens"), begins = Grid::of({"bin"}, {corpus::kBins}, "");
  for (int i = 0; i < corpus::kBins; ++i) {
    histogram.at(i) = static_cast<float>(record.histogram[static_cast<std::size_t>(i)]);
    if (i > 0) begins.at(i) = static_cast<float>(corpus::bin_begin(i));
  }
  Answer answer;
  answer.add("passages", Answer::Table{{{"interval", "", std::move(intervals)},
                                        {"passage", "", std::move(passages)},
                                        {"position", "", std::move(positions)},
                                        {"activation", "", std::move(activations)},
                                        {"text", "", std::move(texts)}}});
  if (asking.wants("activations")) answer.add("activations", std::move(tokens));
  answer.add("histogram", std::move(histogram));
  answer.add("bin_begin", std::move(begins));
  answer.add("frequency", Answer::Number{static_cast<double>(record.active) / static_cast<double>(of.counted_tokens(unit.kind)), ""});
  answer.add("tokens", Answer::Number{static_cast<double>(of.tokens), "tokens"});
  return answer;
}

constexpr std::array kHeadFinderParams{kCorpusParam, kIndexParam, kReadyParam};
constexpr std::array kHeadFinderParts{
    PartInfo{.name = "previous",
             .axes = "layer,head",
             .title = phrase("previous token, over a text"),
             .doc = phrase("mean attention to the previous token")},
    PartInfo{.name = "sink",
             .axes = "layer,head",
             .title = phrase("attention sink, over a text"),
             .doc = phrase("mean attention to the first token")},
    PartInfo{.name = "duplicate",
             .axes = "layer,head",
             .title = phrase("duplicate token, over a text"),
             .doc = phrase("mean attention to the same token before")},
    PartInfo{.name = "induction",
             .axes = "layer,head",
             .title = phrase("induction, over a text"),
             .doc = phrase("mean attention to what followed the same token before")},
    PartInfo{.name = "written",
             .axes = "layer,head",
             .unit = "norm",
             .title = phrase("length of what is added, over a text"),
             .doc = phrase("mean length of what the head adds to the stream")},
    PartInfo{.name = "active",
             .axes = "layer,head",
             .title = phrase("active, over a text"),
             .doc = phrase("share of the tokens at which most of its attention is not on the first token")},
};

Result<Answer> answer_head_finder(const Asking& asking) {
  GF_TRY_ASSIGN(const corpus::CorpusIndex index, index_asked(asking));
  const corpus::Identity& of = index.identity();
  constexpr double kSumUnits = 1 << 20;
  Answer answer;
  for (std::size_t m = 0; m < corpus::kHeadMeasures; ++m) {
    Grid grid = Grid::of({"layer", "head"}, {of.n_layer, of.n_head}, kHeadFinderParts[m].unit);
    if (index.queries[m] > 0)
      for (std::size_t h = 0; h < grid.values.size(); ++h)
        grid.values[h] = static_cast<float>(static_cast<double>(index.head_sums[m][h]) / kSumUnits / static_cast<double>(index.queries[m]));
    answer.add(kHeadFinderParts[m].name, std::move(grid));
  }
  Grid active = Grid::of({"layer", "head"}, {of.n_layer, of.n_head}, "");
  for (int layer = 0; layer < of.n_layer; ++layer)
    for (int head = 0; head < of.n_head; ++head)
      active.at(layer, head) =
          static_cast<float>(static_cast<double>(index.units()[of.number_of({corpus::Unit::Kind::Head, layer, head})].active) /
                             static_cast<double>(of.counted_tokens(corpus::Unit::Kind::Head)));
  answer.add("active", std::move(active));
  return answer;
}

}  // namespace

extern constinit const Question kExamplesQuestion{.name = "examples",
                                                  .title = phrase("Examples"),
                                                  .doc = phrase("passages of a text that excite a neuron, a head or a feature most"),
                                                  .needs = {.prompt = false, .pattern = false, .text = true},
                                                  .params = kExamplesParams,
                                                  .parts = kExamplesParts,
                                                  .answer = answer_examples};
extern constinit const Question kHeadFinderQuestion{.name = "head-finder",
                                                    .title = phrase("Heads over a text"),
                                                    .doc = phrase("what every head looks at, on average over a text"),
                                                    .needs = {.prompt = false, .pattern = false, .text = true},
                                                    .params = kHeadFinderParams,
                                                    .parts = kHeadFinderParts,
                                                    .answer = answer_head_finder};

}  // namespace gf

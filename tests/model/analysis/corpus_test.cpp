// The index of a text: what it holds, that parts make the whole to the last bit, and that files from outside are refused.
#include <filesystem>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <unistd.h>

#include "model/analysis/head_scores.h"
#include "model/analysis/question.h"
#include "model/corpus/corpus_index.h"
#include "model/io/dictionaries/open_dictionary.h"
#include "tests/model/dictionaries/random_dictionary.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;
using corpus::CorpusIndex;
using corpus::Unit;
using corpus::UnitRecord;

std::string corpus_file(const std::string& name) {
  const fs::path folder = fs::temp_directory_path() / ("glassformer_corpus_" + std::to_string(getpid()));
  fs::create_directories(folder);
  return (folder / name).string();
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

/// A text of some passages of fable: the beginning of the bundled one.
const std::string& short_text() {
  static const std::string path = [] {
    const auto bundled = corpus::resolve_corpus("");
    EXPECT_TRUE(bundled) << bundled.error().message;
    constexpr std::size_t kBytes = 2000;
    std::string file = corpus_file("short.txt");
    write_bytes(file, bytes_of(bundled.value_or("")).substr(0, kBytes));
    return file;
  }();
  return path;
}

struct Indexed {
  std::shared_ptr<const Model> model = open_case_model("fable");
  std::unique_ptr<Session> session = session_of(model);
  corpus::Corpus text = corpus::read_corpus(*model, short_text()).value();

  std::shared_ptr<const FittedDictionary> dictionary{};  ///< whose features are indexed; nullptr: neurons and heads

  [[nodiscard]] Result<void> build(const std::string& path, std::int64_t shard = 1, std::int64_t shards = 1, std::stop_token stop = {},
                                   std::function<void(double)> progress = {}) const {
    corpus::BuildOptions options;
    options.path = path;
    options.shard = shard;
    options.shards = shards;
    options.stop = std::move(stop);
    options.progress = std::move(progress);
    options.dictionary = dictionary;
    return corpus::build_index(*session, text, options);
  }
  [[nodiscard]] CorpusIndex whole() const {
    const std::string path = corpus_file("whole.safetensors");
    const auto built = build(path);
    EXPECT_TRUE(built) << built.error().message;
    auto index = CorpusIndex::read(path);
    EXPECT_TRUE(index) << index.error().message;
    return std::move(*index);
  }
  [[nodiscard]] std::vector<std::shared_ptr<const Trace>> runs() const {
    std::vector<std::shared_ptr<const Trace>> all;
    for (std::size_t at = 0; at < text.ids.size(); at += static_cast<std::size_t>(text.passage_tokens)) {
      RunRequest request;
      request.prompt.assign(text.ids.begin() + static_cast<std::ptrdiff_t>(at),
                            text.ids.begin() + static_cast<std::ptrdiff_t>(at) + text.passage_tokens);
      all.push_back(session->run(request)->base);
    }
    return all;
  }
};

/// A unit's activations at each token of a passage, by plain loops.
std::vector<double> plain_activations(const Weights& w, const Trace& run, const Unit& unit) {
  std::vector<double> all;
  for (int p = 0; p < run.length(); ++p) {
    if (unit.kind == Unit::Kind::Neuron) {
      all.push_back(static_cast<double>(run.row({HookKind::MlpPost, unit.layer}, p)[static_cast<std::size_t>(unit.index)]));
      continue;
    }
    const auto z = run.row({HookKind::Z, unit.layer}, p);
    double squares = 0;
    for (int i = 0; i < w.config.d_model; ++i) {
      double sum = 0;
      for (int j = 0; j < w.config.d_head; ++j) {
        const int row = unit.index * w.config.d_head + j;
        sum += static_cast<double>(z[static_cast<std::size_t>(row)]) *
               static_cast<double>(w.blocks[static_cast<std::size_t>(unit.layer)].o.at(row, i));
      }
      squares += sum * sum;
    }
    all.push_back(std::sqrt(squares));
  }
  return all;
}

TEST(Corpus, notes_what_plain_loops_find) {
  const Indexed fable;
  const CorpusIndex index = fable.whole();
  const auto runs = fable.runs();
  ASSERT_GT(runs.size(), 4U);
  ASSERT_EQ(index.identity().passages(), static_cast<std::int64_t>(runs.size()));
  for (const Unit& unit : {Unit{Unit::Kind::Neuron, 0, 17}, Unit{Unit::Kind::Neuron, 3, 1000}, Unit{Unit::Kind::Neuron, 5, 3},
                           Unit{Unit::Kind::Head, 0, 0}, Unit{Unit::Kind::Head, 4, 3}, Unit{Unit::Kind::Head, 5, 7}}) {
    const UnitRecord& record = index.units()[index.identity().number_of(unit)];
    std::vector<corpus::Example> strongest;
    std::array<std::uint32_t, corpus::kBins> histogram{};
    std::uint32_t active = 0;
    for (std::size_t passage = 0; passage < runs.size(); ++passage) {
      const auto values = plain_activations(*fable.model->weights, *runs[passage], unit);
      const auto first = unit.kind == Unit::Kind::Head ? static_cast<std::size_t>(corpus::kHeadContext) : std::size_t{0};
      corpus::Example most{static_cast<int>(passage), static_cast<int>(first), static_cast<float>(values[first])};
      for (std::size_t p = first; p < values.size(); ++p) {
        const auto value = static_cast<float>(values[p]);
        if (value > most.activation) most = {static_cast<int>(passage), static_cast<int>(p), value};
        int bin = 0;
        while (bin + 1 < corpus::kBins && static_cast<double>(value) >= corpus::bin_begin(bin + 1)) ++bin;
        ++histogram[static_cast<std::size_t>(bin)];
        if (unit.kind == Unit::Kind::Neuron) active += value > 0 ? 1 : 0;
        else active += runs[passage]->causal_row({HookKind::Pattern, unit.layer}, unit.index, static_cast<int>(p))[0] < 0.5F ? 1 : 0;
      }
      strongest.push_back(most);
    }
    std::ranges::stable_sort(strongest, [](const auto& x, const auto& y) { return x.activation > y.activation; });
    for (std::size_t i = 0; i < std::min<std::size_t>(strongest.size(), corpus::kTop); ++i) {
      EXPECT_EQ(record.top[i].passage, strongest[i].passage) << unit.layer << "." << unit.index << " place " << i;
      EXPECT_EQ(record.top[i].place, strongest[i].place) << unit.layer << "." << unit.index << " place " << i;
      EXPECT_NEAR(record.top[i].activation, strongest[i].activation, 1e-4) << unit.layer << "." << unit.index;
    }
    EXPECT_EQ(record.active, active);
    EXPECT_EQ(record.histogram, histogram) << unit.layer << "." << unit.index;
  }
}

TEST(Corpus, averages_the_heads_scores_over_all_queries) {
  const Indexed fable;
  const CorpusIndex index = fable.whole();
  double sum = 0, queries = 0;
  for (const auto& run : fable.runs()) {
    sum += static_cast<double>(head_scores(*run).previous.at(0, 3)) * (run->length() - 1);
    queries += run->length() - 1;
  }
  const auto previous = static_cast<std::size_t>(corpus::HeadMeasure::Previous);
  EXPECT_EQ(static_cast<double>(index.queries[previous]), queries);
  EXPECT_NEAR(static_cast<double>(index.head_sums[previous][3]) / (1 << 20) / queries, sum / queries, 1e-5);
}

TEST(Corpus, keeps_passages_of_every_interval_of_strength) {
  const Indexed fable;
  const CorpusIndex index = fable.whole();
  for (std::size_t u = 0; u < index.units().size(); u += 97)
    for (int i = 0; i < corpus::kIntervals; ++i)
      for (const corpus::Example& e : index.units()[u].interval[static_cast<std::size_t>(i)])
        if (e.passage >= 0) {
          EXPECT_EQ(corpus::interval_of(e.activation), i);
        }
}

TEST(Corpus, shards_make_the_whole_to_the_last_bit) {
  const Indexed fable;
  const std::string whole = corpus_file("whole.safetensors"), merged = corpus_file("merged.safetensors");
  ASSERT_TRUE(fable.build(whole));
  std::vector<std::string> parts;
  for (int i = 1; i <= 3; ++i) {
    parts.insert(parts.begin(), corpus_file("part-" + std::to_string(i) + ".safetensors"));
    ASSERT_TRUE(fable.build(parts.front(), i, 3));
  }
  const auto done = corpus::merge_indexes(parts, merged);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(bytes_of(merged) == bytes_of(whole));
  const auto lacking = corpus::merge_indexes({parts[0], parts[2]}, merged);
  ASSERT_FALSE(lacking);
  EXPECT_EQ(lacking.error().message, "Shard 2 of 3 is missing; name its file too.");
  EXPECT_FALSE(corpus::merge_indexes({parts[0], parts[0], parts[1]}, merged));
}

TEST(Corpus, goes_on_where_it_was_stopped) {
  const Indexed fable;
  const std::string whole = corpus_file("whole.safetensors"), stopped = corpus_file("stopped.safetensors");
  ASSERT_TRUE(fable.build(whole));
  std::stop_source stop;
  const auto first = fable.build(stopped, 1, 1, stop.get_token(), [&](double fraction) {
    if (fraction > 0.4) stop.request_stop();
  });
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode::Cancelled);
  const auto half = CorpusIndex::read(stopped);
  ASSERT_TRUE(half) << half.error().message;
  EXPECT_GT(half->progress.done, 0);
  EXPECT_LT(half->progress.done, half->identity().passages());
  double least = 1;
  ASSERT_TRUE(fable.build(stopped, 1, 1, {}, [&](double fraction) { least = std::min(least, fraction); }));
  EXPECT_GT(least, 0.4) << "it began anew";
  EXPECT_TRUE(bytes_of(stopped) == bytes_of(whole));
}

Result<Answer> ask_examples(const Indexed& fable, const std::vector<std::pair<std::string, std::string>>& params) {
  const Question& question = *find_question("examples");
  Asking asking{.session = *fable.session, .request = {}, .run = {}, .a = {}, .b = {}, .params = Params(question.params)};
  for (const auto& [name, value] : params) GF_TRY(asking.params.set(name, value));
  return ask(question, asking);
}

TEST(Corpus, examples_show_the_activations_that_the_index_noted) {
  const Indexed fable;
  const std::string path = corpus_file("whole.safetensors");
  ASSERT_TRUE(fable.build(path));
  for (const auto& unit : {std::pair<std::string, std::string>{"unit", "3.1000"}, {"head", "4.3"}}) {
    const auto answer = ask_examples(fable, {unit, {"corpus", short_text()}, {"index", path}, {"top", "3"}});
    ASSERT_TRUE(answer) << answer.error().message;
    const auto& table = answer->table("passages");
    const auto& tokens = answer->tokens("activations");
    ASSERT_GE(table.rows(), 3U);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const auto length = static_cast<std::size_t>(tokens.shape[1]);
      const auto begin = tokens.values.begin() + static_cast<std::ptrdiff_t>(row * length);
      const int first = unit.first == "head" ? corpus::kHeadContext : 0;
      const auto most = std::max_element(begin + first, begin + static_cast<std::ptrdiff_t>(length));
      EXPECT_EQ(*most, std::get<std::vector<float>>(table.find("activation")->cells)[row]) << row;
      EXPECT_EQ(most - begin, std::get<std::vector<int>>(table.find("position")->cells)[row]) << row;
    }
  }
}

/// A dictionary of random numbers, and fable with it.
Indexed with_dictionary(std::string* folder = nullptr) {
  Indexed fable;
  const std::string place = corpus_file("dictionary");
  // Once in a process, because nothing is written over a file that the process has read.
  static const bool saved = (save_random_dictionary(place, 256, 40, "blocks.2.hook_resid_post"), true);
  EXPECT_TRUE(saved);
  const auto fitted = open_fitted(place, {}, *fable.model->weights);
  EXPECT_TRUE(fitted) << fitted.error().message;
  fable.dictionary = fitted.value_or(nullptr);
  if (folder != nullptr) *folder = place;
  return fable;
}

TEST(CorpusOfFeatures, notes_what_plain_loops_find) {
  const Indexed fable = with_dictionary();
  const CorpusIndex index = fable.whole();
  EXPECT_EQ(index.identity().features, 40);
  ASSERT_EQ(index.units().size(), 40U);
  const Dictionary& d = *fable.dictionary->dictionary;
  const auto runs = fable.runs();
  int seen = 0;
  for (int feature = 0; feature < 40; feature += 3) {
    const UnitRecord& record = index.units()[static_cast<std::size_t>(feature)];
    std::vector<corpus::Example> strongest;
    std::uint32_t active = 0, zeros = 0;
    for (std::size_t passage = 0; passage < runs.size(); ++passage) {
      corpus::Example most{static_cast<int>(passage), 0, 0};
      for (int p = 0; p < runs[passage]->length(); ++p) {
        const auto row = runs[passage]->row({HookKind::ResidPost, 2}, p);
        double value = static_cast<double>(d.bias[static_cast<std::size_t>(feature)]);
        for (int i = 0; i < 256; ++i)
          value += (static_cast<double>(row[static_cast<std::size_t>(i)]) - static_cast<double>(d.bias_in[static_cast<std::size_t>(i)])) *
                   static_cast<double>(d.encoder.at(i, feature));
        active += value > 0 ? 1 : 0;
        zeros += value < std::ldexp(1.0, corpus::kFirstInterval) ? 1 : 0;
        if (value > static_cast<double>(most.activation)) most = {static_cast<int>(passage), p, static_cast<float>(value)};
      }
      if (most.activation > 0) strongest.push_back(most);
    }
    std::ranges::stable_sort(strongest, [](const auto& x, const auto& y) { return x.activation > y.activation; });
    for (std::size_t i = 0; i < corpus::kTop; ++i) {
      if (i >= strongest.size()) {
        EXPECT_EQ(record.top[i].passage, -1) << "a passage in which feature " << feature << " is not active";
        continue;
      }
      EXPECT_EQ(record.top[i].passage, strongest[i].passage) << feature << " place " << i;
      EXPECT_EQ(record.top[i].place, strongest[i].place) << feature << " place " << i;
      EXPECT_NEAR(record.top[i].activation, strongest[i].activation, 1e-3 + 1e-4 * strongest[i].activation);
      ++seen;
    }
    EXPECT_EQ(record.active, active) << feature;
    EXPECT_EQ(record.histogram[0], zeros) << feature;
    EXPECT_EQ(std::accumulate(record.histogram.begin(), record.histogram.end(), 0U), index.identity().tokens);
  }
  EXPECT_GT(seen, 40);
}

TEST(CorpusOfFeatures, shards_make_the_whole_and_a_stopped_one_goes_on) {
  const Indexed fable = with_dictionary();
  const std::string whole = corpus_file("features.safetensors"), merged = corpus_file("features-merged.safetensors");
  ASSERT_TRUE(fable.build(whole));
  std::vector<std::string> parts;
  for (int i = 1; i <= 2; ++i) {
    parts.push_back(corpus_file("features-" + std::to_string(i) + ".safetensors"));
    ASSERT_TRUE(fable.build(parts.back(), i, 2));
  }
  const auto done = corpus::merge_indexes(parts, merged);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(bytes_of(merged) == bytes_of(whole));
  const std::string stopped = corpus_file("features-stopped.safetensors");
  std::stop_source stop;
  ASSERT_FALSE(fable.build(stopped, 1, 1, stop.get_token(), [&](double fraction) {
    if (fraction > 0.4) stop.request_stop();
  }));
  ASSERT_TRUE(fable.build(stopped));
  EXPECT_TRUE(bytes_of(stopped) == bytes_of(whole));
}

TEST(CorpusOfFeatures, examples_show_a_feature_where_it_is_strongest) {
  std::string folder;
  const Indexed fable = with_dictionary(&folder);
  const std::string path = corpus_file("features.safetensors");
  ASSERT_TRUE(fable.build(path));
  const auto answer =
      ask_examples(fable, {{"feature", "3"}, {"dictionary", folder}, {"corpus", short_text()}, {"index", path}, {"top", "3"}});
  ASSERT_TRUE(answer) << answer.error().message;
  const auto& table = answer->table("passages");
  const auto& tokens = answer->tokens("activations");
  ASSERT_GE(table.rows(), 3U);
  const auto length = static_cast<std::size_t>(tokens.shape[1]);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto begin = tokens.values.begin() + static_cast<std::ptrdiff_t>(row * length);
    const auto most = std::max_element(begin, begin + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(*most, std::get<std::vector<float>>(table.find("activation")->cells)[row]) << row;
    EXPECT_EQ(most - begin, std::get<std::vector<int>>(table.find("position")->cells)[row]) << row;
  }
  const auto message = [&](const std::vector<std::pair<std::string, std::string>>& params) {
    const auto asked = ask_examples(fable, params);
    return asked ? std::string("an answer") : asked.error().message;
  };
  EXPECT_EQ(message({{"feature", "3"}}), "a feature is one of a dictionary; name it, as in --dictionary fable");
  EXPECT_EQ(message({{"feature", "40"}, {"dictionary", folder}}), "there is no feature 40; the dictionary has features 0 to 39");
  // The index of features says nothing about a neuron, nor that of another dictionary about this one.
  EXPECT_NE(message({{"unit", "0.0"}, {"corpus", short_text()}, {"index", path}}).find("is not what is asked about"), std::string::npos);
  const std::string other = corpus_file("other-dictionary");
  save_random_dictionary(other, 256, 40, "blocks.2.hook_resid_post", 2);
  EXPECT_NE(
      message({{"feature", "3"}, {"dictionary", other}, {"corpus", short_text()}, {"index", path}}).find("is not what is asked about"),
      std::string::npos);
}

TEST(Corpus, says_what_is_wrong_with_what_is_asked) {
  const Indexed fable;
  const std::string path = corpus_file("whole.safetensors");
  ASSERT_TRUE(fable.build(path));
  const auto message = [&](const std::vector<std::pair<std::string, std::string>>& params) {
    const auto answer = ask_examples(fable, params);
    return answer ? std::string("an answer") : answer.error().message;
  };
  EXPECT_EQ(message({{"corpus", short_text()}}),
            "examples needs a neuron, a head or a feature; give --unit 3.17, --head 3.5, or --dictionary fable --feature 12");
  EXPECT_EQ(message({{"unit", "6.0"}}), "there is no neuron 6.0; blocks are 0 to 5 and neurons 0 to 1023");
  // An index of a text that has changed since.
  const std::string other = corpus_file("other.txt");
  write_bytes(other, bytes_of(short_text()) + " And then?");
  const std::string stale = message({{"unit", "0.0"}, {"corpus", other}, {"index", path}});
  EXPECT_NE(stale.find("is not what is asked about or has changed since"), std::string::npos) << stale;
}

TEST(Corpus, a_damaged_index_is_refused) {
  const Indexed fable;
  const std::string path = corpus_file("whole.safetensors"), bad = corpus_file("bad.safetensors");
  ASSERT_TRUE(fable.build(path));
  const std::string good = bytes_of(path);
  write_bytes(bad, good.substr(0, good.size() / 2));
  EXPECT_FALSE(CorpusIndex::read(bad));
  const std::size_t header = good.find("\"done\"");
  ASSERT_NE(header, std::string::npos);
  std::string more = good;
  more[good.find_first_of("0123456789", header + 7)] = '9';  // more passages than there are
  write_bytes(bad, more);
  EXPECT_FALSE(CorpusIndex::read(bad));
  std::string nan = good;
  std::fill(nan.end() - 4, nan.end(), '\xff');
  write_bytes(bad, nan);
  EXPECT_FALSE(CorpusIndex::read(bad));
  // Wherever a byte is another one, the file is read or refused, and nothing else happens.
  std::mt19937_64 random(3);
  for (int i = 0; i < 60; ++i) {
    std::string other = good;
    const std::size_t within = i % 2 == 0 ? 3000 : good.size();
    other[random() % within] = static_cast<char>(random());
    write_bytes(bad, other);
    if (const auto index = CorpusIndex::read(bad)) {
      EXPECT_EQ(index->ids().size(), static_cast<std::size_t>(index->identity().tokens));
    }
  }
}

}  // namespace
}  // namespace gf::testing

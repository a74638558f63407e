// What a scan finds: known heads in known runs, numbers that are those of the questions, and nothing in random weights.
#include "model/analysis/scan.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <regex>
#include <set>

#include "model/analysis/components.h"
#include "model/analysis/neurons.h"
#include "model/base/numbers.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

constexpr const char* kGarden = "When Mary and John went to the garden, John gave a ring to";

/// A model with a run of it, to be asked about.
struct Scanned {
  std::unique_ptr<Session> session;
  RunRequest request;
  gf::Run run;
  std::optional<TokenId> a, b;

  Scanned(const std::shared_ptr<const Model>& model, std::vector<TokenId> prompt) : session(session_of(model)) {
    request.prompt = std::move(prompt);
    auto made = session->run(request);
    EXPECT_TRUE(made) << made.error().message;
    if (made) run = *made;
  }
  [[nodiscard]] Asking asking() const { return {.session = *session, .request = request, .run = run, .a = a, .b = b, .params = {}}; }
  [[nodiscard]] std::vector<Finding> findings() const {
    auto found = scan_run(asking());
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(std::vector<Finding>());
  }
};

std::vector<TokenId> words_to_ids(const Model& model, const std::string& text) {
  auto ids = model.tokenizer->ids_of(text);
  EXPECT_TRUE(ids) << ids.error().message;
  return ids.value_or(std::vector<TokenId>());
}

std::set<std::string> heads_of(const std::vector<Finding>& findings, const std::set<std::string>& kinds) {
  std::set<std::string> heads;
  for (const Finding& f : findings)
    if (kinds.contains(f.kind)) heads.insert(head_name(f.main.indices[0], f.main.indices[1]));
  return heads;
}

/// The number that a question, or the run itself, gives now.
double asked_again(const Scanned& scanned, const FoundNumber& n) {
  Asking asking = scanned.asking();
  const auto& top = scanned.run.edited->stats(scanned.run.edited->length() - 1).top;
  if (!asking.a) asking.a = top[0].id;
  if (!asking.b) asking.b = top[1].id;
  if (n.question == "run") {
    const auto hook = parse_hook(n.part, scanned.run.edited->config().n_layer);
    if (!hook) return NAN;
    if (n.indices.size() == 3)
      return static_cast<double>(scanned.run.edited->causal_row(*hook, n.indices[0], n.indices[1])[static_cast<std::size_t>(n.indices[2])]);
    return static_cast<double>(scanned.run.edited->row(*hook, n.indices[0])[static_cast<std::size_t>(n.indices[1])]);
  }
  const Question* question = find_question(n.question);
  if (question == nullptr) return NAN;
  asking.params = Params(question->params);
  if (const auto is = n.options.find('='); is != std::string::npos) {
    EXPECT_TRUE(asking.params.set(n.options.substr(0, is), n.options.substr(is + 1)));
  }
  if (n.question == "neurons") {
    EXPECT_TRUE(asking.params.set("top", "50"));
  }
  if (n.part == "dimension") asking.wanted = {n.part};
  const auto answer = ask(*question, asking);
  if (!answer) return NAN;
  if (n.question == "neurons") {
    const auto& table = answer->table(answer->parts().front().name);
    const auto &layers = std::get<std::vector<int>>(table.find("layer")->cells),
               &neurons = std::get<std::vector<int>>(table.find("neuron")->cells);
    for (std::size_t i = 0; i < layers.size(); ++i)
      if (layers[i] == n.indices[0] && neurons[i] == n.indices[1])
        return static_cast<double>(std::get<std::vector<float>>(table.find("contribution")->cells)[i]);
    return NAN;
  }
  if (n.indices.empty()) return answer->number(n.part);
  if (answer->get<Grid>(n.part) == nullptr) ADD_FAILURE() << n.question << " has no grid " << n.part;
  const Grid& grid = answer->grid(n.part);
  return static_cast<double>(grid.values[flat_index(grid.shape, n.indices)]);
}

/// The ways in which sentences write a number.
std::set<std::string> ways_to_write(double x) {
  return {numbers::fixed(x, 2), numbers::fixed(std::abs(x), 2), numbers::with_sign(x, 2), numbers::percent(x),
          numbers::percent(std::exp(x))};
}

void expect_numbers_of_answers(const Scanned& scanned) {
  const auto findings = scanned.findings();
  ASSERT_FALSE(findings.empty());
  static const std::regex kDecimal("[-+−]?[0-9]+\\.[0-9]+( %)?");
  for (const Finding& f : findings) {
    std::set<std::string> known;
    std::vector<FoundNumber> all = f.beside;
    all.push_back(f.main);
    for (const FoundNumber& n : all) {
      EXPECT_EQ(static_cast<float>(asked_again(scanned, n)), static_cast<float>(n.value))
          << f.sentence << " " << n.question << "." << n.part;
      known.merge(ways_to_write(n.value));
    }
    if (f.main.indices.size() == 2) known.insert(head_name(f.main.indices[0], f.main.indices[1]));  // "4.3" is a name
    std::string rest = f.sentence;
    for (auto at = std::sregex_iterator(rest.begin(), rest.end(), kDecimal); at != std::sregex_iterator(); ++at) {
      std::string word = at->str();
      if (word.starts_with("-")) word.erase(0, 1);
      const bool is_known =
          known.contains(at->str()) || std::ranges::any_of(known, [&](const std::string& k) { return k.ends_with(word); });
      EXPECT_TRUE(is_known) << word << " in: " << f.sentence;
    }
    EXPECT_GT(f.strength, 0) << f.sentence;
    EXPECT_LE(f.strength, 1) << f.sentence;
  }
  EXPECT_TRUE(std::ranges::is_sorted(findings, [](const Finding& x, const Finding& y) { return x.strength > y.strength; }));
}

TEST(Scan, names_the_heads_that_give_the_ring_to_Mary) {
  const auto model = open_case_model("fable");
  for (const bool pair : {false, true}) {
    Scanned fable(model, words_to_ids(*model, kGarden));
    if (pair) {
      fable.a = words_to_ids(*model, " Mary").front();
      fable.b = words_to_ids(*model, " John").front();
    }
    const auto heads = heads_of(fable.findings(), {"matters", "writes"});
    for (const char* head : {"4.3", "0.0", "0.5", "5.1"}) EXPECT_TRUE(heads.contains(head)) << head << ", pair " << pair;
  }
}

TEST(Scan, says_where_a_head_that_matters_looks) {
  const auto model = open_case_model("fable");
  Scanned fable(model, words_to_ids(*model, kGarden));
  fable.a = words_to_ids(*model, " Mary").front();
  fable.b = words_to_ids(*model, " John").front();
  for (const Finding& f : fable.findings())
    if (f.kind == "writes" && f.main.indices == std::vector{5, 1}) {
      EXPECT_NE(f.sentence.find("\"·Mary\" (position 1)"), std::string::npos) << f.sentence;
      return;
    }
  FAIL() << "head 5.1 writes the answer";
}

TEST(Scan, every_number_of_a_sentence_is_an_answers) {
  const auto fable = open_case_model("fable");
  expect_numbers_of_answers(Scanned(fable, words_to_ids(*fable, kGarden)));
  expect_numbers_of_answers(Scanned(fable, words_to_ids(*fable, "The capital of France is Tokyo, and the capital of Spain is")));
  const auto nano = open_case_model("induction-nano");
  expect_numbers_of_answers(Scanned(nano, words_to_ids(*nano, "kZ3fkZ3f")));
}

TEST(Scan, names_the_induction_heads_with_and_without_a_repetition_in_the_prompt) {
  const auto nano = open_case_model("induction-nano");
  for (const char* prompt : {"q8Rw2LmXz5TbC0dNq8Rw2LmXz5TbC0dN", "q8Rw2LmX"}) {
    const auto heads = heads_of(Scanned(nano, words_to_ids(*nano, prompt)).findings(), {"induction"});
    for (const char* head : {"1.1", "1.2", "1.3"}) EXPECT_TRUE(heads.contains(head)) << head << " on " << prompt;
  }
}

/// A model of random weights, as large as a small trained one. `scale`: of its matrices.
std::shared_ptr<const Model> random_model(std::uint64_t seed, double scale) {
  std::mt19937_64 engine(seed);
  auto w = std::make_shared<Weights>();
  constexpr int kLayers = 4, kHeads = 8, kWidth = 128, kContext = 64, kVocabulary = 1000;
  w->config = {.n_layer = kLayers,
               .n_head = kHeads,
               .d_model = kWidth,
               .d_head = kWidth / kHeads,
               .d_mlp = 4 * kWidth,
               .n_ctx = kContext,
               .n_vocab = kVocabulary};
  w->name = "random";
  const auto tensor = [&](std::initializer_list<std::int64_t> shape, double center, double spread) {
    std::normal_distribution<double> normal(center, spread);
    auto data = std::make_shared<std::vector<float>>(static_cast<std::size_t>(Shape(shape).elements()));
    for (float& x : *data) x = static_cast<float>(normal(engine));
    w->storage.push_back(data);
    return TensorView{reinterpret_cast<const std::byte*>(data->data()), DType::F32, Shape(shape)};
  };
  const auto norm = [&] { return LayerNormWeights{tensor({kWidth}, 1, 0.1), tensor({kWidth}, 0, 0.05)}; };
  w->wte = tensor({kVocabulary, kWidth}, 0, 1.4 * scale);
  w->wpe = tensor({kContext, kWidth}, 0, 0.5 * scale);
  w->unembed = {w->wte, false};
  w->ln_f = norm();
  for (int b = 0; b < kLayers; ++b) {
    BlockWeights block;
    block.ln1 = norm();
    block.ln2 = norm();
    block.qkv = {tensor({kWidth, 3 * kWidth}, 0, scale), true};
    block.b_qkv = tensor({3 * kWidth}, 0, 0.05);
    block.o = {tensor({kWidth, kWidth}, 0, scale), true};
    block.b_o = tensor({kWidth}, 0, 0.05);
    block.in = {tensor({kWidth, 4 * kWidth}, 0, scale), true};
    block.b_in = tensor({4 * kWidth}, 0, 0.05);
    block.out = {tensor({4 * kWidth, kWidth}, 0, scale), true};
    block.b_out = tensor({kWidth}, 0, 0.05);
    w->blocks.push_back(std::move(block));
  }
  auto tokenizer = load_tokenizer("no such folder", kVocabulary);
  EXPECT_TRUE(tokenizer);
  return std::make_shared<const Model>(Model{w, tokenizer ? *tokenizer : nullptr, {}});
}

TEST(Scan, finds_nothing_in_random_weights) {
  for (const double scale : {0.02, 0.1, 0.2}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      std::mt19937_64 engine(100 + seed);
      std::vector<TokenId> prompt;
      for (int i = 0; i < 8 + static_cast<int>(2 * seed); ++i) prompt.emplace_back(static_cast<int>(engine() % 1000));
      for (const Finding& f : Scanned(random_model(seed, scale), prompt).findings())
        ADD_FAILURE() << "scale " << scale << ", seed " << seed << ": " << f.sentence;
    }
  }
}

TEST(Scan, of_one_token_and_of_three_letters_is_possible) {
  const auto fable = open_case_model("fable");
  for (const Finding& f : Scanned(fable, words_to_ids(*fable, "The")).findings()) EXPECT_GT(f.strength, 0) << f.sentence;
  const auto sort = open_case_model("sort-nano");
  const auto findings = Scanned(sort, words_to_ids(*sort, "CBABCA")).findings();
  EXPECT_TRUE(std::ranges::any_of(findings, [](const Finding& f) { return f.kind == "matters" || f.kind == "writes" || f.kind == "mlp"; }))
      << findings.size();
}

TEST(Scan, stops_when_it_is_told_to) {
  const auto model = open_case_model("fable");
  Scanned fable(model, words_to_ids(*model, kGarden));
  std::stop_source stop;
  Asking asking = fable.asking();
  asking.stop = stop.get_token();
  double last = 0;
  asking.progress = [&](double fraction) {
    EXPECT_GE(fraction, last);
    last = fraction;
    if (fraction > 0.3) stop.request_stop();
  };
  const auto found = scan_run(asking);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::Cancelled);
  EXPECT_GT(last, 0.3);
}

}  // namespace
}  // namespace gf::testing

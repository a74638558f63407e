#include "app/story/teller.h"

#include <algorithm>
#include <cmath>

#include "model/base/text.h"
#include "model/tokenizer/token_words.h"

namespace gf::story {
namespace {

/// Whether a chapter goes on without this answer.
bool goes_on_without(const Error& error) { return error.code == ErrorCode::NotCaptured || error.code == ErrorCode::InvalidArgument; }

/// The rival of A: the likeliest other token that stands in the text, else the second.
std::optional<TokenId> rival_of(const Trace& trace, int position, TokenId a) {
  const auto& top = trace.stats(position).top;
  const auto read = trace.ids().first(static_cast<std::size_t>(position) + 1);
  std::optional<TokenId> second;
  for (const auto& token : top) {
    if (token.id == a) continue;
    if (!second) second = token.id;
    if (std::ranges::find(read, token.id) != read.end()) return token.id;
  }
  return second;
}

}  // namespace

Teller::Teller(const Asking& about) : about_(about), timeline_(config(), about.trace().length()) {
  subject_.position = story_.position = about.at();
  about_.position = subject_.position;
  about_.params = {};
  about_.wanted = {};
  about_.progress = {};
}

std::string Teller::quoted(TokenId id) const {
  // People read words: the blank before one is left out here, where a token that is nothing else keeps it.
  std::string words = token_words(model().tokenizer.get(), id);
  constexpr std::string_view kBlank = "·";
  if (words.starts_with(kBlank) && words.size() > kBlank.size()) words.erase(0, kBlank.size());
  return "“" + words + "”";
}

std::string Teller::token_at(int position) {
  const std::string token = quoted(trace().ids()[static_cast<std::size_t>(position)]);
  const auto [named, first] = named_.try_emplace(token, position);
  if (!first && named->second == position) return token;
  named->second = position;
  return which_token_at(position);
}

std::string Teller::which_token_at(int position) {
  static constexpr const char* kWhich[] = {phrase("the first {0}"),  phrase("the second {0}"), phrase("the third {0}"),
                                           phrase("the fourth {0}"), phrase("the fifth {0}"),  phrase("the sixth {0}"),
                                           phrase("the seventh {0}")};
  const auto ids = trace().ids();
  const std::string token = quoted(ids[static_cast<std::size_t>(position)]);
  std::size_t before = 0, all = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (quoted(ids[i]) != token) continue;
    ++all;
    before += static_cast<int>(i) < position ? 1 : 0;
  }
  if (all < 2) return token;
  return before < std::size(kWhich) ? text(kWhich[before], token) : text("{0} at position {1}", token, position);
}

std::string Teller::text_read() const {
  constexpr std::size_t kMost = 80;  // letters: a line and a half
  const auto ids = trace().ids().first(static_cast<std::size_t>(subject_.position) + 1);
  std::vector<std::string> parts;
  if (const auto* tokenizer = model().tokenizer.get()) {
    parts = token_texts(*tokenizer, ids);
  } else {
    for (const TokenId id : ids) parts.push_back((parts.empty() ? "" : " ") + token_words(nullptr, id));
  }
  std::size_t first = parts.size(), letters = 0;
  while (first > 0 && letters + parts[first - 1].size() <= kMost) letters += parts[--first].size();
  std::string words = first > 0 ? "… " : "";
  for (std::size_t i = std::min(first, parts.size() - 1); i < parts.size(); ++i) words += parts[i];
  // A caption is one line, broken where it is too long.
  for (char& c : words)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  while (words.ends_with(' ')) words.pop_back();
  return words;
}

std::string Teller::logits() { return is_new("logit") ? text("points (logits)") : text("points"); }

void Teller::add(Step step) {
  constexpr double kRest = 1;
  step.seconds = std::max(reading_seconds(step.sentence), step.work + kRest);
  story_.steps.push_back(std::move(step));
}

Asking Teller::asking_for(const AskedPart& asked) const {
  const Question* question = find_question(asked.question);
  EXPECTS(question != nullptr, "a question that there is");
  Asking asking = about_;
  asking.params = Params(question->params);
  for (const auto& [name, value] : asked.params) EXPECTS(asking.params.set(name, value).has_value(), "a parameter of the question");
  asking.a = subject_.a;
  asking.b = subject_.b;
  asking.wanted = {asked.part};
  return asking;
}

Result<std::shared_ptr<const Answer>> Teller::answer(const AskedPart& asked) {
  const Asking asking = asking_for(asked);
  const Question& question = *find_question(asked.question);
  auto& kept = answers_[std::string(asked.question) + "." + asked.part + " " + asking.params.key()];
  if (kept) return kept;
  auto got = ask(question, asking);
  if (!got && goes_on_without(got.error())) return nullptr;
  if (!got) return tl::unexpected(got.error());
  kept = std::make_shared<const Answer>(std::move(*got));
  return kept;
}

Result<std::optional<Fact>> Teller::fact(const AskedPart& asked, const Place& place, Fact::Form form) {
  GF_TRY_ASSIGN(const auto got, answer(asked));
  if (!got) return std::nullopt;
  const Asking asking = asking_for(asked);
  Fact fact{find_question(asked.question),
            asking.params,
            asked.part,
            place.index,
            place.column,
            place.axis,
            asking.a,
            asking.b,
            asking.position,
            form,
            0,
            {}};
  const auto value = number_at(fact, *got);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  fact.value = *value;
  fact.said = said_as(form, *value);
  return fact;
}

Result<void> Teller::look() {
  GF_TRY(find_tokens());
  if (!subject_.a || !subject_.b) return {};
  GF_TRY(find_glance());
  return find_neuron();
}

Result<void> Teller::find_tokens() {
  const auto& stats = trace().stats(subject_.position);
  if (about_.run.first_nan || stats.top.empty()) return {};
  subject_.a = about_.a ? about_.a : std::optional(stats.top.front().id);
  subject_.b = about_.a && about_.b ? about_.b : rival_of(trace(), subject_.position, *subject_.a);
  if (!subject_.b) return {};
  GF_TRY_ASSIGN(const auto dla, answer({"dla", "total"}));
  if (dla) subject_.lead = dla->number("total");
  GF_TRY_ASSIGN(const auto entropy, answer({"entropy", "lens"}));
  if (entropy && entropy->get<Grid>("lens") != nullptr) {
    const double left = static_cast<double>(entropy->grid("lens").at(config().n_layer, subject_.position));
    subject_.decided = left < kNearChance * std::log(std::max(2, config().n_vocab));
  }
  return {};
}

Result<void> Teller::find_glance() {
  GF_TRY_ASSIGN(const auto dla, answer({"dla", "sources"}));
  if (!dla || subject_.position == 0) return {};
  const Grid& sources = dla->grid("sources");
  const double equal = 1.0 / (subject_.position + 1);
  std::optional<Subject::Glance> strongest, attentive;  // of all, and of those that get more than an equal share
  const auto keep_larger = [](std::optional<Subject::Glance>& best, const Subject::Glance& one) {
    if (!best || one.effect > best->effect) best = one;
  };
  for (int layer = 0; layer < config().n_layer; ++layer)
    for (int head = 0; head < config().n_head; ++head) {
      const auto shares = trace().causal_row({HookKind::Pattern, layer}, head, subject_.position);
      for (int key = 0; key <= subject_.position; ++key) {
        const auto share = static_cast<double>(shares[static_cast<std::size_t>(key)]);
        const Subject::Glance one{layer, head, key, static_cast<double>(sources.at(layer, head, key)), share, false};
        keep_larger(strongest, one);
        if (share > equal) keep_larger(attentive, one);
      }
    }
  subject_.glance = strongest;
  if (!attentive || !subject_.decided || !(attentive->effect > 0) || attentive->effect < kTellingShare * std::abs(subject_.lead)) return {};
  subject_.glance = attentive;
  subject_.glance->telling = true;
  return {};
}

Result<void> Teller::find_neuron() {
  GF_TRY_ASSIGN(const auto neurons, answer({"neurons", "", {{"top", "100"}}}));
  if (!neurons || config().d_mlp == 0) return {};
  const Answer::Table& table = neurons->table("");
  const auto whole = [&](const char* name, std::size_t row) { return std::get<std::vector<int>>(table.find(name)->cells)[row]; };
  const auto real = [&](const char* name, std::size_t row) {
    return static_cast<double>(std::get<std::vector<float>>(table.find(name)->cells)[row]);
  };
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!(real("contribution", row) > 0) || !(real("activation", row) > 0)) continue;
    Subject::Neuron neuron{whole("layer", row),     whole("neuron", row),      static_cast<int>(row),
                           real("activation", row), real("contribution", row), false};
    neuron.telling = subject_.decided && neuron.effect >= kTellingShareOfNeuron * std::abs(subject_.lead);
    subject_.neuron = neuron;
    return {};
  }
  return {};
}

}  // namespace gf::story

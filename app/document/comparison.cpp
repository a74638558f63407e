#include "app/document/comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "model/base/logits.h"
#include "model/base/text.h"

namespace gf::doc {
namespace {

constexpr std::size_t kTokensCompared = 8;
constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();

constexpr std::array kComparedParts{
    PartInfo{
        .name = "next", .title = phrase("next token"), .doc = phrase("the likeliest next tokens of both"), .kind = PartInfo::Kind::Table},
    PartInfo{.name = "kl",
             .unit = "nats",
             .title = phrase("KL"),
             .doc = phrase("KL(this || other) of the next token"),
             .kind = PartInfo::Kind::Number},
    PartInfo{.name = "stream",
             .axes = "depth,position",
             .title = phrase("residual stream"),
             .doc = phrase("norm of the difference over the norm here")},
    PartInfo{.name = "attn_out",
             .axes = "layer,position",
             .title = phrase("attention out"),
             .doc = phrase("norm of the difference over the norm here")},
    PartInfo{.name = "mlp_out",
             .axes = "layer,position",
             .title = phrase("MLP out"),
             .doc = phrase("norm of the difference over the norm here")},
    PartInfo{.name = "z",
             .axes = "layer,head",
             .title = phrase("head z"),
             .doc = phrase("norm of the difference over the norm here, all positions together")},
};
constexpr Question kComparedQuestion{.name = "compare",
                                     .title = phrase("Compare"),
                                     .doc = phrase("what differs between two runs"),
                                     .needs = {},
                                     .params = {},
                                     .parts = kComparedParts,
                                     .answer = nullptr};

/// Sums of squares: of a difference, and of what it is measured by.
struct Squares {
  double difference = 0, own = 0;
  void add(std::span<const float> a, std::span<const float> b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double x = static_cast<double>(a[i]), d = static_cast<double>(b[i]) - x;
      difference += d * d;
      own += x * x;
    }
  }
  [[nodiscard]] float share() const {
    if (difference == 0) return 0;
    return own > 0 ? static_cast<float>(std::sqrt(difference / own)) : std::numeric_limits<float>::infinity();
  }
};

bool same_vocabulary(const Model& a, const Model& b) {
  if (a.tokenizer == b.tokenizer) return true;
  const int n = a.weights->config.n_vocab;
  if (n != b.weights->config.n_vocab) return false;
  for (int id = 0; id < n; ++id)
    if (a.tokenizer->bytes_of(TokenId(id)) != b.tokenizer->bytes_of(TokenId(id))) return false;
  return true;
}

std::string name_of_model(const std::string& model) { return model.empty() ? text("the bundled model") : model; }

std::string edits_in_words(const Recipe& recipe) {
  std::string all;
  for (const Edit& edit : recipe.edits)
    if (edit.enabled) all += (all.empty() ? "" : "; ") + summary(edit);
  return all.empty() ? text("none") : all;
}

std::string shown_text(const Model& model, TokenId id) {
  const std::string bytes = valid_utf8(model.tokenizer->bytes_of(id));
  return bytes.empty() ? "#" + std::to_string(id.v) : bytes;
}

}  // namespace

std::array<std::string, 2> names_of_both(const Document& document) {
  const auto other = compared_subject(document);
  if (!other) return {};
  Subject own = document;
  if (!edits_act(document.mode)) own.recipe = {};
  std::array<std::string, 2> names;
  const auto tell = [&](bool differs, const auto& words_of) {
    if (!differs) return;
    for (const bool right : {false, true}) {
      std::string& name = names[right ? 1 : 0];
      name += (name.empty() ? "" : ", ") + words_of(right ? own : *other);
    }
  };
  tell(other->model != own.model, [](const Subject& s) { return name_of_model(s.model); });
  tell(other->prompt != own.prompt || other->bos != own.bos,
       [](const Subject& s) { return s.bos ? text("BOS and “{0}”", s.prompt) : text("“{0}”", s.prompt); });
  tell(edits_in_words(other->recipe) != edits_in_words(own.recipe),
       [](const Subject& s) { return text("edits: {0}", edits_in_words(s.recipe)); });
  tell(other->continuation != own.continuation, [](const Subject& s) {
    return counted(static_cast<long long>(s.continuation.size()), "{0} token generated", "{0} tokens generated");
  });
  if (names[0].empty()) names = {text("the other run"), text("this run")};
  return names;
}

std::optional<Subject> compared_subject(const Document& document) {
  std::optional<Subject> subject = document.other;
  if (!subject || !subject->prompt.empty()) return subject;
  subject->prompt = document.prompt;
  subject->bos = document.bos;
  subject->continuation = document.continuation;
  return subject;
}

std::vector<std::string> differences_in_words(const Document& document) {
  std::vector<std::string> words;
  const auto other = compared_subject(document);
  if (!other) return words;
  if (other->model != document.model)
    words.push_back(text("Model: {0} here, {1} there.", name_of_model(document.model), name_of_model(other->model)));
  if (other->prompt != document.prompt) words.push_back(text("Prompt: “{0}” here, “{1}” there.", document.prompt, other->prompt));
  if (other->bos != document.bos) words.push_back(other->bos ? text("It begins with BOS there.") : text("It begins with BOS here."));
  if (other->continuation != document.continuation)
    words.push_back(text("Generated: {0} tokens here, {1} there.", document.continuation.size(), other->continuation.size()));
  const Recipe own = edits_act(document.mode) ? document.recipe : Recipe();
  if (const std::string here = edits_in_words(own), there = edits_in_words(other->recipe); here != there)
    words.push_back(text("Edits: {0} here, {1} there.", here, there));
  return words;
}

const Question& comparison_parts() { return kComparedQuestion; }

Answer compared_predictions(const Model& own_model, const Trace& own, int own_position, const Model& other_model, const Trace& other,
                            int other_position) {
  struct Row {
    float here = kNoNumber, there = kNoNumber, delta = kNoNumber;
  };
  const bool alike = same_vocabulary(own_model, other_model);
  const bool whole = alike && own_position == own.length() - 1 && other_position == other.length() - 1;
  std::map<std::string, Row> rows;
  std::map<std::string, TokenId> ids;  ///< of the own vocabulary, where it is the other's too
  const auto add = [&](const Model& model, const TokenStats& stats, float Row::* side) {
    for (std::size_t i = 0; i < stats.top.size(); ++i) {
      const std::string name = shown_text(model, stats.top[i].id);
      const auto known = rows.find(name);
      if (known == rows.end() && i >= kTokensCompared) continue;
      rows[name].*side = std::exp(stats.top[i].logprob);
      ids.emplace(name, stats.top[i].id);
    }
  };
  add(own_model, own.stats(own_position), &Row::here);
  add(other_model, other.stats(other_position), &Row::there);
  add(own_model, own.stats(own_position), &Row::here);  // of the tokens that only the other one's list has named
  Answer answer;
  if (whole) {
    const auto a = own.last_logits(), b = other.last_logits();
    const double a_sum = log_sum_exp(a), b_sum = log_sum_exp(b);
    for (const auto& [name, id] : ids) {
      const std::size_t i = id.index();
      rows[name] = {static_cast<float>(std::exp(logprob_of(a, i, a_sum))), static_cast<float>(std::exp(logprob_of(b, i, b_sum))),
                    b[i] - a[i]};
    }
    answer.add("kl", Answer::Number{KlFrom(a).to(b), "nats"});
  }
  std::vector<std::pair<std::string, Row>> order(rows.begin(), rows.end());
  const auto likely = [](const Row& row) { return std::max(std::isnan(row.here) ? 0 : row.here, std::isnan(row.there) ? 0 : row.there); };
  std::ranges::stable_sort(order, [&](const auto& x, const auto& y) { return likely(x.second) > likely(y.second); });
  std::vector<std::string> names;
  std::vector<TokenId> tokens;
  std::vector<float> here, there, delta;
  for (const auto& [name, row] : order) {
    names.push_back(name);
    tokens.push_back(ids.at(name));
    here.push_back(row.here);
    there.push_back(row.there);
    delta.push_back(row.delta);
  }
  Answer::Table table{{{"token", "", names}, {"here", "p", here}, {"there", "p", there}}};
  if (alike) table.columns.front().cells = tokens;
  if (whole) table.columns.push_back({"difference", "logit", delta});
  answer.add("next", std::move(table));
  return answer;
}

Result<Answer> compared_hooks(const Trace& own, const Trace& other, const std::vector<AlignedRow>& rows, std::stop_token stop) {
  const ModelConfig &a = own.config(), &b = other.config();
  if (a.n_layer != b.n_layer || a.d_model != b.d_model || a.n_head != b.n_head)
    return fail(
        ErrorCode::Unsupported,
        text("The shapes differ, so hooks cannot be compared: {0} blocks of {1} heads and {2} dimensions here, {3}, {4} and {5} there.",
             a.n_layer, a.n_head, a.d_model, b.n_layer, b.n_head, b.d_model));
  const int T = own.length();
  const auto by_position = [&](const char* axis, int n, auto hook_at) -> Result<Grid> {
    Grid grid = Grid::of({axis, "position"}, {n, T}, "");
    std::ranges::fill(grid.values, kNoNumber);
    for (int i = 0; i < n; ++i) {
      if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("The comparison was cancelled."));
      for (const AlignedRow& row : rows) {
        if (row.from < 0 || row.to < 0 || row.to >= T || row.from >= other.length()) continue;
        Squares squares;
        squares.add(own.row(hook_at(i), row.to), other.row(hook_at(i), row.from));
        grid.at(i, row.to) = squares.share();
      }
    }
    return grid;
  };
  Answer answer;
  GF_TRY_ASSIGN(Grid stream, by_position("depth", a.n_layer + 1, [&](int i) { return stream_hook(i, a.n_layer); }));
  answer.add("stream", std::move(stream));
  for (const auto& [name, kind] : {std::pair{"attn_out", HookKind::AttnOut}, {"mlp_out", HookKind::MlpOut}}) {
    if (!own.has({kind, 0}) || !other.has({kind, 0})) continue;
    GF_TRY_ASSIGN(Grid grid, by_position("layer", a.n_layer, [kind = kind](int i) { return HookId{kind, i}; }));
    answer.add(name, std::move(grid));
  }
  if (!own.has({HookKind::Z, 0}) || !other.has({HookKind::Z, 0})) return answer;
  Grid heads = Grid::of({"layer", "head"}, {a.n_layer, a.n_head}, "");
  const auto d_head = static_cast<std::size_t>(a.d_head);
  for (int layer = 0; layer < a.n_layer; ++layer)
    for (int head = 0; head < a.n_head; ++head) {
      Squares squares;
      const std::size_t at = static_cast<std::size_t>(head) * d_head;
      for (const AlignedRow& row : rows)
        if (row.from >= 0 && row.to >= 0 && row.to < T && row.from < other.length())
          squares.add(own.row({HookKind::Z, layer}, row.to).subspan(at, d_head),
                      other.row({HookKind::Z, layer}, row.from).subspan(at, d_head));
      heads.at(layer, head) = squares.share();
    }
  answer.add("z", std::move(heads));
  return answer;
}

}  // namespace gf::doc

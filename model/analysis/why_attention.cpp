// Why a query attends to a key: the score split by what wrote the two rows of the stream, LayerNorm's scale held.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "model/analysis/components.h"
#include "model/analysis/question.h"
#include "model/analysis/ranked.h"
#include "model/base/text.h"

namespace gf {

namespace {

constexpr std::array kWhyParams{
    Param{.name = "head", .kind = Param::Kind::Head, .doc = phrase("BLOCK.INDEX of the head"), .required = true},
    Param{.name = "query", .kind = Param::Kind::Whole, .doc = phrase("the position that attends; without it the explained one")},
    Param{
        .name = "key", .kind = Param::Kind::Whole, .doc = phrase("the position that is attended to; without it the one attended to most")},
    Param{.name = "top", .kind = Param::Kind::Whole, .doc = phrase("pairs that are listed"), .fallback = "10", .low = 1, .high = 1000},
};
constexpr std::array kWhyParts{
    PartInfo{.name = "score",
             .title = phrase("score"),
             .doc = phrase("the score of this query and key, before the softmax"),
             .kind = PartInfo::Kind::Number,
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "weight",
             .title = phrase("share"),
             .doc = phrase("the share of the query's attention that this key gets"),
             .kind = PartInfo::Kind::Number},
    PartInfo{.name = "query", .title = phrase("query"), .doc = phrase("the position that attends"), .kind = PartInfo::Kind::Number},
    PartInfo{.name = "key", .title = phrase("key"), .doc = phrase("the position that is attended to"), .kind = PartInfo::Kind::Number},
    PartInfo{.name = "components",
             .axes = "component",
             .title = phrase("what wrote the rows"),
             .doc = phrase("the parts of the stream that the head reads: embeddings, heads (BLOCK.HEAD), biases, MLPs"),
             .kind = PartInfo::Kind::Words},
    PartInfo{.name = "query_parts",
             .axes = "component",
             .title = phrase("score by the query's parts"),
             .doc = phrase("what each part of the query's row adds to the score"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "key_parts",
             .axes = "component",
             .title = phrase("score by the key's parts"),
             .doc = phrase("what each part of the key's row adds to the score"),
             .scale = PartInfo::Scale::Signed},
    PartInfo{.name = "pairs",
             .title = phrase("strongest pairs"),
             .doc = phrase("what a part of the query's row and a part of the key's row together add to the score"),
             .kind = PartInfo::Kind::Table,
             .scale = PartInfo::Scale::Signed},
};

using WhyRow = std::vector<double>;

/// The parts of the stream that enters block `layer`, at one position.
std::vector<std::pair<std::string, WhyRow>> parts_of_row(const Weights& w, const Trace& run, int layer, int p, bool edited) {
  const ModelConfig& c = w.config;
  const auto d = static_cast<std::size_t>(c.d_model);
  std::vector<std::pair<std::string, WhyRow>> parts;
  const auto add = [&](std::string name, std::span<const float> row) {
    parts.emplace_back(std::move(name), WhyRow(row.begin(), row.end()));
  };
  add("embed", run.row({HookKind::Embed, -1}, p));
  add("pos_embed", run.row({HookKind::PosEmbed, -1}, p));
  for (int l = 0; l < layer; ++l) {
    const BlockWeights& block = w.blocks[static_cast<std::size_t>(l)];
    const auto z = run.row({HookKind::Z, l}, p);
    for (int h = 0; h < c.n_head; ++h) {
      WhyRow result(d);
      for (int i = h * c.d_head; i < (h + 1) * c.d_head; ++i)
        for (int j = 0; j < c.d_model; ++j)
          result[static_cast<std::size_t>(j)] +=
              static_cast<double>(z[static_cast<std::size_t>(i)]) * static_cast<double>(block.o.at(i, j));
      parts.emplace_back(head_name(l, h), std::move(result));
    }
    WhyRow bias(d);
    for (std::size_t j = 0; j < d && !block.b_o.empty(); ++j) bias[j] = static_cast<double>(block.b_o.at(static_cast<std::int64_t>(j)));
    parts.emplace_back("attn_bias." + std::to_string(l), std::move(bias));
    add(mlp_name(l), run.row({HookKind::MlpOut, l}, p));
  }
  if (!edited) return parts;
  const auto whole = run.row({HookKind::ResidPre, layer}, p);
  WhyRow rest(whole.begin(), whole.end());
  for (const auto& [name, row] : parts)
    for (std::size_t i = 0; i < d; ++i) rest[i] -= row[i];
  parts.emplace_back("edits", std::move(rest));
  return parts;
}

struct WhySide {
  std::vector<std::string> names;
  std::vector<WhyRow> parts;  ///< [component, d_head]
  WhyRow whole;               ///< their sum
};

/// q or k of a head, as the sum of what each part of its row gives.
WhySide side_of_score(const Weights& w, const Trace& run, UnitRef head, int third, int p, bool edited) {
  const ModelConfig& c = w.config;
  const BlockWeights& block = w.blocks[static_cast<std::size_t>(head.layer)];
  const auto d = static_cast<std::size_t>(c.d_model), d_head = static_cast<std::size_t>(c.d_head);
  const std::vector<float> matrix = head_matrix(w, head.layer, head.index, third);
  const auto times = [&](const WhyRow& row) {
    WhyRow out(d_head);
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < d_head; ++j) out[j] += row[i] * static_cast<double>(matrix[i * d_head + j]);
    return out;
  };
  WhySide side;
  const auto add = [&](std::string name, WhyRow row) {
    if (side.whole.empty()) side.whole.resize(d_head);
    for (std::size_t j = 0; j < d_head; ++j) side.whole[j] += row[j];
    side.names.push_back(std::move(name));
    side.parts.push_back(std::move(row));
  };
  const auto scale = static_cast<double>(run.row({HookKind::Ln1Scale, head.layer}, p)[0]);
  for (auto& [name, row] : parts_of_row(w, run, head.layer, p, edited)) {
    double mean = 0;
    for (const double x : row) mean += x / static_cast<double>(d);
    for (std::size_t i = 0; i < d; ++i)
      row[i] = (row[i] - mean) / scale * static_cast<double>(block.ln1.gamma.at(static_cast<std::int64_t>(i)));
    add(name, times(row));
  }
  WhyRow beta(d);
  for (std::size_t i = 0; i < d && !block.ln1.beta.empty(); ++i)
    beta[i] = static_cast<double>(block.ln1.beta.at(static_cast<std::int64_t>(i)));
  WhyRow bias = times(beta);
  for (std::size_t j = 0; j < d_head && !block.b_qkv.empty(); ++j)
    bias[j] += static_cast<double>(block.b_qkv.at(third * c.d_model + head.index * c.d_head + static_cast<std::int64_t>(j)));
  add("bias", std::move(bias));
  return side;
}

double why_product(const WhyRow& a, const WhyRow& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

Answer::Table strongest_pairs(const WhySide& q, const WhySide& k, double scale, int count) {
  struct Pair {
    std::size_t query, key;
    float score;
  };
  std::vector<Pair> all;
  for (std::size_t i = 0; i < q.parts.size(); ++i)
    for (std::size_t j = 0; j < k.parts.size(); ++j) all.push_back({i, j, static_cast<float>(scale * why_product(q.parts[i], k.parts[j]))});
  std::ranges::stable_sort(all, [](const Pair& a, const Pair& b) { return ranks_before(std::abs(a.score), std::abs(b.score)); });
  all.resize(std::min(all.size(), static_cast<std::size_t>(count)));
  std::vector<std::string> from, to;
  std::vector<float> scores;
  for (const Pair& pair : all) {
    from.push_back(q.names[pair.query]);
    to.push_back(k.names[pair.key]);
    scores.push_back(pair.score);
  }
  return Answer::Table{{{"query", "", std::move(from)}, {"key", "", std::move(to)}, {"score", "", std::move(scores)}}};
}

Result<Answer> answer_why_attention(const Asking& asking) {
  const Trace& run = asking.trace();
  const Weights& w = *asking.model().weights;
  const ModelConfig& c = w.config;
  const UnitRef head = asking.params.unit("head");
  if (head.layer >= c.n_layer || head.index >= c.n_head)
    return fail(ErrorCode::InvalidArgument, text("there is no head {0}.{1}; blocks are 0 to {2} and heads 0 to {3}", head.layer, head.index,
                                                 c.n_layer - 1, c.n_head - 1));
  for (const HookId hook : {HookId{HookKind::Embed, -1}, HookId{HookKind::Z, 0}, HookId{HookKind::MlpOut, 0}, HookId{HookKind::Ln1Scale, 0},
                            HookId{HookKind::Pattern, 0}})
    if (!run.has(hook)) return fail(ErrorCode::NotCaptured, text("why-attention needs {0}; capture the default plan", name_of(hook)));
  const int query = asking.params.given("query") ? asking.params.whole("query") : asking.at();
  if (query >= run.length())
    return fail(ErrorCode::InvalidArgument, text("position {0} is not in the run, whose positions are 0 to {1}", query, run.length() - 1));
  const auto row = run.causal_row({HookKind::Pattern, head.layer}, head.index, query);
  // Of a row of NaN no key is looked at most.
  const bool no_key = !asking.params.given("key") && std::ranges::any_of(row, [](float a) { return std::isnan(a); });
  const int key = asking.params.given("key") ? asking.params.whole("key")
                  : no_key                   ? query
                                             : static_cast<int>(std::ranges::max_element(row) - row.begin());
  if (key > query) return fail(ErrorCode::InvalidArgument, text("key {0} stands after query {1}, which cannot attend to it", key, query));
  const bool edited = asking.run.has_edits();
  const WhySide q = side_of_score(w, run, head, 0, query, edited), k = side_of_score(w, run, head, 1, key, edited);
  const auto scale = static_cast<double>(c.score_scale(head.layer));
  const auto n = static_cast<int>(q.parts.size());
  Grid query_parts = Grid::of({"component"}, {n}, ""), key_parts = Grid::of({"component"}, {n}, "");
  for (int i = 0; i < n; ++i) {
    query_parts.at(i) = static_cast<float>(scale * why_product(q.parts[static_cast<std::size_t>(i)], k.whole));
    key_parts.at(i) = static_cast<float>(scale * why_product(q.whole, k.parts[static_cast<std::size_t>(i)]));
  }
  Answer answer;
  answer.add("score", Answer::Number{scale * why_product(q.whole, k.whole), ""});
  answer.add("weight", Answer::Number{static_cast<double>(row[static_cast<std::size_t>(key)]), ""});
  answer.add("query", Answer::Number{static_cast<double>(query), ""});
  answer.add("key", Answer::Number{no_key ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(key), ""});
  answer.add("components", Answer::Words{{"component"}, {n}, q.names});
  answer.add("query_parts", std::move(query_parts));
  answer.add("key_parts", std::move(key_parts));
  answer.add("pairs", strongest_pairs(q, k, scale, asking.params.whole("top")));
  return answer;
}

}  // namespace

extern constinit const Question kWhyAttentionQuestion{
    .name = "why-attention",
    .title = phrase("Why this attention"),
    .doc = phrase("a score of attention, split by what wrote the query's and the key's row"),
    .needs = {.position = true},
    .params = kWhyParams,
    .parts = kWhyParts,
    .answer = answer_why_attention};

}  // namespace gf

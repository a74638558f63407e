#include "app/export/notebook/notebook_numbers.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "app/document/request.h"
#include "app/export/sidecar.h"
#include "model/analysis/attribution.h"
#include "model/analysis/logit_lens.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/edits/compiled.h"
#include "model/io/loaders.h"
#include "model/tokenizer/token_words.h"

namespace gf::exporting {
namespace {

using Json = NotebookJson;

constexpr std::size_t kNotebookTop = 10;
constexpr int kNotebookLens = 3;

Json exact_number(float value) { return std::isfinite(value) ? Json(numbers::decimal(value)) : Json(nullptr); }

template <class Values>
Json exact_list(const Values& values) {
  Json list = Json::array();
  for (const float value : values) list.push_back(exact_number(value));
  return list;
}

Json side_json(const Trace& trace, int position) {
  std::vector<float> logprobs, entropies;
  for (int p = 0; p < trace.length(); ++p) {
    if (p > 0) logprobs.push_back(trace.stats(p).logprob);
    entropies.push_back(trace.stats(p).entropy);
  }
  Json top{{"ids", Json::array()}, {"logprobs", Json::array()}};
  const auto& likeliest = trace.stats(position).top;
  for (const TokenStats::Top& one : std::span(likeliest).first(std::min(kNotebookTop, likeliest.size()))) {
    top["ids"].push_back(one.id.v);
    top["logprobs"].push_back(exact_number(one.logprob));
  }
  return {{"logprobs", exact_list(logprobs)}, {"entropies", exact_list(entropies)}, {"top", std::move(top)}};
}

const char* kind_name(ElementEdit::Kind kind) {
  switch (kind) {
    case ElementEdit::Kind::Assign: return "assign";
    case ElementEdit::Kind::Scale: return "scale";
    case ElementEdit::Kind::Add: return "add";
    case ElementEdit::Kind::Along: return "along";
    case ElementEdit::Kind::AddNorm: return "add_norm";
    case ElementEdit::Kind::Round: return "round";
  }
  return "";
}

Json edit_json(const ElementEdit& e, bool causal) {
  Json j{{"kind", kind_name(e.kind)}, {"factor", exact_number(e.factor)}, {"rows", e.rows}};
  // A recipe's value may be -inf at the scores.
  j["value"] = std::isfinite(e.value) ? exact_number(e.value) : Json("-inf");
  j["values"] = exact_list(e.values);
  if (causal) {
    j["heads"] = e.heads;
    j["keys"] = e.keys;
    j["written"] = e.written;
    j["renormalize"] = e.renormalize;
    return j;
  }
  j["elements"] = e.elements;
  j["by_row"] = e.values_by_row;
  j["group"] = e.group;
  j["levels"] = e.levels;
  j["outliers"] = exact_number(e.outliers);
  return j;
}

/// The name that TransformerLens has for a hook: its bridge has no "logits".
std::string lens_name(HookId hook) { return hook.kind == HookKind::Logits ? "unembed.hook_out" : name_of(hook); }

/// What the recipe does to each element, by hook.
Result<Json> edits_json(Session& session, const Run& run) {
  const Trace& trace = *run.edited;
  const ModelConfig& c = trace.config();
  GF_TRY_ASSIGN(const auto edits, session.edits_of(trace, run.request));
  Json all = Json::object();
  if (!edits) return all;
  edits->begin_step(0, trace.length(), trace.length());
  for (const HookInfo& info : hook_table()) {
    const bool in_blocks = info.stage == HookStage::Block;
    for (int layer = in_blocks ? 0 : -1; layer < (in_blocks ? c.n_layer : 0); ++layer) {
      const HookId hook{info.kind, layer};
      if (!edits->touches(hook)) continue;
      const auto elements = edits->elements_at(hook, 0, trace.length());
      if (!elements)
        return fail(ErrorCode::Unsupported,
                    text("An edit at {0} acts on a feature of a dictionary, which a notebook cannot redo; switch it off.", name_of(hook)),
                    "notebook");
      Json& list = all[lens_name(hook)] = Json::array();
      for (const ElementEdit& e : *elements) list.push_back(edit_json(e, info.shape == RowShape::Causal));
    }
  }
  return all;
}

bool is_edited_at(const Recipe& recipe, HookKind kind) {
  return std::ranges::any_of(recipe.edits, [&](const Edit& edit) { return edit.enabled && kind_named(edit.hook) == kind; });
}

/// The selected head; else the one whose pattern is sharpest at the position, the newest block first.
std::pair<int, int> head_to_show(const doc::Document& document, const Trace& trace, int position) {
  if (document.selection && !document.selection->tensor.is_weight()) {
    const HookId hook = document.selection->tensor.hook;
    const RowShape shape = info_of(hook.kind).shape;
    if (shape == RowShape::Causal) return {hook.layer, document.selection->index[0]};
    if (shape == RowShape::Heads || shape == RowShape::HeadsDModel) return {hook.layer, document.selection->index[1]};
  }
  std::pair best{trace.config().n_layer - 1, 0};
  float most = -1;
  for (int layer = trace.config().n_layer; layer-- > 0;)
    for (int head = 0; head < trace.config().n_head; ++head) {
      const auto row = trace.causal_row({HookKind::Pattern, layer}, head, position);
      // The first token is what heads look at that have nothing to do.
      const float largest = row.size() > 1 ? *std::max_element(row.begin() + 1, row.end()) : row[0];
      if (largest > most) most = largest, best = {layer, head};
    }
  return best;
}

Json attention_json(const doc::Document& document, const Trace& trace, int position) {
  const auto [layer, head] = head_to_show(document, trace, position);
  Json rows = Json::array();
  for (int query = 0; query < trace.length(); ++query)
    rows.push_back(exact_list(trace.causal_row({HookKind::Pattern, layer}, head, query)));
  return {{"layer", layer}, {"head", head}, {"rows", std::move(rows)}};
}

Json lens_json(const LogitLens& lens, int n_layer, int T, int position) {
  Json depths = Json::array();
  for (int depth = 0; depth <= n_layer; ++depth) {
    Json at{{"ids", Json::array()}, {"logprobs", Json::array()}};
    const auto first = static_cast<std::size_t>((depth * T + position) * lens.k);
    for (const LogitLens::Token& token : std::span(lens.top).subspan(first, static_cast<std::size_t>(lens.k))) {
      at["ids"].push_back(token.id.v);
      at["logprobs"].push_back(exact_number(token.logprob));
    }
    depths.push_back(std::move(at));
  }
  return depths;
}

/// The row of the selected cell; none: the run does not hold it, or TransformerLens shows it otherwise.
std::optional<Json> selection_json(const doc::Document& document, const Trace& trace) {
  if (!document.selection || document.selection->tensor.is_weight()) return std::nullopt;
  const HookId hook = document.selection->tensor.hook;
  const auto& index = document.selection->index;
  const bool other = hook.kind == HookKind::Logits || hook.kind == HookKind::Result || hook.kind == HookKind::AttnScores;
  if (other || !trace.has(hook)) return std::nullopt;
  const bool causal = info_of(hook.kind).shape == RowShape::Causal;
  const int position = causal ? index[1] : index[0];
  if (position < 0 || position >= trace.length()) return std::nullopt;
  if (!causal)
    return Json{{"hook", lens_name(hook)}, {"index", Json::array({position})}, {"values", exact_list(trace.row(hook, position))}};
  Json values = exact_list(trace.causal_row(hook, index[0], position));
  while (values.size() < static_cast<std::size_t>(trace.length())) values.push_back(0.0);
  return Json{{"hook", lens_name(hook)}, {"index", Json::array({index[0], position})}, {"values", std::move(values)}};
}

}  // namespace

ModelPlace model_place(const std::string& model, const Weights& weights) {
  constexpr std::string_view kHub = "hf:";
  if (model.starts_with(kHub)) return {model.substr(kHub.size()), {}};
  const auto path = resolve_model(model);
  const bool is_step = model.find('@') != std::string::npos;
  if (path && !is_step && weights.format.starts_with("huggingface")) {
    std::error_code error;
    const std::filesystem::path folder = *path;
    return {path_from_home(std::filesystem::is_directory(folder, error) ? *path : folder.parent_path().string()), {}};
  }
  std::string folder = weights.name;
  std::ranges::replace_if(folder, [](char c) { return c == '/' || c == '@' || c == ' '; }, '-');
  return {folder + "-hf", "glassformer convert '" + model + "' '" + folder + "-hf'"};
}

Result<NotebookNumbers> numbers_for_notebook(Session& session, const doc::Document& document, const Run& run, const NotebookParts& parts,
                                             const std::stop_token& stop) {
  const Model& model = session.model();
  const Trace& trace = *run.edited;
  const int T = trace.length(), position = scene::selected_position_in(document, T);
  NotebookNumbers found;
  Json& ours = found.ours;
  ours["ids"] = Json::array();
  for (const TokenId id : trace.ids()) ours["ids"].push_back(id.v);
  ours["position"] = position;
  ours["base"] = side_json(*run.base, position);
  if (run.has_edits()) {
    GF_TRY_ASSIGN(ours["edits"], edits_json(session, run));
    ours["edited"] = side_json(trace, position);
    ours["kl"] = *run.kl;
  }
  if (parts.attention) ours["attention"] = attention_json(document, trace, position);
  if (parts.lens) {
    LensOptions options;
    options.k = std::min(kNotebookLens, trace.config().n_vocab);
    GF_TRY_ASSIGN(const LogitLens lens, logit_lens(model, trace, options, stop));
    ours["lens"] = lens_json(lens, trace.config().n_layer, T, position);
  }
  // Where a head's result is edited, it is no longer z times W_O, which is what the notebook multiplies.
  if (parts.dla && !is_edited_at(run.request.recipe, HookKind::Result)) {
    const doc::TokensAsked asked = doc::tokens_asked(document.target, document.rival, run, position, model);
    GF_TRY(asked.named);
    if (asked.a) {
      GF_TRY_ASSIGN(const DirectAttribution direct, direct_attribution(session, trace, run.request, *asked.a, asked.b, position, stop));
      Json heads = Json::array();
      for (int layer = 0; layer < trace.config().n_layer; ++layer)
        heads.push_back(exact_list(
            std::span(direct.heads.values)
                .subspan(static_cast<std::size_t>(layer * trace.config().n_head), static_cast<std::size_t>(trace.config().n_head))));
      ours["dla"] = {
          {"a", asked.a->v}, {"b", asked.b ? Json(asked.b->v) : Json(nullptr)}, {"heads", heads}, {"mlp", exact_list(direct.mlp.values)}};
      const Tokenizer* tokenizer = model.tokenizer.get();
      found.explained = asked.b ? text("for {0} less {1}", quoted_token(tokenizer, *asked.a), quoted_token(tokenizer, *asked.b))
                                : text("for {0}", quoted_token(tokenizer, *asked.a));
    }
  }
  if (parts.selection)
    if (auto selection = selection_json(document, trace)) ours["selection"] = std::move(*selection);
  return found;
}

}  // namespace gf::exporting

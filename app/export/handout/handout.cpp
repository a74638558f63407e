#include "app/export/handout/handout.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/scene/stream/stream_reading.h"
#include "model/base/files/text_file.h"
#include "model/base/html.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/io/loaders.h"
#include "model/tokenizer/token_words.h"
#include "model/tokenizer/utf8.h"

namespace gf::exporting {
namespace {

using PageJson = nlohmann::ordered_json;

PageJson page_number(float value) { return std::isfinite(value) ? PageJson(numbers::decimal(value)) : PageJson(nullptr); }

PageJson numbers_of(std::span<const float> values) {
  PageJson list = PageJson::array();
  for (const float value : values) list.push_back(page_number(value));
  return list;
}

/// JSON that nothing ends but its element: no text in it can look like a tag.
std::string json_in_html(const PageJson& json) {
  const std::string plain = json.dump(-1, ' ', false, PageJson::error_handler_t::replace);
  std::string out;
  out.reserve(plain.size());
  for (const char c : plain) {
    if (c == '<') out += "\\u003c";
    else if (c == '&') out += "\\u0026";
    else out += c;
  }
  return out;
}

/// Every 8th colour of a map, "rrggbb": the page takes the nearest.
PageJson colors_of(render::ColorMap map) {
  constexpr std::size_t kEvery = 8;
  const auto table = render::color_table(map, render::Theme::Light);
  PageJson list = PageJson::array();
  for (std::size_t i = 0; i < table.size() + kEvery - 1; i += kEvery) {
    const render::Rgb8& c = table[std::min(i, table.size() - 1)];
    std::string hex;
    for (const std::uint8_t part : c) {
      constexpr const char* kDigits = "0123456789abcdef";
      hex += kDigits[part >> 4];
      hex += kDigits[part & 15];
    }
    list.push_back(hex);
  }
  return list;
}

PageJson page_words() {
  return {
      {"stream_title", text("Stream")},
      {"patterns_title", text("Attention")},
      {"tokens_title", text("Tokens")},
      {"stream", text("Each cell is a position's residual stream before a block, read as if it were the last (logit lens): the likeliest "
                      "word, coloured by its probability.")},
      {"patterns", text("How much each token (query, rows) looks at those before it (key, columns). Choose a head.")},
      {"tokens", text("How likely the model found each token, and what it expects next. Generated tokens are bold.")},
      {"token", text("token")},
      {"before_block", text("before block {0}")},
      {"end", text("at the end")},
      {"stream_at", text("“{0}”, position {1}, depth {2}")},
      {"entropy", text("entropy, nats")},
      {"value", text("value")},
      {"query", text("query")},
      {"key", text("key")},
      {"block", text("block {0}")},
      {"head", text("Head {0}")},
      {"probability", text("probability")},
      {"rank", text("rank")},
      {"next", text("what it predicts next")},
      {"after", text("after “{0}”, position {1}")}};
}

/// What every page has.
PageJson page_data(const scene::SceneInput& input, const doc::Document& document, const PictureOptions& options) {
  const ModelConfig& c = input.model->weights->config;
  PageJson data;
  data["title"] = options.caption.empty() ? text("Inside {0}", input.model->weights->name) : options.caption;
  data["model"] = input.model->weights->name;
  data["prompt"] = document.prompt;
  data["model_words"] = text("{0}: {1} blocks of {2} heads, {3} dimensions", input.model->weights->name, c.n_layer, c.n_head, c.d_model);
  data["edits"] = PageJson::array();
  if (input.run && input.run->has_edits())
    for (const Edit& edit : input.run->request.recipe.edits)
      if (edit.enabled) data["edits"].push_back(text("Edit: {0}", summary(edit)));
  data["made_by"] =
      text("Made with Glassformer {0}. Every number is a value of the running model; the file beside this one makes it again.",
           GLASSFORMER_VERSION);
  data["n_layer"] = c.n_layer;
  data["n_head"] = c.n_head;
  data["words"] = page_words();
  data["colors"] = PageJson::object();
  return data;
}

Result<std::string> page_with(const PageJson& data) {
  GF_TRY_ASSIGN(const std::string path, asset_path("handout/page.html"));
  GF_TRY_ASSIGN(const std::string page, read_text_file(path, phrase("page of a hand-out")));
  const std::pair<std::string_view, std::string> kParts[] = {
      {"{{language}}", html_escaped(text("en"))},
      {"{{generator}}", html_escaped("Glassformer " GLASSFORMER_VERSION)},
      {"{{title}}", html_escaped(data["title"].get<std::string>())},
      {"{{noscript}}", html_escaped(text("This page draws with JavaScript, which is switched off here."))},
      {"{{data}}", json_in_html(data)}};
  // Each part is looked for behind the one before: what was put in is never searched.
  std::string out;
  std::size_t at = 0;
  for (const auto& [place, part] : kParts) {
    const std::size_t found = page.find(place, at);
    if (found == std::string::npos)
      return fail(ErrorCode::InvalidArgument, text("The program's file {0} lacks {1}.", path, place), "handout");
    out += page.substr(at, found - at) + part;
    at = found + place.size();
  }
  return out + page.substr(at);
}

/// One side of a run.
class RunPage {
 public:
  RunPage(const Model& model, const Trace& trace, const scene::StreamReading& reading) : model_(model), trace_(trace), reading_(reading) {}

  [[nodiscard]] PageJson json(const std::string& title, int first_layer, int end_layer) const {
    PageJson run;
    run["title"] = title;
    run["n_prompt"] = trace_.n_prompt();
    run["ids"] = PageJson::array();
    for (const TokenId id : trace_.ids()) run["ids"].push_back(id.v);
    run["tokens"] = token_texts(*model_.tokenizer, trace_.ids());
    run["positions"] = PageJson::array();
    for (int p = 0; p < trace_.length(); ++p) run["positions"].push_back(position(trace_.stats(p)));
    run["stream"] = PageJson::array();
    for (int depth = 0; depth <= trace_.config().n_layer; ++depth) run["stream"].push_back(column(depth));
    run["patterns"] = PageJson::array();
    for (int layer = first_layer; layer < end_layer; ++layer)
      for (int head = 0; head < trace_.config().n_head; ++head) run["patterns"].push_back(pattern(layer, head));
    return run;
  }

 private:
  [[nodiscard]] std::string word(TokenId id) const {
    const std::string bytes = model_.tokenizer->bytes_of(id);
    // A piece of a character as the program shows it: "\\xe2".
    return bytes.empty() || !is_valid_utf8(bytes) ? token_words(model_.tokenizer.get(), id) : bytes;
  }
  [[nodiscard]] PageJson position(const TokenStats& stats) const {
    PageJson at{{"logprob", page_number(stats.logprob)},
                {"rank", stats.rank < 0 ? PageJson(nullptr) : PageJson(stats.rank)},
                {"entropy", page_number(stats.entropy)}};
    at["top"] = PageJson::array();
    constexpr std::size_t kMost = 10;
    for (const TokenStats::Top& top : std::span(stats.top).first(std::min(kMost, stats.top.size())))
      at["top"].push_back(PageJson::array({word(top.id), page_number(top.logprob)}));
    return at;
  }
  [[nodiscard]] PageJson column(int depth) const {
    const LogitLens& lens = reading_.lens;
    PageJson nodes = PageJson::array();
    for (int p = 0; p < trace_.length(); ++p) {
      PageJson& node = nodes.emplace_back(PageJson{{"entropy", page_number(lens.entropy.at(depth, p))}});
      node["top"] = PageJson::array();
      const auto first = static_cast<std::size_t>((depth * trace_.length() + p) * lens.k);
      for (const LogitLens::Token& token : std::span(lens.top).subspan(first, static_cast<std::size_t>(lens.k)))
        node["top"].push_back(PageJson::array({word(token.id), page_number(token.logprob)}));
    }
    return nodes;
  }
  [[nodiscard]] PageJson pattern(int layer, int head) const {
    PageJson one{{"layer", layer}, {"head", head}, {"rows", PageJson::array()}};
    for (int query = 0; query < trace_.length(); ++query)
      one["rows"].push_back(numbers_of(trace_.causal_row({HookKind::Pattern, layer}, head, query)));
    return one;
  }

  const Model& model_;
  const Trace& trace_;
  const scene::StreamReading& reading_;
};

/// The selected head of a block; none: the selection has none.
std::optional<std::pair<int, int>> selected_head(const doc::Document& document) {
  if (!document.selection || document.selection->tensor.is_weight()) return std::nullopt;
  const HookId hook = document.selection->tensor.hook;
  switch (info_of(hook.kind).shape) {
    case RowShape::Causal: return std::pair(hook.layer, document.selection->index[0]);
    case RowShape::Heads:
    case RowShape::HeadsDModel: return std::pair(hook.layer, document.selection->index[1]);
    default: return std::nullopt;
  }
}

}  // namespace

Result<std::string> handout_of(scene::SceneInput input, const doc::Document& document, const PictureOptions& options) {
  if (!input.run) return fail(ErrorCode::InvalidArgument, text("A hand-out shows a run; run a prompt first."), "handout");
  GF_TRY_ASSIGN(input, scene::with_readings(std::move(input)));
  const Run& run = *input.run;
  const ModelConfig& c = input.model->weights->config;
  for (int layer = 0; layer < c.n_layer; ++layer)
    if (const HookId hook{HookKind::Pattern, layer}; !run.edited->has(hook) || !run.base->has(hook))
      return fail(ErrorCode::NotCaptured, text("The run does not hold {0}.", name_of(hook)), "handout");
  PageJson data = page_data(input, document, options);
  const auto head = selected_head(document).value_or(std::pair(c.n_layer - 1, 0));
  const auto T = static_cast<std::size_t>(run.edited->length());
  const std::size_t sides = run.has_edits() ? 2 : 1;
  const std::size_t of_a_block = sides * static_cast<std::size_t>(c.n_head) * (T * (T + 1) / 2);
  const bool all = of_a_block * static_cast<std::size_t>(c.n_layer) <= kMostHandoutWeights;
  if (!all) {
    if (of_a_block > kMostHandoutWeights)
      return fail(ErrorCode::InvalidArgument, text("{0} tokens are too many for a hand-out; take a shorter prompt.", T), "handout");
    data["left_out"] = text("Of so many tokens only the patterns of block {0} are here.", head.first);
  }
  data["head"] = {head.first, head.second};
  data["tab"] = document.view == scene::View::Stream ? "stream" : selected_head(document) ? "patterns" : "tokens";
  data["colors"]["sequential"] = colors_of(render::ColorMap::Sequential);
  const int first = all ? 0 : head.first, end = all ? c.n_layer : head.first + 1;
  data["runs"] = PageJson::array();
  const bool edited = run.has_edits();
  data["runs"].push_back(RunPage(*input.model, *run.edited, *input.edited_reading).json(edited ? text("edited") : text("run"), first, end));
  if (edited) data["runs"].push_back(RunPage(*input.model, *run.base, *input.base_reading).json(text("base"), first, end));
  return page_with(data);
}

Result<std::string> handout_of(const Figure& figure, const scene::SceneInput& input, const doc::Document& document,
                               const PictureOptions& options) {
  PageJson data = page_data(input, document, options);
  if (options.caption.empty()) data["title"] = figure.title;
  data["matrices"] = PageJson::array();
  for (const FigureMatrix& m : figure.matrices) {
    data["colors"][std::string(render::name_of(m.map))] = colors_of(m.map);
    PageJson one{{"title", m.title},
                 {"row_axis", m.row_axis},
                 {"col_axis", m.col_axis},
                 {"row_names", m.row_names},
                 {"col_names", m.col_names},
                 {"causal", m.causal},
                 {"map", std::string(render::name_of(m.map))},
                 {"scale", page_number(m.scale)}};
    one["rows"] = PageJson::array();
    for (int row = 0; row < m.rows(); ++row) {
      const auto first = static_cast<std::size_t>(row) * m.col_names.size();
      const std::size_t wide = m.causal ? static_cast<std::size_t>(row) + 1 : m.col_names.size();
      one["rows"].push_back(numbers_of(std::span(m.values).subspan(first, std::min(wide, m.col_names.size()))));
    }
    data["matrices"].push_back(std::move(one));
  }
  return page_with(data);
}

}  // namespace gf::exporting

#include "app/export/notebook/notebook.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/document/request.h"
#include "app/export/notebook/notebook_numbers.h"
#include "app/export/sidecar.h"
#include "model/base/files/text_file.h"
#include "model/base/text.h"
#include "model/io/loaders.h"

namespace gf::exporting {
namespace {

using Json = NotebookJson;

/// The cells of a notebook, in order.
class Cells {
 public:
  void words(const std::string& markdown) { add("markdown", markdown); }
  void code(const std::string& source) {
    Json& cell = add("code", source);
    cell["execution_count"] = nullptr;
    cell["outputs"] = Json::array();
  }
  /// One of the program's own files in assets/notebook. Errors: NotFound, Io.
  Result<void> own_code(const char* file) {
    GF_TRY_ASSIGN(const std::string path, asset_path(std::string("notebook/") + file));
    GF_TRY_ASSIGN(const std::string source, read_text_file(path, phrase("cell of a notebook")));
    code(source);
    return {};
  }
  [[nodiscard]] Json take() { return std::move(cells_); }

 private:
  Json& add(const char* type, std::string source) {
    while (source.ends_with('\n')) source.pop_back();
    Json lines = Json::array();
    for (std::size_t at = 0; at < source.size();) {
      const std::size_t end = std::min(source.find('\n', at), source.size() - 1);
      lines.push_back(source.substr(at, end + 1 - at));
      at = end + 1;
    }
    cells_.push_back({{"cell_type", type}, {"id", "cell-" + std::to_string(cells_.size() + 1)}, {"metadata", Json::object()}});
    cells_.back()["source"] = std::move(lines);
    return cells_.back();
  }
  Json cells_ = Json::array();
};

/// Text for Markdown: nothing in it is a mark.
std::string plain_markdown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]<>()#+-.!|$&~").find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string python_string(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string introduction(const doc::Document& document, const Model& model, const ModelPlace& place, const Recipe& recipe) {
  std::string words =
      "# " + text("Inside {0}", plain_markdown(model.weights->name)) + "\n\n" + text("Prompt: {0}", plain_markdown(document.prompt)) +
      "\n\n" +
      text(
          "This notebook does with TransformerLens 4 what Glassformer {0} showed, and asserts that the numbers are the same. It "
          "needs `pip install \"transformer-lens>=4\"`.",
          GLASSFORMER_VERSION);
  if (!place.convert.empty())
    words += "\n\n" + text("TransformerLens does not read this checkpoint as it is; first make a Hugging Face folder of it:") + "\n\n    " +
             place.convert;
  std::string edits;
  for (const Edit& edit : recipe.edits)
    if (edit.enabled) edits += "\n- " + plain_markdown(summary(edit));
  if (!edits.empty()) words += "\n\n" + text("Edits:") + "\n" + edits;
  return words;
}

Json metadata_of(const doc::Document& document) {
  doc::Document own = document;
  own.bookmarks.clear();  // a talk's notes are the speaker's own
  leave_home(own);
  Json metadata;
  metadata["kernelspec"] = {{"display_name", "Python 3"}, {"language", "python"}, {"name", "python3"}};
  metadata["language_info"] = {{"name", "python"}};
  metadata["glassformer"] = {{"version", GLASSFORMER_VERSION}, {"document", Json::parse(doc::to_json(own))}};
  return metadata;
}

}  // namespace

Result<std::string> notebook_of(Session& session, const doc::Document& document, RunRequest request, const NotebookParts& parts,
                                std::stop_token stop, const std::function<void(double)>& progress) {
  const Model& model = session.model();
  const ModelPlace place = model_place(document.model, *model.weights);
  request.plan = CapturePlan::defaults();
  GF_TRY_ASSIGN(const Run run, session.run(request, stop, [&](const RunProgress& p) {
    if (progress) progress(0.6 * p.positions_done / std::max(1, p.positions_total));
  }));
  GF_TRY_ASSIGN(const NotebookNumbers numbers, numbers_for_notebook(session, document, run, parts, stop));
  if (progress) progress(0.9);
  const Json& ours = numbers.ours;
  Cells cells;
  cells.words(introduction(document, model, place, run.request.recipe));
  cells.code("import json\n\nMODEL = " + python_string(place.name) + "\nOURS = json.loads(" +
             python_string(ours.dump(-1, ' ', false, Json::error_handler_t::replace)) + ")\n");
  GF_TRY(cells.own_code("load.py"));
  cells.words("## " + text("The run") + "\n\n" + text("As the checkpoint is, without edits."));
  GF_TRY(cells.own_code("run.py"));
  if (ours.contains("edits")) {
    cells.words("## " + text("The edits, as hooks") + "\n\n" +
                text("Each is written as what it does to each element: values that come from another run are numbers here."));
    GF_TRY(cells.own_code("edits.py"));
  }
  const struct {
    const char *key, *file;
    std::string title;
  } kLater[] = {{"attention", "attention.py", text("Attention")},
                {"lens", "lens.py", text("Logit lens")},
                {"dla", "dla.py", text("Direct logit attribution, {0}", numbers.explained)},
                {"selection", "selection.py", text("The selected cell's row")}};
  for (const auto& part : kLater) {
    if (!ours.contains(part.key)) continue;
    cells.words("## " + plain_markdown(part.title));
    GF_TRY(cells.own_code(part.file));
  }
  const Json notebook{{"cells", cells.take()}, {"metadata", metadata_of(document)}, {"nbformat", 4}, {"nbformat_minor", 5}};
  return notebook.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace gf::exporting

// Notebooks are valid, hold the run's numbers, and their code is Python. Whether TransformerLens agrees is asked in tests/peers.
#include "app/export/notebook/notebook.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

#include "app/document/request.h"
#include "app/export/sidecar.h"
#include "tests/app/truth/views.h"

namespace gf::exporting {
namespace {

using Cell = nlohmann::json;

doc::Document noted_document() {
  doc::Document document;
  document.model = "fable";
  document.recipe.edits = {edit_of_head(4, 3), edit_of_head(0, 5, EditOp::Mean)};
  document.target = " Mary";
  document.rival = " John";
  document.selected_position = 12;
  return document;
}

Session& noted_session() {
  static const std::unique_ptr<Session> session = Session::create(truth::fable(false).model, {}).value();
  return *session;
}

Result<std::string> note(const doc::Document& document, const NotebookParts& parts = {}) {
  return notebook_of(noted_session(), document, doc::request_of(document, noted_session().model()).value(), parts);
}

std::string source_of(const Cell& cell) {
  std::string source;
  for (const Cell& line : cell["source"]) source += line.get<std::string>();
  return source;
}

/// The object that the first code cell reads.
Cell ours_of(const Cell& notebook) {
  for (const Cell& cell : notebook["cells"]) {
    const std::string source = source_of(cell), begin = "OURS = json.loads(";
    const auto at = source.find(begin);
    if (at == std::string::npos) continue;
    const std::string literal = source.substr(at + begin.size(), source.rfind(')') - at - begin.size());
    return Cell::parse(Cell::parse(literal).get<std::string>());
  }
  return {};
}

TEST(Notebook, is_one_of_nbformat_4) {
  const auto written = note(noted_document());
  ASSERT_TRUE(written) << written.error().message;
  const Cell notebook = Cell::parse(*written);
  EXPECT_EQ(notebook["nbformat"], 4);
  EXPECT_EQ(notebook["nbformat_minor"], 5);
  EXPECT_EQ(notebook["metadata"]["kernelspec"]["name"], "python3");
  std::set<std::string> ids;
  for (const Cell& cell : notebook["cells"]) {
    EXPECT_TRUE(ids.insert(cell["id"].get<std::string>()).second);
    EXPECT_TRUE(cell["metadata"].is_object());
    ASSERT_TRUE(cell["source"].is_array());
    for (std::size_t i = 0; i < cell["source"].size(); ++i) {
      const auto line = cell["source"][i].get<std::string>();
      EXPECT_EQ(line.find('\n') == std::string::npos, i + 1 == cell["source"].size()) << "each line ends but the last";
    }
    if (cell["cell_type"] == "code") {
      EXPECT_TRUE(cell["outputs"].is_array() && cell["execution_count"].is_null());
    } else {
      EXPECT_EQ(cell["cell_type"], "markdown");
      EXPECT_FALSE(cell.contains("outputs"));
    }
  }
}

TEST(Notebook, has_the_numbers_of_the_run) {
  const doc::Document document = noted_document();
  const Cell ours = ours_of(Cell::parse(note(document).value()));
  const gf::Run run = noted_session().run(doc::request_of(document, noted_session().model()).value()).value();
  const Trace& trace = *run.edited;
  const auto T = static_cast<std::size_t>(trace.length());
  EXPECT_EQ(ours["position"], 12);
  ASSERT_EQ(ours["ids"].size(), T);
  for (const auto& [key, side] : {std::pair{"base", run.base}, std::pair{"edited", run.edited}})
    for (std::size_t p = 0; p < T; ++p) {
      EXPECT_EQ(ours[key]["entropies"][p].get<float>(), side->stats(static_cast<int>(p)).entropy);
      if (p > 0) {
        EXPECT_EQ(ours[key]["logprobs"][p - 1].get<float>(), side->stats(static_cast<int>(p)).logprob);
      }
    }
  EXPECT_EQ(ours["kl"], *run.kl);
  EXPECT_EQ(ours["edited"]["top"]["ids"][0], trace.stats(12).top[0].id.v);
  const int layer = ours["attention"]["layer"], head = ours["attention"]["head"];
  for (int q = 0; q < trace.length(); ++q) {
    const auto row = trace.causal_row({HookKind::Pattern, layer}, head, q);
    for (std::size_t k = 0; k < row.size(); ++k) EXPECT_EQ(ours["attention"]["rows"][static_cast<std::size_t>(q)][k].get<float>(), row[k]);
  }
  EXPECT_EQ(ours["lens"].size(), static_cast<std::size_t>(trace.config().n_layer) + 1);
  EXPECT_EQ(ours["dla"]["heads"].size(), static_cast<std::size_t>(trace.config().n_layer));
  EXPECT_EQ(ours["dla"]["heads"][4][3], 0.0) << "it is cut";
  EXPECT_FALSE(ours.contains("selection"));
}

TEST(Notebook, writes_edits_as_what_they_do_to_each_element) {
  const doc::Document document = noted_document();
  const Cell edits = ours_of(Cell::parse(note(document).value()))["edits"];
  ASSERT_EQ(edits.size(), 2U);
  const Cell& cut = edits["blocks.4.attn.hook_z"][0];
  EXPECT_EQ(cut["kind"], "assign");
  EXPECT_EQ(cut["value"], 0.0);
  EXPECT_EQ(cut["rows"].size(), 14U);
  EXPECT_EQ(cut["elements"].size(), 32U);
  EXPECT_EQ(cut["elements"][0], 96) << "head 3 of 32 dimensions each";
  const Cell& mean = edits["blocks.0.attn.hook_z"][0];
  EXPECT_EQ(mean["values"].size(), 32U);
  const gf::Run run = noted_session().run(doc::request_of(document, noted_session().model()).value()).value();
  const auto row = run.edited->row({HookKind::Z, 0}, 3);
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(mean["values"][i].get<float>(), row[160 + i]);
}

TEST(Notebook, has_the_parts_that_are_asked_for) {
  doc::Document document = noted_document();
  document.selection = scene::CellRef{{{HookKind::Pattern, 4}, {}}, {3, 13, 1}};
  const Cell none = ours_of(Cell::parse(note(document, {false, false, false, false}).value()));
  for (const char* part : {"attention", "lens", "dla", "selection"}) EXPECT_FALSE(none.contains(part)) << part;
  const Cell all = ours_of(Cell::parse(note(document).value()));
  EXPECT_EQ(all["attention"]["head"], 3) << "the selected one";
  EXPECT_EQ(all["selection"]["index"], Cell({3, 13}));
  EXPECT_EQ(all["selection"]["values"].size(), 14U);
  document.recipe = {};
  EXPECT_FALSE(ours_of(Cell::parse(note(document).value())).contains("edits"));
}

TEST(Notebook, keeps_the_document_and_tells_nobody_the_home_folder) {
  doc::Document document = noted_document();
  document.bookmarks.resize(1);
  document.bookmarks[0].note = "not for others";
  const std::string written = note(document).value();
  EXPECT_EQ(written.find("not for others"), std::string::npos);
  document.bookmarks.clear();
  const auto back = doc::document_from_json(Cell::parse(written)["metadata"]["glassformer"]["document"].dump());
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, document);
  if (const char* home = std::getenv("HOME"); home != nullptr && std::string(home).size() > 1) {
    EXPECT_EQ(written.find(std::string("\"") + home + "/"), std::string::npos);
  }
}

TEST(Notebook, its_markdown_and_code_stand_any_prompt) {
  doc::Document document = noted_document();
  document.prompt = "a `b` *c* [d](e) \"f\" '''g''' \\ <h>";
  const Cell notebook = Cell::parse(note(document).value());
  EXPECT_NE(source_of(notebook["cells"][0]).find("a \\`b\\` \\*c\\* \\[d\\]\\(e\\)"), std::string::npos) << source_of(notebook["cells"][0]);
  if (std::system("python3 -c pass") != 0) GTEST_SKIP() << "there is no Python";
  const auto file = std::filesystem::temp_directory_path() / "glassformer_notebook_syntax.ipynb";
  std::ofstream(file) << notebook.dump();
  const std::string check =
      "python3 -c \"import json, sys; [compile(''.join(c['source']), c['id'], 'exec') for c in "
      "json.load(open(sys.argv[1]))['cells'] if c['cell_type'] == 'code']\" '" +
      file.string() + "'";
  EXPECT_EQ(std::system(check.c_str()), 0);
  std::filesystem::remove(file);
}

TEST(Notebook, a_sidecar_or_a_session_says_what_to_redo) {
  const auto folder = std::filesystem::temp_directory_path() / "glassformer_notebook_sources";
  std::filesystem::create_directories(folder);
  const std::string session = (folder / "s.json").string(), notebook = (folder / "n.ipynb").string();
  const doc::Document document = noted_document();
  ASSERT_TRUE(doc::save_document(document, session));
  const auto read = read_sidecar_or_session(session);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->document, document);
  const auto request = request_of(*read, noted_session().model(), session);
  ASSERT_TRUE(request);
  scene::SceneInput input{truth::fable(false).model, std::make_shared<const gf::Run>(noted_session().run(*request).value())};
  ASSERT_TRUE(write_sidecar(document, input, {}, notebook));
  const auto again = read_sidecar_or_session(sidecar_path(notebook));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->ids.size(), 14U);
  std::ifstream in(sidecar_path(notebook));
  EXPECT_NE(std::string(std::istreambuf_iterator<char>(in), {}).find("glassformer notebook "), std::string::npos);
  EXPECT_FALSE(read_sidecar_or_session((folder / "missing.json").string()));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gf::exporting

// The code of a card gives the card's number. PyTorch runs it where it is installed, for a cell of every hook and of every weight;
// everywhere, the arithmetic that cards write out is worked out again by a small interpreter.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

#include "app/scene/cards/explain_code.h"
#include "model/base/numbers.h"
#include "model/hook_sources.h"
#include "tests/app/explain/cells.h"
#include "tests/app/explain/formula_reader.h"

namespace gf {
namespace {

using explain_cells::fable;
using explain_cells::hook_cell;
using explain_cells::random_cell;
using explain_cells::small;
using explain_cells::weight_cell;
using scene::CellRef;
using scene::SceneInput;
using scene::ViewState;
using testing_models::Lcg;

constexpr const char* kEditsAsLines = R"({"version": 1, "edits": [
  {"hook": "hook_embed", "op": "scale", "factor": 0.5, "positions": [2], "dims": [1, 7]},
  {"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0, 3]},
  {"hook": "blocks.1.ln1.hook_scale", "op": "scale", "factor": 2.0},
  {"hook": "blocks.1.attn.hook_attn_scores", "op": "set", "value": "-inf", "heads": [1], "keys": [0]},
  {"hook": "blocks.2.attn.hook_k", "op": "scale", "factor": -1.5, "heads": [2], "positions": "last"},
  {"hook": "blocks.2.attn.hook_pattern", "op": "scale", "factor": 0.25, "heads": [1], "queries": [5, 9, 13], "keys": [1]},
  {"hook": "blocks.*.hook_resid_mid", "op": "scale", "factor": 1.25, "dims": [4]},
  {"hook": "blocks.3.mlp.hook_post", "op": "set", "value": 0.5, "neurons": [1, 2, 3, 4]}]})";

/// A Python that has what the code imports; empty: there is none.
std::string python() {
  const char* named = std::getenv("GLASSFORMER_PYTHON");
  const std::string python = named != nullptr ? named : "python3";
  return std::system((python + " -c 'import torch, safetensors' >/dev/null 2>&1").c_str()) == 0 ? python : "";
}

/// Runs each program by itself; what each has printed.
std::vector<std::string> printed_by(const std::string& python, const std::vector<std::string>& programs) {
  const auto folder = std::filesystem::temp_directory_path() / ("glassformer-code-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (std::size_t i = 0; i < programs.size(); ++i) std::ofstream(folder / (std::to_string(i) + ".py")) << programs[i];
  // One Python imports torch once, and gives each program names of its own.
  std::ofstream(folder / "all.py") << "import sys\nfor i in range(int(sys.argv[2])):\n  name = f'{sys.argv[1]}/{i}.py'\n"
                                      "  exec(compile(open(name).read(), name, 'exec'), {'__name__': '__main__'})\n";
  const std::string out = (folder / "out").string();
  const std::string command =
      python + " " + (folder / "all.py").string() + " " + folder.string() + " " + std::to_string(programs.size()) + " > " + out;
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::vector<std::string> lines;
  std::ifstream file(out);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return lines;
}

/// A cell of every hook, in the first block and in a later one, and of every kind of weight.
std::vector<CellRef> cells_of_all(const SceneInput& input, std::uint64_t seed) {
  const ModelConfig& c = input.model->weights->config;
  Lcg rng{seed};
  std::vector<CellRef> cells;
  for (const HookId hook : all_hooks(c.n_layer))
    if (hook.layer <= 0 || hook.layer == c.n_layer / 2) cells.push_back(random_cell(hook, c, input.run->base->length(), rng));
  for (const NamedTensor& row : input.model->weights->table())
    if (!row.name.starts_with("h.") || row.name.starts_with("h.1."))
      cells.push_back(weight_cell(row.name, 5, row.view.shape.rank() > 1 ? 9 : -1));
  return cells;
}

void check_code(const SceneInput& input, scene::Compare compare, std::uint64_t seed) {
  const std::string run_by = python();
  if (run_by.empty()) GTEST_SKIP() << "there is no Python with torch and safetensors; GLASSFORMER_PYTHON can name one";
  ViewState view;
  view.compare = compare;
  const std::vector<CellRef> cells = cells_of_all(input, seed);
  std::vector<std::string> programs;
  for (const CellRef& cell : cells) programs.push_back(scene::code_of(cell, input, view));
  const std::vector<std::string> printed = printed_by(run_by, programs);
  ASSERT_EQ(printed.size(), cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto value = scene::value_of(cells[i], input, view);
    ASSERT_TRUE(value) << cells[i].tensor.name();
    const double truth = static_cast<double>(*value);
    EXPECT_NEAR(std::strtod(printed[i].c_str(), nullptr), truth, 2e-4 + 2e-4 * std::abs(truth)) << programs[i];
  }
}

TEST(Code, gives_each_number_of_fable_in_pytorch) { check_code(fable(), scene::Compare::Edited, 21); }

TEST(Code, has_edits_in_it_that_are_lines) {
  const SceneInput input = fable(kEditsAsLines);
  ViewState view;
  const std::string code = scene::code_of(hook_cell(HookKind::Logits, -1, {13, 40, -1}), input, view);
  EXPECT_NE(code.find("    if b == 0: z[cells(range(14), [0, 3], range("), std::string::npos) << code;
  EXPECT_NE(code.find("    if b == 2: k[cells([13], [2], range("), std::string::npos) << code;
  EXPECT_EQ(code.find("leave its edits out"), std::string::npos) << code;
  check_code(input, scene::Compare::Edited, 22);
}

TEST(Code, of_the_base_run_has_no_edits_in_it) {
  const SceneInput input = fable(kEditsAsLines);
  ViewState view;
  view.compare = scene::Compare::Base;
  EXPECT_EQ(scene::code_of(hook_cell(HookKind::Logits, -1, {13, 40, -1}), input, view).find("cells("), std::string::npos);
  check_code(input, scene::Compare::Base, 23);
}

TEST(Code, says_when_it_leaves_an_edit_out) {
  const SceneInput input = fable(R"({"version": 1, "edits": [{"hook": "blocks.2.attn.hook_z", "op": "mean", "heads": [1]}]})");
  const CellRef behind = hook_cell(HookKind::ResidPost, 4, {6, 3, -1}), before = hook_cell(HookKind::ResidPost, 1, {6, 3, -1});
  const std::string code = scene::code_of(behind, input, {});
  EXPECT_NE(code.find("# The edited run's number is another: these lines leave its edits out"), std::string::npos) << code;
  ViewState base;
  base.compare = scene::Compare::Base;
  EXPECT_NE(code.find("  # " + numbers::significant(static_cast<double>(*scene::value_of(behind, input, base)), 6) + "\n"),
            std::string::npos)
      << code;
  EXPECT_EQ(scene::code_of(before, input, {}).find("leave its edits out"), std::string::npos) << "no edit reaches it";
}

TEST(Code, has_text_from_files_on_its_line_alone) {
  // A recipe and a folder may come from anyone: nothing that they say may become a line of the program.
  SceneInput edited = fable(R"({"version": 1, "edits": [{"hook": "blocks.2.hook_resid_post", "op": "add", "value": 0.5}]})");
  auto run = std::make_shared<gf::Run>(*edited.run);
  run->request.recipe.edits.front().vector.emplace().tokens = " ring\nimport os\r#";
  edited.run = run;
  const std::string code = scene::code_of(hook_cell(HookKind::ResidPost, 4, {6, 3, -1}), edited, {});
  EXPECT_NE(code.find("leave its edits out"), std::string::npos) << code;
  EXPECT_EQ(code.find("\nimport os"), std::string::npos) << code;
  EXPECT_EQ(code.find('\r'), std::string::npos) << code;
  SceneInput moved = small();
  auto model = std::make_shared<Model>(*moved.model);
  auto weights = std::make_shared<Weights>(*model->weights);
  weights->path = "a\nimport os\n$(touch x)";
  model->weights = weights;
  moved.model = model;
  const std::string of_folder = scene::code_of(weight_cell("h.0.mlp.c_fc.weight", 1, 2), moved, {});
  EXPECT_NE(of_folder.find("convert 'a\\nimport os\\n$(touch x)' hf\n"), std::string::npos) << of_folder;
}

TEST(Code, of_the_first_block_computes_no_more_than_it_needs) {
  const std::string code = scene::code_of(hook_cell(HookKind::V, 0, {6, 2, 1}), fable(), {});
  EXPECT_NE(code.find("\nq, k, v = "), std::string::npos) << code;
  EXPECT_EQ(code.find("attn_scores"), std::string::npos) << code;
  EXPECT_EQ(code.find("for b"), std::string::npos) << code;
  EXPECT_EQ(code.find("activation"), std::string::npos) << code;
  EXPECT_NE(code.find("print(v[6, 2, 1].item())  # "), std::string::npos) << code;
}

TEST(Code, every_hook_has_a_line_or_is_made_by_an_earlier_one) {
  for (const HookInfo& info : hook_table()) {
    const std::string name = python_name(info.kind);
    const HookInfo* maker = &info;
    while (*making_of(maker->kind).code == '\0' && maker != hook_table().data()) --maker;
    const std::string code = making_of(maker->kind).code, made = code.substr(0, code.find(" = "));
    EXPECT_NE((", " + made + ",").find(", " + name + ","), std::string::npos) << name << " is not made by: " << code;
  }
}

TEST(Code, is_not_given_for_what_is_not_there) {
  EXPECT_TRUE(scene::code_of(hook_cell(HookKind::Pattern, 0, {1, 3, 5}), small(), {}).empty()) << "masked";
  EXPECT_TRUE(scene::code_of(hook_cell(HookKind::Q, 0, {0, 0, 0}), {small().model, nullptr}, {}).empty()) << "nothing was run";
  ViewState asked;
  asked.hide_prediction = true;
  const std::string code = scene::code_of(hook_cell(HookKind::Logits, -1, {8, 4, -1}), small(), asked);
  EXPECT_TRUE(code.ends_with(".item())\n")) << "a question's answer is not told: " << code;
}

TEST(Formulas, come_out_as_they_say) {
  int read = 0;
  for (const SceneInput& input : {fable(), small()}) {
    const ModelConfig& c = input.model->weights->config;
    Lcg rng{31};
    for (const HookId hook : all_hooks(c.n_layer)) {
      const scene::Card card = scene::explain(random_cell(hook, c, input.run->base->length(), rng), input, {});
      for (const std::string& line : card.formula) read += explain_cells::check_sum(line, name_of(hook));
      for (const scene::Term& term : card.terms) read += explain_cells::check_sum(term.text, name_of(hook));
    }
  }
  EXPECT_GT(read, 600);
}

TEST(Formulas, that_are_wrong_are_found) {
  EXPECT_EQ(explain_cells::problem_of_sum("0.31 × -1.20 = -0.372"), "");
  EXPECT_NE(explain_cells::problem_of_sum("0.31 × -1.20 = -0.272"), "");
  EXPECT_EQ(explain_cells::problem_of_sum("exp(0.5 - 1.5) / 2 = 0.184"), "");
  EXPECT_NE(explain_cells::problem_of_sum("exp(0.5 - 1.5) / 2 = 0.0184"), "");
  EXPECT_EQ(explain_cells::problem_of_sum("0.5 × 2 × (1 + tanh(1)) = 1.76"), "");
  EXPECT_FALSE(explain_cells::problem_of_sum("post . W_out + b").has_value()) << "there is nothing to work out";
}

TEST(Stories, say_what_each_number_does) {
  const SceneInput input = fable();
  const ModelConfig& c = input.model->weights->config;
  Lcg rng{41};
  for (const HookId hook : all_hooks(c.n_layer)) {
    const scene::Card card = scene::explain(random_cell(hook, c, 14, rng), input, {});
    EXPECT_TRUE(card.story.ends_with(".")) << name_of(hook) << ": " << card.story;
    EXPECT_EQ(card.story.find('{'), std::string::npos) << card.story;
    if (hook.layer >= 0) {
      EXPECT_NE(card.story.find("block " + std::to_string(hook.layer)), std::string::npos) << card.story;
    }
  }
  const scene::Card card = scene::explain(hook_cell(HookKind::Pattern, 4, {3, 13, 1}), input, {});
  EXPECT_TRUE(card.story.starts_with("Head 3 of block 4 looks from \"·to\" (13) at \"·Mary\" (1) with ")) << card.story;
  EXPECT_FALSE(scene::explain(weight_cell("h.0.mlp.c_fc.weight", 1, 2), input, {}).story.empty());
  if (const char* show = std::getenv("SHOW_CARDS"); show != nullptr)
    for (const HookId hook : all_hooks(c.n_layer))
      if (hook.layer < 0 || hook.layer == 2) {
        const CellRef cell = random_cell(hook, c, 14, rng);
        std::printf("%s\n%s\n", scene::explain(cell, input, {}).story.c_str(), scene::code_of(cell, input, {}).c_str());
      }
}

}  // namespace
}  // namespace gf

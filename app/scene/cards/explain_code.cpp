#include "app/scene/cards/explain_code.h"

#include <algorithm>
#include <set>

#include "app/scene/cards/code_edits.h"
#include "app/scene/cards/explain_parts.h"
#include "model/base/numbers.h"
#include "model/base/printable.h"
#include "model/base/shell_word.h"
#include "model/io/files/mapped_file.h"

namespace gf::scene {
namespace explaining {
namespace {

/// Text as Python writes it; that of a file cannot end the string, and is never run.
std::string python_string(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return '"' + printable_line(quoted) + '"';
}

std::string comment_line(std::string_view text) { return "# " + printable_line(text) + "\n"; }

/// Whether a line has this word, and not only one that it is a part of.
bool mentions(std::string_view line, std::string_view word) {
  const auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !in_name(line[at - 1])) && (end == line.size() || !in_name(line[end]))) return true;
  }
  return false;
}

/// The lines that read the checkpoint into `w`, under Hugging Face's names.
std::string load_lines(const Weights& weights) {
  const bool own = weights.format == "huggingface-safetensors" && !weights.files.empty();
  std::string lines = "import torch\nfrom safetensors.torch import load_file\n\n";
  if (weights.path.empty()) {
    lines += comment_line(text("These weights are in memory only: save them first, and put the file's name here."));
    lines += "w = load_file(\"model.safetensors\")\n";
  } else if (own) {
    std::string sum;
    for (const auto& file : weights.files) sum += (sum.empty() ? "" : " | ") + ("load_file(" + python_string(file->path()) + ")");
    lines += "w = " + sum + "\n";
  } else {
    lines +=
        comment_line(text("First, because PyTorch does not read this file:") + " glassformer convert " + shell_word(weights.path) + " hf");
    lines += "w = load_file(\"hf/model.safetensors\")\n";
  }
  lines += "w = {name.removeprefix(\"transformer.\"): x.float() for name, x in w.items()}\n";
  // Weights of Linear modules stand [out, in]; converted ones no longer do.
  if (own && !weights.blocks.empty() && !weights.blocks[0].qkv.in_major)
    lines += "w |= {name: x.T for name, x in w.items() if name.startswith(\"h.\") and x.ndim == 2}\n";
  return lines;
}

std::string activation_code(Activation activation) {
  switch (activation) {
    case Activation::GeluTanh: return "torch.nn.GELU(approximate=\"tanh\")";
    case Activation::GeluErf: return "torch.nn.GELU()";
    case Activation::Relu: return "torch.nn.ReLU()";
  }
  return {};
}

/// What the lines of hook_sources.def may name besides other hooks, `w`, `ids` and `b`; each is defined where one does.
struct Definition {
  const char* name;
  std::string lines;
};
std::vector<Definition> definitions(const ModelConfig& c) {
  const std::string scale = c.scale_attn ? "d_head**-0.5" : "1.0";
  return {{"T", "T = len(ids)\n"},
          {"n_head", "n_head, d_head = " + std::to_string(c.n_head) + ", " + std::to_string(c.d_head) + "\n"},
          {"scale", "scale = lambda b: " + scale + (c.scale_attn_by_layer ? " / (b + 1)" : "") + "\n"},
          {"eps", "eps = " + numbers::exact(c.layer_norm_eps) + "\n"},
          {"later", "later = torch.ones(T, T, dtype=torch.bool).triu(1)  # " + text("what a position does not see") + "\n"},
          {"activation", "activation = " + activation_code(c.activation) + "\n"},
          {"unembed", c.tied ? "unembed = w[\"wte.weight\"]\n" : "unembed = w[\"lm_head.weight\"]\n"},
          {"affine", "affine = lambda x, name: x * w[name + \".weight\"] + w.get(name + \".bias\", 0)\n"},
          {"linear", "linear = lambda x, name: x @ w[name + \".weight\"] + w.get(name + \".bias\", 0)\n"},
          {"cells", "cells = lambda *axes: torch.meshgrid(*map(torch.tensor, axes), indexing=\"ij\")\n"}};
}

/// The hooks of one stage, or of one block, that `hook` is computed from, and itself.
std::set<HookKind> needed_for(HookId hook, const ModelConfig& config) {
  std::set<HookKind> needed;
  std::vector<HookId> open{hook};
  while (!open.empty()) {
    const HookId next = open.back();
    open.pop_back();
    if (next.layer != hook.layer && info_of(next.kind).scope == HookScope::Block) continue;
    if (!needed.insert(next.kind).second) continue;
    for (const HookId source : source_hooks(next, config)) open.push_back(source);
  }
  // A row without a line of its own is made by the one before.
  const auto table = hook_table();
  for (std::size_t k = table.size(); k-- > 1;)
    if (needed.contains(table[k].kind) && *making_of(table[k].kind).code == '\0') needed.insert(table[k - 1].kind);
  return needed;
}

/// The lines that compute everything up to a hook.
class Program {
 public:
  Program(const Pass& pass, HookId to, int positions) : pass_(pass), to_(to), edits_(code_edits(pass, to, positions)) {}

  std::string lines() {
    const HookStage stage = info_of(to_.kind).stage;
    const int blocks = stage == HookStage::Block ? to_.layer + 1 : stage == HookStage::After ? pass_.config.n_layer : 0;
    // Only in the first block can what the cell does not need be left out: later ones read all of the blocks before, but no
    // copy of the stream.
    const auto all = [this](HookKind kind) { return !is_split_input(kind) || kind == to_.kind; };
    const std::set<HookKind> needed = needed_for(to_, pass_.config);
    const auto some = [&](HookKind kind) { return needed.contains(kind); };
    if (stage == HookStage::Before) {
      add(HookStage::Before, -1, "", some);
      return std::move(lines_);
    }
    add(HookStage::Before, -1, "", all);
    if (stage == HookStage::Block && blocks == 1) {
      lines_ += "b = 0\n";
      add(HookStage::Block, 0, "", some);
    } else {
      lines_ += "for b in range(" + std::to_string(blocks) + "):\n";
      add(HookStage::Block, blocks - 1, "    ", all);
    }
    if (stage == HookStage::After) add(HookStage::After, -1, "", some);
    return std::move(lines_);
  }
  [[nodiscard]] const CodeEdits& edits() const { return edits_; }

 private:
  /// `last`: of the blocks.
  template <class Wanted>
  void add(HookStage stage, int last, const std::string& indent, const Wanted& wanted) {
    for (const HookInfo& info : hook_table()) {
      if (info.stage != stage || !wanted(info.kind)) continue;
      if (const char* code = making_of(info.kind).code; *code != '\0') lines_ += indent + code + "\n";
      for (const CodeEdit& edit : edits_.lines) {
        if (edit.hook.kind != info.kind || edit.hook.layer > last) continue;
        const std::string when = indent.empty() ? "" : "if b == " + std::to_string(edit.hook.layer) + ": ";
        lines_ += indent + when + edit.line + "\n";
      }
    }
  }

  const Pass& pass_;
  HookId to_;
  CodeEdits edits_;
  std::string lines_;
};

std::string ids_line(const Trace& trace, int positions) {
  std::string list;
  for (int p = 0; p < positions; ++p) list += (p ? ", " : "") + std::to_string(trace.ids()[static_cast<std::size_t>(p)].v);
  return "ids = torch.tensor([" + list + "])\n";
}

std::string index_text(std::array<int, 3> index) {
  std::string out;
  for (const int i : index)
    if (i >= 0) out += (out.empty() ? "" : ", ") + std::to_string(i);
  return "[" + out + "]";
}

std::string print_line(const std::string& tensor, std::array<int, 3> index, const std::optional<float>& value) {
  const std::string line = "print(" + tensor + index_text(index) + ".item())";
  return line + (value ? "  # " + numbers::significant(static_cast<double>(*value), 6) : "") + "\n";
}

std::string code_of_weight(const CellRef& cell, const Pass& pass, std::optional<float> value) {
  std::array<int, 3> index = cell.index;
  if (parse_weight(cell.tensor.weight)->kind == WeightKind::LmHead) std::swap(index[0], index[1]);  // it stands [token, in]
  return load_lines(pass.weights) + "\n" + print_line("w[" + python_string(cell.tensor.weight) + "]", index, value);
}

}  // namespace
}  // namespace explaining

std::string code_of(const CellRef& cell, const SceneInput& input, const ViewState& shown) {
  namespace ex = explaining;
  ViewState view = shown;
  view.time = ViewState{}.time;  // the program knows no moment: it computes all
  view.cube.reset();
  if (view.compare == Compare::Difference || view.compare == Compare::Split || view.compare == Compare::Side)
    view.compare = Compare::Edited;
  ex::Pass pass = ex::pass_of(input, view.compare);
  if (!pass.weights.has_values() || !ex::problem_of(cell, pass).empty()) return {};
  if (cell.tensor.is_weight()) {
    SceneInput own = input;
    own.in_place.reset();
    return ex::code_of_weight(cell, pass, value_of(cell, own, view));
  }
  const HookId hook = cell.tensor.hook;
  const int position = info_of(hook.kind).shape == RowShape::Causal ? cell.index[1] : cell.index[0];
  ex::Program program(pass, hook, position + 1);
  const std::string lines = program.lines();
  std::string head = ex::load_lines(pass.weights) + ex::ids_line(*pass.trace, position + 1);
  if (!program.edits().left_out.empty()) {
    head += ex::comment_line(text("The edited run's number is another: these lines leave its edits out ({0}).", program.edits().left_out));
    view.compare = Compare::Base;
  }
  for (const ex::Definition& definition : ex::definitions(pass.config))
    if (std::string_view(definition.name) == "T" || ex::mentions(lines, definition.name)) head += definition.lines;
  // The word that a question asks for is not told by a comment.
  const auto value = view.hide_prediction ? std::nullopt : value_of(cell, input, view);
  return head + "\n" + lines + ex::print_line(python_name(hook.kind), cell.index, value);
}

}  // namespace gf::scene

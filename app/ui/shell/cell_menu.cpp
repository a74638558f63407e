#include "app/ui/shell/cell_menu.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QMenu>

#include "app/document/cell_edits.h"
#include "app/document/tensor_values.h"
#include "app/export/figure/figure.h"
#include "app/scene/cards/explain_code.h"
#include "app/ui/shell/dock_frames.h"
#include "app/ui/shell/file_desk.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

/// Where an edit may act that is about this cell: the narrowest first.
std::vector<Edit> places_of(const scene::CellRef& cell) {
  const auto& [tensor, index] = cell;
  Edit everywhere;
  everywhere.hook = name_of(tensor.hook);
  std::vector<Edit> places;
  const auto add = [&](const auto& narrow) {
    Edit edit = everywhere;
    narrow(edit);
    places.push_back(std::move(edit));
  };
  const RowShape shape = info_of(tensor.hook.kind).shape;
  switch (shape) {
    case RowShape::Causal:
      add([&](Edit& e) { e.heads = Selector::only(index[0]), e.queries = Selector::only(index[1]), e.keys = Selector::only(index[2]); });
      add([&](Edit& e) { e.heads = Selector::only(index[0]), e.queries = Selector::only(index[1]); });
      add([&](Edit& e) { e.heads = Selector::only(index[0]); });
      return places;
    case RowShape::Heads:
    case RowShape::HeadsDModel:
      add([&](Edit& e) { e.heads = Selector::only(index[1]), e.positions = Selector::only(index[0]); });
      add([&](Edit& e) { e.heads = Selector::only(index[1]); });
      break;
    case RowShape::DMlp:
      add([&](Edit& e) { e.neurons = Selector::only(index[1]), e.positions = Selector::only(index[0]); });
      add([&](Edit& e) { e.neurons = Selector::only(index[1]); });
      break;
    case RowShape::DModel: add([&](Edit& e) { e.dims = Selector::only(index[1]); }); break;
    default: break;
  }
  add([&](Edit& e) { e.positions = Selector::only(index[0]); });
  places.push_back(everywhere);
  return places;
}

std::string csv_row(const std::vector<std::int64_t>& index, float value) {
  std::string row;
  for (const std::int64_t i : index) row += std::to_string(i) + ",";
  return row + numbers::exact(value) + "\n";
}

void copy_text(MainWindow& window, const Result<std::string>& words) {
  if (!words) return window.show_error(words.error());
  QApplication::clipboard()->setText(QString::fromStdString(*words));
  window.say(text("Copied"));
}

}  // namespace

std::vector<CellEdit> edits_at(const scene::CellRef& cell, EditOp op) {
  std::vector<CellEdit> all;
  if (cell.tensor.is_weight()) return all;
  for (Edit& edit : places_of(cell)) {
    edit.op = op;
    if (op == EditOp::Scale) edit.factor = 0.5F;
    if (op == EditOp::Patch) edit.source = RunSource{"another", {}, {}, {}};
    const Recipe recipe{{edit}, {}};
    // What a recipe with this edit would be refused for, it is not offered for.
    if (!parse_recipe(to_json(recipe, -1))) continue;
    if (op == EditOp::Patch) edit.source.reset();
    all.push_back({place_of(edit), std::move(edit)});
  }
  return all;
}

void add_position(QMenu& menu, doc::Lab& lab, const scene::CellRef& cell) {
  const auto run = lab.run();
  if (cell.tensor.is_weight() || !run || !lab.model()) return;
  const bool causal = info_of(cell.tensor.hook.kind).shape == RowShape::Causal;
  const int position = cell.index[causal ? 1 : 0];
  if (position < 0 || position >= run->edited->length()) return;
  const QString word = quoted_token(*lab.model(), run->edited->ids()[static_cast<std::size_t>(position)]);
  menu.addAction(text("Select position {0} {1}", position, word), &menu, [&lab, position] { lab.execute(doc::select_position(position)); });
}

void add_cell_edits(QMenu& menu, MainWindow& window, doc::Lab& lab, const scene::CellRef& cell) {
  if (cell.tensor.is_weight() || !lab.model()) return;
  const auto add_to = [&](QMenu& to, const CellEdit& at, const Edit& edit) {
    const bool there = doc::has_edit(lab.document().recipe, edit);
    QAction* q = to.addAction(QString::fromStdString(at.words), &window, [&lab, edit, there] { lab.execute(doc::set_edit(edit, !there)); });
    q->setCheckable(there);
    q->setChecked(there);
  };
  if (const auto cuts = edits_at(cell, EditOp::Zero); !cuts.empty()) {
    QMenu* cut = menu.addMenu(text("Set to zero"));
    for (const CellEdit& at : cuts) add_to(*cut, at, at.edit);
  }
  if (const auto scales = edits_at(cell, EditOp::Scale); !scales.empty()) {
    QMenu* scale = menu.addMenu(text("Scale"));
    for (const CellEdit& at : scales)
      for (const float factor : {0.5F, 2.0F}) {
        CellEdit scaled = at;
        scaled.edit.factor = factor;
        scaled.words = "× " + numbers::significant(static_cast<double>(factor), 3) + "  " + at.words;
        add_to(*scale, scaled, scaled.edit);
      }
  }
  const std::string other = doc::other_prompt(lab.document());
  QMenu* patch =
      menu.addMenu(other.empty() ? text("Patch from a second prompt (the Sweep dock takes one)") : text("Patch from “{0}”", other));
  if (!other.empty())
    for (const CellEdit& at : edits_at(cell, EditOp::Patch)) {
      Edit edit = at.edit;
      edit.source = RunSource{other, {}, {}, {}};
      add_to(*patch, at, edit);
    }
  patch->setEnabled(!patch->isEmpty());
}

void add_cell_copies(QMenu& menu, MainWindow& window, doc::Lab& lab, const scene::CellRef& cell) {
  menu.addAction(text("Plot its numbers"), &window, [&window, &lab, cell] {
    lab.execute(doc::select_cell(cell));
    window.docks().show("data", true);
  });
  menu.addAction(text("Copy its row"), &window, [&window, &lab, cell] { copy_text(window, numbers_of(lab, cell, true)); });
  menu.addAction(text("Copy its code"), &window, [&window, &lab, cell] { copy_code_of(window, lab, cell); });
  menu.addAction(text("Copy its tensor"), &window, [&window, &lab, cell] { copy_text(window, numbers_of(lab, cell, false)); });
  menu.addAction(text("Save its numbers …"), &window, [&window, cell] { window.files().choose_numbers(cell); });
  if (const auto figures = exporting::figures_with(cell); !figures.empty() && lab.run())
    menu.addAction(text("Save a figure …"), &window, [&window, figure = figures.front()] { window.files().choose_figure(figure); });
}

void copy_code_of(MainWindow& window, doc::Lab& lab, const scene::CellRef& cell) {
  const std::string code = scene::code_of(cell, lab.scene_input(), window.viewport().view_state());
  if (code.empty()) return window.say(text("There are no numbers here that code could give."));
  QApplication::clipboard()->setText(QString::fromStdString(code));
  window.say(text("Copied"));
}

Result<std::string> numbers_of(const doc::Lab& lab, const scene::CellRef& cell, bool row, std::int64_t most) {
  const auto run = lab.run();
  const bool base = lab.document().compare == scene::Compare::Base;
  const auto values = doc::TensorValues::of(cell.tensor, lab.model(), run ? base ? run->base : run->edited : nullptr);
  if (!values && lab.model() && !lab.model()->weights->has_values()) return tl::unexpected(lab.model()->weights->no_values_error());
  if (!values) return fail(ErrorCode::NotFound, gf::text("This run does not hold {0}.", cell.tensor.name()), "numbers_of");
  const auto& shape = values->shape();
  const std::int64_t count = row ? shape.back() : values->elements();
  if (count > most)
    return fail(
        ErrorCode::InvalidArgument,
        gf::text("{0} numbers are too many for this; glassformer run --trace and convert write them into a file.", numbers::count(count)),
        "numbers_of");
  std::string all;
  for (const std::string& axis : values->axes()) all += axis + ",";
  all += "value\n";
  std::vector<std::int64_t> index = values->index_of(cell);
  if (!row) std::ranges::fill(index, 0);
  for (std::int64_t n = 0; n < count; ++n) {
    if (row) index.back() = n;
    if (const auto value = values->at(index)) all += csv_row(index, *value);
    for (std::size_t axis = index.size(); !row && axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return all;
}

}  // namespace gf::ui

// The circuit below the answers about edges and paths: which edges count, as a list, as arcs in the Stream and as a graph in a file.
#include <QBoxLayout>

#include "app/document/circuit_edges.h"
#include "app/export/sidecar.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/answers/answer_view.h"
#include "app/ui/docks/circuit_panel.h"
#include "app/ui/docks/sweep_dock.h"
#include "app/ui/widgets/save_file.h"
#include "app/ui/widgets/words.h"
#include "model/analysis/circuit_graph.h"

namespace gf::ui {

void SweepDock::make_circuit() {
  circuit_ = new CircuitPanel(body());
  circuit_->on_scene = [this](bool on) { lab().execute(doc::show_circuit(on ? std::optional(circuit_now()) : std::nullopt)); };
  circuit_->on_threshold = [this] {
    if (circuit_->in_scene()) lab().execute(doc::show_circuit(circuit_now()));
  };
  circuit_->on_select = [this](const std::string& node) { select_node(node); };
  circuit_->on_save = [this] { choose_graph(); };
}

scene::Circuit SweepDock::circuit_now() const {
  return {circuit_->shown(), doc::edges_in_all(*shown_.question, *shown_.answer), "logit", shown_.about.toStdString()};
}

void SweepDock::show_circuit() {
  const bool here = shown_.answer && shown_.question == &question();
  const auto edges = here ? doc::edges_of(*shown_.question, *shown_.answer, shown_.params) : std::vector<scene::CircuitEdge>();
  circuit_->setVisible(!edges.empty());
  // A list that shows all takes the room of the view's own.
  auto* column = qobject_cast<QBoxLayout*>(body()->layout());
  column->setStretchFactor(view_, edges.empty() || view_->lists_part() ? 1 : 0);
  if (edges.empty()) return circuit_->set_in_scene(false);
  const bool graph = shown_.answer->get<Answer::Number>("probability") != nullptr;
  circuit_->show_edges(edges, doc::edges_in_all(*shown_.question, *shown_.answer), QStringLiteral("logit"), graph);
  circuit_->set_in_scene(lab().document().circuit == circuit_now());
}

void SweepDock::select_node(const std::string& node) {
  const auto run = lab().run();
  const auto model = lab().model();
  if (!run || !model) return;
  const auto part = scene::circuit_node(node, model->weights->config);
  if (!part) return;
  const int position = std::min(shown_.position, run->base->length() - 1);
  const scene::CellRef cell = scene::cell_of(*part, position, shown_.a.v);
  lab().execute({gf::text("select a cell"), [cell](doc::Document& d) { d.selection = cell; }, "select sweep"});
}

void SweepDock::choose_graph() {
  ask_and_save(
      *circuit_, {"circuit_file", text("Save the circuit"), QStringLiteral("circuit.json"), {text("Graphs (*.json)")}},
      [this](const std::string& path) { return save_graph(path); }, [this](const Error& error) { runner().tell(error); });
}

Result<void> SweepDock::save_graph(const std::string& path) const {
  const auto model = shown_.model.lock();
  const double* probability = nullptr;
  if (shown_.answer)
    if (const auto* part = shown_.answer->get<Answer::Number>("probability")) probability = &part->value;
  if (!model || probability == nullptr)
    return fail(ErrorCode::InvalidArgument, gf::text("There is no circuit yet; Run finds one."), "circuit");
  const auto write = [&](const std::string& file) {
    return write_circuit_graph(
        file, doc::table_of(circuit_->shown(), "logit"),
        {*model, shown_.clean_ids, shown_.position, shown_.a, *probability, doc::edges_in_all(*shown_.question, *shown_.answer), shown_.b});
  };
  return exporting::save_with_sidecar(path, write, lab().document(), lab().scene_input(), window_part(QStringLiteral("circuit")));
}

}  // namespace gf::ui

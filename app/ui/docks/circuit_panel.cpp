#include "app/ui/docks/circuit_panel.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/document/circuit_edges.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/analysis/circuit_graph.h"

namespace gf::ui {
namespace {

constexpr std::size_t kUsualEdges = 20;  ///< as many as the command line lists
constexpr int kNodeRole = Qt::UserRole;

/// "head 4.7", "head 4.7, v", "MLP 0", "embedding", "logits"
QString name_of_node(const std::string& node) {
  if (node == "embed") return text("embedding");
  if (node == "logits") return text("logits");
  if (node.starts_with("mlp.")) return text("MLP {0}", node.substr(4));
  const std::string part = reader_of_edge(node).part;
  return part == node ? text("head {0}", node) : text("head {0}, {1}", part, node.substr(part.size() + 1));
}

/// In the order of the pass.
std::pair<int, int> depth_of(const std::string& part) {
  constexpr int kBehindHeads = 1 << 20;
  if (part == "embed") return {-1, 0};
  if (part == "logits") return {kBehindHeads, 0};
  if (part.starts_with("mlp.")) return {QString::fromStdString(part.substr(4)).toInt(), kBehindHeads};
  const QStringList numbers = QString::fromStdString(part).split(QLatin1Char('.'));
  return {numbers.value(0).toInt(), numbers.value(1).toInt()};
}

}  // namespace

CircuitPanel::CircuitPanel(QWidget* parent) : QWidget(parent) {
  setObjectName("circuit");
  least_ = new QDoubleSpinBox(this);
  least_->setObjectName("circuit_least");
  least_->setAccessibleName(text("The smallest effect that counts"));
  least_->setToolTip(text("Edges with a smaller effect are left out"));
  least_->setDecimals(3);
  constexpr double kMostEffect = 9999;
  least_->setRange(0, kMostEffect);
  constexpr int kLeastSpinWidth = 96;
  least_->setMinimumWidth(kLeastSpinWidth);
  least_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);  // the dock may be narrow
  least_->setSingleStep(0.05);
  least_->setKeyboardTracking(false);
  auto* label = new QLabel(text("From"), this);
  scene_ = new QPushButton(this);
  scene_->setObjectName("circuit_scene");
  scene_->setToolTip(text("Shows each edge as an arc over the Stream: orange raises, blue lowers, the wider the more"));
  save_ = new QPushButton(text("Save …"), this);
  save_->setObjectName("circuit_save");
  save_->setToolTip(text("As a graph for circuit-tracer's viewer, as the command line's -o circuit.json writes it"));
  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(label);
  top->addWidget(least_, 1);
  top->addWidget(scene_);
  top->addWidget(save_);
  words_ = new QLabel(this);
  words_->setObjectName("circuit_words");
  words_->setProperty("role", "dim");
  words_->setWordWrap(true);
  tree_ = new QTreeWidget(this);
  tree_->setObjectName("circuit_tree");
  tree_->setAccessibleName(text("Parts and edges of the circuit"));
  tree_->setColumnCount(2);
  tree_->setHeaderLabels({text("part, and what it reads"), text("effect")});
  tree_->header()->setStretchLastSection(false);
  tree_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  tree_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  constexpr int kLeastTreeHeight = 110;
  tree_->setMinimumHeight(kLeastTreeHeight);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(4);
  all->addLayout(top);
  all->addWidget(words_);
  all->addWidget(tree_, 1);
  connect(least_, &QDoubleSpinBox::valueChanged, this, [this] {
    fill();
    if (on_threshold) on_threshold();
  });
  connect(scene_, &QPushButton::clicked, this, [this] {
    if (on_scene) on_scene(!in_scene_);
  });
  set_in_scene(false);
  connect(save_, &QPushButton::clicked, this, [this] {
    if (on_save) on_save();
  });
  connect(tree_, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
    if (item && on_select) on_select(item->data(0, kNodeRole).toString().toStdString());
  });
}

void CircuitPanel::show_edges(std::vector<scene::CircuitEdge> edges, int in_all, const QString& unit, bool graph) {
  save_->setVisible(graph);
  if (edges == edges_ && in_all == in_all_ && unit == unit_) return;
  edges_ = std::move(edges);
  in_all_ = in_all;
  unit_ = unit;
  const QSignalBlocker quiet(least_);
  least_->setSuffix(unit.isEmpty() ? QString() : QLatin1Char(' ') + unit);
  // Rounded down, so that the last of the usual edges is in.
  const float usual = edges_.empty() ? 0 : std::abs(edges_[std::min(kUsualEdges, edges_.size()) - 1].effect);
  least_->setValue(std::floor(static_cast<double>(usual) * 1000) / 1000);
  fill();
}

void CircuitPanel::set_in_scene(bool on) {
  in_scene_ = on;
  scene_->setText(on ? text("Hide arcs") : text("Show arcs"));
}

void CircuitPanel::add_part(const std::string& part) {
  int sends = 0;
  for (const scene::CircuitEdge& edge : shown_) sends += edge.from == part ? 1 : 0;
  auto* item = new QTreeWidgetItem(tree_);
  item->setData(0, kNodeRole, QString::fromStdString(part));
  item->setText(0, sends > 0 ? counted(sends, "{1}, {0} edge out", "{1}, {0} edges out", name_of_node(part)) : name_of_node(part));
  for (const scene::CircuitEdge& edge : shown_) {
    if (reader_of_edge(edge.to).part != part) continue;
    auto* row = new QTreeWidgetItem(item);
    row->setData(0, kNodeRole, QString::fromStdString(edge.to));
    const std::string input = edge.to.substr(std::min(edge.to.size(), part.size() + 1));
    row->setText(0, input.empty() ? text("from {0}", name_of_node(edge.from)) : text("{0} from {1}", input, name_of_node(edge.from)));
    row->setText(1, signed_number(static_cast<double>(edge.effect), 3));
    row->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    row->setToolTip(0, text("{0} reads what {1} writes: {2} {3}", name_of_node(edge.to), name_of_node(edge.from), row->text(1), unit_));
  }
  item->setExpanded(true);
}

void CircuitPanel::fill() {
  shown_ = doc::edges_from(edges_, least_->value());
  const auto parts = scene::circuit_parts(shown_);
  const QSignalBlocker quiet(tree_);
  tree_->clear();
  std::vector<std::string> ordered(parts.begin(), parts.end());
  std::ranges::sort(ordered, {}, depth_of);
  for (const std::string& part : ordered) add_part(part);
  const auto n = std::ssize(shown_);
  QString words = text("{0} of {1} edges join {2} parts, summed over all positions; the weaker ones are left out.", count(n),
                       count(in_all_), count(std::ssize(parts)));
  if (n == std::ssize(edges_) && n < in_all_)
    words = text("The {0} strongest of {1} edges, summed over all positions; no more are listed.", count(n), count(in_all_));
  words_->setText(words);
}

}  // namespace gf::ui

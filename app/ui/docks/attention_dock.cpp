#include "app/ui/docks/attention_dock.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "app/document/cell_edits.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/answers/answer_places.h"
#include "app/ui/docks/neuron_view.h"
#include "app/ui/docks/segments.h"
#include "app/ui/heads/head_menu.h"
#include "app/ui/plots/head_lines.h"
#include "app/ui/plots/head_thumbs.h"
#include "app/ui/plots/matrix_plot.h"
#include "app/ui/plots/neuron_plot.h"
#include "app/ui/plots/waterfall.h"
#include "app/ui/widgets/later.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

void add_all_of_head(QMenu& menu, doc::Lab& lab, const doc::BlockPart& head) {
  menu.setToolTipsVisible(true);
  add_part_edits(menu, lab, head);
  add_part_patches(menu, lab, head);
  add_part_copies(menu, lab, head);
}

constexpr int kThumbsHigh = 200;
constexpr int kWidePx = 680;  ///< from here on the parts have room side by side

}  // namespace

Dock* make_attention_dock(const DockInfo& info, const DockContext& context) { return new AttentionDock(info, context); }

AttentionDock::AttentionDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  thumbs_ = new HeadThumbs(body());
  thumbs_->setObjectName("attention_heads");
  thumbs_->setAccessibleName(text("Patterns of all heads"));
  thumbs_scroll_ = new QScrollArea(body());
  thumbs_scroll_->setObjectName("attention_heads_scroll");
  thumbs_scroll_->setWidgetResizable(true);
  thumbs_scroll_->setWidget(thumbs_);
  thumbs_scroll_->setMinimumHeight(60);
  matrix_ = new MatrixPlot(body());
  matrix_->setObjectName("attention_matrix");
  matrix_->setAccessibleName(text("Attention pattern of the head"));
  lines_ = new HeadLines(body());
  lines_->setObjectName("attention_lines");
  lines_->setAccessibleName(text("Attention of the head, from text to text"));
  lines_scroll_ = new QScrollArea(body());
  lines_scroll_->setObjectName("attention_lines_scroll");
  lines_scroll_->setWidgetResizable(true);
  lines_scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  lines_scroll_->setWidget(lines_);
  neurons_ = new NeuronView(lab(), body());
  auto* forms = new QHBoxLayout;
  forms->setSpacing(0);
  add_segments(
      *forms, body(),
      {{"attention_as_matrix", text("Matrix"), text("A cell for each query and key")},
       {"attention_as_lines", text("Text to text"), text("Lines from each token to those that it looks at")},
       {"attention_as_neurons", text("Neurons"), text("q, k and q × k of the selected query, element by element, up to the softmax")}},
      [this](int which) {
        form_ = static_cast<Form>(which);
        refresh(doc::Changes::all());
      });
  forms->addStretch(1);
  cell_words_ = new QLabel(body());
  cell_words_->setObjectName("attention_cell");
  cell_words_->setWordWrap(true);
  why_box_ = new QWidget(body());
  why_words_ = new QLabel(why_box_);
  why_words_->setObjectName("attention_why_words");
  why_words_->setProperty("role", "dim");
  why_words_->setWordWrap(true);
  why_words_->setToolTip(text("q.k / sqrt(d_head), split while LayerNorm's scale is held"));
  why_ = new Waterfall(why_box_);
  why_->setObjectName("attention_why");
  why_->setAccessibleName(text("Why this attention"));
  why_scroll_ = new QScrollArea(why_box_);
  why_scroll_->setObjectName("attention_why_scroll");
  why_scroll_->setWidgetResizable(true);
  why_scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  why_scroll_->setWidget(why_);
  auto* switches = new QHBoxLayout;
  switches->setSpacing(0);
  add_segments(*switches, why_box_,
               {{"attention_by_query", text("Query"), text("The score, split by what wrote the row of the query")},
                {"attention_by_key", text("Key"), text("The score, split by what wrote the row of the key")},
                {"attention_by_pairs", text("Pairs"), text("The strongest pairs of what wrote the query and what wrote the key")}},
               [this](int which) {
                 split_ = static_cast<Split>(which);
                 refresh(doc::Changes::all());
               });
  switches->addStretch(1);
  auto* why_column = new QVBoxLayout(why_box_);
  why_column->setContentsMargins(0, 0, 0, 0);
  why_column->setSpacing(5);
  why_column->addLayout(switches);
  why_column->addWidget(why_words_);
  why_column->addWidget(why_scroll_, 1);
  constexpr int kLeastHeightPx = 150;
  lines_scroll_->setMinimumHeight(kLeastHeightPx);
  why_scroll_->setMinimumHeight(kLeastHeightPx);
  pattern_box_ = new QWidget(body());
  auto* pattern = new QVBoxLayout(pattern_box_);
  pattern->setContentsMargins(0, 0, 0, 0);
  pattern->setSpacing(6);
  pattern->addLayout(forms);
  pattern->addWidget(matrix_, 1);
  pattern->addWidget(lines_scroll_, 1);
  pattern->addWidget(neurons_, 1);
  pattern->addWidget(cell_words_);
  grid_ = new QGridLayout(body());
  grid_->setContentsMargins(10, 8, 10, 8);
  grid_->setHorizontalSpacing(18);
  grid_->setVerticalSpacing(6);
  arrange();
  thumbs_scroll_->viewport()->installEventFilter(this);

  thumbs_->on_pick = [this](int layer, int head) { pick(layer, head); };
  thumbs_->on_current = [this](const QRect&) { show_thumb(); };
  thumbs_->on_menu = [this](QMenu& menu) { add_all_of_head(menu, lab(), {cell_.layer, cell_.head}); };
  matrix_->on_select = [this](int query, int key) { select(query, key); };
  matrix_->on_menu = [this](QMenu& menu) { add_edits(menu, matrix_->current_row(), matrix_->current_column()); };
  lines_->on_menu = [this](QMenu& menu) { add_edits(menu, lines_->current_query(), lines_->current_key()); };
  lines_->on_cut = [this](int query, int key) { cut_edge(query, key); };
  matrix_->on_cut = [this](int query, int key) { cut_edge(query, key); };
  lines_->on_select = [this](int query, int key) { select(query, key); };
  lines_->on_current = [this](const QRect& row) { lines_scroll_->ensureVisible(row.center().x(), row.center().y(), 0, row.height()); };
  NeuronPlot& rows = neurons_->plot();
  rows.on_select = [this](int key) { select(neurons_->plot().rows()->query, key); };
  rows.on_cut = [this](int key) { cut_edge(neurons_->plot().rows()->query, key); };
  rows.on_menu = [this](QMenu& menu) {
    if (const doc::NeuronRows* shown = neurons_->plot().rows()) add_edits(menu, shown->query, neurons_->plot().current_key());
  };
  why_->on_select = [this](int bar) { choose_part(bar); };
  why_->on_cut = [this](int bar) { cut_part(bar); };
  why_->on_current = [this](const QRect& row) { why_scroll_->ensureVisible(row.center().x(), row.center().y(), 0, row.height()); };
  why_->on_menu = [this](QMenu& menu) {
    const int bar = why_->current();
    if (bar < 0 || bar >= static_cast<int>(parts_.size()) || !parts_[static_cast<std::size_t>(bar)]) return;
    menu.addAction(text("Select it in the scene"), this, [this, bar] { choose_part(bar); });
    if (doc::can_be_cut(*parts_[static_cast<std::size_t>(bar)]))
      menu.addAction(text("Cut or restore it"), this, [this, bar] { cut_part(bar); });
  };
  const auto tell = [this](const Error& error) { runner().tell(error); };
  thumbs_->on_error = matrix_->on_error = lines_->on_error = rows.on_error = why_->on_error = tell;
}

AttentionDock::~AttentionDock() = default;

doc::Side AttentionDock::side() const { return lab().document().compare == scene::Compare::Base ? doc::Side::Base : doc::Side::Edited; }

const Trace& AttentionDock::trace_of(const Run& run) const { return side() == doc::Side::Base ? *run.base : *run.edited; }

void AttentionDock::hideEvent(QHideEvent* event) {
  patterns_ = {};
  neurons_->let_go();
  has_patterns_ = false;
  thumbs_side_.reset();
  why_study_ = {};
  why_key_.reset();
  shown_ = {};
  Dock::hideEvent(event);
}

void AttentionDock::follow_selection(const Trace& run) {
  const ModelConfig& c = run.config();
  const AnswerPlace place = place_of(lab().document(), c, run.length());
  if (place.contains("layer") && place.contains("head")) {
    const bool has_key = place.contains("key");
    cell_ = {place.at("layer"), place.at("head"), place.at("query"), has_key ? place.at("key") : -1};
  }
  cell_.layer = std::clamp(cell_.layer, 0, c.n_layer - 1);
  cell_.head = std::clamp(cell_.head, 0, c.n_head - 1);
  if (cell_.query >= run.length() || cell_.key > cell_.query) cell_.query = cell_.key = -1;
}

void AttentionDock::fill_matrix(const Run& run) {
  const scene::Compare compare = run.has_edits() ? lab().document().compare : scene::Compare::Edited;
  const bool same_run = !shown_.run.owner_before(lab().run()) && !lab().run().owner_before(shown_.run);
  if (same_run && shown_.layer == cell_.layer && shown_.head == cell_.head && shown_.compare == compare) return;
  shown_ = {lab().run(), cell_.layer, cell_.head, compare};
  const Trace& trace = trace_of(run);
  const HookId hook{HookKind::Pattern, cell_.layer};
  const int T = trace.length();
  MatrixOf matrix;
  matrix.row_axis = "query";
  matrix.column_axis = "key";
  matrix.value_name = "weight";
  const QStringList tokens = token_labels(*lab().model(), trace.ids());
  for (int i = 0; i < T; ++i) matrix.rows << QStringLiteral("%1 %2").arg(QString::number(i), tokens[i]);
  matrix.columns = matrix.rows;
  matrix.values.assign(static_cast<std::size_t>(T) * static_cast<std::size_t>(T), std::numeric_limits<float>::quiet_NaN());
  matrix.is_signed = compare == scene::Compare::Difference;
  matrix.largest = matrix.is_signed ? 0.0F : 1.0F;
  for (int q = 0; q < T; ++q) {
    const auto row = trace.causal_row(hook, cell_.head, q);
    const auto before = matrix.is_signed ? run.base->causal_row(hook, cell_.head, q) : row;
    for (std::size_t k = 0; k < row.size(); ++k) {
      float& cell = matrix.values[static_cast<std::size_t>(q * T) + k];
      cell = matrix.is_signed ? row[k] - before[k] : row[k];
      if (matrix.is_signed) matrix.largest = std::max(matrix.largest, std::abs(cell));
    }
  }
  lines_->set_matrix(matrix);
  matrix_->set_matrix(std::move(matrix));
  constexpr int kMostNamed = 24;  // of more tokens some names are left out
  matrix_->setMinimumHeight(matrix_->height_for_names(kMostNamed));
}

void AttentionDock::say_cell(const Run& run) {
  const QString head = text("head {0}.{1}", cell_.layer, cell_.head);
  const QString whose = !run.has_edits() ? QString() : side() == doc::Side::Base ? text(" · base run") : text(" · edited run");
  if (cell_.query < 0 || cell_.key < 0) {
    cell_words_->setText(text("{0}{1}: click a cell to see why the head looks there.", head, whose));
    return;
  }
  const Trace& trace = trace_of(run);
  const auto token = [&](int p) { return quoted_token_at(*lab().model(), trace.ids(), p); };
  const float weight = trace.causal_row({HookKind::Pattern, cell_.layer}, cell_.head, cell_.query)[static_cast<std::size_t>(cell_.key)];
  cell_words_->setText(text("{0}: {1} at {2} looks at {3} at {4} with {5} of its attention{6}", head, token(cell_.query), cell_.query,
                            token(cell_.key), cell_.key, percent(static_cast<double>(weight)), whose));
}

void AttentionDock::select(int query, int key) {
  if (query < 0 || key < 0) return;
  select_place(lab(), {{"layer", cell_.layer}, {"head", cell_.head}, {"query", query}, {"key", key}}, info().id);
}

void AttentionDock::add_edits(QMenu& menu, int query, int key) {
  if (query >= 0 && key >= 0) {
    menu.addAction(text("Select it in the scene"), this, [this, query, key] { select(query, key); });
    const bool cut = doc::has_edit(lab().document().recipe, doc::edge_cut(cell_.layer, cell_.head, query, key));
    menu.addAction(cut ? text("Restore this edge") : text("Cut this edge: the other keys share its attention"), this,
                   [this, query, key] { cut_edge(query, key); });
    menu.addSeparator();
  }
  add_all_of_head(menu, lab(), {cell_.layer, cell_.head});
}

void AttentionDock::cut_edge(int query, int key) {
  const Edit edit = doc::edge_cut(cell_.layer, cell_.head, query, key);
  lab().execute(doc::set_edit(edit, !doc::has_edit(lab().document().recipe, edit)));
}

void AttentionDock::arrange() {
  const bool wide = width() >= kWidePx && width() > height();
  const bool same = grid_->count() > 0 && wide == wide_;
  wide_ = wide;
  // A row without a visible part takes room too.
  grid_->setRowStretch(0, wide ? 0 : 2);
  grid_->setRowStretch(1, wide ? 1 : 4);
  grid_->setRowStretch(2, wide || why_box_->isHidden() ? 0 : 3);
  if (same) return;
  for (QWidget* part : std::initializer_list<QWidget*>{thumbs_scroll_, pattern_box_, why_box_}) grid_->removeWidget(part);
  grid_->addWidget(thumbs_scroll_, 0, 0);
  if (wide) {
    grid_->addWidget(why_box_, 1, 0);
    grid_->addWidget(pattern_box_, 0, 1, 2, 1);
  } else {
    grid_->addWidget(pattern_box_, 1, 0);
    grid_->addWidget(why_box_, 2, 0);
  }
  grid_->setColumnStretch(0, wide ? 4 : 1);
  grid_->setColumnStretch(1, wide ? 5 : 0);
  size_thumbs();
}

void AttentionDock::size_thumbs() {
  const int width = std::max(200, thumbs_scroll_->viewport()->width()), wanted = thumbs_->heightForWidth(width) + 2;
  constexpr int kLeastPx = 60;
  const int most = wide_ ? std::max(kLeastPx, height() * 3 / 5) : kThumbsHigh;
  thumbs_scroll_->setMinimumHeight(wide_ ? std::min(most, wanted) : kLeastPx);
  thumbs_scroll_->setMaximumHeight(std::min(most, wanted));
}

bool AttentionDock::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize && watched == thumbs_scroll_->viewport()) size_thumbs();
  return Dock::eventFilter(watched, event);
}

void AttentionDock::show_thumb() {
  const QRect at = thumbs_->thumb_rect(cell_.layer, cell_.head).toAlignedRect();
  thumbs_scroll_->ensureVisible(at.center().x(), at.center().y(), at.width(), at.height());
}

void AttentionDock::resizeEvent(QResizeEvent* event) {
  Dock::resizeEvent(event);
  arrange();
}

void AttentionDock::pick(int layer, int head) {
  const auto run = lab().run();
  if (!run) return;
  const Trace& trace = trace_of(*run);
  const int query = scene::selected_position_in(lab().document(), trace.length());
  lab().execute(doc::select_part({doc::StreamPart::Kind::Head, layer, head}, trace, query));
}

void AttentionDock::fill(const doc::Changes&) {
  const auto run = lab().run();
  const Trace& trace = trace_of(*run);
  if (!trace.has({HookKind::Pattern, 0})) return show_instead(text("This run keeps no attention patterns."));
  if (thumbs_side_ != side()) {
    thumbs_side_ = side();
    patterns_ = lab().studies().watch(doc::head_patterns(side()));
  }
  const auto patterns = patterns_.now().answer;
  const bool first_picture = patterns && !has_patterns_;
  has_patterns_ = patterns != nullptr;
  thumbs_->set_patterns(patterns);
  size_thumbs();
  follow_selection(trace);
  thumbs_->set_current(cell_.layer, cell_.head);
  // The pictures have their size once the layout has followed.
  if (first_picture) later(this, [this] { show_thumb(); });
  fill_matrix(*run);
  matrix_->set_current(cell_.query, cell_.key);
  lines_->set_current(cell_.query, cell_.key);
  matrix_->setVisible(form_ == Form::Matrix);
  lines_scroll_->setVisible(form_ == Form::Lines);
  neurons_->setVisible(form_ == Form::Neurons);
  if (form_ == Form::Neurons)
    neurons_->show_query(cell_.layer, cell_.head,
                         cell_.query >= 0 ? cell_.query : scene::selected_position_in(lab().document(), trace.length()), cell_.key, side());
  else neurons_->let_go();
  say_cell(*run);
  fill_why(*run);
  arrange();
}

}  // namespace gf::ui

#include "app/ui/docks/attention_dock.h"

#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "app/document/cell_edits.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/answers/answer_places.h"
#include "app/ui/docks/attention_split.h"
#include "app/ui/docks/neuron_view.h"
#include "app/ui/docks/segments.h"
#include "app/ui/heads/head_menu.h"
#include "app/ui/plots/head_lines.h"
#include "app/ui/plots/head_thumbs.h"
#include "app/ui/plots/matrix_plot.h"
#include "app/ui/plots/neuron_plot.h"
#include "app/ui/plots/waterfall.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr std::size_t kPartsShown = 8;
constexpr int kThumbsHigh = 200;

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
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addWidget(thumbs_scroll_, 2);
  all->addLayout(forms);
  all->addWidget(matrix_, 3);
  all->addWidget(lines_scroll_, 3);
  all->addWidget(neurons_, 3);
  all->addWidget(cell_words_);
  all->addWidget(why_box_, 3);

  thumbs_->on_pick = [this](int layer, int head) { pick(layer, head); };
  thumbs_->on_current = [this](const QRect&) { show_thumb(); };
  thumbs_->on_menu = [this](QMenu& menu) { add_head_edits(menu, lab(), cell_.layer, cell_.head); };
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

void AttentionDock::fill_why(const Run& run) {
  const bool there = cell_.query >= 0 && cell_.key >= 0 && cell_.query < run.base->length();
  why_box_->setVisible(there);
  if (!there) {
    why_study_ = {};
    why_key_.reset();
    return;
  }
  const Question* question = find_question("why-attention");
  EXPECTS(question, "a question of the list");
  doc::StudyKey key{question, Params(question->params), {}, side(), 0};
  const std::pair<const char*, std::string> values[] = {{"head", std::to_string(cell_.layer) + "." + std::to_string(cell_.head)},
                                                        {"query", std::to_string(cell_.query)},
                                                        {"key", std::to_string(cell_.key)}};
  for (const auto& [name, value] : values) {
    const auto set = key.params.set(name, value);
    EXPECTS(set.has_value(), "a value that the question takes");
  }
  if (key != why_key_) {
    why_key_ = std::move(key);
    why_study_ = lab().studies().watch(*why_key_);
  }
  const doc::Study study = why_study_.now();
  const bool failed = study.state == doc::StudyState::Failed && study.error;
  // The last answer of this study may be that of the run before; of another cell there is none.
  why_words_->setText(failed          ? QString::fromStdString(study.error->message)
                      : !study.answer ? text("{0}: on its way.", text(question->title))
                                      : text("score {0} before the softmax", signed_number(study.answer->number("score"), 3)));
  why_scroll_->setVisible(!failed);
  if (!failed && study.answer) return show_split(*study.answer);
  parts_.clear();
  why_->set_bars({}, true, {});
}

void AttentionDock::show_split(const Answer& answer) {
  std::vector<SplitBar> found =
      split_ == Split::Pairs ? bars_of_pairs(answer) : bars_of_side(answer, split_ == Split::Query ? "query_parts" : "key_parts");
  const double score = answer.number("score");
  const auto all = static_cast<long long>(answer.words("components").words.size());
  const long long count = split_ == Split::Pairs ? all * all : all;
  found.resize(std::min(found.size(), split_ == Split::Pairs ? found.size() : kPartsShown));
  std::vector<WaterfallBar> bars;
  parts_.clear();
  double rest = score;
  const ModelConfig& config = lab().model()->weights->config;
  for (const SplitBar& bar : found) {
    const bool cut = bar.part && doc::can_be_cut(*bar.part) && doc::is_part_cut(lab().document().recipe, *bar.part, config);
    bars.push_back({.name = bar.name, .value = bar.value, .before = {}, .cut = cut});
    parts_.push_back(bar.part);
    rest -= bar.value;
  }
  if (const long long others = count - static_cast<long long>(found.size()); others > 0) {
    bars.push_back({.name = split_ == Split::Pairs ? counted(others, "{0} other pair", "{0} other pairs")
                                                   : counted(others, "{0} other part", "{0} other parts"),
                    .value = rest,
                    .before = {}});
    parts_.emplace_back();
  }
  bars.push_back({.name = text("score"), .value = score, .before = {}, .sum = true});
  parts_.emplace_back();
  why_->set_bars(std::move(bars), true, {});
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
  add_head_edits(menu, lab(), cell_.layer, cell_.head);
}

void AttentionDock::cut_edge(int query, int key) {
  const Edit edit = doc::edge_cut(cell_.layer, cell_.head, query, key);
  lab().execute(doc::set_edit(edit, !doc::has_edit(lab().document().recipe, edit)));
}

void AttentionDock::size_thumbs() {
  const int width = std::max(200, thumbs_scroll_->viewport()->width());
  thumbs_scroll_->setMaximumHeight(std::min(kThumbsHigh, thumbs_->heightForWidth(width) + 2));
}

void AttentionDock::show_thumb() {
  const QRect at = thumbs_->thumb_rect(cell_.layer, cell_.head).toAlignedRect();
  thumbs_scroll_->ensureVisible(at.center().x(), at.center().y(), at.width(), at.height());
}

void AttentionDock::resizeEvent(QResizeEvent* event) {
  Dock::resizeEvent(event);
  size_thumbs();
}

void AttentionDock::pick(int layer, int head) {
  const auto run = lab().run();
  if (!run) return;
  const Trace& trace = trace_of(*run);
  const int query = scene::selected_position_in(lab().document(), trace.length());
  lab().execute(doc::select_part({doc::StreamPart::Kind::Head, layer, head}, trace, query));
}

void AttentionDock::choose_part(int bar) {
  const auto run = lab().run();
  if (!run || bar < 0 || bar >= static_cast<int>(parts_.size()) || !parts_[static_cast<std::size_t>(bar)]) return;
  lab().execute(doc::select_part(*parts_[static_cast<std::size_t>(bar)], trace_of(*run), split_ == Split::Key ? cell_.key : cell_.query));
}

void AttentionDock::cut_part(int bar) {
  if (!lab().model() || bar < 0 || bar >= static_cast<int>(parts_.size())) return;
  const auto& part = parts_[static_cast<std::size_t>(bar)];
  if (!part || !doc::can_be_cut(*part)) return;
  const ModelConfig& config = lab().model()->weights->config;
  lab().execute(doc::set_part_cut(*part, config, !doc::is_part_cut(lab().document().recipe, *part, config)));
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
  if (first_picture) QTimer::singleShot(0, this, [this] { show_thumb(); });
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
}

}  // namespace gf::ui

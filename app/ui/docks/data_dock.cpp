#include "app/ui/docks/data_dock.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/docks/segments.h"
#include "app/ui/docks/tensor_cells.h"
#include "app/ui/plots/curve_plot.h"
#include "app/ui/plots/matrix_plot.h"
#include "app/ui/widgets/save_file.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

/// More rows than this are for a file, not for the clipboard.
constexpr std::int64_t kMostCopied = 1'000'000;

QString list_of(const std::vector<std::int64_t>& numbers) {
  QString all;
  for (const std::int64_t n : numbers) all += (all.isEmpty() ? QString() : QStringLiteral(", ")) + QString::number(n);
  return QStringLiteral("[%1]").arg(all);
}

}  // namespace

Dock* make_data_dock(const DockInfo& info, const DockContext& context) { return new DataDock(info, context); }

DataDock::DataDock(const DockInfo& info, const DockContext& context) : Dock(info, context), cells_(std::make_unique<TensorCells>()) {
  name_ = wrapped_label(body(), "data_name", "title");
  facts_ = wrapped_label(body(), "data_facts", "dim");
  facts_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* row = new QHBoxLayout;
  row->setSpacing(0);
  add_segments(*row, body(),
               {{"data_table", text("Table"), text("Each number")},
                {"data_line", text("Line"), text("The row of the selected cell as a line")},
                {"data_histogram", text("Histogram"), text("How all numbers of the tensor are distributed")},
                {"data_map", text("Map"), text("Heat map: the table as colours")}},
               [this](int which) {
                 form_ = static_cast<Form>(which);
                 refresh(doc::Changes::all());
               });
  row->addStretch(1);
  auto* second = new QHBoxLayout;  // the dock may be narrow
  second->setSpacing(4);
  held_label_ = new QLabel(body());
  held_ = new QSpinBox(body());
  held_->setObjectName("data_held");
  second->addWidget(held_label_);
  second->addWidget(held_);
  second->addStretch(1);
  auto* copy_button = new QPushButton(text("Copy"), body());
  copy_button->setObjectName("data_copy");
  copy_button->setToolTip(text("What shows, as CSV: a column for each axis, then the value"));
  second->addWidget(copy_button);
  table_ = new QTableView(body());
  table_->setObjectName("data_cells");
  table_->setAccessibleName(text("Numbers of the tensor"));
  table_->setModel(cells_.get());
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setShowGrid(false);
  table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table_->horizontalHeader()->setDefaultSectionSize(80);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->verticalHeader()->setDefaultSectionSize(21);
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->verticalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
  curve_ = new CurvePlot(body());
  curve_->setObjectName("data_curve");
  curve_->setAccessibleName(text("Plot of the tensor"));
  map_ = new MatrixPlot(body());
  map_->setObjectName("data_map_plot");
  map_->setAccessibleName(text("Heat map of the tensor"));
  map_->setFocusPolicy(Qt::StrongFocus);
  note_ = wrapped_label(body(), "data_note", "dim");
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addWidget(name_);
  all->addWidget(facts_);
  all->addLayout(row);
  all->addLayout(second);
  all->addWidget(table_, 1);
  all->addWidget(curve_, 1);
  all->addWidget(map_, 1);
  all->addWidget(note_);

  connect(held_, &QSpinBox::valueChanged, this, [this](int value) {
    if (quiet_ || !values_) return;
    cells_->hold(value);
    if (const int axis = cells_->axes().held; axis >= 0) here_[static_cast<std::size_t>(axis)] = value;
    show_form();
  });
  connect(table_, &QTableView::clicked, this, [this](const QModelIndex& index) { select(index.row(), index.column()); });
  connect(table_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
    if (index.isValid() && table_->hasFocus()) select(index.row(), index.column());
  });
  curve_->on_select = [this](int point) {
    if (form_ == Form::Line && values_)
      if (const int axis = cells_->axes().row; axis < 0 || axis < static_cast<int>(here_.size()))
        select(axis < 0 ? 0 : static_cast<int>(here_[static_cast<std::size_t>(axis)]), point);
  };
  curve_->on_error = [this](const Error& error) { runner().tell(error); };
  map_->on_select = [this](int row, int column) { select(map_rows_.first + row, map_columns_.first + column); };
  map_->on_error = [this](const Error& error) { runner().tell(error); };
  add_csv_actions(*table_, [this] { return csv(); }, [this](const Error& error) { runner().tell(error); });
  connect(copy_button, &QPushButton::clicked, this, [this] { copy(); });
}

DataDock::~DataDock() { table_->setModel(nullptr); }

bool DataDock::tells_prediction() const {
  const auto& cell = lab().document().selection;
  return cell && !cell->tensor.is_weight() && cell->tensor.hook.kind == HookKind::Logits;
}

doc::Side DataDock::side() const { return lab().document().compare == scene::Compare::Base ? doc::Side::Base : doc::Side::Edited; }

void DataDock::hideEvent(QHideEvent* event) {
  histogram_ = {};
  histogram_key_.clear();
  values_.reset();
  map_of_.reset();
  map_->set_matrix({});
  cells_->set({}, nullptr, {});
  run_.reset();
  Dock::hideEvent(event);
}

void DataDock::take_tensor(const doc::TensorValues& values) {
  const auto ids = lab().run()->base->ids();
  values_ = values;
  run_ = lab().run();
  cells_->set(values, lab().model(), {ids.begin(), ids.end()});
  const int axis = cells_->axes().held;
  held_label_->setVisible(axis >= 0);
  held_->setVisible(axis >= 0);
  if (axis >= 0) {
    held_label_->setText(QString::fromStdString(values.axes()[static_cast<std::size_t>(axis)]));
    held_->setAccessibleName(held_label_->text());
    quiet_ = true;
    held_->setRange(0, static_cast<int>(values.shape()[static_cast<std::size_t>(axis)]) - 1);
    quiet_ = false;
  }
  name_->setText(QString::fromStdString(values.tensor().name()));
  const QString strides = values.strides().empty() ? text("packed causal rows") : text("strides {0}", list_of(values.strides()));
  facts_->setText(text("{0} · shape {1} · {2} · {3} · {4} numbers", QString::fromStdString(values.layout()), list_of(values.shape()),
                       strides, name_of(values.dtype()), count(values.elements())));
}

void DataDock::show_histogram() {
  const scene::TensorRef& tensor = values_->tensor();
  const std::string key = tensor.name() + (side() == doc::Side::Base ? " base" : "");
  if (key != histogram_key_) {
    histogram_key_ = key;
    histogram_ = lab().studies().watch(doc::histogram_of(tensor, side()));
  }
  const auto study = histogram_.now();
  CurveOf curve;
  curve.bars = true;
  curve.x_name = "value";
  curve.y_name = "count";
  if (study.answer) {
    const doc::TensorHistogram& found = *study.answer;
    for (const std::int64_t n : found.bins) curve.values.push_back(static_cast<double>(n));
    curve.first = found.low, curve.last = found.high;
    note_->setText(text("mean {0}, standard deviation {1}, from {2} to {3}", significant(found.mean, 4), significant(found.deviation, 4),
                        significant(found.low, 4), significant(found.high, 4)));
    if (found.not_finite > 0) note_->setText(text("{0}; {1} numbers are not finite", note_->text(), count(found.not_finite)));
  } else {
    note_->setText(study.error ? QString::fromStdString(study.error->message) : text("The numbers are being counted."));
  }
  curve_->set_curve(std::move(curve));
  curve_->set_current(-1);
}

void DataDock::show_form() {
  table_->setVisible(form_ == Form::Table);
  curve_->setVisible(form_ == Form::Line || form_ == Form::Histogram);
  map_->setVisible(form_ == Form::Map);
  if (form_ == Form::Histogram) return show_histogram();
  histogram_ = {};
  histogram_key_.clear();
  const TensorCells::Axes axes = cells_->axes();
  const int row = axes.row < 0 ? 0 : static_cast<int>(here_[static_cast<std::size_t>(axes.row)]);
  const int column = axes.column < 0 ? 0 : static_cast<int>(here_[static_cast<std::size_t>(axes.column)]);
  note_->setText(cells_->data(cells_->index(row, column), Qt::ToolTipRole).toString());
  if (form_ == Form::Line) {
    CurveOf curve;
    const int columns = cells_->columnCount();
    curve.x_name = values_->axes()[static_cast<std::size_t>(axes.column)];
    curve.y_name = "value";
    curve.last = std::max(0, columns - 1);
    for (int c = 0; c < columns; ++c)
      curve.values.push_back(static_cast<double>(cells_->value_at(row, c).value_or(std::numeric_limits<float>::quiet_NaN())));
    curve_->set_curve(std::move(curve));
    curve_->set_current(column);
    return;
  }
  if (form_ == Form::Map) return show_map(row, column);
  quiet_ = true;
  const QModelIndex index = cells_->index(row, column);
  if (table_->currentIndex() != index) {
    table_->setCurrentIndex(index);
    table_->scrollTo(index);
  }
  quiet_ = false;
}

/// Those of a large tensor that are near the selected cell: a picture of all of them would have several in each pixel.
DataDock::Span DataDock::span_near(int place, int count, int most) {
  if (count <= most) return {0, count};
  return {std::clamp(place - most / 2, 0, count - most), most};
}

void DataDock::show_map(int row, int column) {
  constexpr int kMostRows = 512, kMostColumns = 1024;
  const Span rows = span_near(row, cells_->rowCount(), kMostRows), columns = span_near(column, cells_->columnCount(), kMostColumns);
  const bool there = map_of_.lock() == run_.lock() && !map_->matrix().values.empty() && map_tensor_ == values_->tensor() &&
                     map_held_ == cells_->held() && map_side_ == side();
  // A map that has the cell stays as it is: else each step of the cursor would move it.
  const auto holds = [](const Span& span, int place) { return place >= span.first && place < span.first + span.count; };
  if (!there || !holds(map_rows_, row) || !holds(map_columns_, column)) {
    map_rows_ = rows;
    map_columns_ = columns;
    map_of_ = run_.lock();
    map_tensor_ = values_->tensor();
    map_held_ = cells_->held();
    map_side_ = side();
    MatrixOf matrix;
    const TensorCells::Axes axes = cells_->axes();
    const auto name = [&](int axis) { return axis < 0 ? std::string("row") : values_->axes()[static_cast<std::size_t>(axis)]; };
    matrix.row_axis = name(axes.row), matrix.column_axis = name(axes.column), matrix.value_name = "value";
    const auto header = [&](int place, Qt::Orientation along) { return cells_->headerData(place, along, Qt::DisplayRole).toString(); };
    for (int r = 0; r < rows.count; ++r) matrix.rows << header(rows.first + r, Qt::Vertical);
    for (int c = 0; c < columns.count; ++c) matrix.columns << header(columns.first + c, Qt::Horizontal);
    for (int r = 0; r < rows.count; ++r)
      for (int c = 0; c < columns.count; ++c) {
        const float value = cells_->value_at(rows.first + r, columns.first + c).value_or(std::numeric_limits<float>::quiet_NaN());
        matrix.values.push_back(value);
        if (std::isfinite(value)) matrix.largest = std::max(matrix.largest, std::abs(value));
        matrix.is_signed = matrix.is_signed || value < 0;
      }
    map_->set_matrix(std::move(matrix));
  }
  map_->set_current(row - map_rows_.first, column - map_columns_.first);
  const auto part = [](const Span& span, int count) {
    return text("{0} to {1} of {2}", span.first, span.first + span.count - 1, gf::ui::count(count));
  };
  const QString scale = text("full colour at {0}", significant(static_cast<double>(map_->matrix().largest), 3));
  QString said = note_->text().isEmpty() ? scale : text("{0} · {1}", note_->text(), scale);
  if (map_rows_.count < cells_->rowCount()) said = text("{0} · rows {1}", said, part(map_rows_, cells_->rowCount()));
  if (map_columns_.count < cells_->columnCount()) said = text("{0} · columns {1}", said, part(map_columns_, cells_->columnCount()));
  note_->setText(said);
}

void DataDock::select(int row, int column) {
  if (quiet_ || !values_ || row < 0 || column < 0) return;
  const std::vector<std::int64_t> index = cells_->index_at(row, column);
  if (!values_->at(index)) return;
  const scene::CellRef cell = values_->cell(index);
  lab().execute({gf::text("select a cell"), [cell](doc::Document& d) { d.selection = cell; }, "select data"});
}

Result<std::string> DataDock::csv() const {
  if (!values_) return fail(ErrorCode::InvalidArgument, gf::text("There is nothing to copy."));
  if (form_ == Form::Line || form_ == Form::Histogram) return curve_->csv();
  const auto cells = static_cast<std::int64_t>(cells_->rowCount()) * cells_->columnCount();
  if (cells > kMostCopied)
    return fail(ErrorCode::InvalidArgument,
                gf::text("{0} numbers are too many for the clipboard; glassformer run --trace and convert write them into a file.",
                         numbers::count(cells)),
                "data");
  std::string rows;
  for (const std::string& axis : values_->axes()) rows += axis + ",";
  rows += "value\n";
  for (int r = 0; r < cells_->rowCount(); ++r)
    for (int c = 0; c < cells_->columnCount(); ++c) {
      const auto value = cells_->value_at(r, c);
      if (!value) continue;
      for (const std::int64_t i : cells_->index_at(r, c)) rows += std::to_string(i) + ",";
      rows += numbers::exact(*value) + "\n";
    }
  return rows;
}

void DataDock::copy() {
  const auto numbers = csv();
  if (numbers) QGuiApplication::clipboard()->setText(QString::fromStdString(*numbers));
  else runner().tell(numbers.error());
}

void DataDock::fill(const doc::Changes&) {
  const auto& cell = lab().document().selection;
  if (!cell)
    return show_instead(
        text("Select a cell in the scene, or a hook by {0}: the numbers of its tensor stand here.", keys_or_title("palette")));
  const auto run = lab().run();
  const auto trace = side() == doc::Side::Base ? run->base : run->edited;
  const bool same = values_ && values_->tensor() == cell->tensor && run_.lock() == run;
  const bool other = !same || shown_side_ != side();
  if (other) {
    const auto values = doc::TensorValues::of(cell->tensor, lab().model(), trace);
    if (!values) return show_instead(text("This run does not hold {0}.", QString::fromStdString(cell->tensor.name())));
    shown_side_ = side();
    take_tensor(*values);
  }
  std::vector<std::int64_t> here = values_->index_of(*cell);
  // A histogram may be ready now; all else depends on what was compared.
  if (!other && here == here_ && form_ == shown_form_ && form_ != Form::Histogram) return;
  here_ = std::move(here);
  shown_form_ = form_;
  const int axis = cells_->axes().held;
  if (axis >= 0) {
    quiet_ = true;
    held_->setValue(static_cast<int>(here_[static_cast<std::size_t>(axis)]));
    cells_->hold(here_[static_cast<std::size_t>(axis)]);
    quiet_ = false;
  }
  show_form();
}

}  // namespace gf::ui

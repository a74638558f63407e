#include "app/ui/answers/answer_view.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>
#include <utility>

#include "app/ui/answers/answer_cells.h"
#include "app/ui/plots/curve_plot.h"
#include "app/ui/widgets/column_widths.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/later.h"
#include "app/ui/widgets/save_file.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

CurveOf curve_of(const AnswerSheet& sheet) {
  CurveOf curve;
  curve.x_name = sheet.column_axis;
  curve.y_name = sheet.unit.isEmpty() ? "value" : sheet.unit.toStdString();
  curve.last = static_cast<double>(std::max<qsizetype>(0, sheet.columns.size() - 1));
  for (const AnswerSheet::Cell& cell : sheet.cells)
    curve.values.push_back(static_cast<double>(cell.value.value_or(std::numeric_limits<float>::quiet_NaN())));
  return curve;
}

}  // namespace

AnswerView::AnswerView(const QString& name, QWidget* parent) : QWidget(parent), name_(name), cells_(std::make_unique<AnswerCells>()) {
  constexpr int kLeastLetters = 5;
  parts_ = narrow_combo(this, name + "_part", text("Part of the answer"), kLeastLetters);
  held_row_ = new QHBoxLayout;
  held_row_->setSpacing(6);
  held_row_->addWidget(parts_, 1);
  caption_ = new QLabel(this);
  caption_->setObjectName(name + "_caption");
  caption_->setProperty("role", "dim");
  caption_->setWordWrap(true);
  sentence_ = new QLabel(this);
  sentence_->setObjectName(name + "_sentence");
  sentence_->setWordWrap(true);
  sentence_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  line_ = new CurvePlot(this);
  line_->setObjectName(name + "_line");
  table_ = new QTableView(this);
  table_->setObjectName(name + "_cells");
  table_->setAccessibleName(text("Cells of the answer"));
  table_->setModel(cells_.get());
  table_->setItemDelegate(new AnswerCellPainter(table_));
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setShowGrid(false);
  table_->setMinimumHeight(48);
  table_->viewport()->installEventFilter(this);
  table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignCenter);
  table_->horizontalHeader()->setMinimumSectionSize(20);
  table_->verticalHeader()->setDefaultSectionSize(21);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(6);
  all->addLayout(held_row_);
  all->addWidget(caption_);
  all->addWidget(sentence_);
  all->addWidget(line_, 2);
  all->addWidget(table_, 3);

  connect(parts_, &QComboBox::activated, this, [this](int index) {
    show_part(parts_->itemData(index).toString().toStdString());
    if (on_part) on_part();
  });
  connect(table_, &QTableView::clicked, this, [this](const QModelIndex& index) { selected(index.row(), index.column()); });
  connect(table_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
    if (index.isValid() && table_->hasFocus()) selected(index.row(), index.column());
  });
  connect(table_, &QTableView::activated, this, [this](const QModelIndex& index) {
    const AnswerPlace place = place_at(index.row(), index.column());
    if (on_activate && !place.empty()) on_activate(place);
  });
  line_->setAccessibleName(text("The answer as a line"));
  line_->on_select = [this](int column) { selected(0, column); };
  line_->on_error = [this](const Error& error) {
    if (on_error) on_error(error);
  };
  add_csv_actions(
      *table_, [this]() -> Result<std::string> { return csv(); },
      [this](const Error& error) {
        if (on_error) on_error(error);
      });
}

AnswerView::~AnswerView() { table_->setModel(nullptr); }

const PartInfo* AnswerView::info() const {
  if (!question_) return nullptr;
  for (const PartInfo& part : question_->parts)
    if (part_ == part.name) return &part;
  return nullptr;
}

void AnswerView::show_answer(std::shared_ptr<const Answer> answer, const Question* question, AnswerOf of) {
  if (answer == answer_ && question == question_) return;
  answer_ = std::move(answer);
  question_ = question;
  of_ = std::move(of);
  const QSignalBlocker quiet(parts_);
  parts_->clear();
  for (const Answer::Part& part : answer_->parts()) {
    QString title = QString::fromStdString(part.name);
    if (question)
      for (const PartInfo& known : question->parts)
        if (part.name == known.name && *known.title) title = text(known.title);
    parts_->addItem(title, QString::fromStdString(part.name));
  }
  parts_->setVisible(parts_->count() > 1);
  choose_part(answer_->find(part_) || answer_->empty() ? part_ : answer_->parts().front().name);
}

void AnswerView::show_part(const std::string& part) {
  part_ = part;
  if (answer_ && answer_->find(part)) choose_part(part);
}

void AnswerView::choose_part(const std::string& part) {
  part_ = part;
  parts_->setCurrentIndex(parts_->findData(QString::fromStdString(part)));
  make_held();
  show_sheet();
}

void AnswerView::make_held() {
  const std::vector<AnswerAxis> axes = held_axes(*answer_->find(part_));
  for (const Held& h : held_) {
    h.label->deleteLater();
    h.index->deleteLater();
  }
  held_.clear();
  for (const AnswerAxis& axis : axes) {
    Held h{axis.name, new QLabel(axis_words(axis.name), this), new QSpinBox(this)};
    h.index->setObjectName(name_ + "_" + QString::fromStdString(axis.name));
    h.index->setAccessibleName(axis_words(axis.name));
    h.index->setRange(0, std::max(0, axis.extent - 1));
    const auto at = place_.find(axis.name);
    h.index->setValue(at == place_.end() ? (axis.name == "query" || axis.name == "position" ? axis.extent - 1 : 0) : at->second);
    place_[axis.name] = h.index->value();
    connect(h.index, &QSpinBox::valueChanged, this, [this, name = axis.name](int value) {
      place_[name] = value;
      show_sheet();
      if (!quiet_ && on_select && (name == "query" || name == "position")) on_select({{name, value}});
      if (!quiet_ && on_part) on_part();
    });
    held_row_->addWidget(h.label);
    held_row_->addWidget(h.index);
    held_.push_back(h);
  }
}

void AnswerView::show_sheet() {
  sheet_ = sheet_of(*answer_->find(part_), info(), of_, place_);
  using Kind = AnswerSheet::Kind;
  sentence_->setVisible(sheet_.kind == Kind::Sentence);
  sentence_->setText(sheet_.sentence);
  line_->setVisible(sheet_.kind == Kind::Line);
  line_->set_curve(sheet_.kind == Kind::Line ? curve_of(sheet_) : CurveOf());
  table_->setVisible(sheet_.kind != Kind::Sentence && lists_part());
  cells_->set_sheet(&sheet_);
  table_->verticalHeader()->setVisible(sheet_.kind == Kind::Cells);
  if (sheet_.kind != Kind::Sentence && !has_number_cells()) fit_columns_to_texts(*table_, answer_cell_font());
  fit_columns();
  say_caption();
  follow({});
}

bool AnswerView::has_number_cells() const {
  return sheet_.kind == AnswerSheet::Kind::Cells && answer_ && std::holds_alternative<Grid>(*answer_->find(part_));
}

void AnswerView::fit_columns() {
  const int columns = cells_->columnCount(), wide = table_->viewport()->width();
  if (!has_number_cells() || columns == 0) return;
  const int usual = usual_cell_width(sheet_);
  const int width = wide / columns >= least_cell_width(sheet_) ? std::min(wide / columns, usual) : usual;
  bool other = false;
  for (int c = 0; c < columns && !other; ++c) other = table_->columnWidth(c) != width;
  if (other) table_->horizontalHeader()->setDefaultSectionSize(width);  // all at once: one by one each of them moves those behind it
}

bool AnswerView::eventFilter(QObject* watched, QEvent* event) {
  if (watched == table_->viewport() && event->type() == QEvent::Resize) {
    fit_columns();
    later(this, [this] { show_cursor(); });  // once the table has its new size
  }
  return QWidget::eventFilter(watched, event);
}

void AnswerView::say_caption() {
  const PartInfo* part = info();
  QString said = part && *part->doc ? text(part->doc, text("the target")) : QString();
  const auto along = [&](std::string_view axis) { return part && std::string_view(part->axes).find(axis) != std::string_view::npos; };
  if (part && of_.model && of_.position >= 0 && of_.position < static_cast<int>(of_.ids.size()) && !along("position") && !along("query"))
    said = said.isEmpty() ? after_position(*of_.model, of_.ids, of_.position)
                          : text("{0}, {1}", said, after_position(*of_.model, of_.ids, of_.position));
  if (!sheet_.unit.isEmpty()) said += (said.isEmpty() ? QString() : QStringLiteral(" · ")) + sheet_.unit;
  const QString axes = sheet_.row_axis.empty() ? axis_words(sheet_.column_axis)
                                               : axis_words(sheet_.row_axis) + QStringLiteral(" × ") + axis_words(sheet_.column_axis);
  if (!axes.isEmpty()) said += (said.isEmpty() ? QString() : QStringLiteral(" · ")) + axes;
  caption_->setText(said);
  caption_->setVisible(!said.isEmpty() && lists_part());
}

void AnswerView::follow(const AnswerPlace& place) {
  quiet_ = true;
  for (const auto& [axis, index] : place) place_[axis] = index;
  for (const Held& h : held_)
    if (const auto at = place.find(h.axis); at != place.end()) h.index->setValue(at->second);
  const auto index_on = [&](const std::string& axis) {
    const auto at = place_.find(axis);
    return axis.empty() ? 0 : at == place_.end() ? -1 : at->second;
  };
  const int row = index_on(sheet_.row_axis), column = index_on(sheet_.column_axis);
  const bool there =
      sheet_.kind != AnswerSheet::Kind::Records && row >= 0 && column >= 0 && row < cells_->rowCount() && column < cells_->columnCount();
  if (there) {
    const QModelIndex index = cells_->index(row, column);
    if (table_->currentIndex() != index) {
      table_->setCurrentIndex(index);
      show_cursor();
      table_->viewport()->update();
    }
  } else if (sheet_.kind == AnswerSheet::Kind::Cells && column >= 0 && column < cells_->columnCount() && cells_->rowCount() > 0) {
    // The selection says nothing about the rows: its column is shown in those that show.
    table_->scrollTo(cells_->index(std::max(0, table_->rowAt(0)), column));
  }
  line_->set_current(there ? column : -1);
  quiet_ = false;
}

void AnswerView::show_cursor() {
  if (table_->currentIndex().isValid()) table_->scrollTo(table_->currentIndex());
}

AnswerPlace AnswerView::place_at(int row, int column) const {
  if (sheet_.kind == AnswerSheet::Kind::Records || sheet_.kind == AnswerSheet::Kind::Sentence || row < 0 || column < 0) return {};
  AnswerPlace place{{sheet_.column_axis, column}};
  if (!sheet_.row_axis.empty()) place[sheet_.row_axis] = row;
  for (const Held& h : held_) place[h.axis] = h.index->value();
  return place;
}

AnswerPlace AnswerView::cursor() const { return place_at(table_->currentIndex().row(), table_->currentIndex().column()); }

void AnswerView::selected(int row, int column) {
  const AnswerPlace chosen = place_at(row, column);
  if (quiet_ || chosen.empty()) return;
  if (!sheet_.row_axis.empty()) place_[sheet_.row_axis] = row;
  place_[sheet_.column_axis] = column;
  line_->set_current(column);
  if (on_select) on_select(chosen);
}

std::string AnswerView::csv() const { return answer_ && answer_->find(part_) ? csv_of(*answer_->find(part_), of_) : std::string(); }

}  // namespace gf::ui

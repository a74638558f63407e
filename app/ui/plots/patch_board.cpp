#include "app/ui/plots/patch_board.h"

#include <QApplication>
#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/csv.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

constexpr double kBoardPoints = 8, kBoardGap = 14, kLeastCell = 40, kMostCell = 84;
/// How much of a cell's colour is left where the edits cannot reach.
constexpr double kOutOfReach = 0.3;
constexpr const char* kPanelTitles[] = {phrase("source: copy from here"), phrase("target: this prompt"), phrase("result: with the edits")};
constexpr const char* kPanelNames[] = {"source", "target", "result"};

}  // namespace

PatchBoard::PatchBoard(QWidget* parent) : Plot(parent) { setMouseTracking(true); }

void PatchBoard::set(Of of) {
  if (of == of_) return;
  of_ = std::move(of);
  const auto still_there = [&](std::optional<Spot>& place) {
    if (place && row_of(*place) < 0) place.reset();
  };
  still_there(current_);
  still_there(copied_);
  dragged_.reset();
  preview_.clear();
  fit();
  update();
}

int PatchBoard::depths() const { return std::max({of_.panels[0].depths, of_.panels[1].depths, of_.panels[2].depths, 1}); }

int PatchBoard::row_of(const Spot& spot) const {
  for (std::size_t r = 0; r < of_.rows.size(); ++r)
    if ((spot.panel == Source ? of_.rows[r].from : of_.rows[r].to) == spot.position && spot.position >= 0) return static_cast<int>(r);
  return -1;
}

std::optional<PatchBoard::Spot> PatchBoard::spot(Panel panel, int row, int depth) const {
  if (row < 0 || row >= static_cast<int>(of_.rows.size()) || depth < 0 || depth >= of_.panels[panel].depths) return std::nullopt;
  const auto& pair = of_.rows[static_cast<std::size_t>(row)];
  const int position = panel == Source ? pair.from : pair.to;
  if (position < 0 || position >= of_.panels[panel].tokens.size()) return std::nullopt;
  return Spot{panel, position, depth};
}

// ---- where things stand ---------------------------------------------------------------------------------------

PatchBoard::Room PatchBoard::room(double width) const {
  const QFontMetricsF metrics(figures(kBoardPoints));
  Room in;
  in.row = metrics.height() + 5;
  in.head = 2 * in.row + 2;
  double widest = metrics.horizontalAdvance(QStringLiteral("00 token"));
  for (const LensWords& panel : of_.panels)
    for (const QString& token : panel.tokens) widest = std::max(widest, metrics.horizontalAdvance(QStringLiteral("00 ") + token));
  in.label = std::min(widest, 96 * worn_scale()) + 10;
  const double least = in.label + depths() * kLeastCell * worn_scale();
  in.beside = width >= 3 * least + 2 * kBoardGap;
  const double own = in.beside ? (width - 2 * kBoardGap) / 3 : width;
  in.cell = std::clamp((own - in.label) / depths(), kLeastCell * worn_scale(), kMostCell * worn_scale());
  in.wide = in.label + in.cell * depths();
  in.step = in.beside ? in.row : 3 * in.row + 5;
  in.high = in.head + in.step * static_cast<double>(of_.rows.size());
  return in;
}

QPointF PatchBoard::corner(const Room& in, int panel, int row) const {
  const double y = in.head + row * in.step;
  return in.beside ? QPointF(panel * (in.wide + kBoardGap), y) : QPointF(0, y + panel * in.row);
}

void PatchBoard::fit() { setMinimumSize(static_cast<int>(room(0).wide), static_cast<int>(room(width()).high) + 2); }

QSize PatchBoard::picture_size() const {
  const int wide = std::max(width(), minimumWidth());
  return {wide, static_cast<int>(room(wide).high) + 2};
}

QRectF PatchBoard::cell_rect(const Spot& spot) const {
  const Room in = room(width());
  return {corner(in, spot.panel, row_of(spot)) + QPointF(in.label + spot.depth * in.cell, 0), QSizeF(in.cell, in.row)};
}

std::optional<PatchBoard::Spot> PatchBoard::spot_at(QPointF point) const {
  const Room in = room(width());
  for (const Panel panel : {Source, Target, Result}) {
    const QPointF inside = point - corner(in, panel, 0);
    const int row = static_cast<int>(std::floor(inside.y() / in.step));
    if (inside.x() < in.label || inside.x() >= in.wide || row < 0 || inside.y() - row * in.step >= in.row) continue;
    return spot(panel, row, static_cast<int>((inside.x() - in.label) / in.cell));
  }
  return std::nullopt;
}

// ---- what is drawn --------------------------------------------------------------------------------------------

QColor PatchBoard::ground_of(const Spot& spot, const std::vector<char>& reach) const {
  const LensWords& of = of_.panels[spot.panel];
  const QColor full = heat(of.share[of.at(spot.position, spot.depth)], 1, render::ColorMap::Sequential);
  const std::size_t at =
      static_cast<std::size_t>(spot.depth) * static_cast<std::size_t>(of.tokens.size()) + static_cast<std::size_t>(spot.position);
  return at < reach.size() && !reach[at] ? mix(skin().panel, full, kOutOfReach) : full;
}

void PatchBoard::draw_cell(QPainter& painter, const QRectF& box, const Spot& spot) const {
  const LensWords& of = of_.panels[spot.panel];
  const bool shaded = spot.panel == Result || (spot.panel == Target && dragged_);
  const QColor ground = ground_of(spot, !shaded ? std::vector<char>() : spot.panel == Result && !dragged_ ? of_.reach : preview_);
  painter.fillRect(box.adjusted(0, 0, -1, -1), ground);
  const QString& word = of.words[static_cast<qsizetype>(of.at(spot.position, spot.depth))];
  const LensWords& before = of_.panels[Target];
  const bool other = spot.panel == Result && before.words.size() == of.words.size() &&
                     before.words[static_cast<qsizetype>(before.at(spot.position, spot.depth))] != word;
  const QFont font = figures(kBoardPoints, other);
  painter.setFont(font);
  painter.setPen(ink_on(ground));
  const QRectF inside = box.adjusted(2, 0, -3, -1);
  painter.drawText(inside, Qt::AlignCenter, QFontMetricsF(font).elidedText(word, Qt::ElideRight, inside.width()));
}

void PatchBoard::draw_cone(QPainter& painter, const Room& in, int panel, const std::vector<char>& reach) const {
  const auto n = of_.panels[panel].tokens.size();
  const auto reached = [&](int row, int depth) {
    const auto place = spot(static_cast<Panel>(panel), row, depth);
    const std::size_t at =
        place ? static_cast<std::size_t>(depth) * static_cast<std::size_t>(n) + static_cast<std::size_t>(place->position) : 0;
    return place && at < reach.size() && reach[at] != 0;
  };
  painter.setPen(QPen(skin().notice, 1.5));
  for (int row = 0; row < static_cast<int>(of_.rows.size()); ++row)
    for (int depth = 0; depth < of_.panels[panel].depths; ++depth) {
      if (!reached(row, depth)) continue;
      const QRectF box(corner(in, panel, row) + QPointF(in.label + depth * in.cell - 0.5, -0.5), QSizeF(in.cell, in.row));
      if (!in.beside || !reached(row - 1, depth)) painter.drawLine(box.topLeft(), box.topRight());
      if (!in.beside || !reached(row + 1, depth)) painter.drawLine(box.bottomLeft(), box.bottomRight());
      if (!reached(row, depth - 1)) painter.drawLine(box.topLeft(), box.bottomLeft());
      if (!reached(row, depth + 1)) painter.drawLine(box.topRight(), box.bottomRight());
    }
}

void PatchBoard::draw_titles(QPainter& painter, const Room& in) const {
  for (int panel = 0; panel < (in.beside ? 3 : 1); ++panel) {
    const double x = corner(in, panel, 0).x();
    painter.setFont(font_of(kBoardPoints + 0.5, true));
    painter.setPen(skin().text);
    painter.drawText(QRectF(x, 0, in.wide, in.row), Qt::AlignLeft | Qt::AlignVCenter,
                     in.beside ? text(kPanelTitles[panel]) : text("of each token: source, target, result"));
    painter.setFont(figures(kBoardPoints));
    painter.setPen(skin().dim);
    painter.drawText(QRectF(x, in.row, in.label - 6, in.row), Qt::AlignRight | Qt::AlignVCenter, text("depth"));
    for (int depth = 0; depth < depths(); ++depth)
      painter.drawText(QRectF(x + in.label + depth * in.cell, in.row, in.cell, in.row), Qt::AlignCenter, QString::number(depth));
  }
}

void PatchBoard::draw_row(QPainter& painter, const Room& in, int panel, int row) const {
  const LensWords& of = of_.panels[panel];
  const QPointF at = corner(in, panel, row);
  const auto& pair = of_.rows[static_cast<std::size_t>(row)];
  const int position = panel == Source ? pair.from : pair.to;
  const QRectF label(at.x(), at.y(), in.label - 6, in.row);
  if (position < 0 || position >= of.tokens.size()) {
    painter.setPen(skin().dim);
    painter.drawText(label, Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("–"));
    return;
  }
  const LensWords &source = of_.panels[Source], &target = of_.panels[Target];
  const bool differs = pair.from < 0 || pair.to < 0 || pair.from >= source.tokens.size() || pair.to >= target.tokens.size() ||
                       source.tokens[pair.from] != target.tokens[pair.to];
  const QFont font = figures(kBoardPoints, differs);
  painter.setPen(differs ? skin().accent : skin().text);
  painter.setFont(font);
  const bool result_below = panel == Result && !in.beside;  // the target's name stands above it
  if (result_below) painter.setPen(skin().dim);
  const QString name = result_below ? text("result") : QStringLiteral("%1 %2").arg(position).arg(of.tokens[position]);
  painter.drawText(label, Qt::AlignRight | Qt::AlignVCenter, QFontMetricsF(font).elidedText(name, Qt::ElideRight, label.width()));
  for (int depth = 0; depth < of.depths; ++depth)
    draw_cell(painter, {at + QPointF(in.label + depth * in.cell, 0), QSizeF(in.cell, in.row)},
              {static_cast<Panel>(panel), position, depth});
}

void PatchBoard::draw_panel(QPainter& painter, const Room& in, int panel, bool picture) const {
  const LensWords& of = of_.panels[panel];
  const QRectF clip = painter.clipBoundingRect();
  painter.setFont(figures(kBoardPoints));
  for (int row = 0; row < static_cast<int>(of_.rows.size()); ++row) {
    const double y = corner(in, panel, row).y();
    if (clip.isEmpty() || (y <= clip.bottom() && y + in.row >= clip.top())) draw_row(painter, in, panel, row);
  }
  if (of.depths == 0 && !of_.rows.empty()) {
    painter.setPen(skin().dim);
    painter.setFont(font_of(kBoardPoints + 0.5));
    painter.drawText(QRectF(corner(in, panel, 0) + QPointF(in.label, 0), QSizeF(in.wide - in.label, in.row)),
                     Qt::AlignLeft | Qt::AlignVCenter, text("on its way"));
  }
  const std::vector<char>& reach = dragged_ ? preview_ : of_.reach;
  if (!reach.empty() && (panel == Result || (panel == Target && dragged_))) draw_cone(painter, in, panel, reach);
  if (picture) return;
  const auto frame = [&](const std::optional<Spot>& place, const QColor& colour, Qt::PenStyle style) {
    if (!place || place->panel != panel) return;
    painter.setPen(QPen(colour, 2, style));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(cell_rect(*place).adjusted(0.5, 0.5, -1.5, -1.5));
  };
  frame(copied_, skin().accent, Qt::DashLine);
  frame(dragged_, skin().accent, Qt::DashLine);
  frame(over_, skin().notice, Qt::SolidLine);
  if (current_ && current_->panel == panel) draw_focus(painter, cell_rect(*current_).adjusted(0, 0, -1, -1), 2);
}

void PatchBoard::draw(QPainter& painter, QSizeF size, bool picture) const {
  const Room in = room(size.width());
  painter.setRenderHint(QPainter::Antialiasing, false);
  draw_titles(painter, in);
  for (int panel = 0; panel < 3; ++panel) draw_panel(painter, in, panel, picture);
  painter.setRenderHint(QPainter::Antialiasing);
}

QString PatchBoard::words_of(const Spot& spot) const {
  const LensWords& of = of_.panels[spot.panel];
  const std::size_t at = of.at(spot.position, spot.depth);
  return text("{0}, depth {1}, position {2} “{3}”: “{4}” {5}", text(kPanelTitles[spot.panel]), spot.depth, spot.position,
              of.tokens[spot.position], of.words[static_cast<qsizetype>(at)], percent(static_cast<double>(of.share[at])));
}

std::string PatchBoard::csv() const {
  std::string rows = "run,position,depth,token,next,probability\n";
  for (int panel = 0; panel < 3; ++panel) {
    const LensWords& of = of_.panels[panel];
    for (int position = 0; of.depths > 0 && position < of.tokens.size(); ++position)
      for (int depth = 0; depth < of.depths; ++depth) {
        const std::size_t at = of.at(position, depth);
        rows += std::string(kPanelNames[panel]) + "," + std::to_string(position) + "," + std::to_string(depth) + "," +
                csv_quoted(of.tokens[position].toStdString()) + "," + csv_quoted(of.words[static_cast<qsizetype>(at)].toStdString()) + "," +
                numbers::exact(of.share[at]) + "\n";
      }
  }
  return rows;
}

// ---- what the user does ---------------------------------------------------------------------------------------

void PatchBoard::set_current(const std::optional<Spot>& spot) {
  if (spot == current_ || (spot && row_of(*spot) < 0)) return;
  current_ = spot;
  if (current_ && of_.panels[current_->panel].depths > current_->depth) say_current(words_of(*current_));
  update();
}

void PatchBoard::set_copied(const std::optional<Spot>& spot) {
  copied_ = spot;
  update();
}

void PatchBoard::move_to(const Spot& spot) {
  set_current(spot);
  if (on_current) on_current(cell_rect(spot).toAlignedRect());
  if (on_select) on_select(spot);
}

void PatchBoard::put(const Spot& to) {
  if (copied_ && to.panel != Source && on_drop) on_drop(Spot(*copied_), to, false);
}

void PatchBoard::point_at(QPoint point) {
  if (const auto place = spot_at(point)) set_current(place);
}

QPoint PatchBoard::menu_place() const { return current_ ? cell_rect(*current_).center().toPoint() : rect().center(); }

void PatchBoard::mousePressEvent(QMouseEvent* event) {
  const auto place = spot_at(event->position());
  if (event->button() != Qt::LeftButton || !place) return;
  pressed_ = event->position();
  pressed_on_ = place;
  if (on_press) on_press();
  move_to(*place);
}

void PatchBoard::mouseMoveEvent(QMouseEvent* event) {
  if (!event->buttons().testFlag(Qt::LeftButton)) return;
  const bool far = (event->position() - pressed_).manhattanLength() >= QApplication::startDragDistance();
  if (!dragged_ && far && pressed_on_ && pressed_on_->panel == Source && row_of(*pressed_on_) >= 0) dragged_ = pressed_on_;
  if (!dragged_) return;
  auto over = spot_at(event->position());
  if (over && over->panel == Source) over.reset();
  if (on_current) on_current(QRect(event->position().toPoint() - QPoint(20, 20), QSize(40, 40)));
  if (over == over_) return;
  over_ = over;
  preview_ = over_ && on_hover ? on_hover(*dragged_, *over_) : std::vector<char>();
  setCursor(over_ ? Qt::DragCopyCursor : Qt::ForbiddenCursor);
  update();
}

void PatchBoard::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !dragged_) return;
  const auto from = std::exchange(dragged_, std::nullopt), to = std::exchange(over_, std::nullopt);
  preview_.clear();
  unsetCursor();
  update();
  if (to && on_drop) on_drop(*from, *to, true);
}

void PatchBoard::keyPressEvent(QKeyEvent* event) {
  if (!current_) {
    if (const auto first = spot(Target, 0, 0)) current_ = first;
    else return Plot::keyPressEvent(event);
  }
  if (event->matches(QKeySequence::Copy) && current_->panel == Source) return set_copied(current_);
  if (event->matches(QKeySequence::Paste)) return put(*current_);
  Panel panel = current_->panel;
  int row = row_of(*current_), depth = current_->depth;
  int down = 0;
  switch (event->key()) {
    case Qt::Key_Up: down = -1; break;
    case Qt::Key_Down: down = 1; break;
    case Qt::Key_Left: --depth; break;
    case Qt::Key_Right: ++depth; break;
    case Qt::Key_PageDown: panel = static_cast<Panel>(std::min(panel + 1, 2)); break;
    case Qt::Key_PageUp: panel = static_cast<Panel>(std::max(panel - 1, 0)); break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (panel == Source) set_copied(current_);
      else put(*current_);
      return;
    case Qt::Key_Escape:
      if (!copied_) break;
      return set_copied(std::nullopt);
    default: break;
  }
  if (panel == current_->panel && depth == current_->depth && down == 0) return Plot::keyPressEvent(event);
  row += down;
  while (down != 0 && row >= 0 && row < static_cast<int>(of_.rows.size()) && !spot(panel, row, depth)) row += down;  // over a gap
  if (const auto next = spot(panel, row, depth)) move_to(*next);
}

void PatchBoard::resizeEvent(QResizeEvent* event) {
  Plot::resizeEvent(event);
  fit();
}

Plot::Hint PatchBoard::hint_at(QPoint point) const {
  const auto place = spot_at(point);
  return place ? Hint{words_of(*place), cell_rect(*place).toAlignedRect()} : Hint{};
}

bool PatchBoard::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool page = key->key() == Qt::Key_PageUp || key->key() == Qt::Key_PageDown;
    if (key->matches(QKeySequence::Paste) || page || (key->key() == Qt::Key_Escape && copied_)) event->accept();
  }
  return Plot::event(event);
}

}  // namespace gf::ui

#include "app/ui/plots/plot.h"

#include <QAccessible>
#include <QApplication>
#include <QBuffer>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileInfo>
#include <QHelpEvent>
#include <QImage>
#include <QKeyEvent>
#include <QMenu>
#include <QPageSize>
#include <QPaintEvent>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <QToolTip>
#include <cmath>

#include "app/ui/widgets/product_saver.h"
#include "app/ui/widgets/save_file.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/files/whole_file.h"

namespace gf::ui {
namespace {

constexpr int kPictureScale = 2;
constexpr int kPdfDotsPerInch = 144;

void paint_plot(const Plot& plot, QPaintDevice& on, double scale) {
  QPainter painter(&on);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.scale(scale, scale);
  const QSizeF size = plot.picture_size();
  painter.fillRect(QRectF({0, 0}, size), skin().panel);
  plot.draw(painter, size, true);
}

QByteArray plot_png(const Plot& plot) {
  QImage image(plot.picture_size() * kPictureScale, QImage::Format_RGB32);
  image.fill(skin().panel);
  paint_plot(plot, image, kPictureScale);
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  image.save(&buffer, "PNG");
  return bytes;
}

QByteArray plot_svg(const Plot& plot) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QSvgGenerator svg;
  svg.setOutputDevice(&buffer);
  svg.setSize(plot.picture_size());
  svg.setViewBox(QRect({0, 0}, plot.picture_size()));
  svg.setTitle(plot.accessibleName());
  paint_plot(plot, svg, 1);
  return bytes;
}

QByteArray plot_pdf(const Plot& plot) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QPdfWriter pdf(&buffer);
  constexpr double kPointsPerInch = 72;
  pdf.setResolution(kPdfDotsPerInch);
  pdf.setPageSize(QPageSize(QSizeF(plot.picture_size()), QPageSize::Point));
  pdf.setPageMargins(QMarginsF(0, 0, 0, 0));
  pdf.setTitle(plot.accessibleName());
  paint_plot(plot, pdf, kPdfDotsPerInch / kPointsPerInch);
  return bytes;
}

}  // namespace

QString axis_number(double value) {
  constexpr double kShort = 1e4, kWhole = 1e3;
  const double size = std::abs(value);
  if (size >= kShort) return (value < 0 ? QStringLiteral("−") : QString()) + short_count(std::llround(size));
  return size >= kWhole ? QString::number(std::llround(value)) : significant(value, 3);
}

Plot::Plot(QWidget* parent) : QWidget(parent) { setFocusPolicy(Qt::StrongFocus); }

void Plot::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  painter.setClipRect(event->rect());  // a long plot in a scroll area draws what shows
  painter.setRenderHint(QPainter::Antialiasing);
  draw(painter, size(), false);
}

Result<void> Plot::save(const QString& path) const {
  const QString ending = QFileInfo(path).suffix().toLower();
  QByteArray bytes;
  if (ending == QLatin1String("png")) bytes = plot_png(*this);
  else if (ending == QLatin1String("svg")) bytes = plot_svg(*this);
  else if (ending == QLatin1String("pdf")) bytes = plot_pdf(*this);
  else if (ending == QLatin1String("csv")) bytes = QByteArray::fromStdString(csv());
  else
    return fail(ErrorCode::InvalidArgument,
                gf::text("A plot is saved as .png, .svg, .pdf or .csv; \"{0}\" is none of them.", path.toStdString()), "plot");
  const std::string_view all(bytes.constData(), static_cast<std::size_t>(bytes.size()));
  const ProductSaver* saver = saver_of(*this);
  return saver ? saver->save_product(path.toStdString(), all, objectName()) : write_whole_file(path.toStdString(), all);
}

void Plot::copy_numbers() const { QApplication::clipboard()->setText(QString::fromStdString(csv())); }

void Plot::choose_file() {
  ask_and_save(
      *this,
      {"plot_files",
       text("Save this plot"),
       QStringLiteral("plot.png"),
       {text("Picture (*.png)"), text("Drawing (*.svg)"), text("Page (*.pdf)"), text("Numbers (*.csv)")}},
      [this](const std::string& path) { return save(QString::fromStdString(path)); }, on_error);
}

void Plot::contextMenuEvent(QContextMenuEvent* event) {
  const bool by_key = event->reason() == QContextMenuEvent::Keyboard;
  if (!by_key) point_at(event->pos());
  auto* menu = new QMenu(this);
  menu->setObjectName("plot_menu");
  menu->setAttribute(Qt::WA_DeleteOnClose);
  if (on_menu) on_menu(*menu);
  if (!menu->isEmpty()) menu->addSeparator();
  menu->addAction(text("Copy the numbers as CSV"), this, [this] { copy_numbers(); });
  menu->addAction(text("Save this plot …"), this, [this] { choose_file(); });
  menu->popup(by_key ? mapToGlobal(menu_place()) : event->globalPos());
}

void Plot::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) return copy_numbers();
  QWidget::keyPressEvent(event);
}

bool Plot::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    if (const Hint hint = hint_at(help->pos()); hint.words.isEmpty()) QToolTip::hideText();
    else QToolTip::showText(help->globalPos(), hint.words, this, hint.area);
    return true;
  }
  if (event->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(event);
    switch (key->key()) {
      case Qt::Key_Left:
      case Qt::Key_Right:
      case Qt::Key_Up:
      case Qt::Key_Down:
      case Qt::Key_Return:
      case Qt::Key_Enter:
      case Qt::Key_Delete:
        if (key->modifiers() == Qt::NoModifier) event->accept();
        break;
      default: break;
    }
    if (key->matches(QKeySequence::Copy)) event->accept();
  }
  return QWidget::event(event);
}

void Plot::say_current(const QString& words) {
  if (accessibleDescription() == words) return;
  setAccessibleDescription(words);
  QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&changed);
}

}  // namespace gf::ui

// Paints a figure with Qt: one painter for pixels, SVG and PDF.
#include <QBuffer>
#include <QFont>
#include <QFontMetricsF>
#include <QImage>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <algorithm>
#include <cmath>

#include "app/export/figure/figure_layout.h"
#include "app/export/qt_fonts.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::exporting {
namespace {

constexpr int kMostFigureShapes = 60'000;  ///< above that the cells of a matrix are one embedded picture
constexpr QRgb kInk = 0xff15181d, kDimInk = 0xff5d6675, kGround = 0xffffffff, kRule = 0xffc3c9d2;

QFont figure_font(double em, bool bold = false) {
  QFont font(picture_family());
  font.setPixelSize(std::max(1, static_cast<int>(std::lround(em))));
  font.setWeight(bold ? QFont::DemiBold : QFont::Normal);
  return font;
}

QColor cell_color(const FigureMatrix& m, float value) {
  const render::Rgb8 c = render::color_of(value, m.scale, 0, m.map, render::Theme::Light);
  return {c[0], c[1], c[2]};
}

class FigurePainter {
 public:
  FigurePainter(QPainter& painter, const Figure& figure, const FigureLayout& layout, const PictureOptions& options)
      : p_(painter), figure_(figure), layout_(layout), options_(options), em_(static_cast<double>(layout.em)) {}

  void paint() {
    p_.fillRect(QRectF(0, 0, options_.width, options_.height), QColor::fromRgb(kGround));
    words(QPointF(static_cast<double>(layout_.whole.x), static_cast<double>(layout_.title_y)), QString::fromStdString(figure_.title),
          1.25 * em_, true, kInk);
    for (std::size_t i = 0; i < figure_.matrices.size(); ++i) part(figure_.matrices[i], layout_.parts[i]);
    if (!options_.caption.empty())
      words(QPointF(static_cast<double>(layout_.whole.x), static_cast<double>(layout_.caption_y)), QString::fromStdString(options_.caption),
            em_, false, kInk);
  }

 private:
  enum class Side { Left, Middle, Right };

  void words(QPointF at, QString said, double em, bool bold, QRgb ink, Side side = Side::Left, double room = 0) {
    // XML, and with it SVG, forbids these even as escapes, and Qt writes them as they are.
    said.replace(QLatin1Char('\n'), QLatin1Char(' ')).replace(QLatin1Char('\t'), QLatin1Char(' '));
    for (QChar& c : said)
      if ((c.unicode() < 0x20) || c.unicode() == 0xFFFE || c.unicode() == 0xFFFF) c = QChar(0xFFFD);
    const QFont font = figure_font(em, bold);
    const QFontMetricsF metrics(font);
    const QString shown = room > 0 ? metrics.elidedText(said, Qt::ElideRight, room) : said;
    const double width = metrics.horizontalAdvance(shown);
    p_.setFont(font);
    p_.setPen(QColor::fromRgb(ink));
    p_.drawText(at - QPointF(side == Side::Left ? 0 : side == Side::Middle ? width / 2 : width, 0), shown);
  }

  void part(const FigureMatrix& m, const FigurePart& part) {
    const QRectF box(static_cast<double>(part.cells.x), static_cast<double>(part.cells.y), static_cast<double>(part.cells.width),
                     static_cast<double>(part.cells.height));
    words(QPointF(box.left(), static_cast<double>(part.title_y)), QString::fromStdString(m.title), em_, true, kInk);
    scale_bar(m, box, static_cast<double>(part.title_y));
    cells(m, box);
    p_.setBrush(Qt::NoBrush);
    p_.setPen(QPen(QColor::fromRgb(kRule), std::max(1.0, em_ / 16)));
    p_.drawRect(box);
    names(m, part, box);
  }

  void cells(const FigureMatrix& m, const QRectF& box) {
    const double w = box.width() / m.cols(), h = box.height() / m.rows();
    if (m.rows() * m.cols() > kMostFigureShapes || std::min(w, h) < 1) {
      QImage image(m.cols(), m.rows(), QImage::Format_RGB32);
      for (int r = 0; r < m.rows(); ++r)
        for (int c = 0; c < m.cols(); ++c)
          image.setPixelColor(c, r, std::isnan(m.at(r, c)) ? QColor::fromRgb(kGround) : cell_color(m, m.at(r, c)));
      p_.drawImage(box, image);
      return;
    }
    // Cells end on whole pixels, so that no seam of the ground shows between them.
    const auto edge = [](double from, double size, int i) { return std::round(from + size * i); };
    const double number_em = std::min(0.8 * em_, h * 0.6);
    const bool numbers = w >= 3.1 * number_em && h >= 1.2 * number_em && number_em >= 6;
    for (int r = 0; r < m.rows(); ++r)
      for (int c = 0; c < m.cols(); ++c) {
        const float value = m.at(r, c);
        const QRectF cell(QPointF(edge(box.left(), w, c), edge(box.top(), h, r)),
                          QPointF(edge(box.left(), w, c + 1), edge(box.top(), h, r + 1)));
        if (std::isnan(value)) {
          if (m.is_nan(r, c)) not_a_number(cell);
          continue;
        }
        const QColor color = cell_color(m, value);
        p_.fillRect(cell, color);
        if (!numbers) continue;
        const double light = 0.2126 * color.red() + 0.7152 * color.green() + 0.0722 * color.blue();
        words(QPointF(cell.center().x(), cell.center().y() + 0.36 * number_em), QString::fromStdString(numbers::cell(value)), number_em,
              false, light > 115 ? kInk : kGround, Side::Middle);
      }
  }

  /// A cell whose value is NaN: crossed out, and named where there is room.
  void not_a_number(const QRectF& cell) {
    p_.setPen(QPen(QColor::fromRgb(kRule), std::max(1.0, em_ / 16)));
    p_.drawLine(cell.topLeft(), cell.bottomRight());
    const double em = std::min(0.8 * em_, cell.height() * 0.6);
    if (em >= 6 && cell.width() >= 2.4 * em)
      words(QPointF(cell.center().x(), cell.center().y() + 0.36 * em), QStringLiteral("NaN"), em, false, kDimInk, Side::Middle);
  }

  /// The range of the colours: from least to most, at the right end of the title.
  void scale_bar(const FigureMatrix& m, const QRectF& box, double baseline) {
    const double em = 0.8 * em_, height = 0.6 * em_;
    if (!m.has_numbers()) return;
    const double least = render::is_diverging(m.map) ? -static_cast<double>(m.scale) : 0;
    const QString low = QString::fromStdString(numbers::cell(static_cast<float>(least))),
                  high = QString::fromStdString(numbers::cell(m.scale));
    const QFontMetricsF metrics(figure_font(em));
    const double right = box.right() - metrics.horizontalAdvance(high) - 0.3 * em_;
    const double title = QFontMetricsF(figure_font(em_, true)).horizontalAdvance(QString::fromStdString(m.title));
    const double room = right - metrics.horizontalAdvance(low) - 1.3 * em_ - (box.left() + title);
    if (room < 1.5 * em_) return;
    const double width = std::min(5 * em_, room), left = right - width;
    constexpr int kSteps = 40;
    for (int i = 0; i < kSteps; ++i) {
      const double from = std::round(left + width * i / kSteps), to = std::round(left + width * (i + 1) / kSteps);
      const double value = least + (static_cast<double>(m.scale) - least) * (i + 0.5) / kSteps;
      p_.fillRect(QRectF(from, baseline - height, to - from, height), cell_color(m, static_cast<float>(value)));
    }
    words(QPointF(left - 0.3 * em_, baseline), low, em, false, kDimInk, Side::Right);
    words(QPointF(right + 0.3 * em_, baseline), high, em, false, kDimInk);
  }

  void names(const FigureMatrix& m, const FigurePart& part, const QRectF& box) {
    const double w = box.width() / m.cols(), h = box.height() / m.rows(), gap = 0.4 * em_;
    const auto row_em = static_cast<double>(part.row_em), col_em = static_cast<double>(part.col_em);
    for (int r = 0; r < m.rows(); r += part.row_step)
      words(QPointF(box.left() - gap, box.top() + h * (r + 0.5) + 0.35 * row_em),
            QString::fromStdString(m.row_names[static_cast<std::size_t>(r)]), row_em, false, kInk, Side::Right, kWidestName * em_);
    for (int c = 0; c < m.cols(); c += part.col_step) {
      const QString name = QString::fromStdString(m.col_names[static_cast<std::size_t>(c)]);
      const double x = box.left() + w * (c + 0.5);
      if (!part.upright_columns) {
        words(QPointF(x, box.bottom() + gap + 0.8 * em_), name, em_, false, kInk, Side::Middle);
        continue;
      }
      p_.save();
      p_.translate(x + 0.35 * col_em, box.bottom() + gap);
      p_.rotate(-90);
      words(QPointF(0, 0), name, col_em, false, kInk, Side::Right, kWidestName * em_);
      p_.restore();
    }
    double below = 1;
    if (part.upright_columns) {
      const QFontMetricsF metrics(figure_font(col_em));
      double widest = 0;
      for (const std::string& name : m.col_names) widest = std::max(widest, metrics.horizontalAdvance(QString::fromStdString(name)));
      below = std::min(widest / em_, kWidestName);
    }
    words(QPointF(box.right(), box.bottom() + gap + (below + 1.1) * em_), QString::fromStdString(m.col_axis), kAxisSize * em_, false,
          kDimInk, Side::Right);
    words(QPointF(box.left() - gap, box.bottom() + gap + 0.8 * em_), QString::fromStdString(m.row_axis), kAxisSize * em_, false, kDimInk,
          Side::Right);
  }

  QPainter& p_;
  const Figure& figure_;
  const FigureLayout& layout_;
  const PictureOptions& options_;
  double em_;
};

/// Draws on a device; false: it could not be begun.
bool paint_on(QPaintDevice& device, const Figure& figure, const PictureOptions& options) {
  constexpr double kMeasured = 100;
  const QFontMetricsF metrics(figure_font(kMeasured));
  const FigureLayout layout = lay_out_figure(figure, options, [&](const std::string& name) {
    return static_cast<float>(metrics.horizontalAdvance(QString::fromStdString(name)) / kMeasured);
  });
  QPainter painter;
  if (!painter.begin(&device)) return false;
  painter.setRenderHints(QPainter::TextAntialiasing);
  FigurePainter(painter, figure, layout, options).paint();
  return painter.end();
}

}  // namespace

Result<std::string> draw_figure(const Figure& figure, std::string_view path, const PictureOptions& options) {
  EXPECTS(options.width > 0 && options.height > 0 && options.dpr > 0, "a picture has a size");
  const auto too_large = [] {
    return fail(ErrorCode::OutOfMemory, text("There is not enough memory for the figure; ask for a smaller one."), "draw_figure");
  };
  QBuffer buffer;
  if (!buffer.open(QIODevice::WriteOnly)) return too_large();
  bool drawn = false;
  if (path.ends_with(".png")) {
    QImage image(options.width, options.height, QImage::Format_RGB32);
    if (image.isNull()) return too_large();
    drawn = paint_on(image, figure, options) && image.save(&buffer, "PNG");
  } else if (path.ends_with(".svg")) {
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize(QSize(options.width, options.height));
    svg.setViewBox(QRect(0, 0, options.width, options.height));
    svg.setTitle(QString::fromStdString(figure.title));
    drawn = paint_on(svg, figure, options);
  } else if (path.ends_with(".pdf")) {
    QPdfWriter pdf(&buffer);
    begin_pdf_page(pdf, options, figure.title);
    drawn = paint_on(pdf, figure, options);
  } else {
    return fail(ErrorCode::Unsupported, text("cannot write '{0}': a figure's name ends in .png, .svg or .pdf", path), "draw_figure");
  }
  if (!drawn) return too_large();
  return buffer.data().toStdString();
}

}  // namespace gf::exporting

#include "app/export/pdf.h"

#include <QBuffer>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgRenderer>

#include "app/export/qt_fonts.h"
#include "app/export/svg/svg_writer.h"
#include "model/base/text.h"

namespace gf::exporting {

Result<std::string> pdf_of_svg(const std::string& svg, const PictureOptions& options, const std::string& title) {
  // Qt takes a list of families for the name of one.
  QByteArray drawing = QByteArray::fromStdString(svg);
  drawing.replace(kSvgFamilies, picture_family().toUtf8().constData());
  QSvgRenderer renderer(drawing);
  QBuffer buffer;
  QPainter painter;
  const bool open = renderer.isValid() && buffer.open(QIODevice::WriteOnly);
  QPdfWriter pdf(&buffer);
  begin_pdf_page(pdf, options, title);
  if (!open || !painter.begin(&pdf))
    return fail(ErrorCode::OutOfMemory, text("There is not enough memory for the picture; ask for a smaller one."), "pdf_of_svg");
  renderer.render(&painter, QRectF(0, 0, options.width, options.height));
  painter.end();
  return buffer.data().toStdString();
}

}  // namespace gf::exporting

// The program's icon in one size of pixels, from its SVG: make_icons ICON.svg SIZE OUT.png
#include <QImage>
#include <QPainter>
#include <QSvgRenderer>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("make_icons ICON.svg SIZE OUT.png\n", stderr);
    return 2;
  }
  QSvgRenderer icon(QString::fromLocal8Bit(argv[1]));
  const int size = QByteArray(argv[2]).toInt();
  QImage image(size, size, QImage::Format_ARGB32);
  image.fill(Qt::transparent);
  QPainter painter(&image);
  icon.render(&painter, QRectF(0, 0, size, size));
  painter.end();
  if (icon.isValid() && size > 0 && image.save(QString::fromLocal8Bit(argv[3]))) return 0;
  std::fprintf(stderr, "make_icons: cannot write %s\n", argv[3]);
  return 1;
}

// A small window that one can drag a path from: the other side of "drop a model folder anywhere".
//   drag_source PATH
#include <QApplication>
#include <QDrag>
#include <QLabel>
#include <QMimeData>
#include <QMouseEvent>
#include <QTimer>
#include <QUrl>

namespace {

class DragSource : public QLabel {
 public:
  explicit DragSource(QString path) : QLabel("drag me"), path_(std::move(path)) {
    setWindowFlags(Qt::FramelessWindowHint | Qt::WindowStaysOnTopHint);
    setAlignment(Qt::AlignCenter);
    setGeometry(20, 900, 140, 60);
  }

 protected:
  void mouseMoveEvent(QMouseEvent* event) override {
    if (!(event->buttons() & Qt::LeftButton)) return;
    auto* drag = new QDrag(this);
    auto* mime = new QMimeData;
    mime->setUrls({QUrl::fromLocalFile(path_)});
    drag->setMimeData(mime);
    drag->exec(Qt::CopyAction);
    hide();
    // The other program asks for the data after the drop, so this one must not quit at once.
    QTimer::singleShot(3000, qApp, &QApplication::quit);
  }

 private:
  QString path_;
};

}  // namespace

int main(int argc, char** argv) {
  QApplication app(argc, argv);
  if (argc < 2) return 2;
  DragSource source(QString::fromLocal8Bit(argv[1]));
  source.show();
  return QApplication::exec();
}

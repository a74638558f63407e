// A small window that one can drag a path from: the other side of "drop a model folder anywhere".
//   drag_source PATH
// It prints "visible" when it is on the screen, and "may be dropped here" when the pointer has come over a window that takes the
// path. It runs until it is stopped, because the other program asks for the data after the drop.
#include <QApplication>
#include <QDrag>
#include <QLabel>
#include <QMimeData>
#include <QMouseEvent>
#include <QUrl>
#include <cstdio>
#include <utility>

namespace {

void say(const char* words) {
  std::puts(words);
  std::fflush(stdout);
}

class DragSource : public QLabel {
 public:
  explicit DragSource(QString path) : QLabel("drag me"), path_(std::move(path)) {
    setWindowFlags(Qt::FramelessWindowHint | Qt::WindowStaysOnTopHint);
    setAlignment(Qt::AlignCenter);
    setGeometry(20, 900, 140, 60);
  }

 protected:
  void paintEvent(QPaintEvent* event) override {
    QLabel::paintEvent(event);
    if (!std::exchange(visible_, true)) say("visible");
  }
  void mouseMoveEvent(QMouseEvent* event) override {
    if (!(event->buttons() & Qt::LeftButton)) return;
    auto* drag = new QDrag(this);
    auto* mime = new QMimeData;
    mime->setUrls({QUrl::fromLocalFile(path_)});
    drag->setMimeData(mime);
    connect(drag, &QDrag::actionChanged, this, [this](Qt::DropAction action) {
      if (action == Qt::CopyAction && !std::exchange(taken_, true)) say("may be dropped here");
    });
    drag->exec(Qt::CopyAction);
    hide();
  }

 private:
  QString path_;
  bool visible_ = false, taken_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  QApplication app(argc, argv);
  if (argc < 2) return 2;
  DragSource source(QString::fromLocal8Bit(argv[1]));
  QApplication::setQuitOnLastWindowClosed(false);
  source.show();
  return QApplication::exec();
}

#include "app/ui/docks/dock.h"

#include <QEvent>
#include <QJsonObject>
#include <QLabel>
#include <QScrollArea>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/ui/actions/shortcuts.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// A scroll area does not tell what is around it that its contents need less or more.
class ContentsWatch : public QObject {
 public:
  explicit ContentsWatch(QWidget& dock) : QObject(&dock), dock_(dock) {}

 protected:
  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() == QEvent::LayoutRequest) dock_.updateGeometry();
    return false;
  }

 private:
  QWidget& dock_;
};

}  // namespace

Dock::Dock(const DockInfo& info, const DockContext& context) : info_(info), context_(context) {
  setObjectName("dock_body");
  setAccessibleName(text(info.title));
  pages_ = new QStackedLayout(this);
  body_ = new QWidget(this);
  body_->setObjectName("dock_body");
  auto* empty = new QWidget(this);
  empty->setObjectName("dock_body");
  sentence_ = new QLabel(empty);
  sentence_->setObjectName(QStringLiteral("%1_empty").arg(QLatin1String(info.id)));
  sentence_->setProperty("role", "dim");
  sentence_->setWordWrap(true);
  sentence_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  auto* column = new QVBoxLayout(empty);
  column->setContentsMargins(12, 10, 10, 10);
  column->addWidget(sentence_);
  column->addStretch(1);
  // A dock that is lower than its contents scrolls: else several of them would make the window higher than a small screen.
  auto* scroll = new QScrollArea(this);
  scroll->setObjectName("dock_scroll");
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(body_);
  body_->installEventFilter(new ContentsWatch(*this));
  pages_->addWidget(scroll);
  pages_->addWidget(empty);
}

Dock::~Dock() = default;

QSize Dock::minimumSizeHint() const {
  constexpr QSize kLeastInPresent(240, 150);
  constexpr int kLeastHeightPx = 150;
  const QSize inside = body_->minimumSizeHint();
  const QSize wanted = QWidget::minimumSizeHint().expandedTo({inside.width(), std::min(inside.height(), kLeastHeightPx)});
  return worn_scale() > 1 ? wanted.boundedTo(kLeastInPresent) : wanted;
}

int Dock::reading_width(bool) const { return 0; }
void Dock::set_presented(bool) {}
void Dock::publish(QJsonObject&) const {}

QString Dock::lack() const {
  if (tells_prediction() && lab().document().hide_prediction) return text("Hidden until the lesson's question is answered.");
  if (info_.needs == DockNeeds::Nothing) return {};
  if (!lab().model()) return text("No model yet. Open one with {0}, or drop a model folder anywhere.", keys_or_title("open-folder"));
  if (info_.needs == DockNeeds::Run && !lab().model()->weights->has_values())
    return QString::fromStdString(lab().model()->weights->no_values_error().message);
  if (info_.needs == DockNeeds::Run && !lab().run())
    return lab().busy() ? text("The run is on its way.") : text("No run yet. Type a prompt above and press Enter.");
  return {};
}

void Dock::refresh(const doc::Changes& changes) {
  if (!isVisible()) {
    stale_ = true;
    return;
  }
  if (const QString sentence = lack(); !sentence.isEmpty()) return show_instead(sentence);
  pages_->setCurrentIndex(0);
  fill(changes);
}

void Dock::show_instead(const QString& sentence) {
  sentence_->setText(sentence);
  pages_->setCurrentIndex(1);
}

void Dock::hideEvent(QHideEvent* event) {
  stale_ = true;
  QWidget::hideEvent(event);
}

void Dock::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (std::exchange(stale_, false)) refresh(doc::Changes::all());
}

}  // namespace gf::ui

#include "app/ui/docks/dock.h"

#include <QEvent>
#include <QHideEvent>
#include <QJsonObject>
#include <QLabel>
#include <QScrollArea>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/export/sidecar.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/widgets/carried.h"
#include "app/ui/widgets/later.h"
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

exporting::WindowPart Dock::window_part(const QString& part) const { return {info_.id, part.toStdString(), control_values(*body_)}; }

void Dock::restore(const exporting::WindowPart& part) {
  restored_ = Restored{part.controls, lab().document().model, lab().document().prompt};
  refresh(doc::Changes::all());
}

void Dock::set_restored() {
  const doc::Document& d = lab().document();
  if (!restored_ || !lab().up_to_date()) return;
  Restored now = *std::exchange(restored_, std::nullopt);  // to set a control may refresh the dock
  if (now.model != d.model || now.prompt != d.prompt) return;
  now.controls = set_control_values(*body_, now.controls);
  if (!std::exchange(now.asked, true)) ask_again();
  if (!now.controls.empty()) restored_ = std::move(now);
}

void Dock::ask_again() {}

Result<void> Dock::save_product(const std::string& path, std::string_view bytes, const QString& part) const {
  return exporting::save_with_sidecar(path, bytes, lab().document(), lab().scene_input(), window_part(part));
}

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
  filled_ = true;
  fill(changes);
  set_restored();
}

void Dock::stand_in_for(Dock& before) {
  if (!before.filled_ || !lack().isEmpty()) return;
  // Both show the present document: what differs then is what the user has set in the one before.
  for (Dock* one : {&before, this}) one->fill(doc::Changes::all());
  carry_controls(*before.body_, *body_);
  take_over(before);
  fill(doc::Changes::all());
  carry_controls(*before.body_, *body_);  // those that came with what was found
  filled_ = true;
  if (before.isVisible()) return;
  QHideEvent hidden;  // it computes nothing meanwhile
  hideEvent(&hidden);
}

void Dock::take_over(Dock&) {}

void Dock::show_instead(const QString& sentence) {
  sentence_->setText(sentence);
  pages_->setCurrentIndex(1);
}

void Dock::put_away() {}

void Dock::hideEvent(QHideEvent* event) {
  stale_ = true;
  later(this, [this] {
    if (!isVisible()) put_away();
  });
  QWidget::hideEvent(event);
}

void Dock::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (std::exchange(stale_, false)) refresh(doc::Changes::all());
}

}  // namespace gf::ui

#include "app/ui/docks/text_pair_view.h"

#include <QGridLayout>
#include <QLabel>

#include "app/document/lab.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

TextPairView::TextPairView(doc::Lab& lab, const QString& name, QWidget* parent) : QWidget(parent), lab_(lab) {
  const auto label = [&](const char* ending, const char* role) { return wrapped_label(this, name + QLatin1String(ending), role); };
  base_title_ = label("_base_title", "dim");
  edited_title_ = label("_edited_title", "dim");
  base_ = label("_base", "");
  edited_ = label("_edited", "");
  constexpr int kLeastTextHeight = 56;
  for (QLabel* text : {base_, edited_}) {
    text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    text->setTextFormat(Qt::PlainText);
    text->setMinimumHeight(kLeastTextHeight);
  }
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(12);
  grid->setColumnStretch(0, 1);
  grid->setColumnStretch(1, 1);
  grid->addWidget(base_title_, 0, 0);
  grid->addWidget(edited_title_, 0, 1);
  grid->addWidget(base_, 1, 0);
  grid->addWidget(edited_, 1, 1);
  grid->setRowStretch(1, 1);
}

TextPairView::~TextPairView() = default;

void TextPairView::watch(const Ask& ask) {
  study_ = {};
  live_ = std::make_shared<Live>();
  live_->changed = [this] {
    refresh();
    if (on_text) on_text();
  };
  study_ = lab_.studies().watch(ask([post = lab_.jobs().poster(), live = std::weak_ptr<Live>(live_)](const doc::TextPair& texts) {
    post([live, texts] {
      const auto there = live.lock();
      if (there == nullptr) return;
      there->texts = texts;
      there->changed();
    });
  }));
}

void TextPairView::let_go() { study_ = {}; }

const doc::TextPair& TextPairView::texts() const {
  const auto study = study_.now();
  if (study.state == doc::StudyState::Ready && study.answer) return *(done_ = study.answer);
  static const doc::TextPair kNone;
  return live_ ? live_->texts : kNone;
}

void TextPairView::set_titles(const QString& base, const QString& edited) {
  base_title_->setText(base);
  edited_title_->setText(edited);
  base_->setAccessibleName(base);
  edited_->setAccessibleName(edited);
}

void TextPairView::refresh() {
  base_->setText(QString::fromStdString(texts().base));
  edited_->setText(QString::fromStdString(texts().edited));
}

}  // namespace gf::ui

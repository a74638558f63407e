// Directions: what a straight line tells apart at each depth, and pushing the model along it.
#include <QButtonGroup>
#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "app/ui/docks/direction_finder.h"
#include "app/ui/docks/dock.h"
#include "app/ui/docks/head_fitter.h"
#include "app/ui/docks/segments.h"
#include "app/ui/docks/steering_panel.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

class DirectionsDock : public Dock {
 public:
  DirectionsDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
    finder_ = new DirectionFinder(lab(), body());
    steering_ = new SteeringPanel(lab(), body());
    heads_ = new HeadFitter(lab(), body());
    pages_ = new QStackedWidget(body());
    for (QWidget* page : std::initializer_list<QWidget*>{finder_, steering_, heads_}) {
      auto* area = new QScrollArea(body());
      area->setWidget(page);
      area->setWidgetResizable(true);
      area->setFrameShape(QFrame::NoFrame);
      area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
      pages_->addWidget(area);
    }
    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    row->addStretch(1);
    tabs_ = add_segments(*row, body(),
                         {{"directions_find_page", text("Find"), text("Where a direction comes from, and how well it tells apart")},
                          {"directions_steer_page", text("Steer"), text("Push the model along a kept direction")},
                          {"directions_heads_page", text("Heads"), text("Heads that are fitted to a task, kept and swapped")}},
                         [this](int page) {
                           pages_->setCurrentIndex(page);
                           refresh(doc::Changes::all());
                         });
    row->addStretch(1);
    auto* all = new QVBoxLayout(body());
    all->setContentsMargins(10, 8, 10, 8);
    all->setSpacing(8);
    all->addLayout(row);
    all->addWidget(pages_, 1);
  }

  [[nodiscard]] bool tells_prediction() const override { return pages_->currentIndex() > 0; }

 private:
  void fill(const doc::Changes& changes) override {
    if (changes.moment_alone()) return;
    // A direction that is kept is there to be used.
    const std::size_t kept = lab().document().directions.size();
    if (kept > kept_ && kept_known_) {
      tabs_->button(1)->setChecked(true);
      pages_->setCurrentIndex(1);
    }
    kept_ = kept;
    kept_known_ = true;
    finder_->refresh();
    steering_->refresh();
    heads_->refresh();
  }
  void put_away() override {
    finder_->let_go();
    steering_->pause();
    heads_->let_go();
  }

  void take_over(Dock& before) override {
    auto& other = static_cast<DirectionsDock&>(before);
    finder_->take_over(*other.finder_);
    steering_->take_over(*other.steering_);
    heads_->take_over(*other.heads_);
  }

  DirectionFinder* finder_;
  SteeringPanel* steering_;
  HeadFitter* heads_;
  QStackedWidget* pages_;
  QButtonGroup* tabs_;
  std::size_t kept_ = 0;
  bool kept_known_ = false;
};

}  // namespace

Dock* make_directions_dock(const DockInfo& info, const DockContext& context) { return new DirectionsDock(info, context); }

}  // namespace gf::ui

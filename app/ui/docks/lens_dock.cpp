// The token that the residual stream at each depth predicts, read as it is or through a lens of a file.
#include <QLineEdit>

#include "app/ui/docks/answer_dock.h"
#include "app/ui/plots/lines_plot.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

class LensDock : public AnswerDock {
 public:
  LensDock(const DockInfo& info, const DockContext& context)
      : AnswerDock(info, context, {.question = "logit-lens", .first = "top", .parts = {}}) {
    file_ = new QLineEdit(body());
    file_->setObjectName("lens_file");
    file_->setAccessibleName(text("The lens to read through"));
    file_->setPlaceholderText(text("a tuned or Jacobian lens: its folder or file"));
    file_->setToolTip(text("The stream is put through this lens before it is read; empty: it is read as it is. Enter takes it."));
    file_->setClearButtonEnabled(true);
    add_on_top(file_);
    kl_ = new LinesPlot(body());
    kl_->setObjectName("lens_kl");
    kl_->setAccessibleName(text("KL to the final distribution by depth, through the lens and without it"));
    kl_->setFocusPolicy(Qt::StrongFocus);
    kl_->setMaximumHeight(kKlHeightPx);
    add_below(kl_);
    connect(file_, &QLineEdit::editingFinished, this, [this] { lab().execute(doc::set_lens(file_->text().toStdString())); });
  }

 private:
  [[nodiscard]] Params params() const override {
    if (lab().document().lens.empty()) return {};
    Params params(question().params);
    const auto done = params.set("lens", lab().document().lens);
    EXPECTS(done.has_value(), "any text is a lens's name");
    return params;
  }
  void fill(const doc::Changes& changes) override {
    if (!file_->hasFocus() || changes.document) file_->setText(QString::fromStdString(lab().document().lens));
    AnswerDock::fill(changes);
    show_kl();
  }
  /// The mean KL at each depth of the lens that is read through, and beside it that of the logit lens.
  void show_kl() {
    const auto shown = answer();
    kl_->setVisible(shown != nullptr);
    if (!shown) return;
    LinesOf lines;
    lines.x_name = gf::text("depth");
    lines.y_name = gf::text("KL to the end, nats");
    lines.y_low = 0;
    const bool through = !lab().document().lens.empty();
    const auto add = [&](const char* part, std::string name, bool baseline) {
      const Grid* grid = shown->get<Grid>(part);
      if (grid == nullptr) return;
      LinesOf::Line line{.name = std::move(name), .points = {}, .baseline = baseline};
      for (int d = 0; d < grid->shape[0]; ++d) line.points.emplace_back(d, static_cast<double>(grid->at(d)));
      lines.lines.push_back(std::move(line));
    };
    add("kl_by_depth", through ? gf::text("through the lens") : gf::text("logit lens"), false);
    if (through) add("kl_by_depth_plain", gf::text("logit lens"), true);
    kl_->set_lines(std::move(lines));
  }

  static constexpr int kKlHeightPx = 170;
  LinesPlot* kl_;
  QLineEdit* file_;
};

}  // namespace

Dock* make_lens_dock(const DockInfo& info, const DockContext& context) { return new LensDock(info, context); }

}  // namespace gf::ui

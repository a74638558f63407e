// The token that the residual stream at each depth predicts, read as it is or through a lens of a file.
#include <QLineEdit>

#include "app/ui/docks/answer_dock.h"
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
  }

  QLineEdit* file_;
};

}  // namespace

Dock* make_lens_dock(const DockInfo& info, const DockContext& context) { return new LensDock(info, context); }

}  // namespace gf::ui

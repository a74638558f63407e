#include "app/ui/shell/speaker_notes.h"

#include <QAction>
#include <QLabel>
#include <QResizeEvent>
#include <QVBoxLayout>
#include <algorithm>

#include "app/document/bookmarks.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

namespace {

QString letters_of_notes(double points, bool bold) {
  return QStringLiteral("font-size: %1pt; font-weight: %2;").arg(points).arg(bold ? 600 : 400);
}

}  // namespace

// A dialog stands above its window, also where that fills the only screen.
SpeakerNotes::SpeakerNotes(ActionRunner& runner, QWidget* parent) : QWidget(parent, Qt::Dialog) {
  setObjectName("speaker_notes");
  setWindowTitle(text("Speaker's notes"));
  setAttribute(Qt::WA_ShowWithoutActivating);  // the keys go to the scene
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(28, 24, 28, 24);
  column->setSpacing(14);
  const auto label = [&](const char* name, double size, bool bold, int stretch) {
    auto* made = new QLabel(this);
    made->setObjectName(QLatin1String(name));
    made->setTextFormat(Qt::PlainText);
    made->setWordWrap(true);
    made->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    made->setStyleSheet(letters_of_notes(size, bold));
    column->addWidget(made, stretch);
    return made;
  };
  number_ = label("notes_number", 13, false, 0);
  name_ = label("notes_name", 24, true, 0);
  note_ = label("notes_note", 20, false, 1);
  next_ = label("notes_next", 14, false, 0);
  for (const char* id : {"next-step", "previous-step", "present"}) addAction(runner.qaction(id));
  for (int n = 1; n <= 9; ++n) addAction(runner.qaction("bookmark-" + std::to_string(n)));
  resize(720, 480);
}

void SpeakerNotes::show_talk(const std::vector<doc::Bookmark>& bookmarks, int at) {
  const int n = static_cast<int>(bookmarks.size());
  const doc::Bookmark* now = at >= 0 && at < n ? &bookmarks[static_cast<std::size_t>(at)] : nullptr;
  const doc::Bookmark* next = at + 1 < n ? &bookmarks[static_cast<std::size_t>(at + 1)] : nullptr;
  number_->setText(n == 0 ? text("There are no bookmarks; {0} adds one.", keys_or_title("add-bookmark"))
                   : now  ? text("{0} of {1}", at + 1, n)
                          : text("The talk has not begun; {1} shows the first of {0}.", n, keys_or_title("next-step")));
  name_->setText(now ? QString::fromStdString(doc::title_of(*now)) : QString());
  note_->setText(now ? QString::fromStdString(now->note) : QString());
  next_->setText(next ? text("Next: {0}", doc::title_of(*next)) : now ? text("This is the last one.") : QString());
  fit_note();
}

void SpeakerNotes::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit_note();
}

void SpeakerNotes::fit_note() {
  const QMargins around = layout()->contentsMargins();
  const int wide = width() - around.left() - around.right();
  int others = around.top() + around.bottom() + 3 * layout()->spacing();
  for (const QLabel* label : {number_, name_, next_}) others += std::max(0, label->heightForWidth(wide));
  for (const double points : {20.0, 17.0, 14.0, 12.0, 10.0}) {
    if (points != note_points_) note_->setStyleSheet(letters_of_notes(points, false));
    note_points_ = points;
    note_->ensurePolished();
    if (note_->heightForWidth(wide) <= height() - others) break;
  }
}

}  // namespace gf::ui

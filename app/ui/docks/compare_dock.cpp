#include "app/ui/docks/compare_dock.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/document/cell_edits.h"
#include "app/document/comparison.h"
#include "app/document/training.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/answers/answer_places.h"
#include "app/ui/answers/answer_view.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/io/loaders.h"

namespace gf::ui {
namespace {

enum RecipeChoice { NoEdits, PresentEdits, EditsOfAFile, TheirOwn };

/// The position of the other run that stands beside `position`; the last one beside the last. -1: none.
int partner_in(const std::vector<doc::AlignedRow>& rows, int position, const Trace& own, const Trace& other) {
  if (position == own.length() - 1) return other.length() - 1;
  const auto row = std::ranges::find(rows, position, &doc::AlignedRow::to);
  return row == rows.end() ? -1 : row->from;
}

QString same_model() { return text("the same model"); }

}  // namespace

Dock* make_compare_dock(const DockInfo& info, const DockContext& context) { return new CompareDock(info, context); }

CompareDock::CompareDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  model_ = new QComboBox(body());
  model_->setObjectName("compare_model");
  model_->setAccessibleName(text("Model to compare with"));
  model_->setEditable(true);
  model_->setInsertPolicy(QComboBox::NoInsert);
  make_narrow(*model_, 8);
  model_->lineEdit()->setPlaceholderText(same_model());
  prompt_ = new QLineEdit(body());
  prompt_->setObjectName("compare_prompt");
  prompt_->setAccessibleName(text("Prompt to compare with"));
  prompt_->setPlaceholderText(text("the same prompt"));
  recipe_ = narrow_combo(body(), "compare_recipe", text("Edits to compare with"));
  for (const char* choice : {phrase("no edits"), phrase("a copy of the present edits"), phrase("edits of a file …")})
    recipe_->addItem(text(choice));
  words_ = wrapped_label(body(), "compare_words");
  note_ = wrapped_label(body(), "compare_note", "dim");
  both_ = new QCheckBox(text("both in the scene"), body());
  both_->setObjectName("compare_both");
  both_->setToolTip(text("The other run in place of base, with one camera: hold B to see it, D paints the difference"));
  side_ = new QCheckBox(text("side by side"), body());
  side_->setObjectName("compare_side");
  set_key_tip(*side_, phrase("Two whole scenes with one camera, one selection and one scale: the other run left, this run right"),
              {"side"});
  stop_ = new QPushButton(text("Stop comparing"), body());
  stop_->setObjectName("compare_stop");
  next_ = new AnswerView(QStringLiteral("compare_next"), body());
  next_->show_part("next");
  hooks_ = new AnswerView(QStringLiteral("compare_hooks"), body());
  hooks_->show_part("stream");
  constexpr int kLeastHeight = 110;  // so that both fit a small window
  next_->setMinimumHeight(kLeastHeight);
  hooks_->setMinimumHeight(kLeastHeight);

  auto* form = new QFormLayout;
  form->setSpacing(6);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form->addRow(text("Model"), model_);
  form->addRow(text("Prompt"), prompt_);
  form->addRow(text("Edits"), recipe_);
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  row->addWidget(both_, 1);
  row->addWidget(stop_);
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addLayout(form);
  all->addWidget(words_);
  all->addLayout(row);
  all->addWidget(side_);
  all->addWidget(note_);
  all->addWidget(next_, 3);
  all->addWidget(hooks_, 3);
  all->addStretch(0);

  const auto choose_model = [this] {
    const std::string said = model_->currentText() == same_model() ? std::string() : model_->currentText().toStdString();
    const auto& other = lab().document().other;
    if (said == (other && other->model != lab().document().model ? other->model : std::string())) return;
    runner().trigger("other-model", {said});
  };
  connect(model_, &QComboBox::activated, this, choose_model);
  connect(model_->lineEdit(), &QLineEdit::editingFinished, this, choose_model);
  connect(prompt_, &QLineEdit::editingFinished, this, [this] {
    const std::string said = prompt_->text().toStdString();
    if (said != doc::other_prompt(lab().document())) runner().trigger("other-prompt", {said});
  });
  connect(recipe_, &QComboBox::activated, this, [this](int choice) {
    if (choice == NoEdits || choice == PresentEdits) return runner().trigger("other-recipe", {choice == NoEdits ? "none" : "present"});
    if (choice != EditsOfAFile) return;
    auto* files = new QFileDialog(this, text("Edits to compare with"), {}, text("Recipes (*.json)"));
    files->setObjectName("compare_files");
    files->setAttribute(Qt::WA_DeleteOnClose);
    files->setOption(QFileDialog::DontUseNativeDialog);
    connect(files, &QFileDialog::fileSelected, this,
            [this](const QString& path) { runner().trigger("other-recipe", {path.toStdString()}); });
    files->open();
  });
  connect(stop_, &QPushButton::clicked, this, [this] { runner().trigger("stop-comparing"); });
  connect(both_, &QCheckBox::clicked, this, [this](bool on) { runner().trigger("show-both", {on ? "on" : "off"}); });
  connect(side_, &QCheckBox::clicked, this, [this](bool on) {
    if (on && !lab().document().scene_of_both) runner().trigger("show-both", {"on"});
    runner().trigger("compare", {on ? "side" : "edited"});
  });
  for (AnswerView* view : {next_, hooks_}) view->on_error = [this](const Error& error) { runner().tell(error); };
  hooks_->on_select = [this](const AnswerPlace& place) { select_place(lab(), place, this->info().id); };
}

CompareDock::~CompareDock() { watch(false); }

void CompareDock::watch(bool on) {
  if (on == watching_) return;
  watching_ = on;
  lab().watch_second(on);
}

void CompareDock::hideEvent(QHideEvent* event) {
  job_.drop();
  next_job_.drop();
  own_.reset();
  other_.reset();
  next_own_.reset();
  next_other_.reset();
  found_.reset();
  watch(false);
  Dock::hideEvent(event);
}

void CompareDock::show_choices() {
  const doc::Document& document = lab().document();
  QStringList models{same_model()};
  for (const BundledModel& model : bundled_models()) models << QString::fromStdString(model.name);
  const std::string name = doc::training_name_of(document.model);
  for (const std::string& recent : lab().recent_models())
    if (!models.contains(QString::fromStdString(recent))) models << QString::fromStdString(recent);
  for (const int step : doc::training_steps_of(document.model)) models << QString::fromStdString(name + "@" + std::to_string(step));
  if (const std::string all = models.join(QLatin1Char('\n')).toStdString(); all != choices_) {
    choices_ = all;
    model_->clear();
    model_->addItems(models);
  }
  const auto& other = document.other;
  if (!model_->lineEdit()->hasFocus())
    model_->setEditText(other && other->model != document.model ? QString::fromStdString(other->model) : QString());
  if (!prompt_->hasFocus()) prompt_->setText(QString::fromStdString(doc::other_prompt(document)));
  while (recipe_->count() > TheirOwn) recipe_->removeItem(TheirOwn);
  const std::size_t edits = other ? other->recipe.edits.size() : 0;
  if (edits > 0) recipe_->addItem(counted(static_cast<long long>(edits), "{0} edit of its own", "{0} edits of its own"));
  recipe_->setCurrentIndex(edits > 0 ? TheirOwn : NoEdits);
  both_->setChecked(document.scene_of_both);
  both_->setEnabled(other.has_value());
  side_->setChecked(document.scene_of_both && document.compare == scene::Compare::Side);
  side_->setEnabled(other.has_value());
  stop_->setEnabled(other.has_value());
}

void CompareDock::show_words() {
  const doc::Document& document = lab().document();
  QString said;
  for (const std::string& sentence : doc::differences_in_words(document))
    said += (said.isEmpty() ? QString() : QStringLiteral("\n")) + QString::fromStdString(sentence);
  if (!document.other) said = text("Choose what the other has in place of this: a model or training step, a prompt, or edits.");
  else if (said.isEmpty()) said = text("Nothing differs yet: choose another model, prompt or edits.");
  words_->setText(said);
}

void CompareDock::compare(const std::shared_ptr<const Run>& own, const std::shared_ptr<const Run>& other) {
  if (own_.lock() == own && other_.lock() == other) return;
  own_ = own;
  other_ = other;
  error_.reset();
  const bool alike =
      lab().model() && lab().second().model() && lab().model()->weights->config.n_vocab == lab().second().model()->weights->config.n_vocab;
  rows_ = alike || own->edited->length() == other->edited->length() ? doc::align_tokens(other->edited->ids(), own->edited->ids())
                                                                    : std::vector<doc::AlignedRow>();
  job_ = lab().jobs().start<Answer>(
      {}, lab().jobs().own_thread(),
      [a = own->edited, b = other->edited, rows = rows_](const doc::JobWork& work) {
        return doc::compared_hooks(*a, *b, rows, work.stop());
      },
      [this](Result<Answer> answer) {
        if (answer) found_ = std::make_shared<const Answer>(std::move(*answer));
        else found_.reset(), error_ = answer.error();
        refresh({.studies = true});
      });
}

void CompareDock::show_next(const Run& own, const Run& other) {
  const int position = scene::selected_position_in(lab().document(), own.edited->length());
  const int there = partner_in(rows_, position, *own.edited, *other.edited);
  const auto now_own = own_.lock(), now_other = other_.lock();
  if (next_position_ == position && next_own_.lock() == now_own && next_other_.lock() == now_other) return;
  next_position_ = position;
  next_own_ = now_own;
  next_other_ = now_other;
  const auto ids = own.edited->ids();
  const AnswerOf about{lab().model(), {ids.begin(), ids.end()}, position};
  const auto show = [this, about](Answer answer) {
    next_->show_answer(std::make_shared<const Answer>(std::move(answer)), &doc::comparison_parts(), about);
  };
  if (there < 0) {
    next_job_.drop();
    Answer none;
    none.add("next",
             Answer::Undefined{gf::text("Position {0} has none beside it in the other run; select one that has, or the last.", position)});
    return show(std::move(none));
  }
  // All words of two vocabularies take longer than the window's thread has.
  next_job_ = lab().jobs().start<Answer>(
      {}, lab().jobs().own_thread(),
      [mine = lab().model(), theirs = lab().second().model(), a = own.edited, b = other.edited, position, there](const doc::JobWork&) {
        return Result<Answer>(doc::compared_predictions(*mine, *a, position, *theirs, *b, there));
      },
      [show](Result<Answer> answer) {
        if (answer) show(*std::move(answer));
      });
}

void CompareDock::fill(const doc::Changes& changes) {
  watch(true);
  if (changes.moment_alone() || changes == doc::Changes{.jobs = true}) return;
  show_choices();
  show_words();
  const auto own = lab().run(), other = lab().second().run();
  const bool compares = lab().document().other.has_value();
  const auto error = lab().second().error();
  next_->setVisible(other != nullptr && compares);
  hooks_->setVisible(other != nullptr && compares && found_ != nullptr);
  note_->setText(!compares ? QString()
                 : error   ? QString::fromStdString(error->message)
                 : !other  ? text("The other run is on its way.")
                           : QString());
  if (other && compares) {
    compare(own, other);
    show_next(*own, *other);
    if (error_ && error_->code != ErrorCode::Cancelled) note_->setText(QString::fromStdString(error_->message));
    if (found_) {
      const auto ids = own->edited->ids();
      hooks_->show_answer(found_, &doc::comparison_parts(), {lab().model(), {ids.begin(), ids.end()}, -1});
      hooks_->follow(place_of(lab().document(), lab().model()->weights->config, own->edited->length()));
    }
    const bool same_length = own->edited->length() == other->edited->length();
    if (lab().document().scene_of_both && lab().document().compare != scene::Compare::Side && (!same_length || error_))
      note_->setText(text("In one scene both can be shown only where shapes and lengths are the same; side by side any two can."));
  }
  note_->setVisible(!note_->text().isEmpty());
}

}  // namespace gf::ui

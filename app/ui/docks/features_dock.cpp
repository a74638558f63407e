#include "app/ui/docks/features_dock.h"

#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/document/command.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/docks/feature_page.h"
#include "app/ui/docks/feature_search.h"
#include "app/ui/docks/index_strip.h"
#include "app/ui/docks/passage_list.h"
#include "app/ui/docks/passages_page.h"
#include "app/ui/plots/waterfall.h"
#include "app/ui/widgets/dock_parts.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/io/dictionaries/open_dictionary.h"

namespace gf::ui {
namespace {

/// Of a position so many features are known, of which the strongest are listed: those that an edit makes weak can still be told.
constexpr const char *kFeaturesKnown = "256", *kWordsListed = "8";

/// The bundled ones were looked for once: they don't change while the program runs.
const std::vector<BundledDictionary>& known_bundled() {
  static const std::vector<BundledDictionary> known = bundled_dictionaries();
  return known;
}

QString name_of_dictionary(const doc::DictionaryInUse& dictionary) {
  if (std::ranges::find(known_bundled(), dictionary.file, &BundledDictionary::name) != known_bundled().end())
    return QString::fromStdString(dictionary.file);
  const QFileInfo file(QString::fromStdString(dictionary.file));
  const QString folder = file.dir().dirName();
  return folder.isEmpty() || folder == QLatin1String(".") ? file.fileName() : folder + QLatin1Char('/') + file.fileName();
}

}  // namespace

Dock* make_features_dock(const DockInfo& info, const DockContext& context) { return new FeaturesDock(info, context); }

FeaturesDock::FeaturesDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  which_ = narrow_combo(body(), "features_dictionary", text("Dictionary of features"));
  open_ = new QPushButton(text("Open …"), body());
  open_->setObjectName("features_open");
  open_->setToolTip(text("A sparse autoencoder or a transcoder: SAELens, OpenAI, circuit-tracer"));
  close_ = new QPushButton(text("Close"), body());
  close_->setObjectName("features_close");
  auto* top = new QHBoxLayout;
  top->setSpacing(6);
  top->addWidget(which_, 1);
  top->addWidget(open_);
  top->addWidget(close_);
  hook_ = new QLineEdit(body());
  hook_->setObjectName("features_hook");
  hook_->setAccessibleName(text("The hook where the dictionary reads"));
  hook_->setPlaceholderText(text("the hook where it reads, such as blocks.0.hook_resid_post"));
  const auto label = [this](const char* name, const char* role) { return wrapped_label(body(), name, role); };
  hint_ = label("features_hint", "dim");
  facts_ = label("features_facts", "");
  facts_->setTextFormat(Qt::PlainText);
  notes_ = label("features_notes", "notice");
  side_ = label("features_side", "notice");
  place_ = label("features_place", "dim");
  named_ = narrow_combo(body(), "features_named", text("Features that have a name"));
  named_->setPlaceholderText(text("A feature by its name"));
  search_ = new FeatureSearch(body(), lab());
  search_->on_feature = [this](int feature) { lab().execute(doc::select_feature(feature)); };
  active_ = new Waterfall(body());
  active_->setObjectName("features_active");
  active_->setAccessibleName(text("Active features"));
  page_ = new FeaturePage(body());
  index_ = new IndexStrip(body(), lab(), "feature_index");
  index_->on_change = [this] { refresh(doc::Changes::all()); };
  passages_ = new PassagesPage(body(), "feature_examples");
  constexpr int kPassagesHeightPx = 280;
  passages_->list().setMinimumHeight(kPassagesHeightPx);
  passages_->on_passage = [this](const std::string& passage) { runner().trigger("set-prompt", {passage}); };
  passages_->on_error = [this](const Error& error) {
    if (runner().on_error) runner().on_error(error);
  };
  contents_ = new QWidget(body());
  auto* column = new QVBoxLayout(contents_);
  column->setContentsMargins(0, 0, 6, 0);
  column->setSpacing(6);
  for (QWidget* part : std::initializer_list<QWidget*>{facts_, notes_, search_, named_, side_, place_, active_, page_, index_, passages_})
    column->addWidget(part);
  column->addStretch(1);
  auto* scroll = new QScrollArea(body());
  scroll->setObjectName("features_scroll");
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setWidget(contents_);
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addLayout(top);
  all->addWidget(hook_);
  all->addWidget(hint_);
  all->addWidget(scroll, 1);

  connect(open_, &QPushButton::clicked, this, [this] { runner().trigger("open-dictionary"); });
  connect(close_, &QPushButton::clicked, this, [this] { lab().execute(doc::close_dictionary(lab().document().features.shown)); });
  connect(which_, &QComboBox::activated, this, [this](int row) { choose_dictionary(row); });
  connect(named_, &QComboBox::activated, this, [this](int row) { lab().execute(doc::select_feature(named_->itemData(row).toInt())); });
  connect(hook_, &QLineEdit::editingFinished, this, [this] {
    const doc::DictionaryInUse* dictionary = lab().document().features.dictionary();
    if (dictionary == nullptr || hook_->text().toStdString() == dictionary->hook) return;
    lab().execute(doc::open_dictionary(dictionary->file, hook_->text().toStdString()));
  });
  active_->on_select = [this](int bar) { lab().execute(doc::select_feature(bars_[static_cast<std::size_t>(bar)])); };
  active_->on_error = [this](const Error& error) { runner().tell(error); };
  page_->on_feature = [this](int feature) { lab().execute(doc::select_feature(feature)); };
  page_->on_position = [this](int position) { lab().execute(doc::select_position(position)); };
}

FeaturesDock::~FeaturesDock() = default;

void FeaturesDock::let_go() {
  study_ = {};
  edited_study_ = {};
  page_study_ = {};
  search_->let_go();
  key_.reset();
  edited_key_.reset();
  page_key_.reset();
  index_->let_go();
}

void FeaturesDock::choose_dictionary(int row) {
  const auto open = lab().document().features.dictionaries.size(), at = static_cast<std::size_t>(row);
  if (at < open) lab().execute(doc::show_dictionary(row));
  else if (at - open < bundled_.size()) lab().execute(doc::open_dictionary(bundled_[at - open], {}));
}

void FeaturesDock::put_away() { let_go(); }

void FeaturesDock::take_over(Dock& before) {
  auto& other = static_cast<FeaturesDock&>(before);
  search_->take_over(*other.search_);
  index_->take_over(*other.index_);
}

void FeaturesDock::show_dictionaries() {
  const doc::FeatureView& features = lab().document().features;
  const QSignalBlocker quiet(which_);
  which_->clear();
  for (const doc::DictionaryInUse& one : features.dictionaries) {
    which_->addItem(name_of_dictionary(one));
    which_->setItemData(which_->count() - 1, QString::fromStdString(one.file), Qt::ToolTipRole);
  }
  bundled_.clear();
  for (const BundledDictionary& one : known_bundled()) {
    const bool open = std::ranges::find(features.dictionaries, one.name, &doc::DictionaryInUse::file) != features.dictionaries.end();
    if (open || one.model != lab().model()->weights->name) continue;
    bundled_.push_back(one.name);
    which_->addItem(text("{0} (comes with the program)", one.name));
  }
  const bool some = features.dictionary() != nullptr;
  which_->setCurrentIndex(some ? features.shown : -1);
  which_->setPlaceholderText(text("Choose a dictionary"));
  which_->setVisible(which_->count() > 0);
  close_->setVisible(some);
  if (!hook_->hasFocus()) hook_->setText(some ? QString::fromStdString(features.dictionary()->hook) : QString());
}

void FeaturesDock::watch() {
  doc::StudyKey key = features_key(
      "features", *lab().document().features.dictionary(), kFeaturesKnown,
      {"top", "l0", "explained_variance", "loss", "loss_reconstructed", "loss_zeroed", "size", "hook", "hook_out", "notes", "named"});
  if (key != key_) {
    key_ = std::move(key);
    study_ = {};
    study_ = lab().studies().watch(*key_);
  }
  if (!lab().run()->has_edits() || lab().document().compare == scene::Compare::Base) {
    edited_key_.reset();
    edited_study_ = {};
    return;
  }
  doc::StudyKey edited = features_key("features", *lab().document().features.dictionary(), kFeaturesKnown, {"top"}, doc::Side::Edited);
  if (edited == edited_key_) return;
  edited_key_ = std::move(edited);
  edited_study_ = {};
  edited_study_ = lab().studies().watch(*edited_key_);
}

void FeaturesDock::watch_page(int feature) {
  if (feature < 0) {
    page_key_.reset();
    page_study_ = {};
    return;
  }
  doc::StudyKey key = features_key("features", *lab().document().features.dictionary(), kWordsListed,
                                   {"activations", "words_for", "words_against", "nearest"});
  const auto set = key.params.set("feature", std::to_string(feature));
  EXPECTS(set.has_value(), "a number that the question takes");
  if (key == page_key_) return;
  page_key_ = std::move(key);
  page_study_ = {};
  page_study_ = lab().studies().watch(*page_key_);
}

void FeaturesDock::fill(const doc::Changes&) {
  show_dictionaries();
  const doc::Document& document = lab().document();
  const doc::DictionaryInUse* dictionary = document.features.dictionary();
  if (dictionary == nullptr) {
    let_go();
    contents_->hide();
    hook_->hide();
    hint_->show();
    hint_->setText(text("A dictionary (a sparse autoencoder or a transcoder) splits what a hook holds into features. Open one that was "
                        "trained on this model, or drop it onto the window.") +
                   (bundled_.empty() ? QString() : QLatin1Char(' ') + text("One comes with the program: choose it above.")));
    return;
  }
  const auto run = lab().run();
  const int position = scene::selected_position_in(document, run->base->length());
  watch();
  const doc::Study study = study_.now();
  const bool failed = study.state == doc::StudyState::Failed && study.error;
  hook_->setVisible(failed || !dictionary->hook.empty());
  hint_->setVisible(failed || !study.answer);
  hint_->setText(failed ? QString::fromStdString(study.error->message) : text("The features are on their way."));
  contents_->setVisible(!failed && study.answer);
  if (failed || !study.answer) return;
  const Answer& answer = *study.answer;
  show_facts(answer);
  const auto edited = edited_study_.now().answer;
  const int strongest = show_active(answer, edited.get(), position);
  side_->setVisible(run->has_edits());
  side_->setText(edited ? text("edited run; outlines and all else here: base run") : text("base run"));
  const int feature = document.features.feature >= 0 ? document.features.feature : strongest;
  watch_page(feature);
  show_named(answer, feature);
  search_->show_names(answer);
  show_examples(feature);
  const std::string hook = answer.words("hook_out").words.front();
  const bool clamps = answer.words("hook").words.front() == hook;
  const auto [edit, value] =
      feature < 0 ? std::pair{doc::FeatureEdit::None, 0.0} : doc::feature_edit_in(document.recipe, *dictionary, feature);
  const doc::Study page = page_study_.now();
  page_->on_edit = [this, feature, hook](doc::FeatureEdit what, double to) { lab().execute(doc::edit_feature(feature, hook, what, to)); };
  page_->show_feature({.feature = feature,
                       .size = static_cast<int>(answer.number("size")),
                       .clamps = clamps,
                       .edit = edit,
                       .value = value,
                       .here = page.state == doc::StudyState::Failed && page.error ? QString::fromStdString(page.error->message)
                                                                                   : line_about(answer, feature, position),
                       .most_in_text = most_in_text(),
                       .most_of_any = largest_activation(answer.table("top"))},
                      page.answer.get(), *lab().model(), run->base->ids(), position);
}

void FeaturesDock::publish(QJsonObject& state) const {
  const doc::Study study = study_.now();
  state["features_ready"] = study.state == doc::StudyState::Ready;
}

}  // namespace gf::ui

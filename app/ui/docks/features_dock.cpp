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

#include "app/document/command.h"
#include "app/ui/actions/action_runner.h"
#include "app/ui/docks/feature_page.h"
#include "app/ui/plots/waterfall.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr const char *kFeaturesListed = "12", *kWordsListed = "8";

doc::StudyKey features_key(const doc::DictionaryInUse& dictionary, const char* top, std::vector<std::string> parts) {
  const Question* question = find_question("features");
  EXPECTS(question, "a question of the list");
  doc::StudyKey key{question, Params(question->params), std::move(parts), doc::Side::Base, 0};
  for (const auto& [name, value] :
       {std::pair<const char*, std::string>{"dictionary", dictionary.file}, {"dictionary-hook", dictionary.hook}, {"top", top}}) {
    const auto set = key.params.set(name, value);
    EXPECTS(set.has_value(), "values that the question takes");
  }
  return key;
}

QString name_of_dictionary(const doc::DictionaryInUse& dictionary) {
  const QFileInfo file(QString::fromStdString(dictionary.file));
  const QString folder = file.dir().dirName();
  return folder.isEmpty() || folder == QLatin1String(".") ? file.fileName() : folder + QLatin1Char('/') + file.fileName();
}

}  // namespace

Dock* make_features_dock(const DockInfo& info, const DockContext& context) { return new FeaturesDock(info, context); }

FeaturesDock::FeaturesDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  which_ = new QComboBox(body());
  which_->setObjectName("features_dictionary");
  which_->setAccessibleName(text("Dictionary of features"));
  which_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  which_->setMinimumContentsLength(8);
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
  place_ = label("features_place", "dim");
  active_ = new Waterfall(body());
  active_->setObjectName("features_active");
  active_->setAccessibleName(text("Active features"));
  page_ = new FeaturePage(body());
  contents_ = new QWidget(body());
  auto* column = new QVBoxLayout(contents_);
  column->setContentsMargins(0, 0, 6, 0);
  column->setSpacing(6);
  for (QWidget* part : std::initializer_list<QWidget*>{facts_, notes_, place_, active_, page_}) column->addWidget(part);
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
  connect(which_, &QComboBox::activated, this, [this](int number) { lab().execute(doc::show_dictionary(number)); });
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
  page_study_ = {};
  key_.reset();
  page_key_.reset();
}

void FeaturesDock::hideEvent(QHideEvent* event) {
  let_go();
  Dock::hideEvent(event);
}

void FeaturesDock::show_dictionaries() {
  const doc::FeatureView& features = lab().document().features;
  const QSignalBlocker quiet(which_);
  which_->clear();
  for (const doc::DictionaryInUse& one : features.dictionaries) {
    which_->addItem(name_of_dictionary(one));
    which_->setItemData(which_->count() - 1, QString::fromStdString(one.file), Qt::ToolTipRole);
  }
  which_->setCurrentIndex(features.shown);
  const bool some = features.dictionary() != nullptr;
  which_->setVisible(some);
  close_->setVisible(some);
  if (!hook_->hasFocus()) hook_->setText(some ? QString::fromStdString(features.dictionary()->hook) : QString());
}

void FeaturesDock::watch() {
  doc::StudyKey key =
      features_key(*lab().document().features.dictionary(), kFeaturesListed,
                   {"top", "l0", "explained_variance", "loss", "loss_reconstructed", "loss_zeroed", "size", "hook", "hook_out", "notes"});
  if (key == key_) return;
  key_ = std::move(key);
  study_ = {};
  study_ = lab().studies().watch(*key_);
}

void FeaturesDock::watch_page(int feature) {
  if (feature < 0) {
    page_key_.reset();
    page_study_ = {};
    return;
  }
  doc::StudyKey key =
      features_key(*lab().document().features.dictionary(), kWordsListed, {"activations", "words_for", "words_against", "nearest"});
  const auto set = key.params.set("feature", std::to_string(feature));
  EXPECTS(set.has_value(), "a number that the question takes");
  if (key == page_key_) return;
  page_key_ = std::move(key);
  page_study_ = {};
  page_study_ = lab().studies().watch(*page_key_);
}

void FeaturesDock::show_facts(const Answer& answer) {
  const std::string hook = answer.words("hook").words.front(), out = answer.words("hook_out").words.front();
  const QString place = hook == out ? text("{0} features at {1}", count(static_cast<long long>(answer.number("size"))), hook)
                                    : text("{0} features from {1} to {2}", count(static_cast<long long>(answer.number("size"))), hook, out);
  facts_->setText(text("{0}\nL0 {1} · explained variance {2}\nloss {3} nats, {4} with the reconstruction, {5} with zeros", place,
                       fixed(answer.number("l0"), 1), percent(answer.number("explained_variance")), fixed(answer.number("loss"), 3),
                       fixed(answer.number("loss_reconstructed"), 3), fixed(answer.number("loss_zeroed"), 3)));
  QStringList notes;
  for (const std::string& note : answer.words("notes").words) notes << QString::fromStdString(note);
  notes_->setText(notes.join(QLatin1Char('\n')));
  notes_->setVisible(!notes.isEmpty());
}

int FeaturesDock::show_active(const Answer& answer, int position) {
  const Answer::Table& top = answer.table("top");
  const auto& positions = std::get<std::vector<int>>(top.find("position")->cells);
  const auto& features = std::get<std::vector<int>>(top.find("feature")->cells);
  const auto& activations = std::get<std::vector<float>>(top.find("activation")->cells);
  const doc::FeatureView& view = lab().document().features;
  bars_.clear();
  std::vector<WaterfallBar> bars;
  int current = -1;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] != position) continue;
    if (features[i] == view.feature) current = static_cast<int>(bars.size());
    const auto [edit, value] = doc::feature_edit_in(lab().document().recipe, *view.dictionary(), features[i]);
    bars_.push_back(features[i]);
    bars.push_back({.name = text("feature {0}", features[i]),
                    .value = static_cast<double>(activations[i]),
                    .before = {},
                    .cut = edit == doc::FeatureEdit::Cut});
  }
  place_->setText(bars.empty() ? text("no feature is active {0}", after_position(*lab().model(), lab().run()->base->ids(), position))
                               : text("active {0}", after_position(*lab().model(), lab().run()->base->ids(), position)));
  active_->set_bars(std::move(bars), false, {});
  active_->setVisible(!bars_.empty());
  active_->set_current(current >= 0 ? current : view.feature < 0 && !bars_.empty() ? 0 : -1);
  return bars_.empty() ? -1 : bars_.front();
}

QString FeaturesDock::line_about(const Answer& answer, int feature, int position) const {
  const Answer::Table& top = answer.table("top");
  const auto* contributions = top.find("contribution");
  const auto& positions = std::get<std::vector<int>>(top.find("position")->cells);
  const auto& features = std::get<std::vector<int>>(top.find("feature")->cells);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] != position || features[i] != feature || contributions == nullptr) continue;
    const float c = std::get<std::vector<float>>(contributions->cells)[i];
    if (!std::isfinite(c)) return {};
    return lab().rival() ? text("writes {0} towards A − B itself", signed_number(static_cast<double>(c), 3))
                         : text("writes {0} towards A itself", signed_number(static_cast<double>(c), 3));
  }
  return text("not among the strongest here");
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
    hint_->setText(
        text("A dictionary (a sparse autoencoder or a transcoder) splits what a hook holds into features. Open one that was "
             "trained on this model, or drop it onto the window."));
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
  const int strongest = show_active(answer, position);
  const int feature = document.features.feature >= 0 ? document.features.feature : strongest;
  watch_page(feature);
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
                                                                                   : line_about(answer, feature, position)},
                      page.answer.get(), *lab().model(), run->base->ids(), position);
}

void FeaturesDock::publish(QJsonObject& state) const {
  const doc::Study study = study_.now();
  state["features_ready"] = study.state == doc::StudyState::Ready;
}

}  // namespace gf::ui

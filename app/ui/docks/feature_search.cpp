#include "app/ui/docks/feature_search.h"

#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/document/lab.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/token_field.h"
#include "app/ui/widgets/words.h"
#include "model/tokenizer/one_token.h"

namespace gf::ui {
namespace {

constexpr const char* kWritersListed = "12";
constexpr int kRowsSeen = 6;

struct Searched {
  QString words;  ///< without the quotes that they may stand in
  bool quoted = false;
};
Searched searched_for(const QLineEdit& field) {
  const QString typed = field.text();
  const bool quoted = typed.size() > 1 && typed.startsWith(QLatin1Char('"')) && typed.endsWith(QLatin1Char('"'));
  return {quoted ? typed.mid(1, typed.size() - 2) : typed, quoted};
}

}  // namespace

FeatureSearch::FeatureSearch(QWidget* parent, doc::Lab& lab) : QWidget(parent), lab_(lab) {
  field_ = new QLineEdit(this);
  field_->setObjectName("features_search");
  field_->setAccessibleName(text("Search for features"));
  field_->setPlaceholderText(text("Search: a part of a name, or a word and Enter"));
  field_->setToolTip(text(
      "A part of a name lists the features that are called so. A word and Enter lists the features that raise its logit most: the word "
      "as it stands inside a text, with a blank before it, or in quotes as it is written."));
  field_->setClearButtonEnabled(true);
  note_ = wrapped_label(this, "features_search_note", "dim");
  found_ = new QListWidget(this);
  found_->setObjectName("features_found");
  found_->setAccessibleName(text("Features that are found"));
  found_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  found_->setTextElideMode(Qt::ElideRight);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(4);
  all->addWidget(field_);
  all->addWidget(note_);
  all->addWidget(found_);
  note_->hide();
  found_->hide();
  connect(field_, &QLineEdit::textChanged, this, [this] {
    let_go();
    list();
  });
  connect(field_, &QLineEdit::returnPressed, this, [this] { ask(); });
  connect(found_, &QListWidget::currentRowChanged, this, [this](int row) {
    if (row >= 0 && on_feature) on_feature(found_->item(row)->data(Qt::UserRole).toInt());
  });
}

FeatureSearch::~FeatureSearch() = default;

void FeatureSearch::let_go() {
  study_ = {};
  asked_.clear();
}

void FeatureSearch::take_over(FeatureSearch& before) {
  asked_ = std::move(before.asked_);
  study_ = std::move(before.study_);
  list();
}

void FeatureSearch::ask() {
  const Searched searched = searched_for(*field_);
  std::string word = searched.words.toStdString();
  const doc::DictionaryInUse* dictionary = lab_.document().features.dictionary();
  if (word.empty() || dictionary == nullptr) return;
  if (!searched.quoted) word = with_blank_before(word, *lab_.model()->tokenizer).value_or(word);
  asked_ = word;
  doc::StudyKey key = features_key("features", *dictionary, kWritersListed, {"writers"});
  const auto set = key.params.set("word", word);
  EXPECTS(set.has_value(), "a text that the question takes");
  study_ = lab_.studies().watch(std::move(key));
  list();
}

void FeatureSearch::show_names(const Answer& answer) {
  names_ = named_features(answer);
  list();
}

void FeatureSearch::add_row(int feature, const QString& words) {
  auto* row = new QListWidgetItem(words, found_);
  row->setData(Qt::UserRole, feature);
  row->setToolTip(words);
}

void FeatureSearch::list() {
  const QString typed = searched_for(*field_).words;
  const int chosen = found_->currentRow() >= 0 ? found_->currentItem()->data(Qt::UserRole).toInt() : -1;
  const QSignalBlocker quiet(found_);
  found_->clear();
  QString note;
  if (!typed.trimmed().isEmpty()) {
    const auto name_of = [&](int feature) {
      const auto at = std::ranges::find(names_, feature, &FeatureName::feature);
      return at == names_.end() ? QString() : QString::fromStdString(at->name);
    };
    for (const auto& [feature, name] : names_)
      if (asked_.empty() && QString::fromStdString(name).contains(typed.trimmed(), Qt::CaseInsensitive))
        add_row(feature, text("{0} · {1}", feature, name));
    const doc::Study study = study_.now();
    if (asked_.empty()) {
      note = found_->count() == 0 ? text("No feature is called so. Enter: the features that raise this token.") : QString();
    } else if (study.state == doc::StudyState::Failed && study.error) {
      note = QString::fromStdString(study.error->message);
    } else if (!study.answer) {
      note = text("The search is on its way.");
    } else {
      const auto& writers = study.answer->table("writers");
      const auto& features = std::get<std::vector<int>>(writers.find("feature")->cells);
      const auto& logits = std::get<std::vector<float>>(writers.find("logit")->cells);
      note = features.empty() ? text("What this dictionary writes is read by another operation, so that it raises no word by itself.")
                              : text("By how much one unit of each feature raises “{0}”:", with_dot(asked_));
      for (std::size_t i = 0; i < features.size(); ++i) {
        const QString name = name_of(features[i]), by = signed_number(static_cast<double>(logits[i]), 2);
        add_row(features[i], name.isEmpty() ? text("{0}  {1}", by, features[i]) : text("{0}  {1} · {2}", by, features[i], name));
      }
    }
  }
  for (int row = 0; row < found_->count(); ++row)
    if (found_->item(row)->data(Qt::UserRole).toInt() == chosen) {
      found_->setCurrentRow(row);
      break;
    }
  note_->setText(note);
  note_->setVisible(!note.isEmpty());
  found_->setVisible(found_->count() > 0);
  const int rows = std::min(found_->count(), kRowsSeen);
  found_->setFixedHeight((found_->count() > 0 ? found_->sizeHintForRow(0) : 0) * rows + 2 * found_->frameWidth() + 2);
}

}  // namespace gf::ui

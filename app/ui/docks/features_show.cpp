// What the Features dock shows of a dictionary's answers.
#include <QComboBox>
#include <QLabel>
#include <QSignalBlocker>
#include <algorithm>
#include <utility>

#include "app/ui/docks/features_dock.h"
#include "app/ui/docks/index_strip.h"
#include "app/ui/docks/passages_page.h"
#include "app/ui/plots/waterfall.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {

namespace {

constexpr const char* kPassagesListed = "8";
constexpr std::size_t kFeaturesListed = 12;

/// The features of one position in the order of an answer, which is that of their strength.
struct ActiveFeature {
  int feature = -1;
  double activation = 0;
  std::string name;  ///< may be empty
};
std::vector<ActiveFeature> active_at(const Answer& answer, int position) {
  const Answer::Table& top = answer.table("top");
  const auto& positions = std::get<std::vector<int>>(top.find("position")->cells);
  const auto& features = std::get<std::vector<int>>(top.find("feature")->cells);
  const auto& activations = std::get<std::vector<float>>(top.find("activation")->cells);
  const auto* names = top.find("name");
  std::vector<ActiveFeature> found;
  for (std::size_t i = 0; i < positions.size(); ++i)
    if (positions[i] == position)
      found.push_back({features[i], static_cast<double>(activations[i]),
                       names != nullptr ? std::get<std::vector<std::string>>(names->cells)[i] : std::string()});
  return found;
}

}  // namespace

/// `question` has the parameters of a dictionary and "top".
doc::StudyKey features_key(const char* name_of_question, const doc::DictionaryInUse& dictionary, const char* top,
                           std::vector<std::string> parts, doc::Side side) {
  const Question* question = find_question(name_of_question);
  EXPECTS(question, "a question of the list");
  doc::StudyKey key{question, Params(question->params), std::move(parts), side, 0};
  for (const auto& [name, value] :
       {std::pair<const char*, std::string>{"dictionary", dictionary.file}, {"dictionary-hook", dictionary.hook}, {"top", top}}) {
    const auto set = key.params.set(name, value);
    EXPECTS(set.has_value(), "values that the question takes");
  }
  return key;
}

std::vector<FeatureName> named_features(const Answer& answer) {
  const Answer::Table& named = answer.table("named");
  const auto& features = std::get<std::vector<int>>(named.find("feature")->cells);
  const auto& names = std::get<std::vector<std::string>>(named.find("name")->cells);
  std::vector<FeatureName> found;
  for (std::size_t i = 0; i < features.size(); ++i) found.push_back({features[i], names[i]});
  return found;
}

double largest_activation(const Answer::Table& table) {
  double most = 0;
  for (const float activation : std::get<std::vector<float>>(table.find("activation")->cells))
    most = std::max(most, static_cast<double>(activation));
  return most;
}

double FeaturesDock::most_in_text() const {
  const auto examples = index_->answer();
  return examples != nullptr ? largest_activation(examples->table("passages")) : 0;
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

int FeaturesDock::show_active(const Answer& base, const Answer* edited, int position) {
  const doc::FeatureView& view = lab().document().features;
  const auto edit_of = [&](int feature) { return doc::feature_edit_in(lab().document().recipe, *view.dictionary(), feature).first; };
  const std::vector<ActiveFeature> before = active_at(base, position);
  const std::vector<ActiveFeature> known = edited != nullptr ? active_at(*edited, position) : before;
  std::vector<ActiveFeature> shown(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(std::min(known.size(), kFeaturesListed)));
  // A feature that an edit cuts is hardly active, and must be found to be restored.
  for (const ActiveFeature& was : before)
    if (edited != nullptr && edit_of(was.feature) != doc::FeatureEdit::None &&
        std::ranges::find(shown, was.feature, &ActiveFeature::feature) == shown.end()) {
      const auto now = std::ranges::find(known, was.feature, &ActiveFeature::feature);
      shown.push_back(now == known.end() ? ActiveFeature{was.feature, 0, was.name} : *now);
    }
  bars_.clear();
  std::vector<WaterfallBar> bars;
  int current = -1;
  for (const ActiveFeature& one : shown) {
    if (one.feature == view.feature) current = static_cast<int>(bars.size());
    bars_.push_back(one.feature);
    bars.push_back({.name = one.name.empty() ? text("feature {0}", one.feature) : text("{0} · {1}", one.feature, one.name),
                    .value = one.activation,
                    .before = {},
                    .cut = edit_of(one.feature) == doc::FeatureEdit::Cut});
    if (edited == nullptr) continue;
    const auto was = std::ranges::find(before, one.feature, &ActiveFeature::feature);
    bars.back().before = was == before.end() ? 0 : was->activation;
  }
  place_->setText(bars.empty() ? text("no feature is active {0}", after_position(*lab().model(), lab().run()->base->ids(), position))
                               : text("active {0}", after_position(*lab().model(), lab().run()->base->ids(), position)));
  active_->set_bars(std::move(bars), false, {});
  active_->setVisible(!bars_.empty());
  active_->set_current(current >= 0 ? current : view.feature < 0 && !bars_.empty() ? 0 : -1);
  return bars_.empty() ? -1 : bars_.front();
}

QString FeaturesDock::line_about(const Answer& answer, int feature, int position) const {
  const std::vector<FeatureName> named = named_features(answer);
  const QString what = what_it_does(answer, feature, position);
  const auto at = std::ranges::find(named, feature, &FeatureName::feature);
  if (at == named.end()) return what;
  return what.isEmpty() ? QString::fromStdString(at->name) : text("{0} · {1}", at->name, what);
}

QString FeaturesDock::what_it_does(const Answer& answer, int feature, int position) const {
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
  return text("not active here");
}

void FeaturesDock::show_named(const Answer& answer, int feature) {
  const QSignalBlocker quiet(named_);
  named_->clear();
  for (const auto& [number, name] : named_features(answer)) named_->addItem(text("{0} · {1}", number, name), number);
  named_->setCurrentIndex(named_->findData(feature));
  named_->setVisible(named_->count() > 0);
}

void FeaturesDock::show_examples(int feature) {
  std::optional<doc::StudyKey> key;
  if (feature >= 0) {
    key = features_key("examples", *lab().document().features.dictionary(), kPassagesListed, {});
    const auto set = key->params.set("feature", std::to_string(feature));
    EXPECTS(set.has_value(), "a number that the question takes");
  }
  index_->follow(
      std::move(key), {},
      text("The model reads the text once and notes what excites each feature. It goes on in the background and can be stopped."));
  const auto answer = index_->answer();
  passages_->setVisible(answer != nullptr);
  if (!answer || answer == std::exchange(shown_examples_, answer)) return;
  passages_->show_answer(*answer, *lab().model(),
                         text("In the text it is active at {0} of {1} tokens. Tokens by the base-2 logarithm of its activation, then the "
                              "strongest passages and some of each interval; a click makes one the prompt:",
                              percent(answer->number("frequency")), count(static_cast<long long>(answer->number("tokens")))));
}

}  // namespace gf::ui

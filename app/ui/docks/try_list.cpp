#include "app/ui/docks/try_list.h"

#include <QHeaderView>
#include <utility>

#include "app/ui/actions/action_runner.h"
#include "app/ui/widgets/save_file.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/base/csv.h"
#include "model/base/numbers.h"

namespace gf::ui {

TryList::TryList(doc::Lab& lab, ActionRunner& runner, QWidget* parent)
    : NamedList(runner, {"name-try", "note-try", "go-to-try", "remove-try"}, {Name, Note}, parent), lab_(lab) {
  setObjectName("try_list");
  setAccessibleName(text("Tries"));
  setHeaderLabels({text("Name"), text("Edits"), text("about"), text("A − B"), text("Effect"), text("Note")});
  header()->resizeSection(Name, 44);
  header()->resizeSection(What, 112);
  header()->resizeSection(About, 146);
  header()->resizeSection(Difference, 62);
  header()->resizeSection(Effect, 52);
  add_csv_actions(*this, [this]() -> Result<std::string> { return csv(); }, [&runner](const Error& error) { runner.tell(error); });
}

void TryList::show_row(std::size_t index) {
  QTreeWidgetItem& item = *topLevelItem(static_cast<int>(index));
  const doc::PatchTry& one = shown_[index];
  item.setText(Name, one.name.empty() ? QString::number(index + 1) : QString::fromStdString(one.name));
  item.setText(What, QString::fromStdString(doc::words_of_try(one)));
  item.setText(Note, QString::fromStdString(one.note));
  item.setText(About, about_of(one, watches_[index].now().answer));
  item.setToolTip(About, item.text(About));
  const auto study = watches_[index].now();
  const bool of_this_model = one.subject.model == lab_.document().model;
  const QString open = study.error || !of_this_model ? QStringLiteral("–") : QStringLiteral("…");
  item.setText(Difference, study.answer ? signed_number(study.answer->after, 2) : open);
  item.setText(Effect, !study.answer ? open : study.answer->effect ? fixed(*study.answer->effect, 2) : QStringLiteral("–"));
  const QString before =
      study.answer    ? text("before {0}, source {1}", signed_number(study.answer->before, 2), signed_number(study.answer->source, 2))
      : study.error   ? QString::fromStdString(study.error->message)
      : of_this_model ? QString()
                      : text("of another model, {0}; go back to it to see what it did", one.subject.model);
  item.setToolTip(Difference, before);
  item.setToolTip(Effect, before);
  item.setToolTip(What, text("{0}\ninto “{1}”\nfrom “{2}”", item.text(What), one.subject.prompt, one.second));
  doc::PatchTry now = doc::try_of(lab_.document());
  now.name = one.name;
  now.note = one.note;
  const bool is_now = now == one;
  for (const int column : {Difference, Effect}) item.setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
  for (int column = Name; column <= Note; ++column) item.setForeground(column, is_now ? skin().accent : skin().text);
}

QString TryList::about_of(const doc::PatchTry& one, const std::shared_ptr<const doc::TryResult>& found) const {
  const auto model = lab_.model();
  if (found && model) return text("{0} − {1} at {2}", token_text(*model, found->a), token_text(*model, found->b), found->position);
  // As the user gave them, until the run says which they are.
  const auto word = [](const std::string& token, const QString& otherwise) {
    return token.empty() ? otherwise : QString::fromStdString(token);
  };
  return text("{0} − {1} at {2}", word(one.target, QStringLiteral("A")), word(one.rival, QStringLiteral("B")),
              one.position < 0 ? text("the end") : QString::number(one.position));
}

void TryList::refresh() {
  const auto& tries = lab_.document().tries;
  const bool was_quiet = std::exchange(quiet_, true);  // watching may refresh the list again
  set_rows(tries.size());
  watches_.resize(tries.size());
  for (std::size_t i = 0; i < tries.size(); ++i) {
    const bool same = i < shown_.size() && shown_[i] == tries[i] && watches_[i].now().state != doc::StudyState::Absent;
    const bool of_this_model = tries[i].subject.model == lab_.document().model;
    if (!of_this_model) watches_[i] = {};
    else if (!same) watches_[i] = lab_.studies().watch(doc::result_of(tries[i]));
  }
  shown_ = tries;
  for (std::size_t i = 0; i < shown_.size(); ++i) show_row(i);
  quiet_ = was_quiet;
}

void TryList::let_go() { watches_.clear(); }

std::shared_ptr<const doc::TryResult> TryList::result(std::size_t index) const {
  return index < watches_.size() ? watches_[index].now().answer : nullptr;
}

std::string TryList::csv() const {
  std::string rows = "try,name,edits,into,from,a,b,position,before,source,after,effect,kl,note\n";
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    const doc::PatchTry& one = shown_[i];
    const auto found = result(i);
    const auto number = [&](double value) { return found ? numbers::significant(value, 9) : std::string(); };
    const auto token = [&](TokenId id) {
      return found && lab_.model() ? csv_quoted(lab_.model()->tokenizer->decode(std::vector{id})) : std::string();
    };
    rows += std::to_string(i + 1) + "," + csv_quoted(one.name) + "," + csv_quoted(doc::words_of_try(one)) + "," +
            csv_quoted(one.subject.prompt) + "," + csv_quoted(one.second) + "," + token(found ? found->a : TokenId()) + "," +
            token(found ? found->b : TokenId()) + "," + (found ? std::to_string(found->position) : std::string()) + "," +
            number(found ? found->before : 0) + "," + number(found ? found->source : 0) + "," + number(found ? found->after : 0) + "," +
            (found && found->effect ? number(*found->effect) : std::string()) + "," + number(found ? found->kl : 0) + "," +
            csv_quoted(one.note) + "\n";
  }
  return rows;
}

}  // namespace gf::ui

#include "app/ui/shell/languages.h"

#include <QSettings>
#include <algorithm>

#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/io/loaders.h"
#include "model/io/translations.h"

namespace gf::ui {
namespace {

const QString kLanguageSetting = QStringLiteral("window/language");

/// null: the list lacks it.
const Language* find_language(std::string_view id) {
  const auto all = languages();
  const auto found = std::ranges::find(all, id, [](const Language& one) { return std::string_view(one.id); });
  return found == all.end() ? nullptr : &*found;
}

std::string chosen_language() { return QSettings().value(kLanguageSetting).toString().toStdString(); }

}  // namespace

std::span<const Language> languages() {
  static constexpr Language kLanguages[] = {{"en", "English"}, {"zh", "中文"}};
  return kLanguages;
}

std::string window_language() {
  std::string id = chosen_language();
  if (id.empty()) id = language_of(locale_of_environment());
  return find_language(id) ? id : languages().front().id;
}

Result<void> speak_chosen_language() {
  const std::string id = chosen_language();
  return find_language(id) ? speak(id) : Result<void>();
}

Result<void> choose_language(const std::string& id) {
  const Language* language = find_language(id);
  if (!language)
    return fail(ErrorCode::InvalidArgument,
                gf::text("There is no language \"{0}\"; there are {1}.", id, listed(languages(), &Language::id)), "language");
  const bool english = language == &languages().front();
  if (!english && !asset_path("translations/" + id + ".json"))
    return fail(ErrorCode::NotFound, gf::text("The words in {0} are not installed.", language->name), "language");
  const std::string before = window_language();
  if (auto spoken = speak(id); !spoken) {
    static_cast<void>(speak(before));
    return spoken;
  }
  QSettings().setValue(kLanguageSetting, QString::fromStdString(id));
  return {};
}

}  // namespace gf::ui

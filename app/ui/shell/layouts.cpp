#include "app/ui/shell/layouts.h"

#include <QSettings>
#include <QStringList>
#include <algorithm>

#include "model/base/text.h"

namespace gf::ui {
namespace {

const QString kClosedState = QStringLiteral("window/layout"), kClosedDocks = QStringLiteral("window/docks"),
              kChosen = QStringLiteral("window/layout_name"), kOwn = QStringLiteral("layouts"), kName = QStringLiteral("name"),
              kState = QStringLiteral("state"), kDocks = QStringLiteral("docks");

QStringList as_words(const std::vector<std::string>& ids) {
  QStringList words;
  for (const std::string& id : ids) words << QString::fromStdString(id);
  return words;
}

std::vector<std::string> from_words(const QStringList& words) {
  std::vector<std::string> ids;
  for (const QString& word : words) ids.push_back(word.toStdString());
  return ids;
}

}  // namespace

std::span<const LayoutInfo> layouts() {
  static const LayoutInfo kLayouts[] = {
      {"explore",
       phrase("Explore"),
       phrase("To look around: the model, its heads and what it predicts"),
       {{{"model"}}},
       {{{"probe"}, 2}, {{"logits"}, 1}},
       236,
       400},
      {"probe",
       phrase("Probe"),
       phrase("To cut, patch and steer, with what each edit changes below"),
       {},
       {{{"probe", "sweep", "why", "attention"}, 3}, {{"logits", "directions"}, 2}},
       0,
       440},
      {"compare",
       phrase("Compare"),
       phrase("Two prompts, models or recipes beside each other"),
       {},
       {{{"compare", "two_prompts"}, 3}, {{"logits", "decoding"}, 2}},
       0,
       460},
      {"teach",
       phrase("Teach"),
       phrase("Lessons and bookmarks at the side, and the scene as large as can be"),
       {{{"lessons", "history"}}},
       {},
       340,
       0},
  };
  return kLayouts;
}

const LayoutInfo* find_layout(std::string_view id) {
  const QString wanted = QString::fromUtf8(id.data(), static_cast<qsizetype>(id.size()));
  const auto all = layouts();
  const auto found =
      std::ranges::find_if(all, [&](const LayoutInfo& one) { return wanted.compare(QLatin1String(one.id), Qt::CaseInsensitive) == 0; });
  return found == all.end() ? nullptr : &*found;
}

DockLayout closed_layout(const QSettings& settings) {
  return {settings.value(kClosedState).toByteArray(), from_words(settings.value(kClosedDocks).toStringList())};
}

void keep_closed_layout(QSettings& settings, const DockLayout& layout) {
  settings.setValue(kClosedState, layout.state);
  settings.setValue(kClosedDocks, as_words(layout.ids));
}

std::string chosen_layout() { return QSettings().value(kChosen, QLatin1String(layouts().front().id)).toString().toStdString(); }

void keep_chosen_layout(const std::string& name) { QSettings().setValue(kChosen, QString::fromStdString(name)); }

std::vector<OwnLayout> own_layouts() {
  QSettings settings;
  std::vector<OwnLayout> all;
  const int count = settings.beginReadArray(kOwn);
  for (int i = 0; i < count; ++i) {
    settings.setArrayIndex(i);
    OwnLayout one{settings.value(kName).toString(),
                  {settings.value(kState).toByteArray(), from_words(settings.value(kDocks).toStringList())}};
    if (!one.name.isEmpty() && !one.layout.state.isEmpty()) all.push_back(std::move(one));
  }
  settings.endArray();
  return all;
}

void keep_own_layouts(const std::vector<OwnLayout>& all) {
  QSettings settings;
  settings.remove(kOwn);
  settings.beginWriteArray(kOwn, static_cast<int>(all.size()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    settings.setArrayIndex(static_cast<int>(i));
    settings.setValue(kName, all[i].name);
    settings.setValue(kState, all[i].layout.state);
    settings.setValue(kDocks, as_words(all[i].layout.ids));
  }
  settings.endArray();
}

}  // namespace gf::ui

#include "app/ui/actions/values_needed.h"

#include <QVariant>
#include <QWidget>
#include <algorithm>
#include <array>

#include "app/document/lab.h"

namespace gf::ui {
namespace {

constexpr const char* kOwnTip = "own_tip";  ///< the property that keeps the tooltip while a reason stands in its place

constexpr std::array kNeedValues = std::to_array<std::string_view>({"save-film",     "save-handout",
                                                                    "save-notebook", "ribbons",
                                                                    "open-product",  "compare",
                                                                    "difference",    "split",
                                                                    "split-left",    "split-right",
                                                                    "side",          "times",
                                                                    "copy-code",     "play",
                                                                    "tell",          "follow",
                                                                    "step-forward",  "step-back",
                                                                    "to-start",      "to-end",
                                                                    "step-by-block", "step-by-operation",
                                                                    "step-by-token", "generate-token",
                                                                    "generate",      "greedy",
                                                                    "cut-head",      "remove-edits",
                                                                    "observe",       "intervene",
                                                                    "what-if",       "open-recipe",
                                                                    "save-recipe"});

}  // namespace

bool needs_values(std::string_view id) { return std::ranges::find(kNeedValues, id) != kNeedValues.end(); }

QString lack_of_values(const doc::Lab& lab) {
  const auto model = lab.model();
  if (!model || model->weights->has_values()) return {};
  return QString::fromStdString(model->weights->no_values_error().message);
}

void enable_unless(QWidget& control, const QString& lack, bool enabled) {
  const QVariant own = control.property(kOwnTip);
  control.setEnabled(enabled && lack.isEmpty());
  if (lack.isEmpty()) {
    if (own.isValid()) control.setToolTip(own.toString());
    control.setProperty(kOwnTip, QVariant());
    return;
  }
  if (!own.isValid()) control.setProperty(kOwnTip, control.toolTip());
  control.setToolTip(lack);
}

}  // namespace gf::ui

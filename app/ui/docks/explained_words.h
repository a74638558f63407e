// What the docks that explain a prediction explain, in words.
#pragma once

#include <QString>

namespace gf::doc {
class Lab;
}

namespace gf::ui {

/// "logit “·Mary” − logit “·John”"; empty without a run.
[[nodiscard]] QString explained_pair(const doc::Lab& lab);
/// "logit “·Mary” − logit “·John”, after “·to”, position 13"
[[nodiscard]] QString explained_words(const doc::Lab& lab);

}  // namespace gf::ui

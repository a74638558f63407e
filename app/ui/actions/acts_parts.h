// What the files of actions share.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/document/lab.h"
#include "app/scene/cards/explain.h"
#include "app/scene/legend.h"
#include "app/scene/views.h"
#include "app/ui/actions/action_arguments.h"
#include "app/ui/actions/acts.h"

namespace gf::ui::acts {

/// Changes the document; `name` is shown in the undo menu.
inline Result<void> change(C c, std::string name, std::function<void(doc::Document&)> apply, std::string merge_key = {}) {
  c.lab.execute({std::move(name), std::move(apply), std::move(merge_key)});
  return {};
}

/// The value of an enumeration by its name in files and on the command line. Errors: InvalidArgument with all names.
template <class E>
Result<E> value_named(const std::string& word) {
  std::vector<const char*> names;
  for (const auto& row : scene::names_of(E{})) names.push_back(row.name);
  GF_TRY_ASSIGN(const std::size_t index, one_of(word, names));
  return std::data(scene::names_of(E{}))[index].value;
}

}  // namespace gf::ui::acts

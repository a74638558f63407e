// The model that comes with the program, and the prompt that tests run it on.
#pragma once

#include <memory>

#include "model/io/loaders.h"

namespace gf::truth {

inline constexpr const char* kPrompt = "When Mary and John went to the garden, John gave a ring to";

inline std::shared_ptr<const Model> fable_model() {
  static const auto model = [] {
    auto path = resolve_model("fable");
    EXPECTS(path.has_value(), "fable comes with the program");
    auto opened = open_model(*path);
    EXPECTS(opened.has_value(), "fable opens");
    return *opened;
  }();
  return model;
}

}  // namespace gf::truth

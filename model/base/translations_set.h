// For what keeps sentences, such as the labels of a scene.
#pragma once

#include <cstddef>

namespace gf {

/// How often set_translations() (text.h) was called: sentences that were made at another number are in another language. Thread safe.
[[nodiscard]] std::size_t translations_set();

}  // namespace gf

// How tokens are chosen, as JSON: sessions, sidecars and the metadata of traces have it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/sampling/sampler.h"

namespace gf {

[[nodiscard]] nlohmann::json sampler_json(const SamplerOptions& sampler);
/// The same as text on one line; broken UTF-8 of texts to stop at is replaced.
[[nodiscard]] std::string sampler_text(const SamplerOptions& sampler);

}  // namespace gf

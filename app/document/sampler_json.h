// Reads how tokens are chosen from a session or sidecar.
#pragma once

#include "app/document/json_reader.h"
#include "model/sampling/sampler.h"

namespace gf::doc {

/// Reads the member "sampler", which sampler_json() wrote; what it lacks stays as it is. For untrusted input: from.error says what
/// is wrong.
void read_sampler(JsonReader& from, SamplerOptions& sampler);

}  // namespace gf::doc

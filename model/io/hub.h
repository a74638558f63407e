// The cache of Hugging Face's own programs: models that are on this machine already. Nothing is fetched here (app/hub).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/io/loaders.h"

namespace gf {

/// "ORG/NAME" of the folder "models--ORG--NAME"; empty for other names.
[[nodiscard]] std::string hub_model_name(const std::string& folder);

/// ORG/NAME -> models--ORG--NAME; empty where it could lead out of the cache or is not a name.
[[nodiscard]] std::string hub_cache_folder(std::string_view name);

/// $HF_HOME, or ~/.cache/huggingface.
[[nodiscard]] std::string hub_home();
/// $HF_HUB_CACHE, or $HF_HOME/hub, or ~/.cache/huggingface/hub.
[[nodiscard]] std::string hub_folder();

/// The folder of NAME or ORG/NAME in the cache: the revision that refs/main names, or else the newest snapshot; one
/// that has weights before one that has none.
/// A bare NAME is also looked for under openai-community, where GPT-2 is now. Errors: InvalidArgument, NotFound.
[[nodiscard]] Result<std::string> resolve_hub_model(std::string_view name);

/// The GPT-2-shaped ones of the cache, by name: `name` is what to type ("hf:ORG/NAME"), `path` the snapshot.
[[nodiscard]] std::vector<BundledModel> hub_models();

}  // namespace gf

// The JSON that llm-viz shows: a config, and tensors as text. Source: github.com/bbycroft/llm-viz, public/gpt-nano-sort-model.json.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/io/loaders.h"

namespace gf {

[[nodiscard]] bool probe_llmviz(const std::string& path);
/// Errors: as load_weights.
[[nodiscard]] Result<std::shared_ptr<const Weights>> load_llmviz(const std::string& path, const LoadOptions& options);

/// Bytes of a base64 text (RFC 4648, section 4, padded); nullopt where it is none.
[[nodiscard]] std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace gf

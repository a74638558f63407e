// A head that the Machine shows alone: q, k, scores, pattern, v and z side by side, a token's row at one height in each.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/base/error.h"
#include "model/config.h"
#include "renderer/camera.h"

namespace gf::scene {

struct OneHead {
  int layer = 0, head = 0;
  std::optional<render::Camera> before = {};  ///< the camera to which closing it leads back; none: home
  [[nodiscard]] bool same_place(const OneHead& other) const { return layer == other.layer && head == other.head; }
  friend bool operator==(const OneHead&, const OneHead&) = default;
};

/// "4.3"
[[nodiscard]] std::string one_head_name(const OneHead& head);
/// `config`: nullptr accepts any numbers. Errors: InvalidArgument.
[[nodiscard]] Result<OneHead> one_head_named(std::string_view name, const ModelConfig* config = nullptr);
[[nodiscard]] inline bool is_in(const OneHead& head, const ModelConfig& config) {
  return head.layer >= 0 && head.layer < config.n_layer && head.head >= 0 && head.head < config.n_head;
}

}  // namespace gf::scene

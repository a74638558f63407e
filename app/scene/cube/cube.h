// A product in focus: the factors of a matrix product stand on the sides of a cube, and its terms are added up in it.
// Here: which product, in which order and at which moment. See cube_product.h for its numbers, cube_scene.h for its picture.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/scene/sources/tensor_ref.h"
#include "model/base/error.h"
#include "model/config.h"
#include "model/hooks.h"
#include "renderer/camera.h"

namespace gf::scene {

/// In which order the terms of all sums of a product are added up.
enum class CubeOrder : std::uint8_t { Dots, Rows, Columns, Outer };

/// An open product.
struct Cube {
  HookId product;  ///< the hook that it fills, one of is_product()
  int head = -1;   ///< of a product that each head has for itself, and of q, k, v for one head's part; -1: all of it
  CubeOrder order = CubeOrder::Dots;
  double time = kEnd;                    ///< share of the animation; from kEnd on all is computed
  std::optional<render::Camera> before;  ///< the camera that closing gives back; none: home
  static constexpr double kEnd = 1;
  static constexpr double kSeconds = 14;  ///< of the whole animation at speed 1
  friend bool operator==(const Cube&, const Cube&) = default;
};

/// Whether a hook is filled by a matrix product: q, k, v, scores, z, attention out, MLP in and out, logits.
[[nodiscard]] bool is_product(HookKind kind);
/// Of a product that each head has for itself: scores and z.
[[nodiscard]] bool is_by_head(HookKind kind);
/// "blocks.4.attn.hook_z.7", "blocks.4.hook_mlp_out": what the command line, actions and lessons name.
[[nodiscard]] std::string cube_name(const Cube& cube);
/// Errors: InvalidArgument with what is wrong. A product by head without one gets head 0. Without a model's config, any block and
/// head is a name.
[[nodiscard]] Result<Cube> cube_named(const std::string& name, const ModelConfig* config = nullptr);
/// The product that a cell is made by, or that a weight belongs to. nullopt: none.
[[nodiscard]] std::optional<Cube> cube_of(const CellRef& cell, const ModelConfig& config);
/// What stands in the menu: "q", "scores of head 3".
[[nodiscard]] std::string title_of(const Cube& cube);
/// "dot products": a name for people.
[[nodiscard]] std::string words_of(CubeOrder order);
[[nodiscard]] CubeOrder next_order(CubeOrder order);

}  // namespace gf::scene

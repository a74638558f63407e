// Where the tensors of an open product stand: the result in front, the weights above, the input at the side of a cube that has a place
// for each term of each sum.
#pragma once

#include <optional>

#include "app/scene/cube/cube_product.h"
#include "app/scene/machine/layout.h"

namespace gf::scene {

/// A panel before it is drawn.
struct Slab {
  PanelInfo info;
  glm::vec3 origin{0}, across{0}, down{0};
  /// Some of its rows and columns.
  [[nodiscard]] Slab part(int row, int rows, int col, int cols) const;
};

/// Row i of the result stands at y, column j at x, term k at z: the first term at the back. Pure geometry.
class CubePlaces {
 public:
  /// The cube stands where the page has the result. Lifetime: both outlive it.
  CubePlaces(const CubeProduct& product, const Layout& page);

  [[nodiscard]] float x_of(float j) const { return corner_.x + size_.x * j / static_cast<float>(p_.cols()); }
  [[nodiscard]] float y_of(float i) const { return corner_.y + size_.y * i / static_cast<float>(p_.rows()); }
  [[nodiscard]] float z_of(float k) const { return size_.z * (1 - k / static_cast<float>(p_.depth())); }
  [[nodiscard]] float wall_x() const;
  [[nodiscard]] float shelf_y() const;
  [[nodiscard]] float front_z() const;

  [[nodiscard]] Slab result() const;
  [[nodiscard]] Slab wall() const;
  [[nodiscard]] Slab shelf() const;
  [[nodiscard]] std::optional<Slab> bias() const;
  /// Whether the rows of the second factor's tensor run along the result: of k in q.k, and of W_E as the unembedding.
  [[nodiscard]] bool turned() const;
  /// Where a slab's tensor stands on the page; the slab itself where it stands nowhere.
  [[nodiscard]] Slab on_page(const Slab& slab) const;

 protected:
  const CubeProduct& p_;
  const Layout& layout_;
  glm::vec3 size_{1}, corner_{0};
};

}  // namespace gf::scene

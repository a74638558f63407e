// Which labels may stay: fading against those that were kept before, found through a grid.
#pragma once

#include <cstdint>
#include <glm/glm.hpp>
#include <vector>

namespace gf::render {

struct LabelBox {
  glm::vec2 low{0}, high{0};
};

/// How free a box is beside another: 0 where they touch or overlap, 1 where they are well apart, and in between
/// so that labels fade as the camera moves. Rows of text may stand closer than neighbours in a line. `unit` is the
/// pixels of a logical pixel.
[[nodiscard]] float separation(const LabelBox& a, const LabelBox& b, float unit);

/// Kept boxes of a viewport. query() equals the least separation over all kept ones, weighted by their strength.
class LabelGrid {
 public:
  LabelGrid(glm::vec2 size, float unit);
  /// 1: free; 0: covered.
  [[nodiscard]] float query(const LabelBox& box) const;
  void keep(const LabelBox& box, float strength);

 private:
  struct Kept {
    LabelBox box;
    float strength;
  };
  struct Cells {
    int x0, y0, x1, y1;
  };
  [[nodiscard]] Cells cells(const LabelBox& box) const;

  float unit_;
  glm::vec2 cell_;
  int columns_, rows_;
  std::vector<Kept> kept_;
  std::vector<std::vector<std::uint32_t>> grid_;
};

}  // namespace gf::render

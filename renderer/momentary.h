// Sources whose content is that of a moment.
#pragma once

namespace gf::render {

/// Marks a TileSource that each frame replaces by a new one, such as sums that are being added up. The window fills its tiles before
/// it draws. If a background thread filled them, each would come too late, and the panel would stay empty while the animation plays.
class Momentary {
 public:
  virtual ~Momentary() = default;

 protected:
  Momentary() = default;
  Momentary(const Momentary&) = default;
  Momentary& operator=(const Momentary&) = default;
};

}  // namespace gf::render

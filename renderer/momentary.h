// Sources whose content is that of a moment.
#pragma once

namespace gf::render {

/// A mark on a TileSource of which the next frame has another: sums in the making. A window fills its tiles before it draws. From
/// the background they would come when nobody wants them any more, and the panel would stay empty while it plays.
class Momentary {
 public:
  virtual ~Momentary() = default;

 protected:
  Momentary() = default;
  Momentary(const Momentary&) = default;
  Momentary& operator=(const Momentary&) = default;
};

}  // namespace gf::render

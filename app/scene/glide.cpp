#include "app/scene/glide.h"

#include <cmath>
#include <numbers>

namespace gf::scene {
namespace {

// How much a way bends away from the page: the paper finds that people like about this value.
constexpr double kBend = 1.4142135;
// A turn by one radian is seen as much as this length of way.
constexpr double kTurn = 1.5;
// Of smoothstep: its greatest speed in terms of its mean.
constexpr double kPeak = 1.5;

double height_seen(const render::Camera& c) { return 2 * static_cast<double>(c.distance) * std::tan(static_cast<double>(c.fov_y) / 2); }

double turn_from(float a, float b) { return std::remainder(static_cast<double>(b) - static_cast<double>(a), 2 * std::numbers::pi); }

/// The shortest way between two views of a plane: along it the view's middle has moved by way(s), and its height is height(s).
struct Arc {
  double from = 1, to = 1, apart = 0;  ///< heights seen, and the way between the middles
  double start = 0, length = 0;        ///< parameters of the paper: r0, S

  Arc(const render::Camera& a, const render::Camera& b)
      : from(height_seen(a)), to(height_seen(b)), apart(static_cast<double>(glm::length(b.target - a.target))) {
    constexpr double kTogether = 1e-6;
    if (apart < kTogether * std::max(from, to)) {
      apart = 0;
      length = std::abs(std::log(to / from)) / kBend;
      return;
    }
    constexpr double kSquare = kBend * kBend;
    const double bent = kSquare * kSquare * apart * apart, grown = to * to - from * from;
    start = -std::asinh((grown + bent) / (2 * from * kSquare * apart));
    length = (-std::asinh((grown - bent) / (2 * to * kSquare * apart)) - start) / kBend;
  }
  [[nodiscard]] double height(double s) const {
    if (apart == 0) return from * std::pow(to / from, s);
    return from * std::cosh(start) / std::cosh(kBend * s * length + start);
  }
  /// As a share of the whole way.
  [[nodiscard]] double way(double s) const {
    if (apart == 0) return s;
    return from / (kBend * kBend) * (std::cosh(start) * std::tanh(kBend * s * length + start) - std::sinh(start)) / apart;
  }
};

double turn_length(const render::Camera& a, const render::Camera& b) {
  return kTurn * std::hypot(turn_from(a.yaw, b.yaw), turn_from(a.pitch, b.pitch), turn_from(a.fov_y, b.fov_y));
}

}  // namespace

float glide_length(const render::Camera& a, const render::Camera& b) { return static_cast<float>(Arc(a, b).length + turn_length(a, b)); }

float glide_seconds(const render::Camera& a, const render::Camera& b) {
  return static_cast<float>(kPeak) * glide_length(a, b) / kFastestGlide;
}

render::Camera glide(const render::Camera& a, const render::Camera& b, float s) {
  if (!(s > 0)) return a;
  if (s >= 1) return b;
  const double t = static_cast<double>(s) * s * (3 - 2 * static_cast<double>(s));
  const Arc arc(a, b);
  render::Camera c = a;
  c.yaw = a.yaw + static_cast<float>(turn_from(a.yaw, b.yaw) * t);
  c.pitch = a.pitch + static_cast<float>(turn_from(a.pitch, b.pitch) * t);
  c.fov_y = a.fov_y + (b.fov_y - a.fov_y) * static_cast<float>(t);
  c.target = a.target + (b.target - a.target) * static_cast<float>(arc.way(t));
  c.distance = static_cast<float>(arc.height(t) / (2 * std::tan(static_cast<double>(c.fov_y) / 2)));
  c.chosen_in = {};
  return c;
}

}  // namespace gf::scene

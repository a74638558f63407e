#include "app/scene/operations/follow.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "app/scene/close_up.h"
#include "app/scene/glide.h"
#include "app/scene/operations/board.h"
#include "app/scene/operations/tempo.h"
#include "app/scene/views.h"
#include "model/hook_sources.h"

namespace gf::scene {
namespace {

// At least so long the camera stands still at a place.
constexpr double kLeastRest = 1.2;

/// What the camera shows of an operation: the larger, the sooner it is over.
enum class Nearness : std::uint8_t { Whole, Block, Part, Operation };

/// A place where the camera can stand: the same for each position.
struct PlaceKey {
  Nearness near = Nearness::Whole;
  int block = 0, part = 0, op = 0;  ///< those that the nearness needs, else 0
  friend auto operator<=>(const PlaceKey&, const PlaceKey&) = default;
};

/// A stretch of operations in one place.
struct FollowStretch {
  PlaceKey place;
  std::size_t from = 0, to = 0;  ///< operations of the pass: [from, to)
};

class FollowPlan {
 public:
  FollowPlan(const ViewScene& scene, View view, const ModelConfig& config, const Timeline& timeline, const Pane& pane,
             const std::vector<double>& seconds)
      : scene_(scene), view_(view), config_(config), timeline_(timeline), pane_(pane), seconds_(seconds) {}

  std::vector<FollowPath::Station> stations() {
    begin();
    while (coarsen()) join();
    std::vector<FollowPath::Station> all;
    for (const FollowStretch& s : stretches_) all.push_back({seconds_[s.from], seconds_[s.to], camera(s.place)});
    return all;
  }

 private:
  void begin() {
    const std::size_t n = timeline_.ops().size(), all = seconds_.size() - 1;
    for (std::size_t i = 0; i < all; ++i)
      if (seconds_[i + 1] > seconds_[i]) stretches_.push_back({place_of(i % n, Nearness::Operation), i, i + 1});
    if (stretches_.empty()) stretches_.push_back({PlaceKey{}, 0, all});
    join();
  }

  [[nodiscard]] PlaceKey place_of(std::size_t index, Nearness near) const {
    const Op& op = timeline_.ops()[index];
    PlaceKey key{near};
    if (near == Nearness::Whole) return key;
    key.block = op.hook.kind == HookKind::ResidPre ? -1 : op.block;
    if (near == Nearness::Block || key.block < 0 || key.block >= config_.n_layer) {
      key.near = Nearness::Block;
      return key;
    }
    key.part = stands_at(op.hook.kind, HookPlace::Attention) || op.hook.kind == HookKind::ResidMid ? 0 : 1;
    if (near == Nearness::Operation && view_ == View::Machine) key.op = static_cast<int>(index) + 1;
    else key.near = Nearness::Part;
    return key;
  }

  /// The place around a place.
  [[nodiscard]] PlaceKey around(const FollowStretch& stretch) const {
    const auto near = static_cast<Nearness>(static_cast<int>(stretch.place.near) - 1);
    return place_of(stretch.from % timeline_.ops().size(), near);
  }

  /// Neighbours in the same place become one.
  void join() {
    std::vector<FollowStretch> joined;
    for (const FollowStretch& s : stretches_) {
      if (!joined.empty() && joined.back().place == s.place) joined.back().to = s.to;
      else joined.push_back(s);
    }
    stretches_ = std::move(joined);
  }

  /// Half of a way lies before the moment when the place changes, the other half after it.
  [[nodiscard]] bool too_short(std::size_t i) {
    const FollowStretch& s = stretches_[i];
    double needed = kLeastRest;
    if (i > 0) needed += way(stretches_[i - 1].place, s.place) / 2;
    if (i + 1 < stretches_.size()) needed += way(s.place, stretches_[i + 1].place) / 2;
    return seconds_[s.to] - seconds_[s.from] < needed;
  }

  /// Steps back from places that are left too soon. False: there are none.
  bool coarsen() {
    std::vector<bool> back(stretches_.size());
    bool any = false;
    if (stretches_.size() < 2) return false;
    for (std::size_t i = 0; i < stretches_.size(); ++i) {
      if (!too_short(i)) continue;
      any = true;
      if (stretches_[i].place.near > Nearness::Whole) {
        back[i] = true;
        continue;
      }
      if (i > 0) back[i - 1] = true;
      if (i + 1 < stretches_.size()) back[i + 1] = true;
    }
    for (std::size_t i = 0; i < stretches_.size(); ++i)
      if (back[i]) stretches_[i].place = around(stretches_[i]);
    return any;
  }

  const render::Camera& camera(const PlaceKey& place) {
    const auto [known, fresh] = cameras_.try_emplace(place);
    if (fresh) known->second = look_at(place);
    return known->second;
  }

  [[nodiscard]] render::Camera look_at(const PlaceKey& place) const {
    using Kind = CameraName::Kind;
    CameraName name{Kind::Whole};
    if (place.near == Nearness::Operation) {
      const Op& op = timeline_.ops()[static_cast<std::size_t>(place.op - 1)];
      if (const auto near = close_up_of_work(scene_, made_by(op), sources_of(op), pane_)) return *near;
    }
    if (place.near == Nearness::Part || place.near == Nearness::Operation)
      name = {place.part == 0 ? Kind::Attention : Kind::Mlp, place.block};
    if (place.near == Nearness::Block) {
      name = {Kind::Block, place.block};
      if (place.block < 0) name = {Kind::Embedding};
      if (place.block >= config_.n_layer) name = {Kind::Logits};
    }
    return info_of(view_).camera(name, scene_, pane_);
  }

  [[nodiscard]] bool shows(HookId hook) const {
    return std::ranges::any_of(scene_.panels, [&](const PanelInfo& p) { return !p.tensor.is_weight() && p.tensor.hook == hook; });
  }
  /// Scores that the run did not keep go straight into the plates of the pattern.
  [[nodiscard]] HookId made_by(const Op& op) const {
    const bool scores = op.hook.kind == HookKind::AttnScores && !shows(op.hook);
    return scores ? HookId{HookKind::Pattern, op.hook.layer} : op.hook;
  }
  /// What an operation reads; in place of what is not shown, what that is made of.
  [[nodiscard]] std::vector<HookId> sources_of(const Op& op) const {
    std::vector<HookId> all;
    for (const HookId source : source_hooks(op.hook, config_)) {
      if (shows(source)) all.push_back(source);
      else
        for (const HookId before : source_hooks(source, config_)) all.push_back(before);
    }
    return all;
  }

  double way(const PlaceKey& a, const PlaceKey& b) {
    const auto [known, fresh] = ways_.try_emplace({a, b});
    if (fresh) known->second = static_cast<double>(glide_seconds(camera(a), camera(b)));
    return known->second;
  }

  const ViewScene& scene_;
  View view_;
  const ModelConfig& config_;
  const Timeline& timeline_;
  const Pane& pane_;
  const std::vector<double>& seconds_;
  std::vector<FollowStretch> stretches_;
  std::map<PlaceKey, render::Camera> cameras_;
  std::map<std::pair<PlaceKey, PlaceKey>, double> ways_;
};

}  // namespace

std::vector<double> seconds_of_pass(Pace pace, double speed, const Timeline& timeline) {
  EXPECTS(speed > 0 && timeline.positions() > 0, "a pass that is played");
  const auto& ops = timeline.ops();
  std::map<std::pair<HookKind, bool>, int> seen;  // how often an operation has been seen, in any block
  std::vector<double> seconds{0};
  for (int p = 0; p < timeline.positions(); ++p)
    for (std::size_t i = 0; i < ops.size(); ++i) {
      const double time = timeline.start_of(p, static_cast<int>(i));
      const double each = pace == Pace::Operation ? seconds_of_operation(seen[{ops[i].hook.kind, ops[i].choose}]++)
                                                  : 1 / operations_a_second(pace, timeline, time, 0);
      seconds.push_back(seconds.back() + each / speed);
    }
  return seconds;
}

FollowPath::FollowPath(std::vector<Station> stations, std::vector<double> seconds)
    : stations_(std::move(stations)), seconds_(std::move(seconds)) {
  EXPECTS(!stations_.empty() && seconds_.size() > 1, "a path leads somewhere");
}

double FollowPath::seconds_at(double time) const {
  const auto last = static_cast<double>(seconds_.size() - 1);
  if (!(time > 0)) return seconds_.front();
  if (time >= last) return seconds_.back();
  const auto index = static_cast<std::size_t>(time);
  return seconds_[index] + (seconds_[index + 1] - seconds_[index]) * (time - static_cast<double>(index));
}

render::Camera FollowPath::at(double time) const {
  const double now = seconds_at(time);
  auto here = std::ranges::upper_bound(stations_, now, {}, &Station::from);
  if (here != stations_.begin()) --here;
  const auto on_the_way = [now](const Station& a, const Station& b) -> std::optional<render::Camera> {
    const auto seconds = static_cast<double>(glide_seconds(a.camera, b.camera));
    const double gone = now - (b.from - seconds / 2);
    if (!(gone > 0) || gone >= seconds) return std::nullopt;
    return glide(a.camera, b.camera, static_cast<float>(gone / seconds));
  };
  if (here != stations_.begin())
    if (const auto camera = on_the_way(*(here - 1), *here)) return *camera;
  if (here + 1 != stations_.end())
    if (const auto camera = on_the_way(*here, *(here + 1))) return *camera;
  return here->camera;
}

FollowPath follow_path(SceneBuilder& builder, const SceneInput& input, const ViewState& view, const Pane& pane,
                       std::vector<double> seconds) {
  EXPECTS(input.run && input.run->base->length() > 0, "a run to follow");
  // The work of a pass is followed on the page, whatever product or head is shown alone by now.
  ViewState page = view;
  page.cube.reset();
  page.one_head.reset();
  const ViewScene scene = builder.build(input, page, pane);
  const ModelConfig& config = input.model->weights->config;
  const Timeline timeline(config, input.run->base->length());
  EXPECTS(seconds.size() == static_cast<std::size_t>(timeline.end()) + 1, "seconds of each operation");
  auto stations = FollowPlan(scene, view.view, config, timeline, pane, seconds).stations();
  return {std::move(stations), std::move(seconds)};
}

}  // namespace gf::scene

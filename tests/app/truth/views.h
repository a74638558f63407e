// The views that the truth of the scene is tested in: models, cameras, themes, moments.
#pragma once

#include <chrono>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <thread>

#include "app/export/picture.h"
#include "app/scene/stream/stream_reading.h"
#include "tests/app/truth/fable.h"
#include "tests/app/truth/small_model.h"

namespace gf::truth {

inline scene::SceneInput fable(bool cut) {
  static std::shared_ptr<const Run> runs[2];
  auto& run = runs[cut ? 1 : 0];
  if (!run) {
    auto session = Session::create(fable_model(), {});
    EXPECTS(session.has_value(), "a session on fable");
    RunRequest request;
    request.prompt = *fable_model()->tokenizer->ids_of(kPrompt);
    if (cut)
      request.recipe = *parse_recipe(R"({"version": 1, "edits": [{"hook": "blocks.0.attn.hook_z", "op": "zero", "heads": [0, 5]},
                                         {"hook": "blocks.4.attn.hook_z", "op": "zero", "heads": [3]}]})");
    auto done = (*session)->run(request);
    EXPECTS(done.has_value(), "fable runs its default prompt");
    run = std::make_shared<const Run>(*std::move(done));
  }
  return {fable_model(), run};
}

/// Everything captured, an edit in the middle.
inline scene::SceneInput random_small(bool edited) {
  static const auto model = testing_models::random_model(testing_models::small_config(), 7);
  static std::shared_ptr<const Run> runs[2];
  auto& run = runs[edited ? 1 : 0];
  if (!run)
    run =
        testing_models::run_of(*model, testing_models::random_ids(9, 57, 3), testing_models::everything(),
                               edited ? R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})" : "");
  return {model, run};
}

struct View {
  std::string name;
  scene::SceneInput input;
  std::string camera = "home";
  render::Theme theme = render::Theme::Dark;
  double time = 1e18;
  scene::Compare compare = scene::Compare::Edited;
  float zoom = 1;  ///< < 1: closer
  float yaw = 0, pitch = 0;
  bool cells = true;  ///< near enough for a thousand cells of 3 px
  scene::View view = scene::View::Machine;
};

inline std::vector<View> machine_views() {
  const auto middle = [](const scene::SceneInput& input, double share) {
    return share * scene::Timeline(input.model->weights->config, input.run->base->length()).end();
  };
  const auto light = render::Theme::Light, dark = render::Theme::Dark;
  const scene::SceneInput small = random_small(false), small_edited = random_small(true);
  return {
      {"fable home dark", fable(false), "home", dark, 1e18, scene::Compare::Edited, 1, 0, 0, false},
      {"fable home light", fable(false), "home", light, 1e18, scene::Compare::Edited, 1, 0, 0, false},
      {"fable front dark, mid-time", fable(false), "front", dark, middle(fable(false), 0.43), scene::Compare::Edited, 1, 0, 0, false},
      {"fable block 3 dark, mid-time", fable(false), "block 3", dark, middle(fable(false), 0.63), scene::Compare::Edited, 0.12F},
      {"fable block 2 light", fable(false), "block 2", light, 1e18, scene::Compare::Edited, 0.12F},
      {"fable head 4.3 dark, cut", fable(true), "head 4.3", dark},
      {"fable block 4 tilted, difference", fable(true), "block 4", dark, 1e18, scene::Compare::Difference, 0.1F, 0.3F, 0.3F},
      {"small home dark", small, "home", dark, 1e18, scene::Compare::Edited, 0.4F},
      {"small front light, mid-time", small, "front", light, middle(small, 0.61), scene::Compare::Edited, 0.4F},
      {"small block 1 dark tilted", small, "block 1", dark, 1e18, scene::Compare::Edited, 0.6F, -0.4F, 0.4F},
      {"small block 1 light, base", small_edited, "block 1", light, 1e18, scene::Compare::Base, 0.6F},
  };
}

inline std::vector<View> stream_views() {
  const auto light = render::Theme::Light, dark = render::Theme::Dark;
  const auto edited = scene::Compare::Edited, base = scene::Compare::Base, difference = scene::Compare::Difference;
  const auto stream = scene::View::Stream;
  const auto read = [](const scene::SceneInput& input) {
    auto with = scene::with_readings(input);
    EXPECTS(with.has_value(), "a run of the test can be read");
    return *with;
  };
  const scene::SceneInput fable_run = read(fable(false)), cut = read(fable(true)), small = read(random_small(true));
  const double end = scene::Timeline(fable_run.model->weights->config, fable_run.run->base->length()).end();
  return {
      {"fable stream dark", fable_run, "home", dark, 1e18, edited, 1, 0, 0, false, stream},
      {"fable stream light, mid-time", fable_run, "home", light, 0.57 * end, edited, 1, 0, 0, false, stream},
      {"fable stream block 3 dark, cut", cut, "block 3", dark, 1e18, edited, 0.3F, 0, 0, true, stream},
      {"fable stream block 5 tilted, difference", cut, "block 5", light, 1e18, difference, 0.25F, 0.3F, 0.2F, true, stream},
      {"small stream light, base", small, "home", light, 1e18, base, 0.7F, 0, 0, true, stream},
      {"small stream front dark", small, "front", dark, 1e18, edited, 0.7F, 0, 0, true, stream},
  };
}

inline std::vector<View> views() {
  std::vector<View> all = machine_views();
  for (View& v : stream_views()) all.push_back(std::move(v));
  return all;
}

inline constexpr int kWidth = 1280, kHeight = 720;

struct Built {
  scene::ViewScene scene;
  render::Camera camera;
};
inline Built build(scene::SceneBuilder& machine, const View& v) {
  scene::ViewState state;
  state.view = v.view;
  state.theme = v.theme;
  state.time = v.time;
  state.compare = v.compare;
  const scene::Pane pane{{kWidth, kHeight}};
  const auto start = std::chrono::steady_clock::now();
  for ((void)machine.build(v.input, state, pane); !machine.settled(); (void)machine.build(v.input, state, pane)) {
    EXPECTS(std::chrono::steady_clock::now() - start < std::chrono::minutes(1), "all weights are read in the end");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  Built built{machine.build(v.input, state, pane), machine.home(v.input, state, pane)};
  if (v.camera != "home") {
    auto camera = machine.camera(v.camera, v.input, state, pane);
    EXPECTS(camera.has_value(), "a camera of the scene");
    built.camera = *camera;
  }
  built.camera.distance *= v.zoom;
  built.camera.yaw += v.yaw;
  built.camera.pitch += v.pitch;
  return built;
}

/// The value of a cell from trace and weights, past everything that the scene is made of. NaN: it has none.
inline float one_value(const scene::CellRef& cell, const Trace& trace, const Weights& weights) {
  const auto [a, b, d] = cell.index;
  if (cell.tensor.is_weight()) {
    for (const NamedTensor& row : weights.table()) {
      if (row.name != cell.tensor.weight) continue;
      if (row.view.shape.rank() == 1) return row.view.at(a);
      const bool table = row.name == "wte.weight" || row.name == "wpe.weight";
      const std::int64_t outer = row.in_major || table ? a : b, inner = row.in_major || table ? b : a;
      return row.view.at(outer * row.view.shape[1] + inner);
    }
    return std::numeric_limits<float>::quiet_NaN();
  }
  const HookId hook = cell.tensor.hook;
  const ModelConfig& c = trace.config();
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  switch (info_of(hook.kind).shape) {
    case RowShape::Causal: return d > b ? std::numeric_limits<float>::quiet_NaN() : trace.causal_row(hook, a, b)[at(d)];
    case RowShape::Heads: return trace.row(hook, a)[at(b * c.d_head + d)];
    case RowShape::HeadsDModel: return trace.row(hook, a)[at(b * c.d_model + d)];
    case RowShape::NVocab:
      if (!trace.has(hook)) return a == trace.length() - 1 ? trace.last_logits()[at(b)] : std::numeric_limits<float>::quiet_NaN();
      break;
    default: break;
  }
  return trace.row(hook, a)[at(b)];
}

inline float true_value(const scene::CellRef& cell, const View& v) {
  const Weights& weights = *v.input.model->weights;
  const Run& run = *v.input.run;
  const float base = one_value(cell, *run.base, weights);
  if (v.compare == scene::Compare::Base || cell.tensor.is_weight()) return base;
  const float edited = one_value(cell, *run.edited, weights);
  if (v.compare == scene::Compare::Edited) return edited;
  return edited == base ? 0.0F : edited - base;
}

}  // namespace gf::truth

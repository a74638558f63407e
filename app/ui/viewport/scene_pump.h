// Builds scenes, picks and explains on a thread of its own, so that the GUI thread never waits for any of it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "app/document/times_table.h"
#include "app/document/work/jobs.h"
#include "app/scene/compose.h"
#include "renderer/renderer.h"

namespace gf::ui {

/// What the viewport wants to show. Plain values; the newest wins.
struct ViewRequest {
  scene::SceneInput input;
  scene::ViewState view;
  scene::Pane pane{glm::vec2(0)};
  std::optional<glm::vec2> pointer;  ///< logical pixels; none: no hover card
  bool legend = true;
  std::optional<doc::TimesContent> times;  ///< none: nobody looks
};

/// What came of it; handed to the GUI thread.
struct ViewReport {
  render::Camera camera;  ///< the one drawn with
  std::optional<scene::CellRef> hover;
  std::string card;      ///< the hover card as text; empty: none is shown
  bool settled = false;  ///< all values are there
  std::size_t panels = 0;
  std::vector<scene::LegendRow> legend;  ///< as it is drawn; empty while it is switched off
};

/// A cell found under a pixel.
struct Picked {
  scene::CellRef cell;
  glm::vec3 point{0};
  int block = -1;  ///< -1 the embedding, n_layer the head
};

class ScenePump {
 public:
  /// `post` runs functions on the GUI thread, and none after the end of the pump; `report` is called there.
  ScenePump(doc::Post post, std::function<void(const ViewReport&)> report);
  ~ScenePump();
  ScenePump(const ScenePump&) = delete;
  ScenePump& operator=(const ScenePump&) = delete;

  /// The viewer to draw with; null: pictures go nowhere. Synchronous with the worker: afterwards the old one is unused.
  void set_viewer(render::Viewer* viewer);
  void request(ViewRequest request);
  /// Answers on the GUI thread, after the newest request has been built.
  void pick(glm::vec2 pixel, std::function<void(std::optional<Picked>)> answer);
  void camera(std::string name, std::function<void(Result<render::Camera>)> answer);
  /// A camera that shows a cell at reading distance; "block N" of the cell's block where it has no place.
  void camera_at(scene::CellRef cell, std::function<void(Result<render::Camera>)> answer);
  /// The bounds of the whole scene seen from the present angles.
  void camera_fit(std::function<void(Result<render::Camera>)> answer);

 private:
  using Job = std::function<void()>;
  void loop(const std::stop_token& stop);
  void update();
  /// The ground alone: there is no model.
  void show_empty();
  void add(Job job);
  [[nodiscard]] render::Camera camera_now() const;
  [[nodiscard]] std::optional<Picked> pick_now(glm::vec2 pixel) const;
  [[nodiscard]] int block_of(const scene::CellRef& cell) const;

  doc::Post post_;
  std::function<void(const ViewReport&)> report_;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<ViewRequest> newest_;
  std::deque<Job> jobs_;

  std::mutex viewer_mutex_;  ///< held while a frame is handed over
  render::Viewer* viewer_ = nullptr;

  // The worker's own:
  scene::Machine machine_;
  ViewRequest now_;
  scene::Composer composer_{machine_};
  std::jthread thread_;
};

}  // namespace gf::ui

// Builds scenes, picks and explains cells on a thread of its own, so that the GUI thread does not wait for that.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "app/document/background/jobs.h"
#include "app/document/times_table.h"
#include "app/export/legend.h"
#include "app/scene/compose.h"
#include "app/scene/framed.h"
#include "app/ui/viewport/card_board.h"
#include "renderer/renderer.h"

namespace gf::ui {

/// What the viewport wants to show. The newest request replaces older ones.
struct ViewRequest {
  scene::SceneInput input;
  scene::ViewState view;
  scene::Pane pane{glm::vec2(0)};    ///< of a scene: half of the viewport where two stand beside each other
  std::optional<glm::vec2> pointer;  ///< logical pixels; none: no hover card
  std::vector<PinnedCard> pinned;
  bool card_held = false;    ///< the pointer has taken a card, so nothing is below it
  bool large_cards = false;  ///< of the card at the pointer
  scene::CardDepth card_depth = scene::CardDepth::Formula;
  std::string card_hint;  ///< its last line; empty: none
  bool legend = true;
  bool moving = false;                     ///< a drag or a flight moves the camera
  exporting::Caption caption;              ///< a story's sentence
  std::optional<doc::TimesContent> times;  ///< none: the panel of times is off
  /// What the user's camera showed where they chose it. The frame shows that, in place of view.camera.
  std::optional<scene::Framed> framed;
  std::uint64_t serial = 0;  ///< the report repeats it
};

/// What was shown; the GUI thread gets it.
struct ViewReport {
  render::Camera camera;                ///< the camera of the frame
  std::optional<scene::Framed> framed;  ///< what it shows; none: there are no panels
  std::optional<scene::Framed> kept;    ///< the request's, or what the request's camera showed in the view that it was chosen in
  std::uint64_t serial = 0;             ///< of the request
  std::uint64_t frame = 0;              ///< Frame::serial of what the viewer got
  std::optional<scene::CellRef> hover;
  std::string card;            ///< the hover card as text; empty: there is none
  std::vector<CardBox> cards;  ///< all on the screen, in the order in which they are drawn
  bool settled = false;        ///< all values have been read
  std::size_t panels = 0;
  std::vector<scene::LegendRow> legend;  ///< the drawn legend; empty while it is switched off
  scene::Guides guides;                  ///< the drawn path and map
  scene::Guides left_guides;             ///< those of the scene beside it
  std::optional<float> split;            ///< where the line between base and edited is, as a share of the width; none: no split
};

/// A cell found under a pixel. `point` is a place in the document's own scene, also where the pixel is of the one beside it.
struct Picked {
  scene::CellRef cell;
  glm::vec3 point{0};
  int block = -1;          ///< -1 the embedding, n_layer the unembedding
  std::string words = {};  ///< of a word that stands for the cell
};

class ScenePump {
 public:
  /// `post` runs functions on the GUI thread, but none after the pump is destroyed. `report` is called there.
  ScenePump(doc::Post post, std::function<void(const ViewReport&)> report);
  ~ScenePump();
  ScenePump(const ScenePump&) = delete;
  ScenePump& operator=(const ScenePump&) = delete;

  /// The viewer that gets the frames; null: none. When it returns, the worker no longer uses the old viewer.
  void set_viewer(render::Viewer* viewer);
  void request(ViewRequest request);
  /// Finds the cell under a pixel. `answer` is called on the GUI thread, after the newest request has been built. So are the
  /// answers of the functions below.
  void pick(glm::vec2 pixel, std::function<void(std::optional<Picked>)> answer);
  void camera(std::string name, std::function<void(Result<render::Camera>)> answer);
  /// A camera that shows a cell large enough to read its number; the present one where the scene does not have the cell.
  void camera_at(scene::CellRef cell, std::function<void(Result<render::Camera>)> answer);
  /// A camera that shows the whole scene from the present direction.
  void camera_fit(std::function<void(Result<render::Camera>)> answer);
  /// Anything else that needs the scenes of the newest request. `work` is called on the worker, and what it returns on the GUI thread.
  /// Where no model is open neither is called.
  using Work = std::function<std::function<void()>(scene::SceneBuilder& scenes, const ViewRequest& newest)>;
  void with_scenes(Work work);

 private:
  using Job = std::function<void()>;
  void loop(const std::stop_token& stop);
  void update();
  /// Shows an empty scene, while there is no model.
  void show_empty();
  void add(Job job);
  /// The scene that a pixel of the viewport belongs to, with the pixel in its pane.
  struct Under {
    scene::Composer* composer;
    glm::vec2 pixel;
    glm::vec2 from;  ///< where that pane begins in the viewport
  };
  [[nodiscard]] Under under(glm::vec2 pixel);
  [[nodiscard]] render::Camera camera_now() const;
  [[nodiscard]] std::optional<Picked> pick_now(const Under& under) const;
  /// The card of what is pointed at in the scene beside the document's.
  [[nodiscard]] std::optional<ShownCard> pointed_beside(const scene::Composer& left, const HoverCard& hover,
                                                        const std::vector<ShownCard>& others);
  /// Whether the document's model and run have a cell of a scene.
  [[nodiscard]] bool is_own(const scene::Composer& composer, const scene::CellRef& cell) const;
  [[nodiscard]] Picked picked_in(const scene::Composer& composer, const scene::CellRef& cell, glm::vec3 point,
                                 const std::string& words) const;

  doc::Post post_;
  std::function<void(const ViewReport&)> report_;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<ViewRequest> newest_;
  std::deque<Job> jobs_;

  std::mutex viewer_mutex_;  ///< held while the viewer gets a frame
  render::Viewer* viewer_ = nullptr;

  // Only the worker uses these:
  scene::SceneBuilder scenes_;
  ViewRequest now_;
  scene::Composer composer_{scenes_};
  CardBoard board_, left_board_;  ///< the latter of the scene beside the document's
  std::uint64_t frames_ = 0;
  std::jthread thread_;
};

}  // namespace gf::ui

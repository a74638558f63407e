// The 3D view: a Vulkan window in a widget that keeps the keyboard focus, with gestures and hover card.
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "app/document/lab.h"
#include "app/scene/operations/follow.h"
#include "app/ui/viewport/card_deck.h"
#include "app/ui/viewport/framing.h"
#include "app/ui/viewport/graphics.h"
#include "app/ui/viewport/scene_pump.h"

class QLabel;
class QStackedLayout;

namespace gf::ui {

class ViewWindow;

class Viewport : public QWidget {
 public:
  explicit Viewport(doc::Lab& lab, QWidget* parent = nullptr);
  ~Viewport() override;
  Viewport(const Viewport&) = delete;
  Viewport& operator=(const Viewport&) = delete;

  void refresh(const doc::Changes& changes);
  /// In the present language.
  void say_anew();
  void fit();
  void home();
  /// Flies to a camera by its name, such as "block 4".
  void fly_to(const std::string& camera_name);
  void fly_to(const render::Camera& camera);
  /// To a camera that was kept in a view of another shape: it shows there what it shows here. The scene must be of the same run.
  void fly_to_kept(const render::Camera& camera);
  void fly_to_cell(const scene::CellRef& cell);
  /// Esc: from a cell to its block, from there to the whole. In the Stream it only unselects the cell.
  void level_up();
  void zoom(float steps);
  void orbit_by(float dx, float dy);
  void set_legend(bool on);
  void set_presentation(float scale);
  /// The pointer points at nothing until it moves from where it is.
  void rest_pointer();
  /// Pins the card of a cell, or lets it go where it is pinned.
  void pin_card(const scene::CellRef& cell);
  /// The cell whose card P pins: the one under the pointer, else the selected one.
  [[nodiscard]] std::optional<scene::CellRef> cell_to_pin() const;
  [[nodiscard]] const CardDeck& cards() const { return deck_; }
  void close_cards();
  /// Larger letters and more terms, on the cards that are there and on those to come.
  void set_large_cards(bool on);
  [[nodiscard]] bool large_cards() const { return large_cards_; }
  /// How deep all cards go.
  void set_card_depth(scene::CardDepth depth);
  [[nodiscard]] scene::CardDepth card_depth() const { return card_depth_; }
  /// Whether it shows the whole as at the start; that camera follows the window's shape.
  [[nodiscard]] bool at_home() const { return !framing_.camera; }
  /// Whether level_up() lets go of a cell or flies anywhere.
  [[nodiscard]] bool has_level_above() const;
  /// Another session comes, to which the cameras that the views had when they were left do not belong.
  void forget_views() { left_.clear(); }
  /// Takes over the document's camera, for example after a session was opened.
  void adopt_camera();

  /// A story's camera, in place of the user's. A user's own move of it calls on_own_move, and then it waits for hold_on_again().
  void look_with_story(const render::Camera& camera);
  /// A story begins or ends: it has its own sentence at the foot, and neither legend nor map.
  void set_story(bool on);
  /// A sentence: a story's at the foot, else in the lower left corner.
  void set_caption(const std::string& sentence);
  /// The share of the height that a story's sentence takes, also on the way to it.
  void set_spoken(float share);
  [[nodiscard]] const std::string& caption() const { return caption_; }
  /// The share of the picture that the ground hides, while a story goes from one page to another.
  void set_veil(float share);
  /// From here on the camera follows the pass or the story again, where the user has moved it by hand.
  void hold_on_again();
  /// Whether the camera follows the pass at present.
  [[nodiscard]] bool following() const;
  /// Whether it has come to where it follows.
  [[nodiscard]] bool led() const { return path_ && !led_from_; }
  /// Runs work with the scenes of the newest request, see ScenePump.
  void with_scenes(ScenePump::Work work) { pump_->with_scenes(std::move(work)); }

  [[nodiscard]] const Framing& framing() const { return framing_; }
  void set_framing(Framing framing);

  /// The camera, told the shape of this view, so that a picture of another shape can show the same.
  [[nodiscard]] render::Camera shaped(render::Camera camera) const;
  /// The document's view with the camera of this window.
  [[nodiscard]] scene::ViewState view_state() const;
  /// That of the scene: half of the viewport where two scenes stand beside each other.
  [[nodiscard]] scene::Pane pane() const;
  [[nodiscard]] const std::shared_ptr<render::Device>& device() const { return graphics_.device(); }
  [[nodiscard]] long long frames() const { return graphics_.viewer() ? graphics_.viewer()->frames_presented() : 0; }
  [[nodiscard]] const ViewReport& report() const { return report_; }
  /// Those of the newest frame on the screen.
  [[nodiscard]] const render::FrameStats& stats() const { return stats_; }
  [[nodiscard]] QString device_name() const;
  [[nodiscard]] bool flying() const { return awaited_ > 0 || flight_.isActive(); }
  /// Whether the newest request has its report, with all values read.
  [[nodiscard]] bool answered() const { return report_.serial == serial_ && report_.settled; }
  /// Whether the newest frame on the screen shows all that was asked for, and no flight is on its way.
  [[nodiscard]] bool at_rest() const;
  /// The pointer in logical pixels; none: it is elsewhere.
  [[nodiscard]] std::optional<glm::vec2> pointer() const { return pointer_; }

  std::function<void()> on_own_move;  ///< the user has moved the camera
  std::function<void()> on_reshaped;  ///< the view has another size
  std::function<void()> on_report;    ///< report(), stats() or the device has changed
  std::function<void(const Error&)> on_error;
  std::function<void(const Picked&, QPoint)> on_context_menu;
  std::function<void(QPoint)> on_ground_menu;          ///< a menu is asked for where there is no cell
  std::function<void(const scene::CellRef&)> on_open;  ///< a cell was double-clicked that is already near
  QString pin_keys;                                    ///< the shortcut that pins a card, for the cards to say; empty: none
  std::function<void(const QString& path)> on_drop;    ///< a file or folder was dropped here

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  /// The sentence in place of a picture.
  void show_message();
  void graphics_found(Result<Graphics::Found> found);
  void make_window();
  void attach();
  void detach();
  void request();
  void fly(const Result<render::Camera>& to);
  /// Keeps what the view that is left shows, and shows again what the view that comes showed when it was left. False: that is not
  /// known.
  [[nodiscard]] bool come_back(scene::View left, scene::View to);
  /// Stops the flight, and the one that the pump is asked for.
  void land();
  /// Takes a camera that the pump is asked for.
  [[nodiscard]] std::function<void(Result<render::Camera>)> flight();
  void flight_tick();
  /// `remember`: the document takes the camera over.
  void set_camera(const render::Camera& camera, bool remember);
  /// As the user does it: the flight that led here is not repeated.
  void move_camera(const render::Camera& camera, bool remember);
  void pressed(QMouseEvent* event);
  void moved(QMouseEvent* event);
  void released(QMouseEvent* event);
  void wheel(QWheelEvent* event);
  void click(glm::vec2 at, bool twice);
  /// Flies to a cell; one that is already near is opened.
  void go_to_cell(const scene::CellRef& cell);
  /// Whether a pixel is on the line between base and edited, so that it is dragged there.
  [[nodiscard]] bool on_split(glm::vec2 at) const;
  /// Shows the pointer as what it can do on a card.
  void shape_pointer(CardZone zone);
  /// Flies to the camera of a step of the path or of a place of the map.
  void follow(const std::string& camera_name);
  [[nodiscard]] glm::vec2 size_px() const;
  /// A pixel of the viewport in the pane of its scene.
  [[nodiscard]] glm::vec2 in_pane(glm::vec2 at) const;
  /// The path and the map that are drawn at a pixel; where there are none, those of the document's scene.
  [[nodiscard]] const scene::Guides& guides_at(glm::vec2 at) const {
    return report_.left_guides.covers(at) ? report_.left_guides : report_.guides;
  }
  [[nodiscard]] float dpr() const;
  /// Takes the answer to a request.
  void reported(const ViewReport& report);
  /// Repeats the last flight for a view of another shape.
  void fly_again();
  /// Another framing: reports of earlier requests tell nothing about it.
  void frame_anew(Framing framing);
  /// The user has moved the camera by hand.
  void let_go();
  /// The camera of the pass that is followed; asks for its path where that is not known yet.
  void follow_pass();
  /// From the present camera to one that is not the user's.
  void lead();
  /// A camera that is not the user's, to which theirs leads within half a second.
  [[nodiscard]] render::Camera led_to(const render::Camera& camera);
  /// Sets the camera; none: home.
  void look_from(std::optional<render::Camera> camera);
  [[nodiscard]] render::Camera camera() const { return framing_.camera.value_or(report_.camera); }

  doc::Lab& lab_;
  doc::Jobs jobs_;  ///< its own, so that nothing is delivered after its destructor
  doc::Job finding_;
  Graphics graphics_;
  ViewReport report_;
  render::FrameStats stats_;
  std::unique_ptr<ScenePump> pump_;
  QStackedLayout* stack_;
  QLabel* message_;
  std::optional<Error> no_graphics_;  ///< why there is no picture
  ViewWindow* window_ = nullptr;      ///< its container owns it
  QWidget* container_ = nullptr;
  bool attached_ = false;

  Framing framing_;
  std::uint64_t framed_since_ = 0;   ///< the first request with this framing
  scene::Pane shape_{glm::vec2(0)};  ///< of the newest request
  std::uint64_t serial_ = 0;         ///< of the same
  std::optional<glm::vec2> pointer_;
  std::optional<QPoint> rests_at_;  ///< of the screen: the pointer points at nothing while it stays there
  bool legend_ = true, large_cards_ = false;
  scene::CardDepth card_depth_ = scene::CardDepth::Formula;
  CardDeck deck_;
  float presentation_ = 1;
  std::shared_ptr<const Model> model_;
  std::string name_;  ///< of model_ in the document
  scene::View view_ = scene::View::Machine;
  std::string product_;  ///< the open one; empty: none
  /// What the views showed when they were left, until another model is opened.
  struct Left {
    Framing framing;
    scene::Pane shape;
    bool in_flight = false;
  };
  std::map<scene::View, Left> left_;
  bool staged_ = false;  ///< a lesson shows its own document

  enum class Drag { None, Orbit, Pan, Map, Split };
  Drag drag_ = Drag::None;
  bool moved_far_ = false;
  std::optional<double> split_;  ///< the place of the line between base and edited while it is dragged
  glm::vec2 press_{0}, last_{0};
  scene::Guides dragged_;  ///< those whose map is dragged
  std::string link_;       ///< the camera of the path's step, or of the map's place, where the pointer was pressed
  Qt::MouseButton button_ = Qt::NoButton;

  std::string caption_;
  float spoken_ = 0;
  float veil_ = 0;
  bool in_story_ = false;
  bool let_go_ = false;  ///< the user has moved the camera, so that it does not follow
  std::optional<render::Camera> led_from_;
  QElapsedTimer led_clock_;
  QTimer led_;
  /// What the path is for.
  struct PathKey {
    std::shared_ptr<const Run> run;
    scene::View view = scene::View::Machine;
    scene::Pane pane;
    scene::Pace pace = scene::Pace::Token;
    double speed = 1;
    friend bool operator==(const PathKey&, const PathKey&) = default;
  };
  [[nodiscard]] PathKey path_key() const;
  PathKey path_asked_;
  std::shared_ptr<const scene::FollowPath> path_;  ///< for path_asked_; null: it is on its way

  int awaited_ = 0;  ///< cameras that the pump has been asked for
  int flights_ = 0;  ///< asked for so far; only the newest is flown
  QTimer flight_;
  QElapsedTimer flight_clock_;
  render::Camera from_, to_;
  bool to_home_ = false;
};

}  // namespace gf::ui

#include "app/ui/viewport/viewport.h"

#include <QApplication>
#include <QCursor>
#include <QLabel>
#include <QPointer>
#include <QStackedLayout>
#include <utility>
#include <vulkan/vulkan.h>

#include "app/scene/legend.h"
#include "app/scene/views.h"
#include "app/ui/viewport/orbit.h"
#include "app/ui/viewport/view_window.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

constexpr int kFlightMs = 300, kFrameMs = 16;

void post_to_gui(std::function<void()> work) { QMetaObject::invokeMethod(qApp, std::move(work), Qt::QueuedConnection); }

}  // namespace

Viewport::Viewport(doc::Lab& lab, QWidget* parent) : QWidget(parent), lab_(lab), jobs_(post_to_gui) {
  setObjectName("viewport");
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(240, 120);
  setAutoFillBackground(true);
  message_ = new QLabel(this);
  message_->setObjectName("viewport_message");
  message_->setAlignment(Qt::AlignCenter);
  message_->setWordWrap(true);
  message_->setProperty("role", "dim");
  stack_ = new QStackedLayout(this);
  stack_->setContentsMargins(0, 0, 0, 0);
  stack_->addWidget(message_);
  show_message();
  pump_ = std::make_unique<ScenePump>(jobs_.poster(), [this](const ViewReport& report) { reported(report); });
  flight_.setInterval(kFrameMs);
  connect(&flight_, &QTimer::timeout, this, [this] { flight_tick(); });
  led_.setInterval(kFrameMs);
  connect(&led_, &QTimer::timeout, this, [this] {
    if (!led_from_) led_.stop();
    request();
  });

  const auto post_error = [this, post = jobs_.poster()](const Error& error) {
    post([this, error] {
      if (on_error) on_error(error);
    });
  };
  const auto presented = [this, post = jobs_.poster()](const render::FrameStats& stats) {
    post([this, stats] {
      stats_ = stats;
      if (on_report) on_report();
    });
  };
  finding_ = Graphics::find(jobs_, {presented, post_error}, [this](Result<Graphics::Found> found) { graphics_found(std::move(found)); });
}

Viewport::~Viewport() {
  flight_.stop();
  pump_->set_viewer(nullptr);
  pump_.reset();
  // The window must go before the viewer, Qt's instance and the device, which are members.
  delete container_;
}

void Viewport::show_message() {
  setAccessibleName(text("The model in 3D"));
  message_->setText(no_graphics_ ? text("No picture: {0}\nEverything else works.", no_graphics_->message)
                                 : text("Looking for a graphics device …"));
}

void Viewport::say_anew() {
  show_message();
  request();
}

void Viewport::graphics_found(Result<Graphics::Found> found) {
  Result<void> adopted = found ? graphics_.adopt(std::move(*found)) : Result<void>(tl::unexpected(found.error()));
  if (!adopted) {
    no_graphics_ = adopted.error();
    show_message();
    if (on_report) on_report();
    return;
  }
  make_window();
}

void Viewport::make_window() {
  window_ = new ViewWindow;
  window_->setVulkanInstance(&graphics_.instance());
  ViewWindow::Handlers& h = window_->handlers;
  h.exposed = [this] { attach(); };
  h.surface_ends = [this] { detach(); };
  h.pressed = [this](QMouseEvent* event) { pressed(event); };
  h.moved = [this](QMouseEvent* event) { moved(event); };
  h.released = [this](QMouseEvent* event) { released(event); };
  h.double_clicked = [this](QMouseEvent* event) { pressed(event); };
  h.wheel = [this](QWheelEvent* event) { wheel(event); };
  h.left = [this] {
    pointer_.reset();
    request();
  };
  h.dropped = [this](const QString& path) {
    if (on_drop) on_drop(path);
  };
  container_ = QWidget::createWindowContainer(window_, this);
  container_->setFocusPolicy(Qt::NoFocus);
  container_->setObjectName("viewport_window");
  stack_->addWidget(container_);
  stack_->setCurrentWidget(container_);
}

QString Viewport::device_name() const { return graphics_.device() ? QString::fromStdString(graphics_.device()->name()) : QString(); }

float Viewport::dpr() const { return static_cast<float>(window_ ? window_->devicePixelRatio() : devicePixelRatioF()); }

glm::vec2 Viewport::size_px() const { return window_ ? glm::vec2(window_->width(), window_->height()) : glm::vec2(width(), height()); }

void Viewport::attach() {
  const int wide = static_cast<int>(size_px().x * dpr()), high = static_cast<int>(size_px().y * dpr());
  if (!attached_) {
    const VkSurfaceKHR surface = QVulkanInstance::surfaceForWindow(window_);
    if (surface == VK_NULL_HANDLE) {
      if (on_error)
        on_error({ErrorCode::Device, gf::text("This window cannot show Vulkan pictures; set QT_QPA_PLATFORM=xcb and start again."),
                  "surfaceForWindow"});
      return;
    }
    attached_ = true;
    graphics_.viewer()->attach(surface, wide, high, dpr());
    pump_->set_viewer(graphics_.viewer());
  } else {
    graphics_.viewer()->resize(wide, high, dpr());
  }
  request();
}

void Viewport::detach() {
  if (!attached_) return;
  attached_ = false;
  pump_->set_viewer(nullptr);
  if (!graphics_.viewer()->detach()) qWarning("the render thread did not let go of the surface in time");
}

scene::ViewState Viewport::view_state() const {
  scene::ViewState view = lab_.document();
  view.camera = framing_.camera;
  view.split = split_.value_or(view.split);
  return view;
}

render::Camera Viewport::shaped(render::Camera camera) const {
  const scene::Pane here = pane();
  camera.chosen_in = {here.size, here.foot, here.presentation};
  return camera;
}

scene::Pane Viewport::pane() const {
  scene::Pane pane{size_px(), presentation_};
  if (scene::is_halved(lab_.document(), lab_.run() != nullptr)) pane.size.x /= 2;
  if (legend_) {
    pane.legend_rows = scene::legend_rows_for(pane);
    pane.foot = scene::legend_share(pane);
  }
  pane.guides = lab_.document().map && !in_story_;
  pane.spoken = spoken_;
  return pane;
}

glm::vec2 Viewport::in_pane(glm::vec2 at) const {
  const float wide = pane().size.x;
  return at.x >= wide && wide < size_px().x ? at - glm::vec2(wide, 0) : at;
}

void Viewport::request() {
  if (following()) follow_pass();
  ViewRequest wanted;
  wanted.input = lab_.scene_input();
  wanted.view = view_state();
  wanted.pane = pane();
  wanted.serial = ++serial_;
  if (framing_.camera && !framing_.again && !flight_.isActive()) wanted.framed = framing_.shown;
  scene::Pane shape = wanted.pane;
  shape.spoken = 0;  // a story's places are not those of one sentence
  const bool reshaped = shape != shape_;
  shape_ = shape;
  if (drag_ == Drag::None && !flight_.isActive()) wanted.pointer = pointer_;
  wanted.pinned = deck_.cards();
  wanted.card_held = deck_.holds();
  wanted.large_cards = large_cards_;
  wanted.card_depth = card_depth_;
  if (!pin_keys.isEmpty()) wanted.card_hint = gf::text("{0} pins this card", pin_keys.toStdString());
  wanted.legend = legend_ && !in_story_;
  wanted.caption.text = caption_;
  wanted.caption.spoken = in_story_;
  wanted.caption.veil = veil_;
  wanted.moving = (drag_ != Drag::None && moved_far_) || flight_.isActive();
  if (lab_.timing()) wanted.times = doc::TimesContent{lab_.pass_times(), lab_.limits(), lab_.backend_name()};
  pump_->request(std::move(wanted));
  if (!reshaped) return;
  if (on_reshaped) on_reshaped();
  fly_again();
}

void Viewport::reported(const ViewReport& report) {
  report_ = report;
  if (report.serial < framed_since_) {
    if (on_report) on_report();
    return;
  }
  // While the document's model or run is still on its way, the scene has other rows than the one that the camera was chosen in.
  if (framing_.camera && framing_.camera->chosen_in.known() && report.kept && report.serial == serial_ && lab_.up_to_date()) {
    // A document's camera: the pump has found out what it showed in the view that it was chosen in.
    render::Camera bare = *framing_.camera;
    bare.chosen_in = {};
    if (report.kept->camera == bare) framing_.shown = report.kept;
  }
  if (framing_.camera && framing_.shown && report.kept == framing_.shown) framing_.camera = report.camera;
  if (framing_.camera && !framing_.shown && report.camera == *framing_.camera) framing_.shown = report.framed;
  if (on_report) on_report();
}

bool Viewport::at_rest() const { return answered() && stats_.serial == report_.frame && stats_.complete && !flying(); }

void Viewport::frame_anew(Framing framing) {
  framing_ = std::move(framing);
  framed_since_ = serial_ + 1;
}

void Viewport::look_from(std::optional<render::Camera> camera) {
  if (camera) camera->chosen_in = {};  // it is chosen here
  frame_anew({std::move(camera), std::nullopt, framing_.again});
}

void Viewport::set_framing(Framing framing) {
  land();
  pointer_.reset();  // as after a flight
  frame_anew(std::move(framing));
  request();
}

void Viewport::refresh(const doc::Changes& changes) {
  if (lab_.model() != model_) {
    // Another state of the same model, as a training makes them, leaves camera and cards where they are.
    const bool renewed =
        model_ && lab_.model() && name_ == lab_.document().model && model_->weights->config == lab_.model()->weights->config;
    model_ = lab_.model();
    name_ = lab_.document().model;
    if (!renewed) {
      frame_anew({lab_.document().camera});
      left_.clear();
      deck_.clear();  // its cells belong to the old model
    }
  }
  const doc::Document& d = lab_.document();
  const std::string product = scene::alone_name(d);
  const bool other_product = std::exchange(product_, product) != product && view_ == d.view;
  const bool switched = view_ != d.view, staged = lab_.history().aside(), own = !staged && !staged_;
  const scene::View left = std::exchange(view_, d.view);
  staged_ = staged;
  if (switched && own && come_back(left, d.view)) return;
  if (switched && d.camera) frame_anew({d.camera});  // after undo or in a session: the camera of that view
  if (graphics_.viewer()) graphics_.viewer()->set_busy(lab_.busy());
  if (changes.document || changes.moment || changes.model || changes.run || changes.times || changes.studies) request();
  if (other_product && attached_ && !in_story_) {
    // A cube or a head alone is another place, and closing it leads back.
    look_from(camera());
    request();
    d.camera ? fly_to(*d.camera) : home();
  }
  if (switched && !d.camera && attached_ && !in_story_) {
    look_from(camera());  // one flight from the present place to the other view's home
    request();
    home();
  }
}

bool Viewport::come_back(scene::View left, scene::View to) {
  left_[left] = {framing_, shape_, flying()};
  const auto known = left_.find(to);
  if (lab_.document().camera || known == left_.end() || !known->second.framing.camera) return false;
  const Left was = known->second;
  set_framing(was.framing);
  lab_.set_camera(shaped(*was.framing.camera));
  if (was.in_flight || was.shape != pane()) fly_again();
  return true;
}

void Viewport::adopt_camera() {
  frame_anew({lab_.document().camera});
  request();
}

void Viewport::set_camera(const render::Camera& camera, bool remember) {
  look_from(camera);
  // While another model is on its way the picture is still of the one before: its camera is none for the new one.
  if (remember && lab_.document().model == name_) lab_.set_camera(shaped(camera));
  request();
}

void Viewport::move_camera(const render::Camera& camera, bool remember) {
  let_go();
  framing_.again = nullptr;
  set_camera(camera, remember);
}

void Viewport::set_legend(bool on) {
  legend_ = on;
  request();
}

void Viewport::set_presentation(float scale) {
  presentation_ = scale;
  request();
}

void Viewport::rest_pointer() {
  // The window comes under the pointer anew, which the system tells as a move.
  rests_at_ = QCursor::pos();
  pointer_.reset();
  request();
}

void Viewport::pin_card(const scene::CellRef& cell) {
  deck_.toggle(cell, large_cards_);
  request();
}

std::optional<scene::CellRef> Viewport::cell_to_pin() const { return report_.hover ? report_.hover : lab_.document().selection; }

void Viewport::close_cards() {
  deck_.clear();
  request();
}

void Viewport::set_large_cards(bool on) {
  large_cards_ = on;
  deck_.enlarge_all(on);
  request();
}

void Viewport::set_card_depth(scene::CardDepth depth) {
  card_depth_ = depth;
  request();
}

void Viewport::resizeEvent(QResizeEvent*) { request(); }

void Viewport::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) {
    QPalette p = palette();
    if (p.color(QPalette::Window) != skin().ground) {
      p.setColor(QPalette::Window, skin().ground);
      setPalette(p);
    }
  }
  QWidget::changeEvent(event);
}

// --- flights

void Viewport::land() {
  flight_.stop();
  ++flights_;
}

std::function<void(Result<render::Camera>)> Viewport::flight() {
  ++awaited_;
  return [this, asked = ++flights_](const Result<render::Camera>& to) {
    --awaited_;
    if (asked == flights_) fly(to);
  };
}

void Viewport::fly(const Result<render::Camera>& to) {
  if (!to) {
    framing_.again = nullptr;
    if (on_error) on_error(to.error());
    return;
  }
  // After the flight something else lies below a pointer that rests: it points at nothing until it moves.
  pointer_.reset();
  from_ = camera();
  to_ = *to;
  flight_clock_.start();
  flight_.start();
}

void Viewport::flight_tick() {
  const float s = static_cast<float>(flight_clock_.elapsed()) / kFlightMs;
  if (s < 1) {
    set_camera(render::mix(from_, to_, eased(s)), false);
    return;
  }
  flight_.stop();
  set_camera(to_, true);
  if (to_home_) {
    look_from(std::nullopt);  // without a camera, home follows the window's shape
    lab_.set_camera(std::nullopt);
    request();
  }
  to_home_ = false;
}

void Viewport::fly_again() {
  // Without a camera it is at home, which follows the shape; but one that is on its way was asked for in the shape of before.
  if (!framing_.again || (!framing_.camera && !flying())) return;
  const auto again = framing_.again;  // a copy, because it replaces framing_.again
  again();
}

void Viewport::fit() {
  let_go();
  framing_.again = [this] { fit(); };
  to_home_ = false;
  pump_->camera_fit(flight());
}

void Viewport::home() {
  let_go();
  framing_.again = [this] { home(); };
  to_home_ = true;
  pump_->camera("home", flight());
}

void Viewport::fly_to(const std::string& name) {
  let_go();
  framing_.again = [this, name] { fly_to(name); };
  to_home_ = false;
  pump_->camera(name, flight());
}

void Viewport::fly_to(const render::Camera& camera) {
  let_go();
  framing_.again = nullptr;
  to_home_ = false;
  fly(camera);
}

void Viewport::fly_to_kept(const render::Camera& camera) {
  if (!camera.chosen_in.known()) return fly_to(camera);
  let_go();
  framing_.again = nullptr;
  to_home_ = false;
  pump_->with_scenes([arrive = flight(), camera](scene::SceneBuilder& scenes, const ViewRequest& newest) -> std::function<void()> {
    render::Camera to = camera;
    to.chosen_in = {};
    if (newest.input.model) {
      const ModelConfig& config = newest.input.model->weights->config;
      const scene::Pane there = scene::pane_of(camera.chosen_in);
      const auto framed = scene::framed_by(to, scenes.build(newest.input, newest.view, there), there, config);
      if (framed) to = scene::camera_for(*framed, scenes.build(newest.input, newest.view, newest.pane), newest.pane, config);
    }
    return [arrive, to] { arrive(to); };
  });
}

void Viewport::fly_to_cell(const scene::CellRef& cell) {
  let_go();
  framing_.again = [this, cell] { fly_to_cell(cell); };
  to_home_ = false;
  pump_->camera_at(cell, flight());
}

bool Viewport::has_level_above() const {
  return lab_.document().selection.has_value() || (scene::info_of(lab_.document().view).climbs && !at_home());
}

void Viewport::level_up() {
  const auto selection = lab_.document().selection;
  if (selection) lab_.execute(doc::select_cell(std::nullopt));
  if (!scene::info_of(lab_.document().view).climbs) return;
  const int layer = selection && !selection->tensor.is_weight() ? selection->tensor.hook.layer : -1;
  if (layer < 0) return home();
  // From farther away than the block's own camera the way up leads out, not in: letting go of the cell is all.
  const std::string block = "block " + std::to_string(layer);
  ++awaited_;
  pump_->camera(block, [this, block, from = camera().distance](const Result<render::Camera>& of_block) {
    --awaited_;
    if (of_block && of_block->distance > from) fly_to(block);
  });
}

void Viewport::zoom(float steps) {
  const glm::vec2 size = pane().size;
  move_camera(zoomed(camera(), steps, size / 2.0F, size), true);
}

void Viewport::orbit_by(float dx, float dy) { move_camera(orbited(camera(), {dx, dy}), true); }

}  // namespace gf::ui

#include <atomic>
#include <thread>

#include "renderer/viewer/mailbox.h"
#include "renderer/viewer/swapchain.h"

namespace gf::render {
namespace {

using namespace std::chrono_literals;
using Clock = Mailbox::Clock;

constexpr std::size_t kTileBytes = 96U << 20U;
constexpr auto kSoftwareInterval = 16ms;  // from frame to frame: FIFO does not throttle everywhere
constexpr auto kBusyInterval = 88ms;      // with the above at most 10 frames a second
constexpr auto kTilePatience = 20ms;      // how long show() may have to wait for a thread that waits for tiles
constexpr auto kTileRedraw = 250ms;       // in case that a tile came without news

class WindowViewer final : public Viewer {
 public:
  WindowViewer(std::shared_ptr<VulkanDevice> device, Callbacks callbacks)
      : device_(std::move(device)), callbacks_(std::move(callbacks)), swapchain_(device_) {
    thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
  }
  ~WindowViewer() override {
    thread_.request_stop();
    thread_.join();
  }
  WindowViewer(const WindowViewer&) = delete;
  WindowViewer& operator=(const WindowViewer&) = delete;

  void attach(VkSurfaceKHR_T* surface, int width, int height, float dpr) override { mailbox_.set_surface({surface, width, height, dpr}); }
  void resize(int width, int height, float dpr) override { mailbox_.resize(width, height, dpr); }
  bool detach(int limit_ms) override { return mailbox_.take_surface_back(std::chrono::milliseconds(limit_ms)); }
  void show(Frame frame) override {
    if (frame.scene) mailbox_.show(std::move(frame));
  }
  void set_busy(bool busy) override { mailbox_.set_busy(busy); }
  [[nodiscard]] bool wants_mouse() const override { return wants_mouse_.load(); }
  [[nodiscard]] long long frames_presented() const override { return presented_.load(); }

 private:
  void run(std::stop_token stop) {
    // Before there is a surface: pipelines take their time, and nearly every screen has this format.
    settle(make_renderer(VK_FORMAT_B8G8R8A8_UNORM));
    const auto busy_interval = device_->is_software() ? kBusyInterval : 0ms;
    for (;;) {
      Mailbox::Work work = mailbox_.next(stop, held_, !failed_, redraw_, tiles_missing_, earliest_, busy_interval);
      switch (work.kind) {
        case Mailbox::Work::Kind::Stop: change_surface({}); return;
        case Mailbox::Work::Kind::Surface: change_surface(work.surface); break;
        case Mailbox::Work::Kind::Tiles: wait_for_tiles(); break;
        case Mailbox::Work::Kind::Draw:
          if (work.frame) frame_ = std::move(*work.frame);
          append_input(gui_.events, work.input);
          settle(draw(work.surface));
          break;
      }
    }
  }

  // A failure ends drawing until the next surface; the window stays, with its last picture.
  void settle(const Result<void>& result) {
    if (result) return;
    failed_ = true;
    swapchain_.destroy();
    if (callbacks_.failed) callbacks_.failed(result.error());
  }

  Result<void> make_renderer(VkFormat format) {
    renderer_.reset();
    commands_.clear();
    GF_TRY_ASSIGN(renderer_, FrameRenderer::create(device_, format, kTileBytes));
    for (int slot = 0; slot < kFramesInFlight; ++slot) {
      GF_TRY_ASSIGN(auto commands, Commands::create(device_));
      commands_.push_back(std::move(commands));
    }
    format_ = format;
    return {};
  }

  void change_surface(const Mailbox::Surface& wanted) {
    swapchain_.destroy();
    held_ = wanted;
    failed_ = false;
    tiles_missing_ = false;
    redraw_ = true;
    if (wanted.handle == nullptr) {
      mailbox_.released();
    } else {
      settle(open_surface());
    }
  }

  Result<void> open_surface() {
    GF_TRY_ASSIGN(const VkFormat format, swapchain_.choose_format(held_.handle));
    if (!renderer_ || format != format_ || commands_.empty()) GF_TRY(make_renderer(format));
    return {};
  }

  void wait_for_tiles() {
    if (renderer_->tiles().wait_for_news(kTilePatience) || Clock::now() > drawn_ + kTileRedraw) redraw_ = true;
  }

  Result<void> draw(const Mailbox::Surface& wanted) {
    const Clock::time_point start = Clock::now();
    drawn_ = start;
    const bool changed = wanted != held_;
    held_ = wanted;
    redraw_ = false;
    const VkExtent2D wished{static_cast<std::uint32_t>(wanted.width), static_cast<std::uint32_t>(wanted.height)};
    if (!swapchain_.ready() || changed || outgrown_) {
      outgrown_ = false;
      GF_TRY_ASSIGN(const bool visible, swapchain_.create(held_.handle, wished));
      if (!visible) return {};
    }
    slot_ = (slot_ + 1) % kFramesInFlight;
    Commands& commands = commands_[static_cast<std::size_t>(slot_)];
    GF_TRY(commands.wait());
    GF_TRY_ASSIGN(const Swapchain::State acquired, swapchain_.acquire(slot_));
    if (acquired != Swapchain::State::Fine) return again(acquired);
    GF_TRY_ASSIGN(const VkCommandBuffer buffer, commands.begin());
    FrameInput input;
    input.scene = frame_.scene.get();
    input.camera = frame_.camera;
    input.dpr = held_.dpr;
    input.overlay = &frame_.overlay;
    input.gui = &gui_;
    input.slot = slot_;
    GF_TRY_ASSIGN(FrameStats stats, renderer_->record(buffer, input, swapchain_.target()));
    GF_TRY(commands.submit(swapchain_.acquired(slot_), swapchain_.render_done()));
    GF_TRY_ASSIGN(const Swapchain::State shown, swapchain_.present());
    // One frame at a time where the CPU draws: the next one then starts from the newest camera.
    if (device_->is_software()) GF_TRY(commands.wait());
    if (device_->is_software()) earliest_ = start + kSoftwareInterval;
    if (shown != Swapchain::State::Fine) return again(shown);
    outgrown_ = swapchain_.outgrown();
    tiles_missing_ = stats.tiles_missing > 0;
    redraw_ = outgrown_ || !gui_.events.empty() || (tiles_missing_ && stats.tiles_uploaded > 0);
    wants_mouse_.store(gui_.wants_mouse);
    stats.complete = !redraw_ && !tiles_missing_;
    stats.serial = frame_.serial;
    presented_.fetch_add(1);
    if (callbacks_.presented) callbacks_.presented(stats);
    return {};
  }

  // The window changed under us, or shows nothing just now: try again, but not in a tight loop.
  Result<void> again(Swapchain::State state) {
    outgrown_ = state == Swapchain::State::OutOfDate;
    redraw_ = true;
    earliest_ = Clock::now() + 4ms;
    return {};
  }

  std::shared_ptr<VulkanDevice> device_;
  Callbacks callbacks_;
  Mailbox mailbox_;
  std::atomic<bool> wants_mouse_{false};
  std::atomic<long long> presented_{0};
  // The drawing thread's own:
  std::unique_ptr<FrameRenderer> renderer_;
  std::vector<Commands> commands_;
  Swapchain swapchain_;
  VkFormat format_ = VK_FORMAT_UNDEFINED;
  Mailbox::Surface held_;
  Frame frame_;
  GuiInput gui_;
  int slot_ = 0;
  bool failed_ = false, redraw_ = false, tiles_missing_ = false, outgrown_ = false;
  Clock::time_point earliest_{}, drawn_{};
  std::jthread thread_;
};

}  // namespace

Result<std::unique_ptr<Viewer>> Viewer::create(std::shared_ptr<Device> device, Callbacks callbacks) {
  auto vulkan = std::dynamic_pointer_cast<VulkanDevice>(std::move(device));
  EXPECTS(vulkan != nullptr, "the device comes from Device::create()");
  return std::unique_ptr<Viewer>(std::make_unique<WindowViewer>(std::move(vulkan), std::move(callbacks)));
}

}  // namespace gf::render

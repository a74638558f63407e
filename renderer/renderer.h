// Vulkan behind three classes: a device, pictures without a window, and a viewer in one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "renderer/camera.h"
#include "renderer/labels.h"
#include "renderer/scene.h"
#include "renderer/visible_panels.h"

// Handles as Vulkan declares them, so that this header needs no Vulkan.
struct VkInstance_T;
struct VkSurfaceKHR_T;

namespace gf::render {

struct DeviceOptions {
  bool validation = false;                             ///< messages go to `on_message`
  std::vector<const char*> surface_extensions;         ///< empty: no window
  int samples = 0;                                     ///< 1 or 4 per pixel; 0: 4 on hardware, 1 on a software rasteriser
  std::function<void(const std::string&)> on_message;  ///< validation warnings and errors; any thread
};

/// Instance, physical and logical device, queue, allocator. One for a process is enough.
class Device {
 public:
  /// Errors: Device, with what to install or update.
  static Result<std::shared_ptr<Device>> create(DeviceOptions options);
  virtual ~Device() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual bool is_software() const = 0;
  [[nodiscard]] virtual VkInstance_T* instance() const = 0;
  /// Number of validation messages so far; tests want 0.
  [[nodiscard]] virtual int messages() const = 0;
};

/// RGBA8, rows from the top, straight colours.
struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
};

/// What lies under each pixel: panel index or -1, and its cell.
struct IdImage {
  int width = 0, height = 0;
  struct Entry {
    std::int32_t panel, row, col;
  };
  std::vector<Entry> entries;
};

struct FrameStats {
  int panels_drawn = 0, panels_culled = 0, tiles_resident = 0, tiles_missing = 0, tiles_uploaded = 0;
  double cpu_ms = 0, gpu_ms = 0;
  bool complete = true;      ///< of a viewer: no tile is missing, and it draws again only when it is asked
  std::uint64_t serial = 0;  ///< of a viewer: Frame::serial
  /// Adds what was counted for another scene of the same frame.
  void add(const FrameStats& other) {
    panels_drawn += other.panels_drawn;
    panels_culled += other.panels_culled;
    tiles_resident += other.tiles_resident;
    tiles_missing += other.tiles_missing;
    tiles_uploaded += other.tiles_uploaded;
  }
};

/// ImGui calls of one frame, made between NewFrame and Render. Captures values; runs on the drawing thread.
using Overlay = std::function<void()>;

/// Pictures without a window; deterministic: waits until every wanted tile is there at its own level.
class Offscreen {
 public:
  /// Creates a device where `device` is null.
  static Result<std::unique_ptr<Offscreen>> create(std::shared_ptr<Device> device, std::size_t tile_bytes = 96U << 20U);
  virtual ~Offscreen() = default;
  /// `dpr` scales labels and lines, for pictures larger than a screen. A picture larger than a part (set_part()) is drawn part by
  /// part, and is the same picture: words, lines and stripes run on from one to the next.
  virtual Result<Image> draw(const Scene& scene, const Camera& camera, int width, int height, float dpr = 1,
                             const Overlay& overlay = {}) = 0;
  /// The largest part that draw() draws at once, in pixels; at first kPartWidth x kPartHeight. Memory of the device grows with it.
  virtual void set_part(int width, int height) = 0;
  static constexpr int kPartWidth = 4096, kPartHeight = 2304;
  virtual Result<IdImage> draw_ids(const Scene& scene, const Camera& camera, int width, int height) = 0;
  /// As draw() but without reading back; from scene update to fence. For `bench`.
  virtual Result<FrameStats> time_frame(const Scene& scene, const Camera& camera, int width, int height) = 0;
  /// Milliseconds of one full-screen pass that fetches one texel a pixel: the measure frames are compared with.
  virtual Result<double> raster_reference_ms(int width, int height) = 0;
};

/// Input for ImGui, in logical pixels.
struct InputEvent {
  enum class Kind : std::uint8_t { Move, Button, Wheel, Leave } kind = Kind::Move;
  float x = 0, y = 0;
  int button = 0;
  bool down = false;
  float wheel = 0;
};

/// One frame's worth of what to show.
struct Frame {
  std::shared_ptr<const Scene> scene;
  Camera camera;
  Overlay overlay;
  std::vector<InputEvent> input;
  std::uint64_t serial = 0;  ///< the caller's number for this frame
};

/// Draws into a window's surface on a thread of its own. Renders on demand: show() wakes it; while tiles are
/// missing it goes on until the picture is complete, then sleeps. Thread safe.
class Viewer {
 public:
  struct Callbacks {
    /// After each presented frame; on the render thread.
    std::function<void(const FrameStats&)> presented;
    /// The device was lost or a frame failed; one sentence. On the render thread.
    std::function<void(const Error&)> failed;
  };
  static Result<std::unique_ptr<Viewer>> create(std::shared_ptr<Device> device, Callbacks callbacks);
  virtual ~Viewer() = default;
  /// The surface is the caller's and must live until detach() has returned. Size in device pixels.
  virtual void attach(VkSurfaceKHR_T* surface, int width, int height, float dpr) = 0;
  virtual void resize(int width, int height, float dpr) = 0;
  /// Waits (at most `limit_ms`) until the render thread holds nothing of the surface; false on timeout.
  virtual bool detach(int limit_ms = 2000) = 0;
  /// Newest wins; input events of frames that were skipped are kept, in order.
  virtual void show(Frame frame) = 0;
  /// While true at most 10 frames a second on a software device (a forward pass wants the cores).
  virtual void set_busy(bool busy) = 0;
  [[nodiscard]] virtual bool wants_mouse() const = 0;  ///< ImGui has the pointer
  [[nodiscard]] virtual long long frames_presented() const = 0;
};

}  // namespace gf::render

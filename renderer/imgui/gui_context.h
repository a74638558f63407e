// ImGui without a device: runs an overlay and keeps what it drew as plain values.
#pragma once

#include <cstdint>
#include <glm/glm.hpp>
#include <memory>
#include <vector>

#include "renderer/imgui/gui_input.h"

struct ImGuiContext;
struct ImFontAtlas;
struct ImDrawData;

namespace gf::render {

/// As ImDrawVert: position in logical pixels, texture coordinate, RGBA8.
struct GuiVertex {
  float x, y, u, v;
  std::uint32_t color;
};

/// Part of the indices, with its clip rectangle in device pixels.
struct GuiDraw {
  glm::ivec2 clip_low{0}, clip_high{0};
  std::uint32_t first_index = 0, index_count = 0;
  std::int32_t vertex_offset = 0;
};

struct GuiPicture {
  std::vector<GuiVertex> vertices;
  std::vector<std::uint16_t> indices;
  std::vector<GuiDraw> draws;
};

struct GuiFont {
  int width = 0, height = 0;
  std::vector<std::uint8_t> texels;  ///< one byte each
};

/// One ImGui context. ImGui's current context is global, so contexts take turns: a lock is held while an overlay
/// runs. Overlays therefore must not wait for another thread.
class GuiContext {
 public:
  GuiContext();
  ~GuiContext();
  GuiContext(const GuiContext&) = delete;
  GuiContext& operator=(const GuiContext&) = delete;

  /// Rasterises the typefaces (0: regular, 1: semi-bold, where its file is there) for this scale if that has not happened yet; with
  /// Chinese once FontSet::wants_chinese(). True: font() is another than before.
  bool set_scale(float dpr);
  [[nodiscard]] const GuiFont& font() const { return font_; }
  /// Whether the regular typeface shows this character as itself. After set_scale().
  [[nodiscard]] bool has_letter(char32_t code) const;

  /// Runs the overlay. Windows take their size from the frame before, and a new one hides in its first: so each
  /// overlay runs until its windows have settled, and only its last run is kept. Without `input` (offscreen) every
  /// picture starts from an empty context, which makes it a function of the overlay alone.
  void run(const Overlay& overlay, Theme theme, glm::vec2 size_px, GuiInput* input, GuiPicture& out);

 private:
  void new_context();
  void apply(GuiInput& input);

  std::unique_ptr<ImFontAtlas> atlas_;
  ImGuiContext* context_ = nullptr;
  GuiFont font_;
  float dpr_ = 0;
  bool chinese_ = false;
};

}  // namespace gf::render

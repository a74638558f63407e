#include "renderer/imgui/gui_context.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <imgui.h>
#include <imgui_internal.h>
#include <mutex>
#include <string>

#include "renderer/imgui/style.h"
#include "renderer/text/font.h"

namespace gf::render {
namespace {

std::mutex current_context_mutex;
constexpr float kFontPx = 17;  // of a line, as ImGui counts: letters of 14 pixels an em
constexpr int kMostRuns = 4;

// Inter's share: letters, small letters above and below the line, punctuation, and the symbols that cards and formulas use.
constexpr ImWchar kLetters[] = {0x20,   0x17F,  0x2B0,  0x2FF,  0x370,  0x3FF,  0x400,  0x45F,  0x1D43, 0x1D65, 0x2010, 0x205F, 0x2070,
                                0x209F, 0x20AC, 0x20AC, 0x2122, 0x2122, 0x2190, 0x2199, 0x21B5, 0x21B5, 0x2211, 0x2212, 0x221A, 0x221A,
                                0x221E, 0x221E, 0x2248, 0x2265, 0x2423, 0x2423, 0x2713, 0x2713, 0x2C7C, 0x2C7C, 0};
// What Inter does not have: DejaVu Sans fills gaps only.
constexpr ImWchar kSymbols[] = {0x1D43, 0x1D65, 0x2070, 0x209F, 0x2190, 0x21FF, 0x2200, 0x22FF, 0x2580,
                                0x25FF, 0x2713, 0x2717, 0x2C7C, 0x2C7C, 0xFFFD, 0xFFFD, 0};

/// Ranges that end with 0, as ImGui takes them. Its letters have 16 bits.
std::vector<ImWchar> ranges_of(const std::vector<char32_t>& letters) {
  std::vector<ImWchar> ranges;
  for (const char32_t code : letters) {
    if (code > 0xFFFF) continue;
    const auto letter = static_cast<ImWchar>(code);
    if (!ranges.empty() && ranges.back() + 1 == letter) ranges.back() = letter;
    else ranges.insert(ranges.end(), {letter, letter});
  }
  ranges.push_back(0);
  return ranges;
}

/// Gives a face the letters that another one of the same atlas has and it lacks, without drawing them twice.
void lend_letters(const ImFont& from, ImFont& to, const std::vector<char32_t>& letters) {
  for (const char32_t code : letters) {
    if (code > 0xFFFF) continue;
    const auto letter = static_cast<ImWchar>(code);
    const ImFontGlyph* glyph = from.FindGlyphNoFallback(letter);
    if (glyph == nullptr || to.FindGlyphNoFallback(letter) != nullptr) continue;
    to.AddGlyph(nullptr, letter, glyph->X0, glyph->Y0, glyph->X1, glyph->Y1, glyph->U0, glyph->V0, glyph->U1, glyph->V1, glyph->AdvanceX);
  }
  to.BuildLookupTable();
}

void sync_mouse(ImGuiIO& io, const InputEvent& event) {
  if (event.kind == InputEvent::Kind::Leave) {
    io.MousePos = {-FLT_MAX, -FLT_MAX};
  } else {
    io.MousePos = {event.x, event.y};
  }
}

bool settled(const ImGuiContext& context) {
  return std::none_of(context.Windows.begin(), context.Windows.end(), [](const ImGuiWindow* window) {
    return window->Active && (window->HiddenFramesCanSkipItems > 0 || window->HiddenFramesCannotSkipItems > 0 ||
                              window->AutoFitFramesX > 0 || window->AutoFitFramesY > 0);
  });
}

void copy(const ImDrawData& data, float dpr, glm::vec2 size, GuiPicture& out) {
  for (int i = 0; i < data.CmdListsCount; ++i) {
    const ImDrawList& list = *data.CmdLists[i];
    const auto vertices = static_cast<std::int32_t>(out.vertices.size());
    const auto indices = static_cast<std::uint32_t>(out.indices.size());
    for (const ImDrawVert& v : list.VtxBuffer) out.vertices.push_back({v.pos.x, v.pos.y, v.uv.x, v.uv.y, v.col});
    out.indices.insert(out.indices.end(), list.IdxBuffer.begin(), list.IdxBuffer.end());
    for (const ImDrawCmd& command : list.CmdBuffer) {
      if (command.UserCallback != nullptr || command.ElemCount == 0) continue;
      const glm::vec2 low = glm::max(glm::vec2(command.ClipRect.x, command.ClipRect.y) * dpr, glm::vec2(0));
      const glm::vec2 high = glm::min(glm::vec2(command.ClipRect.z, command.ClipRect.w) * dpr, size);
      if (!(low.x < high.x && low.y < high.y)) continue;
      GuiDraw draw;
      draw.clip_low = glm::ivec2(glm::floor(low));
      draw.clip_high = glm::ivec2(glm::ceil(high));
      draw.first_index = indices + command.IdxOffset;
      draw.index_count = command.ElemCount;
      draw.vertex_offset = vertices + static_cast<std::int32_t>(command.VtxOffset);
      out.draws.push_back(draw);
    }
  }
}

}  // namespace

void append_input(std::deque<InputEvent>& events, const std::vector<InputEvent>& more) {
  for (const InputEvent& event : more) {
    const bool merges = event.kind == InputEvent::Kind::Move && !events.empty() && events.back().kind == InputEvent::Kind::Move;
    if (merges) {
      events.back() = event;
    } else {
      events.push_back(event);
    }
  }
}

GuiContext::GuiContext() : atlas_(std::make_unique<ImFontAtlas>()) {}

GuiContext::~GuiContext() {
  const std::scoped_lock lock(current_context_mutex);
  if (context_ != nullptr) ImGui::DestroyContext(context_);
}

bool GuiContext::set_scale(float dpr) {
  const bool chinese = FontSet::shared().wants_chinese();
  if (dpr == dpr_ && chinese == chinese_) return false;
  const std::scoped_lock lock(current_context_mutex);
  dpr_ = dpr;
  chinese_ = chinese;
  atlas_->Clear();
  atlas_->Flags |= ImFontAtlasFlags_NoMouseCursors;
  const std::string folder = font_directory();
  const std::vector<char32_t> letters = chinese ? FontSet::shared().chinese() : std::vector<char32_t>();
  const std::vector<ImWchar> more = ranges_of(letters);  // read when the atlas is built
  const auto add = [&](const char* file, const ImWchar* ranges, bool merge) {
    const std::string path = folder + "/" + file;
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return;  // ImGui would stop the program
    ImFontConfig config;
    config.MergeMode = merge;
    config.OversampleH = dpr < 1.5F && ranges != more.data() ? 2 : 1;
    config.OversampleV = 1;
    config.PixelSnapH = false;
    atlas_->AddFontFromFileTTF(path.c_str(), std::round(kFontPx * dpr), &config, ranges);
  };
  add("Inter-Regular.otf", kLetters, false);
  if (atlas_->Fonts.empty()) {
    atlas_->AddFontDefault();
  } else {
    add("DejaVuSans.ttf", kSymbols, true);
    if (!letters.empty()) add("Chinese.otf", more.data(), true);
  }
  add("Inter-SemiBold.otf", kLetters, false);
  unsigned char* texels = nullptr;
  atlas_->GetTexDataAsAlpha8(&texels, &font_.width, &font_.height);
  if (atlas_->Fonts.Size > 1) lend_letters(*atlas_->Fonts[0], *atlas_->Fonts[1], letters);
  font_.texels.assign(texels, texels + static_cast<std::size_t>(font_.width) * static_cast<std::size_t>(font_.height));
  atlas_->ClearTexData();
  atlas_->ClearInputData();
  atlas_->SetTexID(reinterpret_cast<ImTextureID>(1));
  return true;
}

bool GuiContext::has_letter(char32_t code) const {
  return code <= 0xFFFF && !atlas_->Fonts.empty() && atlas_->Fonts.front()->FindGlyphNoFallback(static_cast<ImWchar>(code)) != nullptr;
}

void GuiContext::new_context() {
  if (context_ != nullptr) ImGui::DestroyContext(context_);
  context_ = ImGui::CreateContext(atlas_.get());
  ImGui::SetCurrentContext(context_);
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.LogFilename = nullptr;
  io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
  io.ConfigWindowsMoveFromTitleBarOnly = true;
}

void GuiContext::apply(GuiInput& input) {
  ImGuiIO& io = ImGui::GetIO();
  while (!input.events.empty()) {
    const InputEvent event = input.events.front();
    input.events.pop_front();
    sync_mouse(io, event);
    if (event.kind == InputEvent::Kind::Wheel) io.MouseWheel += event.wheel;
    if (event.kind != InputEvent::Kind::Button || event.button < 0 || event.button >= ImGuiMouseButton_COUNT) continue;
    io.MouseDown[event.button] = event.down;
    break;
  }
}

void GuiContext::run(const Overlay& overlay, Theme theme, glm::vec2 size_px, GuiInput* input, GuiPicture& out) {
  out.vertices.clear();
  out.indices.clear();
  out.draws.clear();
  const std::scoped_lock lock(current_context_mutex);
  if (context_ == nullptr || input == nullptr) new_context();
  ImGui::SetCurrentContext(context_);
  ImGuiIO& io = ImGui::GetIO();
  apply_style(ImGui::GetStyle(), theme);
  io.FontGlobalScale = 1 / dpr_;
  io.DisplaySize = {size_px.x / dpr_, size_px.y / dpr_};
  io.DisplayFramebufferScale = {dpr_, dpr_};
  io.DeltaTime = 1.0F / 60;  // a frame is a function of its input, not of the clock
  if (input != nullptr) apply(*input);
  for (int i = 0; i < kMostRuns; ++i) {
    ImGui::NewFrame();
    if (overlay) overlay();
    ImGui::Render();
    io.MouseWheel = 0;
    if (i > 0 && settled(*context_)) break;
  }
  if (input != nullptr) input->wants_mouse = io.WantCaptureMouse;
  copy(*ImGui::GetDrawData(), dpr_, size_px, out);
}

}  // namespace gf::render

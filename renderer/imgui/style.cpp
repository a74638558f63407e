#include "renderer/imgui/style.h"

#include <cstdint>
#include <imgui.h>

namespace gf::render {
namespace {

struct Palette {
  std::uint32_t card, raised, line, text, dim, accent;
};
constexpr Palette kDark{0x222732, 0x2C3340, 0x39424F, 0xE8ECF3, 0x93A0B5, 0x6EA8FE};
constexpr Palette kLight{0xFFFFFF, 0xF0EEE8, 0xD9D6CF, 0x1B2330, 0x667085, 0x2F6FB7};

ImVec4 color(std::uint32_t rgb, float alpha = 1) {
  const auto channel = [&](unsigned shift) { return static_cast<float>((rgb >> shift) & 0xFFU) / 255.0F; };
  return {channel(16), channel(8), channel(0), alpha};
}

}  // namespace

void apply_style(ImGuiStyle& style, Theme theme) {
  const Palette& p = theme == Theme::Dark ? kDark : kLight;
  style = ImGuiStyle();
  theme == Theme::Dark ? ImGui::StyleColorsDark(&style) : ImGui::StyleColorsLight(&style);
  style.WindowPadding = {12, 10};
  style.WindowRounding = style.PopupRounding = style.ChildRounding = 8;
  style.FrameRounding = style.GrabRounding = style.TabRounding = 5;
  style.ScrollbarRounding = 6;
  style.WindowBorderSize = style.PopupBorderSize = 1;
  style.FrameBorderSize = 0;
  style.FramePadding = {8, 4};
  style.ItemSpacing = {8, 5};
  style.ItemInnerSpacing = {6, 4};
  style.ScrollbarSize = 10;
  style.WindowTitleAlign = {0, 0.5F};
  style.DisplaySafeAreaPadding = {0, 0};
  ImVec4* c = style.Colors;
  c[ImGuiCol_Text] = color(p.text);
  c[ImGuiCol_TextDisabled] = color(p.dim);
  c[ImGuiCol_WindowBg] = c[ImGuiCol_PopupBg] = color(p.card, 0.97F);
  c[ImGuiCol_ChildBg] = color(p.card, 0);
  c[ImGuiCol_Border] = color(p.line);
  c[ImGuiCol_BorderShadow] = color(p.line, 0);
  c[ImGuiCol_FrameBg] = c[ImGuiCol_Button] = color(p.raised);
  c[ImGuiCol_FrameBgHovered] = c[ImGuiCol_ButtonHovered] = color(p.line);
  c[ImGuiCol_FrameBgActive] = c[ImGuiCol_ButtonActive] = color(p.accent, 0.45F);
  c[ImGuiCol_TitleBg] = c[ImGuiCol_TitleBgActive] = c[ImGuiCol_TitleBgCollapsed] = color(p.card);
  c[ImGuiCol_Header] = color(p.accent, 0.18F);
  c[ImGuiCol_HeaderHovered] = color(p.accent, 0.28F);
  c[ImGuiCol_HeaderActive] = color(p.accent, 0.4F);
  c[ImGuiCol_Separator] = color(p.line);
  c[ImGuiCol_SeparatorHovered] = c[ImGuiCol_SeparatorActive] = color(p.accent);
  c[ImGuiCol_CheckMark] = c[ImGuiCol_SliderGrab] = c[ImGuiCol_SliderGrabActive] = color(p.accent);
  c[ImGuiCol_PlotLines] = c[ImGuiCol_PlotHistogram] = color(p.accent);
  c[ImGuiCol_PlotLinesHovered] = c[ImGuiCol_PlotHistogramHovered] = color(p.text);
  c[ImGuiCol_ScrollbarBg] = color(p.card, 0);
  c[ImGuiCol_ScrollbarGrab] = color(p.line);
  c[ImGuiCol_ScrollbarGrabHovered] = c[ImGuiCol_ScrollbarGrabActive] = color(p.dim);
  c[ImGuiCol_ResizeGrip] = color(p.line, 0);
  c[ImGuiCol_ResizeGripHovered] = c[ImGuiCol_ResizeGripActive] = color(p.accent, 0.5F);
  c[ImGuiCol_TableHeaderBg] = color(p.raised);
  c[ImGuiCol_TableBorderStrong] = c[ImGuiCol_TableBorderLight] = color(p.line);
  c[ImGuiCol_TableRowBg] = color(p.card, 0);
  c[ImGuiCol_TableRowBgAlt] = color(p.raised, 0.4F);
  c[ImGuiCol_TextSelectedBg] = color(p.accent, 0.35F);
}

}  // namespace gf::render

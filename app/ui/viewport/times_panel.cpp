#include "app/ui/viewport/times_panel.h"

#include <algorithm>

#include "app/ui/viewport/overlay_ink.h"
#include "model/base/text.h"

namespace gf::ui {
namespace {

class TimesSheet {
 public:
  static constexpr float kPad = 13, kRow = 19, kMargin = 10;

  TimesSheet(const doc::TimesTable& table, render::Theme theme, float scale) : table_(table), inks_(inks_of(theme)), scale_(scale) {}
  [[nodiscard]] float width() const { return (kShare + 2 * kPad) * scale_; }
  [[nodiscard]] float height() const {
    const auto lines = static_cast<float>(table_.rows.size() + table_.notes.size() + (table_.rows.empty() ? 0 : 1));
    return (2 * kPad + 2 * kRow + 4 + lines * kRow + (table_.rows.empty() ? 0 : 6)) * scale_;
  }
  void draw(ImVec2 at) const {
    ImDrawList* list = ImGui::GetBackgroundDrawList();
    draw_sheet(list, at, {at.x + width(), at.y + height()}, inks_, true);
    left_ = at.x + kPad * scale_;
    float y = at.y + (kPad - 2) * scale_;
    words(list, 0, y, table_.title, inks_.text, true, kTitle);
    y += kRow * scale_;
    words(list, 0, y + 2 * scale_, table_.subtitle, inks_.dim);
    y += (kRow + 6) * scale_;
    if (!table_.rows.empty()) {
      head(list, y);
      y += (kRow + 2) * scale_;
    }
    for (const doc::TimesTable::Row& row : table_.rows) {
      line(list, y, row);
      y += kRow * scale_;
    }
    y += (table_.rows.empty() ? 0 : 4) * scale_;
    for (const std::string& note : table_.notes) {
      words(list, 0, y, note, inks_.dim);
      y += kRow * scale_;
    }
  }

 private:
  // Columns in logical pixels from the left edge of the panel's text. Words begin there, numbers end there.
  static constexpr float kCalls = 154, kMs = 206, kBar = 218, kBarWidth = 64, kGb = 336, kGflops = 402, kShare = 462;
  static constexpr float kSmall = 14.5F, kTitle = 16.5F;

  void words(ImDrawList* list, float x, float y, const std::string& text, ImU32 colour, bool bold = false, float size = kSmall) const {
    list->AddText(face(bold), size * scale_, {left_ + x * scale_, y}, colour, text.c_str());
  }
  /// Draws a number that ends at x.
  void figures(ImDrawList* list, float x, float y, const std::string& text, ImU32 colour, bool bold = false) const {
    const float wide = face(bold)->CalcTextSizeA(kSmall * scale_, FLT_MAX, 0, text.c_str()).x;
    list->AddText(face(bold), kSmall * scale_, {left_ + x * scale_ - wide, y}, colour, text.c_str());
  }
  void head(ImDrawList* list, float y) const {
    words(list, 0, y, gf::text("operation"), inks_.dim);
    figures(list, kCalls, y, gf::text("calls"), inks_.dim);
    figures(list, kMs, y, "ms", inks_.dim);
    words(list, kBar, y, gf::text("of the pass"), inks_.dim);
    figures(list, kGb, y, "GB/s", inks_.dim);
    figures(list, kGflops, y, "GFLOP/s", inks_.dim);
    figures(list, kShare, y, gf::text("of limit"), inks_.dim);
    const float below = y + (kRow - 1) * scale_;
    list->AddLine({left_, below}, {left_ + kShare * scale_, below}, inks_.line, 1);
  }
  void line(ImDrawList* list, float y, const doc::TimesTable::Row& row) const {
    words(list, 0, y, row.operation, inks_.text);
    figures(list, kCalls, y, row.calls, inks_.dim);
    figures(list, kMs, y, row.ms, inks_.text);
    const float top = y + 5 * scale_, low = y + 13 * scale_, bar = left_ + kBar * scale_;
    list->AddRectFilled({bar, top}, {bar + kBarWidth * scale_, low}, inks_.line, 2);
    if (row.part > 0) list->AddRectFilled({bar, top}, {bar + std::max(1.0F, row.part * kBarWidth * scale_), low}, inks_.accent, 2);
    figures(list, kGb, y, row.gb_per_s, inks_.dim);
    figures(list, kGflops, y, row.gflops, inks_.dim);
    constexpr float kNear = 0.5F;  // an operation this near to its limit is marked as a good one
    figures(list, kShare, y, row.share, row.near >= kNear ? inks_.accent : inks_.text, row.near >= kNear);
  }

  const doc::TimesTable& table_;
  Inks inks_;
  float scale_;
  mutable float left_ = 0;
};

}  // namespace

void draw_times(const doc::TimesContent& content, render::Theme theme, float width, float height, float scale) {
  constexpr float kLeastRoom = 150;  // the height of the viewport that stays free below the panel
  const float room = height / scale - kLeastRoom - 2 * TimesSheet::kPad - 5 * TimesSheet::kRow;
  const auto rows = static_cast<std::size_t>(std::max(0.0F, room / TimesSheet::kRow));
  if (rows < 2) return;
  const doc::TimesTable table = doc::times_table(content, rows);
  const TimesSheet sheet(table, theme, scale);
  const float margin = TimesSheet::kMargin * scale;
  if (sheet.width() + 2 * margin > width) return;
  sheet.draw({width - sheet.width() - margin, margin});
}

}  // namespace gf::ui

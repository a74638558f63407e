#include "app/ui/viewport/overlay.h"

#include "app/export/legend.h"
#include "app/ui/viewport/card_paint.h"
#include "app/ui/viewport/guides_paint.h"
#include "app/ui/viewport/overlay_ink.h"
#include "app/ui/viewport/times_panel.h"
#include "model/base/text.h"

namespace gf::ui {
render::Overlay make_overlay(OverlayContent content) {
  return [content = std::move(content)] {
    const Inks inks = inks_of(content.theme);
    for (const scene::Guides* guides : {&content.left_guides, &content.guides}) draw_guides(*guides, content.theme, content.pointer);
    // After the map: a caption may lie over it, and has to be read.
    exporting::draw_legend(content.legend, content.theme, content.caption, content.scale, content.legend_room);
    if (content.times) draw_times(*content.times, content.theme, content.size.x, content.size.y, content.scale);
    const float above = content.guides.path.empty() ? 12 : content.guides.bar.high.y + 6;
    if (content.reading)
      ImGui::GetBackgroundDrawList()->AddText(face(false), 14.5F * content.scale, {16, above}, inks.dim,
                                              gf::text("reading values ...").c_str());
    draw_cards(content.cards, content.pointer, inks);
  };
}

}  // namespace gf::ui

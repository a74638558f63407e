// A view of fable in a pane of any size, and the labels that are seen in it.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "app/scene/compose.h"
#include "app/scene/legend.h"
#include "app/scene/seen_sheet.h"
#include "app/scene/views.h"
#include "renderer/labels.h"
#include "tests/app/truth/fable.h"

namespace gf::scene {

inline constexpr const char* kCut = R"({"version": 1, "edits": [{"hook": "blocks.4.attn.hook_z", "op": "zero", "heads": [3]}]})";

inline SceneInput fable_input(const std::string& prompt, const char* recipe = nullptr) {
  const auto model = truth::fable_model();
  auto session = Session::create(model, {});
  EXPECTS(session.has_value(), "a session on fable");
  RunRequest request;
  request.prompt = *model->tokenizer->ids_of(prompt);
  if (recipe != nullptr) request.recipe = *parse_recipe(recipe);
  auto done = (*session)->run(request);
  EXPECTS(done.has_value(), "fable runs the prompt");
  return *read_for(View::Stream, {model, std::make_shared<const Run>(*std::move(done))});
}

class KeptNames : public testing::Test {
 protected:
  /// The labels that are seen, as text.
  struct Seen {
    std::string text;
    glm::vec2 low{0}, high{0};
    std::size_t index = 0;
  };
  const Frame& compose() {
    composer.build(input, view, pane);
    while (!machine.settled()) composer.build(input, view, pane);
    return composer.frame();
  }
  std::vector<Seen> seen() {
    const Frame& frame = compose();
    std::vector<Seen> all;
    for (const render::PlacedLabel& at : render::place_labels(*frame.scene.scene, frame.camera, pane.size))
      if (at.alpha > 0.5F)
        all.push_back(
            {frame.scene.scene->labels[static_cast<std::size_t>(at.index)].text, at.low, at.high, static_cast<std::size_t>(at.index)});
    return all;
  }
  [[nodiscard]] bool whole(const Seen& label) const {
    return label.low.x >= 0 && label.low.y >= 0 && label.high.x <= pane.size.x && label.high.y <= pane.size.y;
  }
  static std::vector<Seen> with(const std::vector<Seen>& all, const std::string& words) {
    std::vector<Seen> found;
    std::ranges::copy_if(all, std::back_inserter(found), [&](const Seen& s) { return s.text.find(words) != std::string::npos; });
    return found;
  }
  [[nodiscard]] int rows_named(const std::vector<Seen>& all) const {
    const auto& rows = composer.built().row_names;
    return static_cast<int>(std::ranges::count_if(all, [&](const Seen& s) { return std::ranges::find(rows, s.index) != rows.end(); }));
  }
  void look(const std::string& name) {
    const auto camera = machine.camera(name, input, view, pane);
    ASSERT_TRUE(camera) << name;
    view.camera = *camera;
  }

  /// As a window's pane of this size is.
  void window(glm::vec2 size, float presentation = 1) {
    pane = Pane{size, presentation};
    pane.legend_rows = legend_rows_for(pane);
    pane.foot = legend_share(pane);
    pane.guides = true;
  }
  [[nodiscard]] ScreenBox plate_on_screen(int layer, int head) {
    const ViewScene& built = composer.built();
    const auto is_it = [&](const PanelInfo& p) { return p.head == head && p.tensor.hook == HookId{HookKind::Pattern, layer}; };
    const auto at = std::ranges::find_if(built.panels, is_it) - built.panels.begin();
    const render::Panel& panel = built.scene->panels[static_cast<std::size_t>(at)];
    return *sheet_on_screen(panel, render::Projection(*view.camera, pane.size));
  }
  [[nodiscard]] bool is_token(const Seen& label) const {
    const auto& texts = composer.built().row_texts;
    return std::ranges::find(texts, label.text) != texts.end();
  }

  SceneInput input = fable_input(truth::kPrompt);
  SceneBuilder machine;
  Composer composer{machine};
  ViewState view;
  Pane pane{{380, 180}};
};

}  // namespace gf::scene

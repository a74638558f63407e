// A camera that is named after something shows that alone.
#include "app/scene/subject.h"

#include "app/scene/views.h"
#include "tests/app/scene/panes_of_windows.h"

namespace gf::scene {
namespace {

class Subjects : public NamesInPanes {
 protected:
  /// Panels whose middle is in a box of the page, and the others.
  struct Alphas {
    float least_inside = 1, most_beside = 0;
    int inside = 0, beside = 0;
  };
  Alphas alphas(const Subject& subject) {
    Alphas found;
    const auto& panels = compose().scene.scene->panels;
    for (std::size_t i = 0; i < panels.size(); ++i) {
      const render::Panel& panel = panels[i];
      // A pattern belongs to its block, whatever column of the Stream it reaches into.
      const PanelInfo& info = composer.built().panels[i];
      const bool of_other = info.mapping == PanelInfo::Mapping::Causal && subject.block >= 0 && info.tensor.hook.layer != subject.block;
      const bool inside = !of_other && subject.has(panel.origin + (panel.across + panel.down) * 0.5F);
      if (inside) found.least_inside = std::min(found.least_inside, panel.alpha), ++found.inside;
      else found.most_beside = std::max(found.most_beside, panel.alpha), ++found.beside;
    }
    return found;
  }
  [[nodiscard]] std::optional<Subject> subject() {
    compose();
    return subject_of(composer.built(), *view.camera, pane, view);
  }
};

TEST_F(Subjects, what_is_beside_the_subject_of_a_camera_is_pale) {
  for (const PaneOfWindow& in : kPanes)
    for (const View shown : {View::Machine, View::Stream})
      for (const char* camera : {"embedding", "block 4", "attention 4", "MLP 4", "head 4.3", "logits"}) {
        SCOPED_TRACE(std::string(in.name) + ", " + spelled(shown) + ", " + camera);
        window(in.size, in.letters);
        view = {};
        view.view = shown;
        look(camera);
        const auto there = subject();
        ASSERT_TRUE(there);
        const Alphas now = alphas(*there);
        EXPECT_GT(now.inside, 0);
        EXPECT_GT(now.beside, 0);
        EXPECT_EQ(now.least_inside, 1);
        EXPECT_LT(now.most_beside, 0.3F);
      }
}

TEST_F(Subjects, the_rest_comes_back_as_the_camera_leaves_its_place) {
  window({1280, 640});
  look("MLP 4");
  const render::Camera own = *view.camera;
  float before = 1;
  for (const float farther : {1.0F, 1.03F, 1.06F, 1.1F}) {
    view.camera = own;
    view.camera->distance *= farther;
    const auto there = subject();
    ASSERT_TRUE(there) << farther;
    EXPECT_LT(there->pale, before) << farther;
    before = there->pale;
  }
  view.camera->distance = 1.5F * own.distance;
  EXPECT_FALSE(subject());
  look("home");
  EXPECT_FALSE(subject());
}

TEST_F(Subjects, what_is_marked_or_selected_elsewhere_is_not_hidden) {
  window({1280, 640});
  look("attention 4");
  EXPECT_TRUE(subject());
  view.highlights = {{{{HookKind::Pattern, 4}, {}}, {3, 0, 0}}};
  EXPECT_TRUE(subject()) << "that is part of it";
  view.highlights = {{{{HookKind::Pattern, 2}, {}}, {3, 0, 0}}};
  EXPECT_FALSE(subject());
  view.highlights.clear();
  view.selection = CellRef{{{HookKind::MlpPost, 4}, {}}, {13, 700}};
  EXPECT_FALSE(subject());
}

TEST_F(Subjects, a_block_of_a_long_stream_shows_its_last_rows_large_enough_to_be_read) {
  of_long_prompt(40);
  for (const PaneOfWindow& in : kPanes) {
    if (in.size.y < 400) continue;
    SCOPED_TRACE(in.name);
    window(in.size, in.letters);
    view = {};
    view.view = View::Stream;
    look("block 4");
    compose();
    const render::Projection seen_by(*view.camera, pane.size);
    const ViewScene& built = composer.built();
    const render::Label& last = built.scene->labels[built.row_names.back()];
    EXPECT_GT(render::label_px(last, seen_by), 11 * in.letters);
    const render::Panel& column = built.scene->panels[5];  // behind block 4
    const float y = seen_by.pixel({column.origin.x, last.anchor.y, 0}).y;
    EXPECT_TRUE(y > 0 && y < pane.size.y * (1 - pane.foot));
  }
}

}  // namespace
}  // namespace gf::scene

// Large letters and small windows: no name is lost, no button is cut, and the camera keeps what it shows.
#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "app/scene/compose.h"
#include "app/scene/views.h"
#include "app/ui/shell/view_bar.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/transport.h"
#include "app/ui/widgets/words.h"
#include "renderer/labels.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

using Words = std::map<std::string, int>;

struct Shown {
  Words words;                           ///< whole in the picture and not faded
  std::map<std::string, float> letters;  ///< size of the smallest, in logical pixels
};

Shown shown_in(scene::Composer& composer, const scene::SceneInput& input, const scene::ViewState& view, scene::Pane pane, float dpr) {
  pane.legend_rows = scene::legend_rows_for(pane);
  pane.foot = scene::legend_share(pane);
  composer.build(input, view, pane);
  const scene::Frame& frame = composer.frame();
  Shown shown;
  const glm::vec2 size = pane.size * dpr;
  for (const render::PlacedLabel& at : render::place_labels(*frame.scene.scene, frame.camera, size, dpr)) {
    if (at.alpha < 0.9F || at.low.x < 0 || at.low.y < 0 || at.high.x > size.x || at.high.y > size.y) continue;
    const std::string& text = frame.scene.scene->labels[static_cast<std::size_t>(at.index)].text;
    ++shown.words[text];
    const float px = at.size_px / dpr;
    const auto [found, fresh] = shown.letters.try_emplace(text, px);
    if (!fresh) found->second = std::min(found->second, px);
  }
  return shown;
}

/// The prompt's tokens and, in the Machine, the likeliest next tokens with their probabilities; in the Stream, the prediction.
Words names_and_answers(const doc::Lab& lab, scene::View view) {
  Words wanted;
  const Trace& trace = *lab.run()->edited;
  for (const TokenId id : trace.ids()) ++wanted[token_text(*lab.model(), id).toStdString()];
  const auto& top = trace.stats(trace.length() - 1).top;
  const std::size_t answers = view == scene::View::Machine ? 8 : 1;
  for (std::size_t i = 0; i < answers; ++i) {
    ++wanted[token_text(*lab.model(), top[i].id).toStdString()];
    if (view == scene::View::Machine) ++wanted[percent(std::exp(static_cast<double>(top[i].logprob))).toStdString()];
  }
  return wanted;
}

TEST(Present, keeps_every_token_name_and_answer_and_enlarges_them) {
  Screen screen;
  screen.open("fable");
  doc::Lab& lab = screen.lab();
  scene::SceneBuilder machine;
  scene::Composer composer(machine);
  struct Place {
    const char* what;
    glm::vec2 size;
    float dpr;
  };
  // The viewport of a full screen without docks, and beside a lesson's text.
  const Place places[] = {{"1280 x 720", {1280, 600}, 1},
                          {"1920 x 1080", {1920, 960}, 1},
                          {"1280, a lesson", {795, 600}, 1},
                          {"1920, a lesson", {1435, 960}, 1}};
  for (const scene::ViewInfo& view : scene::views()) {
    doc::Document document = lab.document();
    document.view = view.value;
    const auto input = scene::read_for(view.value, {lab.model(), lab.run()});
    ASSERT_TRUE(input);
    const Words wanted = names_and_answers(lab, view.value);
    for (const Place& place : places) {
      float usual = 0;
      for (const float scale : {1.0F, 1.5F}) {
        SCOPED_TRACE(std::string(view.name) + ", " + place.what + (scale > 1 ? ", presented" : ""));
        const Shown shown = shown_in(composer, *input, document, {place.size, scale}, place.dpr);
        float least = 1e9F;
        for (const auto& [word, count] : wanted) {
          const auto there = shown.words.find(word);
          EXPECT_GE(there == shown.words.end() ? 0 : there->second, count) << word;
          if (const auto px = shown.letters.find(word); px != shown.letters.end()) least = std::min(least, px->second);
        }
        if (scale > 1) {
          EXPECT_GT(least, 1.1F * usual) << "the smallest of them is larger, too";
        }
        usual = least;
      }
    }
  }
}

TEST(SmallPanes, show_names_and_the_streams_words) {
  Screen screen;
  screen.open("fable");
  doc::Lab& lab = screen.lab();
  scene::SceneBuilder machine;
  scene::Composer composer(machine);
  // What a screen of 960 x 540 logical pixels leaves to the scene beside two docks, one and none.
  struct Place {
    glm::vec2 size;
    int names, words;  ///< that can be read, at least
  };
  const Place places[] = {{{380, 180}, 7, 30},  {{420, 190}, 7, 30},  {{390, 230}, 7, 50}, {{430, 270}, 10, 70},
                          {{560, 250}, 10, 70}, {{660, 300}, 12, 70}, {{940, 300}, 12, 70}};
  const Trace& trace = *lab.run()->edited;
  for (const scene::ViewInfo& view : scene::views()) {
    doc::Document document = lab.document();
    document.view = view.value;
    const auto input = scene::read_for(view.value, {lab.model(), lab.run()});
    ASSERT_TRUE(input);
    for (const Place& place : places)
      for (const float dpr : {1.0F, 2.0F}) {
        SCOPED_TRACE(std::string(view.name) + ", " + std::to_string(place.size.x) + " px, " + std::to_string(dpr));
        const Shown shown = shown_in(composer, *input, document, {place.size, 1}, dpr);
        int names = 0, words = 0;
        for (const auto& [word, count] : shown.words) words += count;
        for (const TokenId id : trace.ids()) names += shown.words.contains(token_text(*lab.model(), id).toStdString());
        const int all = static_cast<int>(trace.ids().size());
        EXPECT_GE(names, view.value == scene::View::Machine ? all : place.names);
        if (view.value == scene::View::Stream) {
          EXPECT_GE(words, place.words);
          continue;
        }
        for (int block = 0; block < lab.model()->weights->config.n_layer; ++block) {
          const std::string number = std::to_string(block);  // alone where the names of neighbours would meet
          EXPECT_TRUE(shown.words.contains("block " + number) || shown.words.contains(number)) << number;
        }
      }
  }
}

/// How many of the names in the Machine's list of tokens can be read whole, in the order of the prompt, and "" for those that can't.
std::vector<std::string> listed_names(scene::Composer& composer, const scene::SceneInput& input, const scene::ViewState& view,
                                      scene::Pane pane, float dpr) {
  pane.legend_rows = scene::legend_rows_for(pane);
  pane.foot = scene::legend_share(pane);
  composer.build(input, view, pane);
  const scene::Frame& frame = composer.frame();
  const scene::ViewScene::Box list = frame.scene.tokens;
  const glm::vec2 size = pane.size * dpr;
  std::vector<std::pair<float, std::string>> found;
  std::vector<render::PlacedLabel> there;
  for (const render::PlacedLabel& at : render::place_labels(*frame.scene.scene, frame.camera, size, dpr)) {
    if (at.alpha <= 0.5F) continue;
    const render::Label& label = frame.scene.scene->labels[static_cast<std::size_t>(at.index)];
    EXPECT_GE(at.size_px / dpr, 10.99F) << label.text;
    for (const render::PlacedLabel& other : there)
      EXPECT_FALSE(at.low.x < other.high.x && other.low.x < at.high.x && at.low.y < other.high.y && other.low.y < at.high.y)
          << label.text << " covers " << frame.scene.scene->labels[static_cast<std::size_t>(other.index)].text;
    there.push_back(at);
    const bool in_list = label.background.a <= 0 && label.horizontal == render::Align::End && label.anchor.x <= list.high.x + 1e-3F &&
                         label.anchor.y >= list.low.y && label.anchor.y <= list.high.y;
    const auto& note = frame.scene.token_note;
    if (note && note->label == static_cast<std::size_t>(at.index)) continue;
    if (!in_list || at.low.x < 0 || at.low.y < 0 || at.high.x > size.x || at.high.y > size.y) continue;
    found.emplace_back(label.anchor.y, label.text);
  }
  std::ranges::sort(found);
  std::vector<std::string> names;
  for (auto& [y, name] : found) names.push_back(std::move(name));
  return names;
}

/// The names that are listed where every n-th has room, counted from the last.
std::vector<std::string> every_nth(const std::vector<std::string>& all, std::size_t n) {
  std::vector<std::string> names;
  for (std::size_t i = all.size(); i > 0; i -= std::min(i, n)) names.insert(names.begin(), all[i - 1]);
  return names;
}

TEST(SmallPanes, lose_no_name_of_the_prompt) {
  constexpr auto kLong =
      "Once upon a time there was a little girl who had a red ball and a blue hat and one day she went to the big park with her mom and";
  struct Case {
    const char *model, *prompt;
    std::size_t every;  ///< there are at least every so many; of a prompt that is longer than the list, of those that it has
  };
  for (const auto& [model, prompt, every] :
       {Case{"fable", "", 1}, Case{"sort-nano", "", 1}, Case{"induction-nano", "", 2}, Case{"fable", kLong, 3}}) {
    Screen screen;
    screen.open(model, prompt);
    const doc::Lab& lab = screen.lab();
    scene::SceneBuilder machine;
    scene::Composer composer(machine);
    const auto input = scene::read_for(scene::View::Machine, {lab.model(), lab.run()});
    ASSERT_TRUE(input);
    std::vector<std::string> all;
    for (const TokenId id : lab.run()->edited->ids()) all.push_back(token_text(*lab.model(), id).toStdString());
    constexpr std::size_t kListed = 28;
    const std::size_t stride = all.size() > kListed ? 2 : 1;
    for (const glm::vec2 size : {glm::vec2(380, 180), {420, 190}, {390, 230}, {430, 270}, {560, 250}, {660, 300}, {940, 300}, {940, 420}})
      for (const float dpr : {1.0F, 2.0F}) {
        SCOPED_TRACE(std::string(model) + ", " + std::to_string(all.size()) + " tokens, " + std::to_string(size.x) + " px");
        const auto names = listed_names(composer, *input, lab.document(), {size, 1}, dpr);
        std::size_t n = stride;
        while (n < every * stride && names != every_nth(all, n)) n += stride;
        EXPECT_EQ(names, every_nth(all, n));
        // The selected one is there among the others.
        doc::Document selected = lab.document();
        selected.selected_position = lab.run()->edited->length() - 4;
        const auto with = listed_names(composer, *input, selected, {size, 1}, dpr);
        EXPECT_GT(std::ranges::count(with, all[all.size() - 4]), 0);
      }
  }
}

TEST(Present, is_left_by_esc_wherever_nothing_is_above) {
  for (const char* view : {"stream", "machine"}) {
    Screen screen;
    screen.open("fable");
    EXPECT_EQ(screen.run(std::string("view ") + view), "");
    EXPECT_EQ(screen.run("present on"), "");
    ASSERT_TRUE(screen.until([&] { return screen.window().viewport().at_home(); }));
    screen.window().viewport().zoom(3);
    ASSERT_FALSE(screen.window().viewport().at_home());
    screen.key("Esc");
    // In the Machine the first one leads to the whole; the Stream keeps its camera.
    const bool climbs = view == std::string("machine");
    EXPECT_EQ(screen.window().presenting(), climbs) << view;
    if (!climbs) {
      EXPECT_FALSE(screen.window().viewport().at_home());
      continue;
    }
    ASSERT_TRUE(screen.until([&] { return screen.window().viewport().at_home(); }));
    screen.key("Esc");
    EXPECT_FALSE(screen.window().presenting());
  }
}

/// Whether every button and box is as wide as it wants to be, and inside its bar.
void expect_whole(const QWidget& bar, const std::string& when) {
  for (const QWidget* part : bar.findChildren<QWidget*>()) {
    if (!part->isVisible() ||
        !(qobject_cast<const QAbstractButton*>(part) || qobject_cast<const QComboBox*>(part) || part->objectName() == "timeline"))
      continue;
    const std::string name = part->objectName().toStdString() + ", " + when;
    EXPECT_GE(part->width(), part->objectName() == "timeline" ? part->minimumSizeHint().width() : part->sizeHint().width()) << name;
    const QRect at(part->mapTo(&bar, QPoint(0, 0)), part->size());
    EXPECT_TRUE(bar.rect().contains(at)) << name;
  }
}

TEST(Bars, cut_no_button_at_any_width) {
  Screen screen;
  screen.open("fable");
  ViewBar views(screen.window().runner());
  story::Player story(screen.lab());
  Transport transport(screen.lab(), story);
  transport.refresh(doc::Changes::all());
  for (const double scale : {1.0, 1.5}) {
    scale_text(*qApp, scale);
    transport.set_scale(scale);
    for (QWidget* bar : {static_cast<QWidget*>(&views), static_cast<QWidget*>(&transport)}) {
      bar->show();
      QCoreApplication::processEvents();
      const int least = bar->minimumSizeHint().width();
      EXPECT_LE(least, scale > 1 ? 480 : 430) << bar->objectName().toStdString();
      for (int width = 1900; width >= least; width -= 35) {
        bar->resize(width, bar->sizeHint().height());
        QCoreApplication::processEvents();
        bar->resize(width, bar->sizeHint().height());  // it may have two rows now
        QCoreApplication::processEvents();
        expect_whole(*bar, std::to_string(width) + " px, scale " + std::to_string(scale));
      }
      bar->hide();
    }
  }
  scale_text(*qApp, 1);
}

class Framing : public ::testing::Test {
 protected:
  Framing() {
    screen.open("fable");
    view.refresh(doc::Changes::all());
    shape({880, 760}, 1);
  }
  /// Gives the view another shape, as Present does.
  void shape(QSize size, float presentation) {
    view.resize(size);
    view.set_presentation(presentation);
  }
  /// Waits until the scene has been built for the newest shape and no flight is on its way.
  static render::Camera at_rest(Screen& screen, const Viewport& view) {
    EXPECT_TRUE(screen.until([&] { return !view.flying() && view.answered(); }));
    return view.report().camera;
  }
  render::Camera at_rest() { return at_rest(screen, view); }
  Screen screen;
  Viewport view{screen.lab()};
};

TEST_F(Framing, of_a_named_camera_follows_the_shape) {
  view.fly_to("block 4");
  const render::Camera named = at_rest();
  shape({1920, 940}, 1.5F);
  EXPECT_NE(at_rest(), named);
  shape({880, 760}, 1);
  EXPECT_EQ(at_rest(), named);
}

TEST_F(Framing, of_a_part_has_a_path_and_a_map_until_they_are_switched_off) {
  view.fly_to("head 4.3");
  (void)at_rest();
  const scene::Guides guides = view.report().guides;
  ASSERT_EQ(guides.path.size(), 5U);
  EXPECT_EQ(guides.path[1].camera, "block 4");
  EXPECT_EQ(guides.link_at((guides.path[1].box.low + guides.path[1].box.high) / 2.0F), "block 4");
  view.fly_to("block 4");  // beside a pattern that fills the picture the map has no place
  (void)at_rest();
  EXPECT_EQ(view.report().guides.places.size(), 8U) << "six blocks and the ends";
  ASSERT_EQ(screen.run("map off"), "");
  EXPECT_FALSE(screen.lab().document().map);
  view.refresh(doc::Changes::all());
  (void)at_rest();
  EXPECT_TRUE(view.report().guides.boxes().empty());
  ASSERT_EQ(screen.run("undo"), "");
  EXPECT_TRUE(screen.lab().document().map);
}

TEST_F(Framing, of_a_camera_that_was_turned_by_hand_comes_back_to_the_bit) {
  view.fly_to("block 4");
  (void)at_rest();
  view.orbit_by(40, 10);
  const render::Camera turned = at_rest();
  shape({480, 760}, 1.5F);
  EXPECT_GT(at_rest().distance, turned.distance) << "it shows the same width in a narrower view";
  shape({880, 760}, 1);
  EXPECT_EQ(at_rest(), turned);
}

TEST_F(Framing, of_a_document_follows_from_the_view_that_it_was_chosen_in) {
  view.fly_to("block 4");
  (void)at_rest();
  view.orbit_by(40, 10);
  const render::Camera turned = at_rest();
  shape({480, 760}, 1.5F);
  view.adopt_camera();  // as when a session is opened in a narrower window
  EXPECT_GT(at_rest().distance, turned.distance);
  shape({880, 760}, 1);
  EXPECT_EQ(at_rest(), turned);
}

TEST_F(Framing, of_a_view_is_there_again_when_the_user_comes_back_from_the_other) {
  Viewport& viewport = screen.window().viewport();
  screen.run("camera \"head 4.3\"");
  const render::Camera near = at_rest(screen, viewport);
  screen.run("view stream");
  viewport.orbit_by(40, 10);
  const render::Camera turned = at_rest(screen, viewport);
  ASSERT_NE(turned, near);
  screen.run("view machine");
  EXPECT_EQ(at_rest(screen, viewport), near);
  EXPECT_TRUE(screen.lab().document().camera) << "it is saved with the session";
  screen.run("view stream");
  EXPECT_EQ(at_rest(screen, viewport), turned);
  screen.run("open sort-nano");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name.starts_with("sort-nano") && screen.lab().up_to_date(); }));
  screen.run("view machine");
  EXPECT_NE(at_rest(screen, viewport), near) << "another model has other places";
}

TEST_F(Framing, is_kept_in_a_session) {
  Viewport& viewport = screen.window().viewport();
  (void)at_rest(screen, viewport);
  const QSize size = viewport.size();
  viewport.orbit_by(40, 10);
  const render::Camera turned = at_rest(screen, viewport);
  ASSERT_EQ(viewport.size(), size);
  const std::string file = qEnvironmentVariable("XDG_DATA_HOME").toStdString() + "/turned.json";
  ASSERT_EQ(screen.run("save-session " + file), "");
  screen.run("open sort-nano");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name.starts_with("sort-nano") && screen.lab().up_to_date(); }));
  EXPECT_TRUE(viewport.at_home()) << "another model has other places";
  ASSERT_EQ(screen.run("open-session " + file), "");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name == "fable" && screen.lab().up_to_date(); }));
  // While the bars of the other model have another height, the camera follows the shape, as above.
  ASSERT_TRUE(screen.until([&] { return viewport.size() == size && !viewport.at_home(); }));
  EXPECT_EQ(at_rest(screen, viewport), turned);
}

}  // namespace
}  // namespace gf::ui

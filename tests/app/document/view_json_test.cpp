// The view in files: each field is written and read back, and sessions of version 0.1.0 are still read.
#include "app/document/view_json.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "app/document/document.h"
#include "app/scene/views.h"

namespace gf::doc {
namespace {

// Gives a field another value than its initial one, by its type.
void change(double& value) { value = value * 0.25 + 3.5; }
void change(int& value) { value += 5; }
void change(bool& value) { value = !value; }
template <class E>
  requires std::is_enum_v<E>
void change(E& value) {
  for (const auto& row : scene::names_of(value))
    if (row.value != value) {
      value = row.value;
      return;
    }
}
void change(std::optional<scene::CellRef>& value) { value = scene::CellRef{{HookId{HookKind::Pattern, 2}, {}}, {1, 5, 3}}; }
void change(std::optional<render::Camera>& value) {
  value = render::Camera{{1, 2.5F, -3}, 7.25F, 0.1F, -0.2F, 0.7F, {{1135, 712}, 0.125F, 1.5F}};
}
void change(std::optional<scene::Cube>& value) {
  value =
      scene::Cube{{HookKind::AttnScores, 3}, 2, scene::CubeOrder::Outer, 0.25, render::Camera{{1, 2.5F, -3}, 7.25F, 0.1F, -0.2F, 0.7F, {}}};
}
void change(std::optional<scene::OneHead>& value) {
  value = scene::OneHead{4, 3, render::Camera{{1, 2.5F, -3}, 7.25F, 0.1F, -0.2F, 0.7F, {}}};
}
void change(std::optional<scene::Circuit>& value) {
  value = scene::Circuit{{{"0.1", "4.7.v", 1.25F}, {"mlp.0", "logits", -0.5F}}, 3628, "logit", "logit A, after B"};
}
void change(std::vector<scene::CellRef>& value) {
  value = {{{HookId{HookKind::Pattern, 4}, {}}, {3, -1, -1}}, {{{}, "wte.weight"}, {-1, -1, -1}}};
}

scene::ViewState read_back(const nlohmann::json& json) {
  scene::ViewState view;
  JsonReader reader{json, {}};
  read_view(reader, view);
  EXPECT_FALSE(reader.error) << reader.error->message;
  return view;
}

TEST(ViewJson, each_field_goes_both_ways_under_a_key_of_its_own) {
  std::set<std::string> keys;
  scene::each_field([&](const char* key, auto member, scene::Redraws) {
    SCOPED_TRACE(key);
    scene::ViewState view;
    change(view.*member);
    ASSERT_NE(view, scene::ViewState()) << "the test changes the field";
    nlohmann::json json = nlohmann::json::object();
    write_view(json, view);
    EXPECT_EQ(read_back(json), view);
    EXPECT_TRUE(json.contains(key));
    json.erase(key);
    EXPECT_EQ(read_back(json), scene::ViewState()) << "no other key holds it";
    EXPECT_TRUE(keys.insert(key).second);
  });
  EXPECT_GE(keys.size(), 14U);
}

TEST(ViewJson, all_fields_are_listed) {
  // The listed members fill the struct, except for alignment; a field without a line would leave a larger gap.
  std::size_t listed = 0;
  scene::each_field([&]<class T>(const char*, T scene::ViewState::*, scene::Redraws) { listed += sizeof(T); });
  std::size_t gaps = 0;
  std::vector<std::pair<std::size_t, std::size_t>> spans;
  const scene::ViewState view;
  scene::each_field([&]<class T>(const char*, T scene::ViewState::* member, scene::Redraws) {
    const auto at = static_cast<std::size_t>(reinterpret_cast<const char*>(&(view.*member)) - reinterpret_cast<const char*>(&view));
    spans.emplace_back(at, at + sizeof(T));
  });
  std::sort(spans.begin(), spans.end());
  std::size_t end = 0;
  for (const auto& [from, to] : spans) {
    gaps = std::max(gaps, from - end);
    end = to;
  }
  EXPECT_LT(std::max(gaps, sizeof(view) - end), alignof(scene::ViewState)) << "a field has no line in each_field()";
}

TEST(ViewJson, a_session_of_version_0_1_0_is_read) {
  std::ifstream in(GLASSFORMER_SOURCE_DIR "/tests/golden/sessions/view-0.1.0.json");
  std::stringstream text;
  text << in.rdbuf();
  const auto read = document_from_json(text.str());
  ASSERT_TRUE(read) << read.error().message;
  scene::ViewState view;
  view.view = scene::View::Stream;
  view.camera = render::Camera{{20.688017F, 4.831634F, -0.100986116F}, 38.154362F, 0.08F, 0.04F, 0.6F};
  view.time = 200.5;
  view.speed = 0.5;
  view.unit = scene::Timeline::Unit::Token;
  view.compare = scene::Compare::Difference;
  view.ribbons = scene::RibbonWidth::Moved;
  view.theme = render::Theme::Light;
  view.selection = scene::CellRef{{HookId{HookKind::Pattern, 4}, {}}, {3, 3, 1}};
  view.selected_position = 2;
  view.highlights = {{{HookId{HookKind::Pattern, 4}, {}}, {3, -1, -1}}, {{{}, "wte.weight"}, {-1, -1, -1}}};
  EXPECT_EQ(static_cast<const scene::ViewState&>(*read), view);
  EXPECT_EQ(read->prompt, "When Mary and John went");
  // Written again, it has the same keys and values, and those that are younger; the heads' colour has the name of its question.
  nlohmann::json expected = nlohmann::json::parse(text.str());
  EXPECT_EQ(expected["head_colour"], "effect");
  expected["head_colour"] = "ablate-sweep.delta";
  expected["hide_prediction"] = false;
  expected["follow"] = false;
  expected["map"] = true;
  expected["pace"] = "token";
  expected["split"] = 0.5;
  expected["sampler"].update({{"min_p", 0.0},
                              {"typical_p", 1.0},
                              {"repetition_penalty", 1.0},
                              {"presence_penalty", 0.0},
                              {"stop_at_eos", true},
                              {"stop", nlohmann::json::array()}});
  EXPECT_EQ(nlohmann::json::parse(to_json(*read)), expected);
}

TEST(ViewJson, views_are_told_apart_by_what_they_redraw) {
  scene::ViewState a, b;
  b.camera = render::Camera();
  b.speed = 4;
  EXPECT_TRUE(same_scene(a, b, scene::Redraws::Moment));
  EXPECT_NE(a, b);
  b.time = 12;
  EXPECT_FALSE(same_scene(a, b, scene::Redraws::Moment));
  EXPECT_TRUE(same_scene(a, b, scene::Redraws::All));
  b.theme = render::Theme::Light;
  EXPECT_FALSE(same_scene(a, b, scene::Redraws::All));
}

TEST(Views, each_has_names_and_the_next_one_leads_around) {
  scene::View at{};
  std::set<std::string> names;
  for (const scene::ViewInfo& v : scene::views()) {
    EXPECT_TRUE(names.insert(v.name).second);
    EXPECT_EQ(scene::named<scene::View>(v.name), v.value);
    EXPECT_EQ(&scene::info_of(v.value), &v);
    at = scene::next_view(at);
  }
  EXPECT_EQ(at, scene::View{});
  EXPECT_FALSE(scene::named<scene::View>("cube"));
}

}  // namespace
}  // namespace gf::doc

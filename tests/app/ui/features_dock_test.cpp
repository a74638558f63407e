// The Features dock: what is active, a feature's page, edits on it, and what is kept of it.
#include <QAbstractButton>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSlider>
#include <QTemporaryDir>

#include "app/ui/docks/dock.h"
#include "app/ui/docks/passage_list.h"
#include "app/ui/plots/token_strip.h"
#include "app/ui/plots/waterfall.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/own_cache.h"
#include "tests/app/ui/screen.h"
#include "tests/model/dictionaries/random_dictionary.h"

namespace gf::ui {
namespace {

constexpr const char* kHook = "blocks.3.hook_resid_post";

class FeaturesDockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    need_application();
    place = (folder.path() + "/sae").toStdString();
    testing::save_random_dictionary(place, 256, 48, kHook);
    screen = std::make_unique<Screen>();
    screen->open("fable");
  }
  Dock& dock() { return screen->window().docks().dock("features"); }
  template <class T>
  T& part(const char* name) {
    return *static_cast<T*>(dock().findChild<QWidget*>(name));
  }
  void open() {
    EXPECT_EQ(screen->run("open-dictionary " + place), "");
    (void)screen->dock("features");
    EXPECT_TRUE(screen->until(
        [&] { return !part<Waterfall>("features_active").bars().empty() && !part<TokenStrip>("feature_strip").values().empty(); }));
  }
  std::string shown() { return screen->dock("features"); }

  QTemporaryDir folder;
  std::string place;
  std::unique_ptr<Screen> screen;
};

TEST_F(FeaturesDockTest, says_what_a_dictionary_is_until_one_is_open) {
  EXPECT_TRUE(has(shown(), "splits what a hook holds into features")) << shown();
  EXPECT_EQ(screen->run("open-dictionary " + folder.path().toStdString() + "/nothing"), "");
  EXPECT_TRUE(screen->until([&] { return has(shown(), "There is no dictionary "); })) << shown();
  EXPECT_EQ(screen->run("close-dictionary 0"), "");
  EXPECT_TRUE(has(shown(), "splits what a hook holds into features"));
}

TEST_F(FeaturesDockTest, shows_what_the_command_line_says) {
  open();
  const testing::Outcome o = testing::program(
      {"analyze", "fable", "--prompt", doc::kDefaultPrompt, "--what", "features", "--dictionary", place, "--top", "12", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json said = o.json()["features"];
  const auto& bars = part<Waterfall>("features_active").bars();
  const testing::Json top = said["top"]["values"].back();
  ASSERT_EQ(bars.size(), top.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    EXPECT_EQ(bars[i].name.toStdString(), "feature " + std::to_string(top[i]["feature"].get<int>()));
    EXPECT_NEAR(bars[i].value, top[i]["activation"].get<double>(), 1e-4);
  }
  const std::string text = shown();
  EXPECT_TRUE(has(text, "48 features at blocks.3.hook_resid_post")) << text;
  EXPECT_TRUE(has(text, "L0 ")) << text;
  EXPECT_TRUE(has(text, " with the reconstruction, ")) << text;
  EXPECT_TRUE(has(text, "active after “·to”, position 13")) << text;
}

TEST_F(FeaturesDockTest, follows_the_selected_position_and_the_feature_that_is_asked_for) {
  open();
  EXPECT_EQ(screen->run("select-position 2"), "");
  EXPECT_TRUE(screen->until([&] { return has(shown(), "position 2"); }));
  EXPECT_EQ(screen->run("select-feature 7"), "");
  auto& strip = part<TokenStrip>("feature_strip");
  const testing::Outcome o = testing::program(
      {"analyze", "fable", "--prompt", doc::kDefaultPrompt, "--what", "features", "--dictionary", place, "--feature", "7", "--json"});
  const auto want = o.json()["features"]["activations"]["values"].get<std::vector<double>>();
  EXPECT_TRUE(screen->until([&] {
    if (strip.values().size() != want.size()) return false;
    for (std::size_t i = 0; i < want.size(); ++i)
      if (std::abs(strip.values()[i] - want[i]) > 1e-4) return false;
    return true;
  }));
  EXPECT_EQ(part<QLineEdit>("features_feature").text(), "7");
  EXPECT_TRUE(part<QLabel>("feature_nearest").text().contains("href"));
  strip.on_select(5);
  EXPECT_EQ(screen->lab().document().selected_position, 5);
}

TEST_F(FeaturesDockTest, cuts_clamps_and_steers) {
  open();
  EXPECT_EQ(screen->run("select-feature 7"), "");
  EXPECT_TRUE(screen->until([&] { return part<QLineEdit>("features_feature").text() == "7"; }));
  part<QAbstractButton>("feature_cut").click();
  ASSERT_TRUE(screen->settle());
  const auto& edits = screen->lab().document().recipe.edits;
  ASSERT_EQ(edits.size(), 1U);
  EXPECT_EQ(edits[0].op, EditOp::ZeroFeature);
  EXPECT_EQ(edits[0].hook, kHook);
  EXPECT_FALSE(screen->lab().run()->receipts.empty());
  part<QAbstractButton>("feature_clamp").click();
  part<QSlider>("feature_slider").setValue(150);
  ASSERT_TRUE(screen->settle());
  ASSERT_EQ(edits.size(), 1U);
  EXPECT_EQ(edits[0].op, EditOp::ClampFeature);
  EXPECT_GT(*edits[0].value, 0);
  EXPECT_TRUE(screen->lab().run()->receipts[0].changed);
  part<QAbstractButton>("feature_steer").click();
  part<QSlider>("feature_slider").setValue(-200);
  ASSERT_TRUE(screen->settle());
  EXPECT_EQ(edits[0].op, EditOp::Add);
  EXPECT_LT(*edits[0].factor, 0);
  part<QAbstractButton>("feature_none").click();
  ASSERT_TRUE(screen->settle());
  EXPECT_TRUE(edits.empty());
}

TEST_F(FeaturesDockTest, lists_the_edited_run_beside_base_and_says_whose_numbers_stand_there) {
  open();
  auto& active = part<Waterfall>("features_active");
  const auto before = active.bars();
  ASSERT_FALSE(before.empty());
  EXPECT_FALSE(part<QLabel>("features_side").isVisible()) << "without an edit there is one run";
  EXPECT_FALSE(before.front().before);
  EXPECT_EQ(screen->run("cut-head 1.2"), "");
  ASSERT_TRUE(screen->settle());
  ASSERT_TRUE(screen->until([&] { return !active.bars().empty() && active.bars().front().before.has_value(); }));
  EXPECT_TRUE(part<QLabel>("features_side").text().startsWith("edited run")) << shown();
  const auto& bars = active.bars();
  EXPECT_TRUE(std::ranges::any_of(bars, [](const WaterfallBar& bar) { return std::abs(bar.value - *bar.before) > 1e-4; }))
      << "the head is cut before the dictionary's hook";
  for (const WaterfallBar& was : before) {
    const auto now = std::ranges::find(bars, was.name, &WaterfallBar::name);
    if (now != bars.end()) {
      EXPECT_NEAR(*now->before, was.value, 1e-5) << was.name.toStdString();
    }
  }
  EXPECT_EQ(screen->run("compare base"), "");
  EXPECT_EQ(part<QLabel>("features_side").text(), "base run");
  EXPECT_EQ(active.bars(), before);
}

TEST_F(FeaturesDockTest, keeps_a_feature_that_is_cut_in_the_list) {
  open();
  auto& active = part<Waterfall>("features_active");
  const QString strongest = active.bars().front().name;
  part<QAbstractButton>("feature_cut").click();
  ASSERT_TRUE(screen->settle());
  const auto cut = [&] { return std::ranges::find(active.bars(), strongest, &WaterfallBar::name); };
  ASSERT_TRUE(screen->until([&] { return cut() != active.bars().end() && cut()->before.has_value(); }));
  EXPECT_TRUE(cut()->cut);
  EXPECT_NE(cut()->value, *cut()->before);
}

TEST_F(FeaturesDockTest, finds_features_by_name_and_by_the_word_that_they_write_for) {
  EXPECT_EQ(screen->run("open-dictionary fable"), "");
  (void)screen->dock("features");
  auto& named = part<QComboBox>("features_named");
  ASSERT_TRUE(screen->until([&] { return named.isVisible() && named.count() > 0; })) << shown();
  auto& field = part<QLineEdit>("features_search");
  auto& found = part<QListWidget>("features_found");
  const QString name = named.itemText(named.count() - 1);
  field.setText(name.section(QStringLiteral(" · "), 1).toUpper());
  ASSERT_GE(found.count(), 1);
  EXPECT_EQ(found.item(found.count() - 1)->text(), name) << "in capitals or not";
  found.setCurrentRow(found.count() - 1);
  EXPECT_EQ(screen->lab().document().features.feature, named.itemData(named.count() - 1).toInt());
  field.setText("nothing is called so");
  EXPECT_EQ(found.count(), 0);
  EXPECT_TRUE(has(shown(), "No feature is called so")) << shown();

  field.setText("\" Mary\"");
  emit field.returnPressed();
  ASSERT_TRUE(screen->until([&] { return found.count() == 12; })) << shown();
  const testing::Outcome o = testing::program({"analyze", "fable", "--prompt", doc::kDefaultPrompt, "--what", "features", "--dictionary",
                                               "fable", "--word", " Mary", "--top", "12", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json writers = o.json()["features"]["writers"];
  ASSERT_EQ(writers.size(), 12U);
  for (int row = 0; row < 12; ++row) {
    EXPECT_EQ(found.item(row)->data(Qt::UserRole).toInt(), writers[static_cast<std::size_t>(row)]["feature"].get<int>()) << row;
  }
  const int first = found.item(0)->data(Qt::UserRole).toInt();
  field.setText("Mary");
  emit field.returnPressed();
  ASSERT_TRUE(screen->until([&] { return found.count() == 12; })) << shown();
  EXPECT_EQ(found.item(0)->data(Qt::UserRole).toInt(), first) << "a word without quotes is one inside a text";
  EXPECT_TRUE(has(shown(), "raises “·Mary”")) << shown();
  field.setText(" Mary and John");
  emit field.returnPressed();
  ASSERT_TRUE(screen->until([&] { return has(shown(), "token"); })) << shown();
  EXPECT_EQ(found.count(), 0);
}

TEST_F(FeaturesDockTest, names_the_slider) {
  open();
  EXPECT_EQ(part<QLabel>("feature_strength").text(), "Strength");
  EXPECT_EQ(screen->run("select-feature 7"), "");
  part<QAbstractButton>("feature_clamp").click();
  EXPECT_EQ(part<QLabel>("feature_strength").text(), "Clamp to");
  part<QAbstractButton>("feature_steer").click();
  EXPECT_EQ(part<QLabel>("feature_strength").text(), "Steer by");
}

TEST_F(FeaturesDockTest, offers_the_dictionary_that_comes_with_the_model_and_shows_its_features_in_the_bundled_text) {
  EXPECT_TRUE(has(shown(), "One comes with the program: choose it above.")) << shown();
  auto& which = part<QComboBox>("features_dictionary");
  ASSERT_EQ(which.count(), 1);
  EXPECT_EQ(which.itemText(0), "fable (comes with the program)");
  emit which.activated(0);
  ASSERT_EQ(screen->lab().document().features.dictionaries.size(), 1U);
  EXPECT_EQ(screen->lab().document().features.dictionaries.front().file, "fable");
  auto& named = part<QComboBox>("features_named");
  ASSERT_TRUE(screen->until([&] { return named.isVisible() && named.count() > 0; })) << shown();
  EXPECT_EQ(which.itemText(0), "fable");
  emit named.activated(0);
  const int feature = named.itemData(0).toInt();
  EXPECT_EQ(screen->lab().document().features.feature, feature);
  auto& passages = part<PassageList>("feature_examples_list");
  ASSERT_TRUE(screen->until([&] { return passages.isVisible() && passages.count() > 0; })) << shown();
  const testing::Outcome o = testing::program(
      {"analyze", "fable", "--what", "examples", "--dictionary", "fable", "--feature", std::to_string(feature), "--top", "8", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json said = o.json()["examples"]["passages"];
  ASSERT_EQ(static_cast<std::size_t>(passages.count()), said.size());
  for (std::size_t i = 0; i < said.size(); ++i) {
    EXPECT_EQ(passages.passages()[i].peak, said[i]["position"].get<int>());
    EXPECT_NEAR(passages.passages()[i].activation, said[i]["activation"].get<double>(), 1e-5);
  }
  EXPECT_TRUE(has(shown(), named.itemText(0).section(" · ", 1).toStdString().c_str())) << shown();
  passages.on_chosen(0);
  EXPECT_EQ(screen->lab().document().prompt, said[0]["text"].get<std::string>());
  EXPECT_TRUE(screen->settle());
}

TEST_F(FeaturesDockTest, makes_the_index_of_another_dictionary_when_it_is_asked_to) {
  const OwnCache cache;
  open();
  auto& make = part<QPushButton>("feature_index_make");
  ASSERT_TRUE(screen->until([&] { return make.isVisible(); })) << shown();
  EXPECT_TRUE(has(shown(), "There is no index of ")) << shown();
  make.click();
  EXPECT_TRUE(screen->until([&] { return make.text() == "Stop"; }));
  make.click();
  EXPECT_TRUE(screen->until([&] { return make.text() == "Make the index"; }));
}

TEST_F(FeaturesDockTest, is_kept_in_the_session_and_in_the_history) {
  open();
  EXPECT_EQ(screen->run("edit-feature 3 clamp 2.5"), "");
  EXPECT_EQ(screen->run("select-feature 3"), "");
  const doc::Document before = screen->lab().document();
  const auto again = doc::document_from_json(doc::to_json(before));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->features, before.features);
  EXPECT_EQ(again->recipe, before.recipe);
  EXPECT_EQ(screen->run("undo"), "");
  EXPECT_EQ(screen->run("undo"), "");
  EXPECT_TRUE(screen->lab().document().recipe.empty());
  EXPECT_EQ(screen->run("undo"), "");
  EXPECT_TRUE(screen->lab().document().features.dictionaries.empty());
}

}  // namespace
}  // namespace gf::ui

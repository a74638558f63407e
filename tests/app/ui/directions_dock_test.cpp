// The Directions dock: the command line's numbers, directions that are kept, and steering along one.
#include <QCheckBox>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <fstream>
#include <gtest/gtest.h>

#include "app/document/directions.h"
#include "app/document/head_sets.h"
#include "app/ui/docks/direction_finder.h"
#include "app/ui/docks/head_fitter.h"
#include "app/ui/docks/steering_panel.h"
#include "app/ui/plots/lines_plot.h"
#include "app/ui/plots/matrix_plot.h"
#include "app/ui/plots/scatter_plot.h"
#include "app/ui/widgets/words.h"
#include "model/io/loaders.h"
#include "tests/app/cli/program.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

constexpr const char* kStatement = "set-prompt \"Question: The city of Paris is in France. Answer:\"";

template <class Widget>
Widget& directions_part(Screen& screen, const char* name) {
  return *screen.window().docks().dock("directions").findChild<Widget*>(name);
}

DirectionFinder& finder(Screen& screen) {
  return *dynamic_cast<DirectionFinder*>(directions_part<QComboBox>(screen, "directions_source").parentWidget());
}
SteeringPanel& steering(Screen& screen) {
  return *dynamic_cast<SteeringPanel*>(directions_part<QSlider>(screen, "steering_slider").parentWidget());
}

void choose_source(Screen& screen, const QString& title) {
  auto& combo = directions_part<QComboBox>(screen, "directions_source");
  combo.setCurrentIndex(combo.findText(title));
  ASSERT_GE(combo.currentIndex(), 0);
  emit combo.activated(combo.currentIndex());
}

/// fable is asked about a statement, and a direction of truth is kept at a block.
void keep_truth(Screen& screen, int layer) {
  screen.open("fable");
  screen.run(kStatement);
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("directions");
  directions_part<QPushButton>(screen, "directions_find").click();
  ASSERT_TRUE(screen.until([&] { return finder(screen).scores().places().size() == 6; })) << screen.dock("directions");
  directions_part<QSpinBox>(screen, "directions_layer").setValue(layer);
  directions_part<QPushButton>(screen, "directions_keep").click();
  ASSERT_EQ(screen.lab().document().directions.size(), 1U);
}

TEST(DirectionsDock, has_the_scores_of_the_command_line) {
  Screen screen;
  keep_truth(screen, 4);
  const testing::Outcome o = testing::program({"analyze", "fable", "--prompts", "truth", "--what", "directions", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json want = o.json()["directions"];
  const LinesOf& lines = finder(screen).scores().lines();
  ASSERT_EQ(lines.lines.size(), 6U);
  for (std::size_t layer = 0; layer < 6; ++layer) {
    EXPECT_NEAR(lines.lines[0].points[layer].second, want["accuracy"]["logistic"]["values"][layer].get<double>(), 1e-6);
    EXPECT_NEAR(lines.lines[1].points[layer].second, want["accuracy"]["difference"]["values"][layer].get<double>(), 1e-6);
    EXPECT_NEAR(lines.lines[2].points[layer].second, want["baselines"]["untrained"]["values"][layer].get<double>(), 1e-6);
  }
  EXPECT_EQ(finder(screen).scatter().points().points.size(), want["values"]["values"].size());
  EXPECT_EQ(finder(screen).scatter().points().second, "true");
  EXPECT_TRUE(finder(screen).scatter().points().points.front().name.starts_with("“Question: ")) << "a point is named by its prompt";
  EXPECT_EQ(screen.lab().document().directions[0].push.hook, "blocks.4.hook_resid_post");
}

TEST(DirectionsDock, has_each_score_of_a_number_beside_its_own_baseline) {
  Screen screen;
  screen.open("fable");
  (void)screen.dock("directions");
  choose_source(screen, "Places: latitude");
  directions_part<QPushButton>(screen, "directions_find").click();
  ASSERT_TRUE(screen.until([&] { return finder(screen).scores().places().size() == 6; })) << screen.dock("directions");
  const testing::Outcome o =
      testing::program({"analyze", "fable", "--prompts", "places", "--tag", "latitude", "--what", "directions", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json want = o.json()["directions"];
  const auto& lines = finder(screen).scores().lines().lines;
  const auto untrained = std::ranges::find(lines, "untrained model, rank", &LinesOf::Line::name);
  ASSERT_NE(untrained, lines.end());
  EXPECT_TRUE(untrained->baseline);
  for (std::size_t layer = 0; layer < 6; ++layer)
    EXPECT_NEAR(untrained->points[layer].second, want["baselines_spearman"]["untrained"]["values"][layer].get<double>(), 1e-6);
}

TEST(DirectionsDock, keeps_components_of_the_prompts_too) {
  Screen screen;
  keep_truth(screen, 4);
  auto& method = directions_part<QComboBox>(screen, "directions_method");
  ASSERT_EQ(method.count(), 4);
  method.setCurrentIndex(method.findData("component.1"));
  EXPECT_EQ(directions_part<QLineEdit>(screen, "directions_name").text(), "truth 4, first component");
  directions_part<QPushButton>(screen, "directions_keep").click();
  const auto& kept = screen.lab().document().directions;
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[1].name, "truth 4, first component");
  EXPECT_NE(kept[1].push.vector->values, kept[0].push.vector->values);
}

TEST(DirectionsDock, steers_by_an_edit_that_flips_the_word_and_can_be_taken_back) {
  Screen screen;
  keep_truth(screen, 4);
  screen.run("target \" true\"");
  const auto likeliest = [&] {
    return screen.lab().model()->tokenizer->bytes_of(screen.lab().run()->edited->stats(screen.lab().run()->edited->length() - 1).top[0].id);
  };
  EXPECT_EQ(likeliest(), " true");
  directions_part<QSlider>(screen, "steering_slider").setValue(-25);
  ASSERT_EQ(screen.lab().document().recipe.edits.size(), 1U);
  EXPECT_EQ(screen.lab().document().recipe.edits[0].factor, -2.5F);
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(likeliest(), " false");
  EXPECT_TRUE(has(screen.dock("probe"), "2.5")) << screen.dock("probe");
  screen.run("undo");
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(likeliest(), " true");
}

TEST(DirectionsDock, writes_the_prompt_on_with_and_without_the_push) {
  Screen screen;
  keep_truth(screen, 4);
  directions_part<QSlider>(screen, "steering_slider").setValue(-25);
  ASSERT_TRUE(screen.settle());
  directions_part<QPushButton>(screen, "steering_write").click();
  ASSERT_TRUE(screen.until([&] { return has(screen.dock("directions"), " false"); })) << screen.dock("directions");
  const std::string said = screen.dock("directions");
  EXPECT_TRUE(has(said, " true")) << said;
  directions_part<QPushButton>(screen, "steering_sweep").click();
  ASSERT_TRUE(screen.until([&] { return steering(screen).probabilities().places().size() == 13; })) << screen.dock("directions");
  screen.run("target \" true\"");
  ASSERT_TRUE(screen.until([&] {
    const LinesOf& lines = steering(screen).probabilities().lines();
    return has(lines.lines[0].name, "true");
  }));
  const auto& probability = steering(screen).probabilities().lines().lines[0].points;
  EXPECT_GT(probability[6].second, 0.9) << "without a push";
  EXPECT_LT(probability[4].second, 0.1) << "pushed towards the false";
  for (const auto& [strength, one] : steering(screen).perplexities().lines().lines[0].points) EXPECT_GT(one, 1) << strength;
  const auto& perplexity = steering(screen).perplexities().lines().lines[0].points;
  EXPECT_NE(perplexity[4].second, perplexity[6].second) << "it writes something else then";
}

TEST(DirectionsDock, keeps_texts_and_sweep_while_it_fills_the_window_is_docked_or_hidden) {
  Screen screen;
  keep_truth(screen, 4);
  directions_part<QSlider>(screen, "steering_slider").setValue(-25);
  ASSERT_TRUE(screen.settle());
  auto* frame = screen.window().findChild<QDockWidget*>("directions_dock");
  auto& write = directions_part<QPushButton>(screen, "steering_write");
  ASSERT_NE(frame, nullptr);
  write.click();
  ASSERT_TRUE(screen.until([&] { return write.text() == "Stop writing"; }));
  QTest::mouseDClick(frame->titleBarWidget(), Qt::LeftButton);
  ASSERT_TRUE(frame->isFloating());
  EXPECT_EQ(write.text(), "Stop writing") << "what is written goes on";
  ASSERT_TRUE(screen.until([&] { return write.text() == "Hide the texts"; }));
  auto& sweep = directions_part<QPushButton>(screen, "steering_sweep");
  sweep.click();
  ASSERT_TRUE(screen.until([&] { return steering(screen).probabilities().places().size() == 13; }));
  ASSERT_TRUE(screen.rest());
  const QString steered = directions_part<QLabel>(screen, "steering_edited").text();
  EXPECT_TRUE(has(steered.toStdString(), "false")) << steered.toStdString();
  const auto expect_all = [&](const char* when) {
    QCoreApplication::processEvents();
    EXPECT_EQ(directions_part<QLabel>(screen, "steering_edited").text(), steered) << when;
    EXPECT_TRUE(directions_part<QLabel>(screen, "steering_edited").isVisible()) << when;
    EXPECT_TRUE(steering(screen).probabilities().isVisible() && steering(screen).perplexities().isVisible()) << when;
    EXPECT_EQ(write.text(), "Hide the texts") << when;
    EXPECT_EQ(sweep.text(), "Hide the sweep") << when;
  };
  expect_all("it fills the window");
  QTest::mouseDClick(frame->titleBarWidget(), Qt::LeftButton);
  ASSERT_FALSE(frame->isFloating());
  expect_all("it is docked again");
  screen.run("show-dock directions off");
  QCoreApplication::processEvents();
  screen.run("show-dock directions on");
  expect_all("it was hidden");
  directions_part<QSlider>(screen, "steering_slider").setValue(0);
  ASSERT_TRUE(screen.rest());
  EXPECT_NE(directions_part<QLabel>(screen, "steering_edited").text(), steered) << "another strength writes another text";
}

TEST(DirectionsDock, takes_lists_tokens_and_compares_them) {
  Screen screen;
  keep_truth(screen, 5);
  choose_source(screen, "What a token is written with");
  EXPECT_TRUE(has(screen.dock("directions"), "Write a token; most begin with a space.") ||
              !directions_part<QPushButton>(screen, "directions_keep").isEnabled());
  auto& token = directions_part<QLineEdit>(screen, "directions_token");
  token.setText(" true");
  directions_part<QLineEdit>(screen, "directions_against").setText(" false");
  emit token.textEdited(" true");
  directions_part<QPushButton>(screen, "directions_keep").click();
  ASSERT_EQ(screen.lab().document().directions.size(), 2U);
  EXPECT_EQ(screen.lab().document().directions[1].push.vector->against, " false");
  ASSERT_TRUE(screen.until([&] { return steering(screen).cosines().matrix().values.size() == 4; })) << screen.dock("directions");
  const auto& cosines = steering(screen).cosines().matrix().values;
  EXPECT_NEAR(cosines[0], 1, 1e-6);
  EXPECT_EQ(cosines[1], cosines[2]);
  EXPECT_GT(cosines[1], 0.2F) << "what the last block knows of truth is what writes the word";
  choose_source(screen, "Two lists of prompts");
  EXPECT_FALSE(directions_part<QPushButton>(screen, "directions_find").isEnabled());
  directions_part<QPlainTextEdit>(screen, "directions_from").setPlainText("The king\nThe prince\nThe boy\nThe man");
  directions_part<QPlainTextEdit>(screen, "directions_to").setPlainText("The queen\nThe princess\nThe girl\nThe woman");
  ASSERT_TRUE(directions_part<QPushButton>(screen, "directions_find").isEnabled());
  directions_part<QPushButton>(screen, "directions_find").click();
  ASSERT_TRUE(screen.until([&] { return finder(screen).scatter().points().points.size() == 8; })) << screen.dock("directions");
}

/// Twenty of the bundled prompts in which one gives something to another, each with the giver as its target.
std::string wrong_answers(const QTemporaryDir& folder) {
  std::ifstream bundled(asset_path("sets/indirect-objects.jsonl").value());
  const std::string path = folder.path().toStdString() + "/wrong.jsonl";
  std::ofstream file(path);
  int rows = 0;
  for (std::string line; rows < 20 && std::getline(bundled, line); ++rows) {
    testing::Json row = testing::Json::parse(line);
    std::swap(row["target"], row["against"]);
    file << row.dump() << "\n";
  }
  return path;
}

TEST(HeadFitter, fits_heads_that_are_kept_and_swapped) {
  const QTemporaryDir folder;
  const std::string file = wrong_answers(folder);
  Screen screen;
  screen.open("fable");  // Mary and John, of whom he gives
  ASSERT_TRUE(screen.settle());
  (void)screen.dock("directions");
  directions_part<QToolButton>(screen, "directions_heads_page").click();
  const auto lead_of_giver = [&] {
    const auto logits = screen.lab().run()->edited->last_logits();
    const auto logit = [&](const char* word) { return logits[screen.lab().model()->tokenizer->ids_of(word)->front().index()]; };
    return logit(" John") - logit(" Mary");
  };
  const float before = lead_of_giver();
  EXPECT_LT(before, -3);
  auto& task = directions_part<QComboBox>(screen, "heads_task");
  task.setCurrentIndex(task.count() - 1);
  emit task.activated(task.currentIndex());
  EXPECT_FALSE(directions_part<QPushButton>(screen, "heads_fit").isEnabled());
  auto& field = directions_part<QLineEdit>(screen, "heads_file");
  field.setText(QString::fromStdString(file));
  emit field.textEdited(field.text());
  directions_part<QPushButton>(screen, "heads_fit").click();
  auto& map = directions_part<MatrixPlot>(screen, "heads_map");
  ASSERT_TRUE(screen.until([&] { return map.matrix().values.size() == 48; })) << screen.dock("directions");

  const testing::Outcome o = testing::program({"analyze", "fable", "--prompts", file, "--what", "lofit", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const testing::Json want = o.json()["lofit"];
  for (std::size_t i = 0; i < 48; ++i)
    EXPECT_NEAR(map.matrix().values[i], want["importance"]["values"][i / 8][i % 8].get<float>(), 1e-6F) << i;
  EXPECT_EQ(want["accuracy"]["before"], 0);
  EXPECT_TRUE(has(screen.dock("directions"), "Held-out prompts answered right: 0")) << screen.dock("directions");

  const std::string proposed = directions_part<QLineEdit>(screen, "heads_name").text().toStdString();
  EXPECT_EQ(proposed, std::filesystem::path(file).filename().string());
  directions_part<QPushButton>(screen, "heads_keep").click();
  ASSERT_TRUE(screen.settle());
  ASSERT_EQ(screen.lab().document().head_sets.size(), 1U);
  EXPECT_EQ(screen.lab().document().recipe.edits.size(), 16U) << "a gain and an offset for each of eight heads";
  EXPECT_GT(lead_of_giver(), before + 2);
  auto& use = directions_part<QCheckBox>(screen, "heads_use");
  EXPECT_TRUE(use.isChecked());

  // Probes find other heads for the same task; one set is in use at a time.
  auto& method = directions_part<QComboBox>(screen, "heads_method");
  method.setCurrentIndex(1);
  emit method.activated(1);
  directions_part<QPushButton>(screen, "heads_fit").click();
  ASSERT_TRUE(screen.until([&] { return map.matrix().value_name == "accuracy of its probe"; })) << screen.dock("directions");
  const testing::Json probes =
      testing::program({"analyze", "fable", "--prompts", file, "--what", "head-probes", "--json"}).json()["head_probes"];
  double best = 0;
  for (const testing::Json& row : probes["baselines"]["shuffled"]["values"])
    for (const testing::Json& value : row) best = std::max(best, value.get<double>());
  EXPECT_TRUE(has(screen.dock("directions"), "At best with shuffled tags: " + percent(best).toStdString() + ", in an untrained model: "))
      << screen.dock("directions");
  directions_part<QLineEdit>(screen, "heads_name").setText("probes");
  directions_part<QPushButton>(screen, "heads_keep").click();
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(screen.lab().document().recipe.edits.size(), 8U);
  const auto& sets = screen.lab().document().head_sets;
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(doc::strength_of(screen.lab().document().recipe, sets[0]), 0);
  auto& chosen = directions_part<QComboBox>(screen, "heads_set");
  chosen.setCurrentIndex(0);
  emit chosen.activated(0);
  ASSERT_TRUE(screen.settle());
  EXPECT_EQ(doc::strength_of(screen.lab().document().recipe, sets[0]), 1);
  EXPECT_EQ(doc::strength_of(screen.lab().document().recipe, sets[1]), 0);
  EXPECT_GT(lead_of_giver(), before + 2);
  directions_part<QSlider>(screen, "heads_slider").setValue(0);
  ASSERT_TRUE(screen.settle());
  EXPECT_TRUE(screen.lab().document().recipe.empty());
  EXPECT_FALSE(use.isChecked());
  EXPECT_EQ(lead_of_giver(), before);
  // The heads of one task can be fitted to another.
  auto& heads = directions_part<QComboBox>(screen, "heads_of");
  EXPECT_EQ(heads.count(), 3);
  method.setCurrentIndex(0);
  emit method.activated(0);
  heads.setCurrentIndex(1);
  emit heads.activated(1);
  directions_part<QPushButton>(screen, "heads_fit").click();
  ASSERT_TRUE(screen.until([&] { return directions_part<QLineEdit>(screen, "heads_name").text().toStdString() == proposed + " 2"; }))
      << "Keep would write over the set that was kept first: " << screen.dock("directions");
}

LinesOf two_lines() {
  LinesOf lines;
  lines.lines = {{.name = "a", .points = {{0, 0.5}, {1, 1}}}, {.name = "b", .points = {{0, 0.25}, {2, 0.75}}, .baseline = true}};
  lines.x_name = "block";
  lines.y_name = "accuracy";
  return lines;
}

TEST(LinesPlot, has_its_numbers_as_csv) {
  need_application();
  LinesPlot plot(nullptr);
  plot.set_lines(two_lines());
  EXPECT_EQ(plot.csv(), "block,line,accuracy\n0,\"a\",0.5\n1,\"a\",1\n0,\"b\",0.25\n2,\"b\",0.75\n");
  EXPECT_EQ(plot.words_of(2).toStdString(), "block 2\na: 1\nb: 0.75");
}

TEST(LinesPlot, moves_its_place_by_keys_and_clicks) {
  need_application();
  LinesPlot plot(nullptr);
  plot.resize(300, 200);
  std::vector<int> selected;
  plot.on_select = [&](int place) { selected.push_back(place); };
  plot.set_lines(two_lines());
  EXPECT_EQ(plot.places(), (std::vector<double>{0, 1, 2}));
  QTest::keyClick(&plot, Qt::Key_Return);
  EXPECT_TRUE(selected.empty()) << "no place is the current one yet";
  QTest::keyClick(&plot, Qt::Key_Right);
  QTest::keyClick(&plot, Qt::Key_Right);
  QTest::keyClick(&plot, Qt::Key_Return);
  EXPECT_EQ(plot.accessibleDescription().toStdString(), "block 1\na: 1\nb: 0.25");
  QTest::mouseClick(&plot, Qt::LeftButton, {}, {299, 60});
  EXPECT_EQ(selected, (std::vector<int>{1, 2}));
  plot.set_lines({});
  EXPECT_EQ(plot.current(), -1) << "its place is gone";
}

TEST(DirectionsDock, shows_a_direction_of_another_model_with_the_reason) {
  Screen screen;
  keep_truth(screen, 4);
  EXPECT_TRUE(directions_part<QSlider>(screen, "steering_slider").isVisible());
  screen.run("open induction-nano");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name.starts_with("induction-nano") && screen.lab().up_to_date(); }));
  const std::string text = screen.dock("directions");
  EXPECT_FALSE(directions_part<QSlider>(screen, "steering_slider").isVisible()) << text;
  EXPECT_TRUE(has(text, "blocks.4.hook_resid_post is not in this model") || has(text, "It has 256 numbers")) << text;
  EXPECT_NE(screen.run("steer \"" + screen.lab().document().directions[0].name + "\" 2"), "");
  EXPECT_TRUE(screen.lab().document().recipe.empty());
  screen.run("open fable");
  ASSERT_TRUE(screen.until([&] { return screen.lab().model()->weights->name.starts_with("fable") && screen.lab().up_to_date(); }));
  (void)screen.dock("directions");
  EXPECT_TRUE(directions_part<QSlider>(screen, "steering_slider").isVisible());
}

}  // namespace
}  // namespace gf::ui

// The neuron view of the Attention dock: q, k, their products and what becomes of them are the run's own numbers.
#include <QAbstractButton>
#include <QImage>
#include <QLabel>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <gtest/gtest.h>
#include <sstream>

#include "app/ui/docks/dock.h"
#include "app/ui/plots/neuron_plot.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

class NeuronViewTest : public ::testing::Test {
 protected:
  NeuronViewTest() {
    screen_.open("fable");
    (void)screen_.dock("attention");
    EXPECT_EQ(screen_.run("select blocks.4.attn.hook_pattern 3 13 1"), "");
    part<QAbstractButton>("attention_as_neurons").click();
    EXPECT_TRUE(shows(13));
  }
  template <class Widget>
  Widget& part(const char* name) {
    return *static_cast<Widget*>(screen_.window().docks().dock("attention").findChild<QWidget*>(name));
  }
  NeuronPlot& plot() { return part<NeuronPlot>("attention_neurons"); }
  bool shows(int query) {
    return screen_.until([&] { return plot().rows() != nullptr && plot().rows()->query == query; });
  }
  std::string words() { return part<QLabel>("attention_neuron_words").text().toStdString(); }
  /// The scores of a run, which keeps none, by a pass of its own that does.
  std::vector<float> captured_scores(int layer, int head, int query) {
    RunRequest request;
    const auto ids = screen_.lab().run()->base->ids();
    request.prompt = {ids.begin(), ids.end()};
    request.plan = CapturePlan::full();
    const auto session = Session::create(screen_.lab().model(), {});
    EXPECT_TRUE(session);
    const auto run = (*session)->run(request);
    EXPECT_TRUE(run);
    const auto row = run->base->causal_row({HookKind::AttnScores, layer}, head, query);
    return {row.begin(), row.end()};
  }

  Screen screen_;
};

TEST_F(NeuronViewTest, multiplies_q_and_k_into_the_captured_scores) {
  const doc::NeuronRows& rows = *plot().rows();
  const auto run = screen_.lab().run();
  const auto captured = captured_scores(4, 3, 13);
  const int d_head = run->base->config().d_head;
  ASSERT_EQ(rows.d_head, d_head);
  ASSERT_EQ(rows.keys(), 14);
  const auto q = run->base->row({HookKind::Q, 4}, 13).subspan(static_cast<std::size_t>(3 * d_head), static_cast<std::size_t>(d_head));
  EXPECT_TRUE(std::ranges::equal(rows.q, q));
  const auto pattern = run->base->causal_row({HookKind::Pattern, 4}, 3, 13);
  EXPECT_TRUE(std::ranges::equal(rows.weights, pattern));
  double sum_of_weights = 0;
  for (int key = 0; key < rows.keys(); ++key) {
    const auto k = run->base->row({HookKind::K, 4}, key).subspan(static_cast<std::size_t>(3 * d_head), static_cast<std::size_t>(d_head));
    double sum = 0;
    for (int i = 0; i < d_head; ++i) {
      EXPECT_EQ(rows.k_at(key, i), k[static_cast<std::size_t>(i)]);
      EXPECT_EQ(rows.product(key, i), q[static_cast<std::size_t>(i)] * k[static_cast<std::size_t>(i)]);
      sum += static_cast<double>(rows.product(key, i));
    }
    const auto at = static_cast<std::size_t>(key);
    EXPECT_NEAR(sum / std::sqrt(static_cast<double>(d_head)), static_cast<double>(captured[at]), 1e-4) << key;
    EXPECT_NEAR(static_cast<double>(rows.scores[at]), static_cast<double>(captured[at]), 1e-4) << key;
    EXPECT_FALSE(rows.score_is_edited(key)) << key;
    sum_of_weights += static_cast<double>(rows.weights[at]);
  }
  EXPECT_NEAR(sum_of_weights, 1, 1e-5);
}

TEST_F(NeuronViewTest, follows_the_selection_and_drives_it) {
  EXPECT_EQ(plot().current_key(), 1);
  EXPECT_EQ(screen_.run("select blocks.4.attn.hook_pattern 3 9 2"), "");
  ASSERT_TRUE(shows(9));
  EXPECT_EQ(plot().current_key(), 2);
  ASSERT_TRUE(screen_.until([&] { return plot().isVisible() && plot().key_row(5).height() > 5; }));
  QTest::mouseClick(&plot(), Qt::LeftButton, {}, plot().product_cell(5, 3).center().toPoint());
  ASSERT_TRUE(screen_.lab().document().selection);
  EXPECT_EQ(screen_.lab().document().selection->tensor.name(), "blocks.4.attn.hook_pattern");
  EXPECT_EQ(screen_.lab().document().selection->index, (std::array{3, 9, 5}));
  EXPECT_EQ(plot().current_key(), 5);
  EXPECT_EQ(plot().current_element(), 3);
  EXPECT_TRUE(has(words(), "key 5 ")) << words();
  EXPECT_TRUE(has(words(), "Sum of q × k: ")) << words();
}

TEST_F(NeuronViewTest, is_read_and_cut_by_keys) {
  plot().setFocus();
  QTest::keyClick(&plot(), Qt::Key_Down);
  QTest::keyClick(&plot(), Qt::Key_Right);
  QTest::keyClick(&plot(), Qt::Key_Right);
  const std::string said = plot().accessibleDescription().toStdString();
  EXPECT_TRUE(said.starts_with("key 2 ")) << said;
  EXPECT_TRUE(has(said, ", element 1: q ")) << said;
  QTest::keyClick(&plot(), Qt::Key_Return);
  EXPECT_EQ(screen_.lab().document().selection->index, (std::array{3, 13, 2}));
  QTest::keyClick(&plot(), Qt::Key_Delete);
  ASSERT_TRUE(screen_.settle());
  ASSERT_TRUE(screen_.until([&] { return plot().rows() != nullptr && std::isinf(plot().rows()->scores[2]); }))
      << "the edited run's score of an edge that is cut is −∞";
  EXPECT_EQ(plot().rows()->weights[2], 0.0F);
  EXPECT_TRUE(plot().rows()->score_is_edited(2));
  EXPECT_TRUE(has(words(), "An edit makes the score −∞")) << words();
  EXPECT_TRUE(has(part<QLabel>("attention_cell").text().toStdString(), " · edited run"));
  EXPECT_EQ(screen_.run("compare base"), "");
  ASSERT_TRUE(screen_.until([&] { return plot().rows() != nullptr && !std::isinf(plot().rows()->scores[2]); }));
  EXPECT_TRUE(has(part<QLabel>("attention_cell").text().toStdString(), " · base run"));
}

TEST_F(NeuronViewTest, leaves_the_window_as_pictures_and_numbers) {
  QTemporaryDir folder;
  for (const char* ending : {"png", "svg", "pdf"}) EXPECT_TRUE(plot().save(folder.filePath(QStringLiteral("n.") + ending))) << ending;
  EXPECT_GE(QImage(folder.filePath("n.png")).width(), 1280);
  std::istringstream lines(plot().csv());
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "query,key,token,element,q,k,product,score,share");
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("13,0,\"")) << line;
  int rows = 1;
  while (std::getline(lines, line)) ++rows;
  EXPECT_EQ(rows, 14 * plot().rows()->d_head);
}

}  // namespace
}  // namespace gf::ui

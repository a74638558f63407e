// Hand-outs: their JSON holds the run's own numbers, their text is escaped, and nothing in them leads out.
#include "app/export/handout/handout.h"

#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/export/formats.h"
#include "app/scene/stream/stream_reading.h"
#include "tests/app/truth/views.h"

namespace gf::exporting {
namespace {

using PageData = nlohmann::json;

const scene::SceneInput& handed_run() {
  static const scene::SceneInput input = scene::with_readings(truth::fable(true)).value();
  return input;
}

/// The content of the element with the id "data".
PageData data_of(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(begin) + begin.size(), to = page.find("</script>", from);
  EXPECT_NE(to, std::string::npos);
  return PageData::parse(page.substr(from, to - from));
}

void expect_number(const PageData& got, float want) {
  if (!std::isfinite(want)) EXPECT_TRUE(got.is_null());
  else EXPECT_EQ(got.get<float>(), want);
}

doc::Document handed_document() {
  doc::Document document;
  document.prompt = "a prompt";
  return document;
}

std::size_t times_in(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

void expect_run(const PageData& side, const Trace& trace, const scene::StreamReading& reading) {
  const int T = trace.length(), n_layer = trace.config().n_layer, n_head = trace.config().n_head;
  ASSERT_EQ(side["positions"].size(), static_cast<std::size_t>(T));
  for (int p = 0; p < T; ++p) {
    const PageData& at = side["positions"][static_cast<std::size_t>(p)];
    const TokenStats& stats = trace.stats(p);
    EXPECT_EQ(side["ids"][static_cast<std::size_t>(p)], trace.ids()[static_cast<std::size_t>(p)].v);
    expect_number(at["logprob"], stats.logprob);
    expect_number(at["entropy"], stats.entropy);
    if (p > 0) {
      EXPECT_EQ(at["rank"], stats.rank);
    }
    ASSERT_EQ(at["top"].size(), 10U);
    for (std::size_t k = 0; k < 10; ++k) expect_number(at["top"][k][1], stats.top[k].logprob);
  }
  ASSERT_EQ(side["stream"].size(), static_cast<std::size_t>(n_layer) + 1);
  for (int depth = 0; depth <= n_layer; ++depth)
    for (int p = 0; p < T; ++p) {
      const PageData& node = side["stream"][static_cast<std::size_t>(depth)][static_cast<std::size_t>(p)];
      expect_number(node["entropy"], reading.lens.entropy.at(depth, p));
      ASSERT_EQ(node["top"].size(), static_cast<std::size_t>(scene::kLensWords));
      expect_number(node["top"][0][1], reading.word(depth, p).logprob);
    }
  ASSERT_EQ(side["patterns"].size(), static_cast<std::size_t>(n_layer * n_head));
  for (const PageData& pattern : side["patterns"])
    for (int q = 0; q < T; ++q) {
      const auto row = trace.causal_row({HookKind::Pattern, pattern["layer"].get<int>()}, pattern["head"].get<int>(), q);
      const PageData& got = pattern["rows"][static_cast<std::size_t>(q)];
      ASSERT_EQ(got.size(), row.size());
      for (std::size_t k = 0; k < row.size(); ++k) expect_number(got[k], row[k]);
    }
}

TEST(Handout, holds_the_numbers_of_the_run_edited_and_base) {
  const auto page = handout_of(handed_run(), handed_document(), {});
  ASSERT_TRUE(page) << page.error().message;
  const PageData data = data_of(*page);
  ASSERT_EQ(data["runs"].size(), 2U);
  const gf::Run& run = *handed_run().run;
  expect_run(data["runs"][0], *run.edited, *handed_run().edited_reading);
  expect_run(data["runs"][1], *run.base, *handed_run().base_reading);
  EXPECT_EQ(data["edits"].size(), run.request.recipe.edits.size());
  EXPECT_EQ(data["prompt"], "a prompt");
  EXPECT_EQ(data["tab"], "tokens");
  std::string text;
  for (const PageData& token : data["runs"][0]["tokens"]) text += token.get<std::string>();
  EXPECT_EQ(text, handed_run().model->tokenizer->decode(std::vector<TokenId>(run.edited->ids().begin(), run.edited->ids().end())));
}

TEST(Handout, opens_with_what_the_document_shows) {
  doc::Document document = handed_document();
  document.selection = scene::CellRef{{{HookKind::Pattern, 4}, {}}, {3, 2, 1}};
  PageData data = data_of(handout_of(handed_run(), document, {}).value());
  EXPECT_EQ(data["tab"], "patterns");
  EXPECT_EQ(data["head"], PageData({4, 3}));
  document.view = scene::View::Stream;
  EXPECT_EQ(data_of(handout_of(handed_run(), document, {}).value())["tab"], "stream");
}

TEST(Handout, escapes_every_text_and_leads_nowhere) {
  doc::Document document = handed_document();
  document.prompt = "</script><script>alert(1)</script> & \"<b>\" {{data}}";
  PictureOptions options;
  options.caption = "<i>\"A & B\"</i> {{data}}";
  const std::string page = handout_of(handed_run(), document, options).value();
  EXPECT_EQ(times_in(page, "</script>"), 2U) << "those of the page itself";
  EXPECT_EQ(times_in(page, "alert(1)"), 1U);
  EXPECT_EQ(times_in(page, "<title>&lt;i&gt;\"A &amp; B\"&lt;/i&gt; {{data}}</title>"), 1U);
  const PageData data = data_of(page);
  EXPECT_EQ(data["prompt"], document.prompt);
  EXPECT_EQ(data["title"], options.caption);
  for (const char* out : {"http:", "https:", "src=", "href=", "url(", "@import", "fetch(", "XMLHttpRequest", "WebSocket"})
    EXPECT_EQ(times_in(page, out), 0U) << out;
  EXPECT_EQ(times_in(page, "default-src 'none'"), 1U) << "the browser would refuse it as well";
}

TEST(Handout, of_a_figure_has_its_matrices) {
  scene::ViewState view;
  const Figure figure = figure_of("head 5.1", handed_run(), view).value();
  const PageData data = data_of(handout_of(figure, handed_run(), handed_document(), {}).value());
  ASSERT_EQ(data["matrices"].size(), figure.matrices.size());
  for (std::size_t i = 0; i < figure.matrices.size(); ++i) {
    const FigureMatrix& m = figure.matrices[i];
    const PageData& got = data["matrices"][i];
    EXPECT_EQ(got["title"], m.title);
    EXPECT_TRUE(data["colors"].contains(got["map"].get<std::string>()));
    for (int r = 0; r < m.rows(); ++r)
      for (int c = 0; c < (m.causal ? r + 1 : m.cols()); ++c)
        expect_number(got["rows"][static_cast<std::size_t>(r)][static_cast<std::size_t>(c)], m.at(r, c));
  }
}

TEST(Handout, is_a_format_of_pictures_that_takes_no_device) {
  const PictureFormat* format = picture_format("page.html");
  ASSERT_NE(format, nullptr);
  EXPECT_TRUE(format->drawn) << "it has a sidecar";
  EXPECT_FALSE(needs_device(*format, {}));
  scene::SceneBuilder builder;
  EXPECT_TRUE(format->draw(nullptr, builder, handed_run(), handed_document(), {}));
  const auto none = format->draw(nullptr, builder, {.model = handed_run().model, .run = nullptr}, handed_document(), {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "A hand-out shows a run; run a prompt first.");
}

}  // namespace
}  // namespace gf::exporting

// Pictures made of shapes: well formed, the same each time, and what the PNG of the same view shows.
#include "app/export/svg/svg.h"

#include <QGuiApplication>
#include <QPainter>
#include <QSvgRenderer>
#include <QXmlStreamReader>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "app/export/svg/svg_occlusion.h"
#include "app/export/svg/svg_writer.h"
#include "model/tokenizer/utf8.h"
#include "tests/app/truth/views.h"

namespace gf {
namespace {

float area(const std::vector<exporting::Polygon>& parts) {
  float sum = 0;
  for (const auto& p : parts)
    for (std::size_t i = 0; i < p.size(); ++i) {
      const glm::vec2 a = p[i], b = p[(i + 1) % p.size()];
      sum += (a.x * b.y - a.y * b.x) / 2;
    }
  return sum;
}

/// Two sheets, the second 100 px wide and high in the middle of the picture and nearer than the first, which is wider.
class TwoSheets : public testing::Test {
 protected:
  TwoSheets() {
    render::Panel far, near;
    far.origin = {-2, -1, 1};
    far.across = {4, 0, 0};
    far.down = {0, 2, 0};
    far.empty = near.empty = {0, 0, 0, 1};
    near.origin = {-0.5F, -0.5F, 0};
    near.across = {1, 0, 0};
    near.down = {0, 1, 0};
    scene_.panels = {far, near};
    camera_.distance = 10;
    camera_.fov_y = 2 * std::atan(0.2F);  // 4 units high at the distance of 10
  }
  render::Scene scene_;
  render::Camera camera_;
  glm::vec2 size_{800, 400};
};

TEST_F(TwoSheets, the_nearer_one_hides) {
  const exporting::Occlusion seen(scene_, camera_, size_);
  const float whole = area({seen.outline(0)});
  EXPECT_NEAR(area({seen.outline(1)}), 100 * 100, 1);
  EXPECT_NEAR(area(seen.visible(1)), 100 * 100, 1);
  EXPECT_NEAR(area(seen.visible(0)), whole - 100 * 100, 2);
  EXPECT_NEAR(seen.nearness(1, {400, 200}), 0.1F, 1e-4F);
}

TEST_F(TwoSheets, lines_and_shapes_end_where_they_go_behind) {
  const exporting::Occlusion seen(scene_, camera_, size_);
  const auto behind = seen.visible(seen.project({-1, 0, 0.5F}), seen.project({1, 0, 0.5F}));
  ASSERT_EQ(behind.size(), 2U);
  EXPECT_GT(behind[0].second, 0.2F);
  EXPECT_LT(behind[0].second, 0.3F);
  EXPECT_NEAR(behind[0].second, 1 - behind[1].first, 1e-3F);
  const auto before = seen.visible(seen.project({-1, 0, -0.5F}), seen.project({1, 0, -0.5F}));
  EXPECT_EQ(before, (std::vector<std::pair<float, float>>{{0.0F, 1.0F}}));
  EXPECT_TRUE(seen.visible(seen.project({-1, 0, 2}), seen.project({1, 0, 2})).empty()) << "behind both";
  const exporting::Polygon shape{{300, 190}, {500, 190}, {500, 210}, {300, 210}};
  EXPECT_NEAR(area(seen.visible(shape, 1 / 10.5F)), 200 * 20 - 100 * 20, 1);
  EXPECT_NEAR(area(seen.visible(shape, 1 / 9.5F)), 200 * 20, 1);
}

/// How often an element stands in a layer.
int count_in(const std::string& svg, const std::string& layer, const std::string& element) {
  const std::size_t from = svg.find("<g id=\"" + layer + "\""), end = svg.find("</g>", from);
  int count = 0;
  for (std::size_t at = svg.find("<" + element, from); at < end; at = svg.find("<" + element, at + 1)) ++count;
  return from == std::string::npos ? -1 : count;
}
int shapes_in(const std::string& svg, const std::string& layer) { return count_in(svg, layer, "path"); }
int words_in(const std::string& svg, const std::string& layer) { return count_in(svg, layer, "text"); }

TEST_F(TwoSheets, a_side_of_a_split_ends_at_its_line) {
  const exporting::Occlusion whole(scene_, camera_, size_), left(scene_, camera_, size_, exporting::Band{0, 400}),
      right(scene_, camera_, size_, exporting::Band{400, 800});
  for (const int panel : {0, 1}) EXPECT_NEAR(area(left.visible(panel)) + area(right.visible(panel)), area(whole.visible(panel)), 1);
  for (const auto& part : left.visible(0))
    for (const glm::vec2 at : part) EXPECT_LE(at.x, 400.01F);
  const auto before = left.visible(left.project({-1, 0, -0.5F}), left.project({1, 0, -0.5F}));
  ASSERT_EQ(before.size(), 1U);
  EXPECT_NEAR(before[0].second, 0.5F, 1e-3F);
  EXPECT_TRUE(right.visible(exporting::Polygon{{100, 100}, {200, 100}, {200, 200}, {100, 200}}, 1).empty());
}

TEST(SvgWriter, words_are_escaped) {
  exporting::SvgWriter svg({10, 10}, "a < b & \"c\"", "d");
  svg.text({{1, 2}, "<\x01>", 12, 5, true, {1, 0, 0, 0.5F}});
  const std::string text = std::move(svg).finish();
  QXmlStreamReader xml(QByteArray::fromStdString(text));
  QStringList words;
  while (!xml.atEnd())
    if (xml.readNext() == QXmlStreamReader::Characters && !xml.isWhitespace()) words << xml.text().toString();
  EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString();
  EXPECT_EQ(words, (QStringList{"a < b & \"c\"", "d", "< >"}));
  EXPECT_NE(text.find("fill=\"#ff0000\" fill-opacity=\"0.5\""), std::string::npos) << text;
}

TEST(SvgWriter, whatever_the_bytes_are_the_file_is_xml) {
  std::vector<std::string> texts{
      "c\xff"
      "ap",
      "\xEF\xBF\xBE \xEF\xBF\xBF",
      "\xED\xA0\x80 half a pair",
      "\x1b[31m\x07 \x7f \xC2\x85",
      "\xF4\x90\x80\x80",
      "tab\tline\nend\r",
      "]]> <!-- & \"",
      std::string("a\0b", 3)};
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  texts.push_back(all);
  for (const std::string& words : texts) {
    exporting::SvgWriter svg({10, 10}, words, words);
    svg.begin_group(words);
    svg.text({{1, 2}, words, 12, 5, false, {1, 0, 0, 1}});
    svg.end_group();
    const std::string text = std::move(svg).finish();
    QXmlStreamReader xml(QByteArray::fromStdString(text));
    while (!xml.atEnd()) xml.readNext();
    EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString() << "\n" << text;
    EXPECT_TRUE(is_valid_utf8(text));
    for (const char* never : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) EXPECT_EQ(text.find(never), std::string::npos);
    EXPECT_TRUE(std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }));
  }
}

TEST(Svg, shows_what_the_png_shows) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  int argc = 1;
  char name[] = "svg_test";
  char* argv[] = {name, nullptr};
  const QGuiApplication application(argc, argv);
  auto device = render::Device::create({});
  ASSERT_TRUE(device.has_value()) << device.error().message;
  auto target = render::Offscreen::create(*device);
  ASSERT_TRUE(target.has_value());
  const auto all = truth::views();
  for (const char* wanted : {"fable home dark", "fable home light", "fable head 4.3 dark, cut"}) {
    const auto view = *std::find_if(all.begin(), all.end(), [&](const auto& v) { return v.name == wanted; });
    scene::SceneBuilder machine;
    doc::Document document;
    document.theme = view.theme;
    const bool split = view.input.run->has_edits();
    document.split = 0.4;
    const exporting::PictureOptions options{960, 540, 1, true, "a caption"};
    for (const auto& [camera, compare] : {std::pair("home", scene::Compare::Split),
                                          {"head 4.3", scene::Compare::Split},
                                          {"home", scene::Compare::Side},
                                          {"head 4.3", scene::Compare::Side}}) {
      SCOPED_TRACE(scene::spelled(compare));
      document.compare = split ? compare : scene::Compare::Edited;
      const bool halved = scene::is_halved(document, true);
      document.camera = *machine.camera(camera, view.input, document, exporting::pane_of(options, 1, halved));
      const auto picture = exporting::draw_picture(**target, machine, view.input, document, options);
      const auto svg = exporting::draw_svg(**target, machine, view.input, document, options);
      const auto again = exporting::draw_svg(**target, machine, view.input, document, options);
      ASSERT_TRUE(picture && svg && again);
      EXPECT_TRUE(*svg == *again) << "the same each time";
      EXPECT_NE(svg->find(">a caption</text>"), std::string::npos);
      EXPECT_NE(svg->find("\xc2\xb7John</text>"), std::string::npos) << "tokens are text";
      if (split && std::string(camera) != "home") {
        const std::string left = halved ? "left" : "base", right = halved ? "right" : "edited";
        EXPECT_GT(shapes_in(*svg, left + " cells"), 3) << "in colours of their own";
        EXPECT_GT(shapes_in(*svg, right + " cells"), 3);
        EXPECT_GT(words_in(*svg, left + " labels") + words_in(*svg, right + " labels"), 10);
      }
      QSvgRenderer renderer(QByteArray::fromStdString(*svg));
      ASSERT_TRUE(renderer.isValid());
      QImage drawn(options.width, options.height, QImage::Format_RGBA8888);
      drawn.fill(Qt::black);
      QPainter painter(&drawn);
      renderer.render(&painter);
      painter.end();
      double difference = 0;
      for (std::size_t i = 0; i < picture->pixels.size(); ++i)
        if (i % 4 != 3) difference += std::abs(static_cast<double>(picture->pixels[i]) - drawn.constBits()[i]);
      difference /= 255.0 * 0.75 * static_cast<double>(picture->pixels.size());
      EXPECT_LT(difference, 0.03) << wanted << ", " << camera;
      EXPECT_GT(difference, 0.0005) << "a vector picture is not a copy of the pixels";
    }
  }
}

}  // namespace
}  // namespace gf

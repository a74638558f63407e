// Figures: their cells are the run's values, their names belong to the cells, and every format shows the same.
#include "app/export/figure/figure.h"

#include <QColor>
#include <QImage>
#include <QXmlStreamReader>
#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "app/export/figure/figure_layout.h"
#include "app/export/qt_fonts.h"
#include "app/scene/sources/scales.h"
#include "model/tokenizer/token_words.h"
#include "tests/app/truth/views.h"

namespace gf::exporting {
namespace {

const scene::SceneInput& cut_fable() {
  static const scene::SceneInput input = truth::fable(true);
  return input;
}

Figure figure(std::string_view words, scene::Compare compare = scene::Compare::Edited) {
  scene::ViewState view;
  view.compare = compare;
  auto made = figure_of(words, cut_fable(), view);
  EXPECT_TRUE(made) << words << ": " << made.error().message;
  return made ? std::move(*made) : Figure{};
}

TEST(Figure, shows_the_values_of_the_run_under_the_names_of_its_tokens) {
  const Trace& trace = *cut_fable().run->edited;
  const Figure one = figure("pattern 5.1");
  ASSERT_EQ(one.matrices.size(), 1U);
  const FigureMatrix& m = one.matrices[0];
  ASSERT_EQ(m.rows(), trace.length());
  ASSERT_EQ(m.cols(), trace.length());
  for (int q = 0; q < m.rows(); ++q) {
    const std::string name = token_words(cut_fable().model->tokenizer.get(), trace.ids()[static_cast<std::size_t>(q)]);
    EXPECT_EQ(m.row_names[static_cast<std::size_t>(q)], name);
    EXPECT_EQ(m.col_names[static_cast<std::size_t>(q)], name);
    const auto row = trace.causal_row({HookKind::Pattern, 5}, 1, q);
    for (int k = 0; k < m.cols(); ++k) {
      if (k > q) EXPECT_TRUE(std::isnan(m.at(q, k))) << q << " " << k;
      else EXPECT_EQ(m.at(q, k), row[static_cast<std::size_t>(k)]) << q << " " << k;
    }
  }
  EXPECT_EQ(m.scale, 1);
}

TEST(Figure, of_a_head_has_all_that_makes_its_output) {
  const Figure head = figure("head 5.1");
  std::vector<std::string> titles;
  for (const FigureMatrix& m : head.matrices) titles.push_back(m.title);
  EXPECT_EQ(titles, (std::vector<std::string>{"q", "k", "v", "scores", "pattern", "z"}));
  const Trace& trace = *cut_fable().run->edited;
  const int d_head = trace.config().d_model / trace.config().n_head;
  for (int p = 0; p < trace.length(); ++p)
    for (int d = 0; d < d_head; ++d)
      EXPECT_EQ(head.matrices[0].at(p, d), trace.row({HookKind::Q, 5}, p)[static_cast<std::size_t>(d_head + d)]);
}

TEST(Figure, of_a_difference_subtracts_the_base) {
  const Figure edited = figure("resid_post 5"), base = figure("resid_post 5", scene::Compare::Base),
               difference = figure("resid_post 5", scene::Compare::Difference);
  float largest = 0;
  for (std::size_t i = 0; i < base.matrices[0].values.size(); ++i) {
    EXPECT_EQ(difference.matrices[0].values[i], edited.matrices[0].values[i] - base.matrices[0].values[i]);
    largest = std::max(largest, std::abs(difference.matrices[0].values[i]));
  }
  EXPECT_GT(largest, 0);
  EXPECT_EQ(difference.matrices[0].map, render::ColorMap::Difference);
}

TEST(Figure, says_what_there_is_where_the_words_name_none) {
  for (const char* words : {"", "pattern", "pattern 4", "pattern 99.0", "pattern 4.99", "head 4", "nothing 4.1", "resid_post",
                            "resid_post 3.1", "pattern 4.x", "pattern -1.0", "scale 3", "logits 2"}) {
    const auto made = figure_of(words, cut_fable(), {});
    ASSERT_FALSE(made) << words;
    EXPECT_EQ(made.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(made.error().message.find(words), std::string::npos) << made.error().message;
  }
  EXPECT_EQ(figures_with({{{HookKind::AttnScores, 4}, {}}, {7, 3, 1}}), (std::vector<std::string>{"head 4.7", "attn_scores 4.7"}));
  EXPECT_EQ(figures_with({{{HookKind::Z, 2}, {}}, {5, 1, 0}}), (std::vector<std::string>{"head 2.1", "z 2.1"}));
  EXPECT_EQ(figures_with({{{HookKind::Ln1Scale, 2}, {}}, {5, 0, -1}}), (std::vector<std::string>{"ln1.hook_scale 2"}));
}

/// Ems as if every letter were as wide as high: wider than any font's.
float wide_letters(const std::string& name) { return static_cast<float>(name.size()); }

TEST(Figure, keeps_every_matrix_and_name_inside_at_any_size) {
  for (const char* words : {"head 5.1", "pattern 0.0", "resid_post 3", "mlp.hook_post 2"}) {
    const Figure one = figure(words);
    for (const auto& [width, height] : std::vector<std::pair<int, int>>{{1280, 720}, {3840, 2160}, {640, 640}, {720, 1280}, {400, 300}}) {
      PictureOptions options;
      options.width = width;
      options.height = height;
      const FigureLayout l = lay_out_figure(one, options, wide_letters);
      ASSERT_EQ(l.parts.size(), one.matrices.size());
      for (std::size_t i = 0; i < l.parts.size(); ++i) {
        const FigureBox& box = l.parts[i].cells;
        EXPECT_GE(box.x, 0) << words;
        EXPECT_LE(box.x + box.width, static_cast<float>(width)) << words;
        EXPECT_LE(box.y + box.height, static_cast<float>(height)) << words;
        EXPECT_GE(box.height / static_cast<float>(one.matrices[i].rows()) * static_cast<float>(l.parts[i].row_step), l.parts[i].row_em)
            << "names of rows overlap";
        for (std::size_t j = 0; j < i; ++j) {
          const FigureBox& other = l.parts[j].cells;
          const bool beside = box.x >= other.x + other.width || other.x >= box.x + box.width;
          const bool below = box.y >= other.y + other.height || other.y >= box.y + box.height;
          EXPECT_TRUE(beside || below) << words << " " << i << " " << j;
        }
      }
    }
  }
}

TEST(Figure, has_the_colour_of_each_value_in_its_cell) {
  begin_fonts();
  const Figure one = figure("pattern 5.1");
  PictureOptions options;
  options.width = 900;
  options.height = 900;
  const auto png = draw_figure(one, "a.png", options);
  ASSERT_TRUE(png) << png.error().message;
  const QImage image = QImage::fromData(QByteArray::fromStdString(*png), "PNG");
  ASSERT_EQ(image.size(), QSize(900, 900));
  EXPECT_EQ(image.pixelColor(1, 1), QColor(Qt::white));
  const FigureMatrix& m = one.matrices[0];
  // Wherever the letters put the cells: each colour of a value is found in the picture as often as a cell has room.
  std::map<QRgb, int> found;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) ++found[image.pixel(x, y)];
  for (int q = 0; q < m.rows(); ++q)
    for (int k = 0; k <= q; ++k) {
      const render::Rgb8 c = render::color_of(m.at(q, k), m.scale, 0, m.map, render::Theme::Light);
      EXPECT_GT(found[qRgb(c[0], c[1], c[2])], 200) << q << " " << k << " " << m.at(q, k);
    }
}

TEST(Figure, is_text_and_shapes_in_svg_and_pdf) {
  begin_fonts();
  const Figure one = figure("pattern 5.1");
  const auto svg = draw_figure(one, "a.svg", {});
  ASSERT_TRUE(svg) << svg.error().message;
  QXmlStreamReader reader(QByteArray::fromStdString(*svg));
  std::string words;
  int shapes = 0;
  while (!reader.atEnd()) {
    reader.readNext();
    if (reader.isCharacters()) words += reader.text().toString().toStdString() + "\n";
    if (reader.isStartElement() && (reader.name() == QLatin1String("rect") || reader.name() == QLatin1String("path"))) ++shapes;
  }
  EXPECT_FALSE(reader.hasError()) << reader.errorString().toStdString();
  PictureOptions odd;
  odd.caption = "x\xEF\xBF\xBE\x01\x1B y";
  QXmlStreamReader again(QByteArray::fromStdString(draw_figure(one, "a.svg", odd).value()));
  while (!again.atEnd()) again.readNext();
  EXPECT_FALSE(again.hasError()) << again.errorString().toStdString();
  for (const std::string& name : one.matrices[0].row_names) EXPECT_NE(words.find(name), std::string::npos) << name;
  EXPECT_GE(shapes, 14 * 15 / 2);
  const auto pdf = draw_figure(one, "a.pdf", {});
  ASSERT_TRUE(pdf) << pdf.error().message;
  EXPECT_TRUE(pdf->starts_with("%PDF-"));
  EXPECT_NE(pdf->find("/FontFile"), std::string::npos) << "its letters are letters";
  EXPECT_FALSE(draw_figure(one, "a.mp4", {}));
}

}  // namespace
}  // namespace gf::exporting

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "app/scene/sources/largest.h"
#include "app/scene/sources/scales.h"
#include "app/scene/sources/sources.h"
#include "tests/app/truth/small_model.h"

namespace gf::scene {
namespace {

using render::kTileSize;
using render::Texel;
using render::TileKey;

/// The tile as its definition says, cell by cell.
std::vector<Texel> naive_tile(const render::TileSource& source, const TileKey& key) {
  std::vector<Texel> out;
  for (int j = 0; j < kTileSize; ++j)
    for (int i = 0; i < kTileSize; ++i) {
      double sum = 0, count = 0;
      float extreme = 0;
      for (int r = (kTileSize * key.y + j) << key.ly; r < (kTileSize * key.y + j + 1) << key.ly; ++r)
        for (int c = (kTileSize * key.x + i) << key.lx; c < (kTileSize * key.x + i + 1) << key.lx; ++c) {
          const float v = source.value(r, c);
          if (std::isnan(v)) continue;
          sum += static_cast<double>(v);
          if (count++ == 0 || std::abs(v) > std::abs(extreme) || (std::abs(v) == std::abs(extreme) && v > extreme)) extreme = v;
        }
      const float none = std::numeric_limits<float>::quiet_NaN();
      out.push_back(count == 0 ? Texel{none, none} : Texel{static_cast<float>(sum / count), extreme});
    }
  return out;
}

void expect_tiles_match(const render::TileSource& source, const std::string& what) {
  std::vector<Texel> tile(static_cast<std::size_t>(kTileSize) * kTileSize);
  for (const TileKey& key : {TileKey{0, 0, 0, 0}, TileKey{0, 0, 1, 0}, TileKey{1, 0, 0, 0}, TileKey{0, 2, 0, 0}, TileKey{3, 3, 0, 0},
                             TileKey{4, 5, 0, 0}, TileKey{1, 1, 1, 1}}) {
    source.fill(key, tile);
    const auto naive = naive_tile(source, key);
    for (std::size_t i = 0; i < tile.size(); ++i) {
      ASSERT_EQ(std::isnan(tile[i].mean), std::isnan(naive[i].mean)) << what << " texel " << i;
      if (std::isnan(naive[i].mean)) continue;
      ASSERT_NEAR(tile[i].mean, naive[i].mean, 1e-5F) << what << " level " << key.lx << "," << key.ly << " texel " << i;
      ASSERT_EQ(tile[i].extreme, naive[i].extreme) << what << " level " << key.lx << "," << key.ly << " texel " << i;
    }
  }
}

struct Stored {
  std::vector<float> wide;
  std::vector<std::uint16_t> narrow;
  TensorView view;
};

Stored stored(int rows, int cols, DType type) {
  Stored s;
  testing_models::Lcg rng{7};
  for (int i = 0; i < rows * cols; ++i) {
    s.wide.push_back(rng.uniform());
    s.narrow.push_back(static_cast<std::uint16_t>(type == DType::BF16 ? 0x3f00 + i % 251 : 0x3000 + (i * 37) % 3000));
  }
  s.view.dtype = type;
  s.view.shape = {rows, cols};
  s.view.data =
      type == DType::F32 ? reinterpret_cast<const std::byte*>(s.wide.data()) : reinterpret_cast<const std::byte*>(s.narrow.data());
  return s;
}

TEST(WeightSource, every_level_is_what_the_cells_say) {
  for (const DType type : {DType::F32, DType::F16, DType::BF16})
    for (const bool in_major : {true, false})
      for (const bool summed : {false, true}) {
        const Stored s = stored(150, 203, type);
        WeightWindow w{s.view, in_major, 0, 0, in_major ? 150 : 203, in_major ? 203 : 150, nullptr, nullptr};
        if (summed) w.summary = std::make_shared<const WeightSummary>(summarise(s.view));
        const std::string what = std::string(name_of(type)) + (in_major ? " in-major" : " out-major") + (summed ? " summed" : "");
        expect_tiles_match(*weight_source(w), what);
        // A part of a tensor whose edges are not those of the coarse picture.
        w.row0 = 8;
        w.col0 = 16;
        w.rows = 101;
        w.cols = 67;
        expect_tiles_match(*weight_source(w), what + " window");
      }
}

TEST(WeightSource, shows_the_numbers_of_the_matrix) {
  const Stored s = stored(6, 5, DType::F32);
  const auto turned = weight_source({s.view, false, 1, 2, 3, 4, nullptr, nullptr});
  EXPECT_EQ(turned->value(0, 0), s.wide[2 * 5 + 1]);
  EXPECT_EQ(turned->value(2, 3), s.wide[5 * 5 + 3]);
  EXPECT_TRUE(std::isnan(turned->value(3, 0)));
}

TEST(WeightSummary, scale_is_the_exact_percentile) {
  for (const int n : {1, 2, 199, 200, 201, 5000, 9001}) {
    const Stored s = stored(1, n, DType::F32);
    std::vector<float> sorted;
    for (const float v : s.wide) sorted.push_back(std::abs(v));
    std::sort(sorted.begin(), sorted.end());
    const auto rank = static_cast<std::size_t>(std::ceil(0.995 * n));
    const WeightSummary summary = summarise(s.view);
    EXPECT_EQ(summary.scale, sorted[rank - 1]) << n;
    EXPECT_EQ(summary.maximum, sorted.back()) << n;
    EXPECT_EQ(percentile_of_magnitude(s.wide, 0.995), sorted[rank - 1]) << n;
  }
}

TEST(WeightSummary, an_outlier_stays_visible) {
  Stored s = stored(64, 64, DType::F32);
  s.wide[37 * 64 + 11] = -9.5F;
  const auto source = weight_source({s.view, true, 0, 0, 64, 64, nullptr, std::make_shared<const WeightSummary>(summarise(s.view))});
  std::vector<Texel> tile(static_cast<std::size_t>(kTileSize) * kTileSize);
  source->fill({6, 6, 0, 0}, tile);
  EXPECT_EQ(tile[0].extreme, -9.5F);
}

class Activations : public ::testing::Test {
 protected:
  std::shared_ptr<const Model> model = testing_models::random_model(testing_models::small_config(), 3);
  std::vector<TokenId> ids = testing_models::random_ids(9, 57, 5);
  std::shared_ptr<const gf::Run> run =
      testing_models::run_of(*model, ids, testing_models::everything(),
                             R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [2]}]})");
};

TEST_F(Activations, sources_show_the_trace) {
  const HookId q{HookKind::Q, 1}, pattern{HookKind::Pattern, 2};
  const auto sheet = activation_source({PanelInfo::Mapping::Rows, q, -1, 0, 4, 9, 11, HookRows(*run->base, q), {}});
  EXPECT_EQ(sheet->value(3, 2), run->base->row(q, 3)[6]);
  expect_tiles_match(*sheet, "q");
  const auto plate = activation_source({PanelInfo::Mapping::Causal, pattern, 1, 0, 0, 9, 9, HookRows(*run->base, pattern), {}});
  EXPECT_EQ(plate->value(5, 4), run->base->causal_row(pattern, 1, 5)[4]);
  EXPECT_TRUE(std::isnan(plate->value(4, 5)));
  expect_tiles_match(*plate, "pattern");
  const auto difference =
      activation_source({PanelInfo::Mapping::Rows, q, -1, 0, 0, 9, 18, HookRows(*run->edited, q), HookRows(*run->base, q)});
  EXPECT_EQ(difference->value(8, 1), run->edited->row(q, 8)[1] - run->base->row(q, 8)[1]);
}

TEST_F(Activations, scale_is_the_median_of_row_percentiles) {
  for (const HookKind kind : {HookKind::ResidPre, HookKind::MlpPre, HookKind::Ln1Scale}) {
    const HookId hook{kind, 1};
    std::vector<float> rows;
    for (int p = 0; p < run->base->length(); ++p) {
      std::vector<float> sorted;
      for (const float v : run->base->row(hook, p)) sorted.push_back(std::abs(v));
      std::sort(sorted.begin(), sorted.end());
      rows.push_back(sorted[static_cast<std::size_t>(std::ceil(0.995 * static_cast<double>(sorted.size()))) - 1]);
    }
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(scale_of(*run->base, hook), rows[rows.size() / 2]) << name_of(hook);
  }
  EXPECT_EQ(scale_of(*run->base, {HookKind::Pattern, 0}), 1);
}

TEST_F(Activations, a_difference_is_scaled_to_itself) {
  for (const HookKind kind : {HookKind::AttnOut, HookKind::ResidPost}) {
    const HookId hook{kind, 1};
    std::vector<float> rows;
    for (int p = 0; p < run->base->length(); ++p) {
      std::vector<float> sorted;
      for (std::size_t i = 0; i < run->base->row(hook, p).size(); ++i)
        sorted.push_back(std::abs(run->edited->row(hook, p)[i] - run->base->row(hook, p)[i]));
      std::sort(sorted.begin(), sorted.end());
      const float saturates = sorted[static_cast<std::size_t>(std::ceil(0.995 * static_cast<double>(sorted.size()))) - 1];
      if (saturates > 0) rows.push_back(saturates);
    }
    ASSERT_FALSE(rows.empty());
    std::sort(rows.begin(), rows.end());
    const float usual = scale_of(*run->base, hook);
    EXPECT_EQ(scale_of_difference(*run->base, *run->edited, hook, usual), rows[rows.size() / 2]) << name_of(hook);
    EXPECT_FLOAT_EQ(scale_of_difference(*run->base, *run->edited, hook, 1e4F * rows.back()), 10 * rows.back()) << "rounding is no change";
  }
  EXPECT_EQ(scale_of_difference(*run->base, *run->edited, {HookKind::Q, 0}, 3), 3) << "before the edit nothing differs";
  const float patterns = scale_of_difference(*run->base, *run->edited, {HookKind::Pattern, 0}, 1);
  EXPECT_EQ(scale_of_difference(*run->base, *run->edited, {HookKind::Pattern, 2}, 1), patterns) << "patterns have one scale";
  EXPECT_LT(patterns, 1);
}

TEST_F(Activations, the_largest_value_is_that_of_what_is_shown) {
  const auto naive = [&](const Trace& shown, const Trace* minus, HookId hook, int rows) {
    float largest = 0;
    for (int p = 0; p < rows; ++p)
      for (std::size_t i = 0; i < shown.row(hook, p).size(); ++i)
        largest = std::max(largest, std::abs(shown.row(hook, p)[i] - (minus == nullptr ? 0 : minus->row(hook, p)[i])));
    return largest;
  };
  LargestBook book;
  const int rows = run->base->length();
  for (const HookId hook : {HookId{HookKind::Q, 0}, HookId{HookKind::Q, 2}, HookId{HookKind::Pattern, 1}, HookId{HookKind::ResidPost, 1}}) {
    // A run that has grown is read on from where it was.
    EXPECT_EQ(book.of(run->base->prefix(rows - 2), nullptr, hook), naive(*run->base, nullptr, hook, rows - 2)) << name_of(hook);
    for (int again = 0; again < 2; ++again) {
      EXPECT_EQ(book.of(*run->base, nullptr, hook), naive(*run->base, nullptr, hook, rows)) << name_of(hook);
      EXPECT_EQ(book.of(*run->edited, nullptr, hook), naive(*run->edited, nullptr, hook, rows)) << name_of(hook);
      EXPECT_EQ(book.of(*run->edited, run->base.get(), hook), naive(*run->edited, run->base.get(), hook, rows)) << name_of(hook);
    }
  }
  EXPECT_EQ(book.of(*run->edited, run->base.get(), {HookKind::Q, 0}), 0) << "before the edit nothing differs";
  EXPECT_GT(book.of(*run->edited, run->base.get(), {HookKind::ResidPost, 1}), 0);
}

TEST_F(Activations, change_travels_downstream_only) {
  EXPECT_EQ(change_of(*run->base, *run->edited, {HookKind::Q, 0}, 1), 0);
  EXPECT_EQ(change_of(*run->base, *run->edited, {HookKind::ResidPre, 1}, 1), 0);
  EXPECT_GT(change_of(*run->base, *run->edited, {HookKind::ResidPost, 1}, 1), 0);
  EXPECT_GT(change_of(*run->base, *run->edited, {HookKind::Q, 2}, 1), 0);
}

}  // namespace
}  // namespace gf::scene

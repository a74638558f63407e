// Linear probes against scikit-learn's values and against naive twins.
#include "model/analysis/probes.h"

#include <fstream>
#include <gtest/gtest.h>
#include <numeric>

#include "model/analysis/row_states.h"
#include "tests/model/session/golden.h"

namespace gf::testing {
namespace {

struct ProbeCase {
  Json json;
  RowMatrix rows;
  std::vector<int> labels;
  std::vector<double> targets;
  std::size_t folds;
};

const std::vector<ProbeCase>& probe_cases() {
  static const std::vector<ProbeCase> kCases = [] {
    std::ifstream in(golden_folder() + "/probes/probes.json");
    std::vector<ProbeCase> cases;
    for (const Json& json : Json::parse(in)) {
      RowMatrix rows(json["n"], json["d"]);
      rows.values = json["x"].get<std::vector<float>>();
      cases.push_back({json, rows, json["labels"], json["targets"], json["folds"]});
    }
    return cases;
  }();
  return kCases;
}

void expect_close(const std::vector<double>& got, const Json& want, double tolerance, const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], want[i].get<double>(), tolerance * (1 + std::abs(want[i].get<double>()))) << what << " " << i;
}

RowList all_rows(std::size_t n) {
  RowList rows(n);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

TEST(Probes, logistic_ones_are_scikit_learns) {
  for (const ProbeCase& c : probe_cases()) {
    const ProbeSpace space(c.rows);
    const Json& want = c.json["logistic"];
    const auto scores = held_out_scores(space, c.folds, [&](const RowList& rows) { return logistic_probe(space, c.labels, rows); });
    expect_close(scores, want["scores"], 2e-4, "score");
    EXPECT_NEAR(accuracy_of(scores, c.labels), want["accuracy"], 1e-9);
    EXPECT_NEAR(auc_of(scores, c.labels), want["auc"], 1e-9);
    expect_close(space.back(logistic_probe(space, c.labels, all_rows(space.n())).w), want["coefficients"], 2e-4, "coefficient");
  }
}

TEST(Probes, differences_of_means_are_scikit_learns) {
  for (const ProbeCase& c : probe_cases()) {
    const ProbeSpace space(c.rows);
    const Json& want = c.json["difference"];
    const auto scores = held_out_scores(space, c.folds, [&](const RowList& rows) { return mean_difference_probe(space, c.labels, rows); });
    expect_close(scores, want["scores"], 1e-5, "score");
    EXPECT_NEAR(accuracy_of(scores, c.labels), want["accuracy"], 1e-9);
    EXPECT_NEAR(auc_of(scores, c.labels), want["auc"], 1e-9);
    EXPECT_NEAR(separation_of(scores, c.labels), want["separation"], 1e-5);
  }
}

TEST(Probes, ridge_ones_are_scikit_learns) {
  for (const ProbeCase& c : probe_cases()) {
    const ProbeSpace space(c.rows);
    const Json& want = c.json["ridge"];
    const auto predicted = held_out_scores(space, c.folds, [&](const RowList& rows) { return ridge_probe(space, c.targets, rows); });
    expect_close(predicted, want["predicted"], 1e-5, "prediction");
    EXPECT_NEAR(r2_of(predicted, c.targets), want["r2"], 1e-5);
    EXPECT_NEAR(spearman_of(predicted, c.targets), want["spearman"], 1e-9);
  }
}

TEST(Probes, components_are_scikit_learns) {
  for (const ProbeCase& c : probe_cases()) {
    const TwoComponents got = two_components(ProbeSpace(c.rows));
    for (std::size_t i = 0; i < c.rows.n; ++i)
      for (std::size_t k = 0; k < 2; ++k) EXPECT_NEAR(got.places[2 * i + k], c.json["pca"]["places"][i][k].get<double>(), 2e-4) << i;
    for (std::size_t k = 0; k < 2; ++k) EXPECT_NEAR(got.explained[k], c.json["pca"]["explained"][k], 1e-6);
  }
}

TEST(Probes, components_directions_lead_to_where_the_rows_lie_and_are_a_deviation_long) {
  for (const ProbeCase& c : probe_cases()) {
    const ProbeSpace space(c.rows);
    const TwoComponents got = two_components(space);
    for (std::size_t k = 0; k < 2; ++k) {
      const std::vector<double>& direction = got.directions[k];
      ASSERT_EQ(direction.size(), c.rows.d);
      double squared = 0, deviation = 0;
      for (const double x : direction) squared += x * x;
      for (std::size_t i = 0; i < c.rows.n; ++i) {
        double along = 0;
        for (std::size_t j = 0; j < c.rows.d; ++j) along += direction[j] * (static_cast<double>(c.rows.row(i)[j]) - space.mean()[j]);
        EXPECT_NEAR(along / std::sqrt(squared), got.places[2 * i + k], 1e-6) << i;
        deviation += got.places[2 * i + k] * got.places[2 * i + k];
      }
      EXPECT_NEAR(std::sqrt(squared), std::sqrt(deviation / static_cast<double>(c.rows.n)), 1e-6);
    }
  }
}

/// The slope of a logistic probe's loss in the rows' own dimensions: at its least it is 0.
TEST(Probes, a_logistic_probe_is_where_the_loss_is_flat) {
  for (const ProbeCase& c : probe_cases()) {
    const ProbeSpace space(c.rows);
    const Probe probe = logistic_probe(space, c.labels, all_rows(space.n()));
    const std::vector<double> w = space.back(probe.w);
    std::vector<double> slope = w;
    double slope_of_b = 0;
    for (std::size_t i = 0; i < c.rows.n; ++i) {
      double score = probe.b;
      for (std::size_t j = 0; j < c.rows.d; ++j) score += w[j] * (static_cast<double>(c.rows.row(i)[j]) - space.mean()[j]);
      EXPECT_NEAR(score, probe.score(space.row(i)), 1e-8);
      const double error = 1 / (1 + std::exp(-score)) - c.labels[i];
      slope_of_b += error;
      for (std::size_t j = 0; j < c.rows.d; ++j) slope[j] += error * (static_cast<double>(c.rows.row(i)[j]) - space.mean()[j]);
    }
    EXPECT_NEAR(slope_of_b, 0, 1e-6);
    for (const double s : slope) EXPECT_NEAR(s, 0, 1e-6);
  }
}

TEST(Probes, more_dimensions_than_rows_keep_distances) {
  const ProbeCase& c = probe_cases()[1];
  ASSERT_GT(c.rows.d, c.rows.n);
  const ProbeSpace space(c.rows);
  EXPECT_LT(space.r(), c.rows.n) << "rows less their mean span one dimension less";
  for (std::size_t i = 1; i < c.rows.n; ++i) {
    double own = 0, there = 0;
    for (std::size_t j = 0; j < c.rows.d; ++j)
      own += std::pow(static_cast<double>(c.rows.row(i)[j]) - static_cast<double>(c.rows.row(0)[j]), 2);
    for (std::size_t j = 0; j < space.r(); ++j) there += std::pow(space.row(i)[j] - space.row(0)[j], 2);
    EXPECT_NEAR(own, there, 1e-8 * own);
  }
}

TEST(Probes, rows_that_are_all_alike_say_nothing) {
  RowMatrix rows(6, 3);
  rows.values.assign(18, 2.5F);
  const std::vector<int> labels{0, 1, 0, 1, 0, 1};
  const ProbeSpace space(rows);
  const auto scores = held_out_scores(space, 3, [&](const RowList& some) { return logistic_probe(space, labels, some); });
  for (const double score : scores) EXPECT_NEAR(score, 0, 1e-9);
  EXPECT_EQ(two_components(space).explained[0], 0);
  EXPECT_TRUE(std::isnan(separation_of(scores, labels)));
}

TEST(Probes, folds_are_contiguous_and_the_first_are_longer) {
  using Fold = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(contiguous_folds(11, 3), (std::vector<Fold>{{0, 4}, {4, 8}, {8, 11}}));
}

TEST(Probes, ties_share_ranks) {
  const std::vector<double> scores{1, 1, 2, 0};
  EXPECT_EQ(auc_of(scores, std::vector<int>{0, 1, 1, 0}), 0.875);
  EXPECT_NEAR(spearman_of(scores, std::vector<double>{5, 5, 9, 1}), 1, 1e-12);
}

TEST(Probes, a_shuffle_is_an_order_and_depends_on_its_seed) {
  auto order = shuffled_order(50, 0, 0);
  EXPECT_NE(order, shuffled_order(50, 1, 0));
  EXPECT_NE(order, shuffled_order(50, 0, 1));
  EXPECT_EQ(order, shuffled_order(50, 0, 0));
  std::ranges::sort(order);
  EXPECT_EQ(order, all_rows(50));
}

}  // namespace
}  // namespace gf::testing

// The Api without a device keeps CUDA's promises, and nothing beyond them.
#include "cuda/host/host_api.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <vector>

#include "cuda/args.h"
#include "cuda/kernel_cost.h"

namespace gf::cuda {
namespace {

using host::HostApi;

/// Two streams, an event, memory on both sides.
struct TwoStreams {
  explicit TwoStreams(unsigned seed) : TwoStreams({.seed = seed}) {}
  explicit TwoStreams(HostApi::Options options) : api(options) {
    EXPECT_EQ(api.create_stream(&one), Status::Ok);
    EXPECT_EQ(api.create_stream(&two), Status::Ok);
    EXPECT_EQ(api.create_event("ready", &ready), Status::Ok);
    void* memory = nullptr;
    EXPECT_EQ(api.allocate(256, &memory), Status::Ok);
    device = static_cast<float*>(memory);
    EXPECT_EQ(api.allocate_pinned(256, &memory), Status::Ok);
    pinned = static_cast<float*>(memory);
  }
  HostApi api;
  Stream one, two;
  Event ready;
  float *device = nullptr, *pinned = nullptr;
};

/// One stream fills, the other copies out behind the event. Returns what arrived.
float hand_over(TwoStreams& b) {
  b.api.fill(b.device, 0, 4, b.one);
  b.api.record(b.ready, b.one);
  b.api.wait(b.two, b.ready);
  b.api.download(b.pinned, b.device, 4, b.two);
  b.api.synchronize(b.two);
  return b.pinned[0];
}

TEST(HostApi, streams_are_ordered_by_events_alone) {
  int wrong = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    TwoStreams with(seed), without(seed);
    EXPECT_EQ(hand_over(with), 0.0F);
    without.api.leave_out_waits("ready", false);
    if (std::isnan(hand_over(without))) ++wrong;
  }
  EXPECT_GT(wrong, 3) << "seeds that show the missing wait";
}

TEST(HostApi, copies_happen_when_the_program_waits) {
  TwoStreams b(1);
  b.pinned[0] = 1;
  ASSERT_EQ(b.api.upload(b.device, b.pinned, 4, b.one), Status::Ok);
  b.pinned[0] = 2;  // too early: the copy has not been made
  ASSERT_EQ(b.api.synchronize(b.one), Status::Ok);
  EXPECT_EQ(b.device[0], 2.0F);
  ASSERT_EQ(b.api.download(b.pinned, b.device, 4, b.one), Status::Ok);
  EXPECT_TRUE(std::isnan(b.pinned[0]));
  ASSERT_EQ(b.api.synchronize(b.one), Status::Ok);
  EXPECT_EQ(b.pinned[0], 2.0F);
}

TEST(HostApi, what_cuda_refuses_is_refused) {
  float ordinary = 0;
  {
    TwoStreams b(1);
    EXPECT_EQ(b.api.upload(b.device, &ordinary, 4, b.one), Status::Failed);
  }
  {
    TwoStreams b(1);
    EXPECT_EQ(b.api.download(b.pinned, b.device + 64, 4, b.one), Status::Failed);
  }
  {
    TwoStreams b(1);
    void* memory = nullptr;
    EXPECT_EQ(b.api.allocate(std::size_t{1} << 40, &memory), Status::OutOfMemory);
    EXPECT_EQ(b.api.fill(b.device, 0, 4, b.one), Status::Ok) << "a device out of memory goes on";
  }
  {
    TwoStreams b(1);
    b.api.fail_after(0, Status::Lost);
    EXPECT_EQ(b.api.fill(b.device, 0, 4, b.one), Status::Lost);
    EXPECT_EQ(b.api.fill(b.device, 0, 4, b.one), Status::Lost);
  }
}

struct ProductCase {
  bool transpose_a, transpose_b, own;
  int m, n, k;
};

TEST(HostApi, products_are_those_of_column_major_matrices) {
  std::vector<ProductCase> cases;
  for (const bool a : {false, true})
    for (const bool b : {false, true}) {
      cases.push_back({a, b, false, 3, 4, 5});
      cases.push_back({a, b, true, 3, 4, 5});
      cases.push_back({a, b, true, kProductSide + 6, 2 * kProductSide + 1, 2 * kProductDepth + 5});
      cases.push_back({a, b, true, kProductSide, 1, kProductDepth});
    }
  for (const ProductCase& t : cases) {
    SCOPED_TRACE(::testing::Message() << t.transpose_a << t.transpose_b << t.own << " " << t.m << " x " << t.n << " x " << t.k);
    TwoStreams s({.own_products = t.own});
    HostApi& api = s.api;
    void* memory = nullptr;
    ASSERT_EQ(api.allocate(std::size_t{1} << 18, &memory), Status::Ok);
    auto *x = static_cast<float*>(memory), *y = x + 8192, *z = x + 16384;
    const int lda = (t.transpose_a ? t.k : t.m) + 1, ldb = (t.transpose_b ? t.n : t.k) + 2, ldc = t.m + 3;
    const auto a_at = [&](int i, int p) -> float& { return x[t.transpose_a ? i * lda + p : p * lda + i]; };
    const auto b_at = [&](int p, int j) -> float& { return y[t.transpose_b ? p * ldb + j : j * ldb + p]; };
    for (int i = 0; i < t.m; ++i)
      for (int p = 0; p < t.k; ++p) a_at(i, p) = static_cast<float>(i * 7 % 11 + p * 3 % 5);
    for (int p = 0; p < t.k; ++p)
      for (int j = 0; j < t.n; ++j) b_at(p, j) = static_cast<float>(p % 7 - 2 * (j % 13));
    const Gemm g{t.transpose_a, t.transpose_b, t.m, t.n, t.k, x, lda, y, ldb, z, ldc};
    Gemm again = g;
    again.alpha = 2.0F;
    again.beta = 0.5F;
    ASSERT_EQ(api.gemm(g, s.one), Status::Ok);
    ASSERT_EQ(api.gemm(again, s.one), Status::Ok);
    ASSERT_EQ(api.synchronize(s.one), Status::Ok) << api.last_error();
    for (int i = 0; i < t.m; ++i)
      for (int j = 0; j < t.n; ++j) {
        float want = 0;
        for (int p = 0; p < t.k; ++p) want += a_at(i, p) * b_at(p, j);
        ASSERT_EQ(z[j * ldc + i], 2.5F * want) << i << ", " << j;
      }
    EXPECT_TRUE(std::isnan(z[t.m])) << "between the columns nothing is written";
    const host::Totals& totals = api.totals().at(t.own ? "product" : "gemm");
    EXPECT_EQ(totals.launches, 2U);
    EXPECT_EQ(totals.flops, 2 * cost_of(g).flops);
    Gemm narrow = g;
    narrow.lda = 1;
    EXPECT_EQ(api.gemm(narrow, s.one), Status::Failed);
  }
}

}  // namespace
}  // namespace gf::cuda

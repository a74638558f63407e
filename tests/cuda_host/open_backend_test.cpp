// With no plugin, with no driver, and with a device that fails in the middle of a run: a sentence, and the CPU goes on.
#include "cuda/open_backend.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "cuda/plugin/refusal.h"
#include "tests/cuda_host/conformance.h"

namespace gf::testing {
namespace {

TEST(OpenDevice, no_plugin_is_a_sentence) {
  const auto opened = cuda::open_device("/nonexistent/glassformer_cuda.so");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::NotFound);
  EXPECT_NE(opened.error().message.find("nvcc"), std::string::npos);
}

TEST(OpenDevice, a_file_that_is_no_plugin_is_a_sentence) {
  const std::string path = ::testing::TempDir() + "no_plugin.so";
  std::ofstream(path) << "text";
  const auto opened = cuda::open_device(path);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("cannot be loaded"), std::string::npos);
  std::filesystem::remove(path);
}

TEST(OpenDevice, the_plugin_starts_without_a_driver) {
  const std::string path = cuda::plugin_path();
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the plugin was not built: there is no nvcc";
  const auto opened = cuda::open_device(path);
  if (opened) {
    EXPECT_GT(opened->card.memory_bytes, 0U);
    return;
  }
  EXPECT_EQ(opened.error().code, ErrorCode::Device);
  EXPECT_FALSE(opened.error().message.empty());
}

TEST(OpenDevice, an_old_driver_is_a_sentence_and_the_cpu) {
  const auto opened = cuda::open_device(GLASSFORMER_OLD_DRIVER_PLUGIN);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::Device);
  EXPECT_EQ(opened.error().message, "the NVIDIA driver is too old: it knows CUDA 11.4 and 13.0 is needed; update the driver");
  std::vector<std::string> sentences;
  const auto backend = cuda::with_fallback(
      tl::unexpected(opened.error()), [] { return make_cpu_backend(1); }, [&](const std::string& s) { sentences.push_back(s); });
  const auto weights = make_random({});
  ASSERT_TRUE(backend->load(weights));
  Trace trace(weights->config, CapturePlan::none());
  EXPECT_EQ(append(*backend, trace, random_ids(3, 17)), "");
  EXPECT_EQ(backend->name().substr(0, 3), "cpu");
  EXPECT_EQ(backend->device(), "no GPU is used: " + opened.error().message);
  EXPECT_TRUE(sentences.empty()) << "nothing failed in the middle";
}

TEST(OpenDevice, each_reason_has_its_sentence) {
  using Answer = cuda::DeviceSearch::Answer;
  const auto sentence = [](const cuda::DeviceSearch& search) {
    char text[256] = "devices";
    const bool refused = cuda::refuse(search, text, sizeof(text));
    EXPECT_EQ(refused, std::string(text) != "devices");
    return std::string(text);
  };
  EXPECT_EQ(sentence({.answer = Answer::InsufficientDriver, .needed = 13000}), "there is no NVIDIA driver on this machine");
  EXPECT_EQ(sentence({.answer = Answer::NoDevice, .driver = 13000, .needed = 13000}), "there is no NVIDIA GPU on this machine");
  EXPECT_EQ(sentence({.answer = Answer::Devices, .count = 0}), "there is no NVIDIA GPU on this machine");
  EXPECT_EQ(sentence({.answer = Answer::Error, .driver = 13000, .error = "unknown error"}),
            "the NVIDIA driver does not answer: unknown error");
  EXPECT_EQ(sentence({.answer = Answer::Devices, .count = 1}), "devices");
  char text[256] = "";
  EXPECT_TRUE(cuda::refuse_capability(7, 0, text, sizeof(text)));
  EXPECT_STREQ(text, "the GPU's compute capability 7.0 is too old; 7.5 (Turing) is needed");
  EXPECT_FALSE(cuda::refuse_capability(7, 5, text, sizeof(text)));
}

TEST(Card, is_one_line) {
  cuda::Card card{.memory_bytes = std::uint64_t{80} << 30, .major = 9, .minor = 0, .driver = 13020};
  std::strncpy(card.name, "NVIDIA H100 80GB HBM3", sizeof(card.name) - 1);
  EXPECT_EQ(cuda::text_of(card), "NVIDIA H100 80GB HBM3, 85.90 GB, compute capability 9.0, driver for CUDA 13.2");
  std::strncpy(card.products, "cuBLAS 13.0", sizeof(card.products) - 1);
  EXPECT_TRUE(cuda::text_of(card).ends_with("13.2, products: cuBLAS 13.0"));
}

struct Watched {
  explicit Watched(std::size_t memory_bytes = std::size_t{64} << 20) {
    CudaOnHost made = make_cuda_on_host(1, memory_bytes);
    api = made.api;
    backend = cuda::with_fallback(
        std::move(made.backend), [] { return make_cpu_backend(1); },
        [this](const std::string& sentence) { sentences.push_back(sentence); });
  }
  cuda::host::HostApi* api;
  std::unique_ptr<Backend> backend;
  std::vector<std::string> sentences;
};

TEST(Fallback, a_lost_device_is_the_cpu_from_there_on) {
  const auto weights = make_random({});
  const auto ids = random_ids(12, 17);
  auto naive = make_naive_backend();
  ASSERT_TRUE(naive->load(weights));
  Trace want(weights->config, everything()), got(weights->config, everything());
  ASSERT_EQ(append(*naive, want, ids), "");
  Watched w;
  ASSERT_TRUE(w.backend->load(weights));
  ASSERT_EQ(append(*w.backend, got, std::span(ids).first(5)), "");
  EXPECT_EQ(w.backend->name(), "cuda (kernels on the CPU)");
  EXPECT_EQ(w.backend->device(), "kernels on the CPU, 67 MB, compute capability 0.0, driver for CUDA 0.0, products: plain loops");
  w.api->fail_after(20, cuda::Status::Lost);
  ASSERT_EQ(append(*w.backend, got, std::span(ids).subspan(5), {4, 1}), "");
  EXPECT_EQ(difference(got, want), "");
  ASSERT_EQ(w.sentences.size(), 1U);
  EXPECT_NE(w.sentences[0].find("the GPU failed"), std::string::npos);
  EXPECT_NE(w.sentences[0].find("going on with the CPU"), std::string::npos);
  EXPECT_EQ(w.backend->name().substr(0, 3), "cpu");
  EXPECT_EQ(w.backend->device().find("no GPU is used: the GPU failed"), 0U) << w.backend->device();
}

TEST(Fallback, a_model_that_does_not_fit_is_the_cpus) {
  const auto weights = make_random({});
  Watched w(std::size_t{8} << 10);
  ASSERT_TRUE(w.backend->load(weights));
  ASSERT_EQ(w.sentences.size(), 1U);
  EXPECT_NE(w.sentences[0].find("too little memory"), std::string::npos);
  Trace trace(weights->config, CapturePlan::none());
  EXPECT_EQ(append(*w.backend, trace, random_ids(3, 17)), "");
}

TEST(Fallback, a_cancelled_run_stays_on_the_device) {
  const auto weights = make_random({});
  const auto ids = random_ids(3, 17);
  Watched w;
  ASSERT_TRUE(w.backend->load(weights));
  std::stop_source stop;
  stop.request_stop();
  ForwardStep step;
  step.ids = ids;
  step.stop = stop.get_token();
  Trace trace(weights->config, CapturePlan::none());
  const auto done = w.backend->forward(trace, step);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::Cancelled);
  EXPECT_TRUE(w.sentences.empty());
}

}  // namespace
}  // namespace gf::testing

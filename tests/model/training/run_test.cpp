// A training in its folder: what it notes, its texts, and what it is expected to take.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <unistd.h>

#include "model/training/forecast.h"
#include "model/training/training_run.h"
#include "model/training/training_texts.h"

namespace gf::training::testing {
namespace {

namespace fs = std::filesystem;

struct RunFolder {
  explicit RunFolder(const std::string& name)
      : path(fs::temp_directory_path() / ("glassformer_run_" + std::to_string(getpid()) + "_" + name)) {
    fs::remove_all(path);
  }
  ~RunFolder() { fs::remove_all(path); }
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  fs::path path;
};

TrainingSource repeats(int steps) {
  TrainingSource source;
  source.call.model = "tiny";
  source.call.data = "repeats";
  source.call.steps = steps;
  source.call.batch = 2;
  source.call.context = 16;
  source.call.every = 4;
  return source;
}

TEST(LossHistory, halves_its_points_before_they_are_too_many) {
  LossHistory history;
  for (int i = 0; i < 1999; ++i) history.add(i);
  EXPECT_EQ(history.each(), 2);
  ASSERT_EQ(history.points().size(), 999U);
  EXPECT_EQ(history.points()[0], 0.5);
  EXPECT_EQ(history.points()[998], 1996.5);
  history.add(1999);
  EXPECT_EQ(history.each(), 4);
  ASSERT_EQ(history.points().size(), 500U);
  EXPECT_EQ(history.points()[499], 1997.5);
}

TEST(TrainingRun, goes_on_with_its_curve_and_all_its_losses) {
  const RunFolder whole("whole"), parts("parts");
  const auto finish = [](TrainingRun& run) {
    while (!run.done()) {
      ASSERT_TRUE(run.step());
      if (run.due()) {
        ASSERT_TRUE(run.keep());
      }
    }
  };
  auto straight = TrainingRun::begin(repeats(12), whole.path.string(), 1);
  ASSERT_TRUE(straight) << straight.error().message;
  EXPECT_TRUE(straight->due());
  ASSERT_TRUE(straight->keep());
  finish(*straight);
  {
    auto first = TrainingRun::begin(repeats(12), parts.path.string(), 2);
    ASSERT_TRUE(first) << first.error().message;
    ASSERT_TRUE(first->keep());
    for (int i = 0; i < 6; ++i) {
      ASSERT_TRUE(first->step());
      if (first->due()) {
        ASSERT_TRUE(first->keep());
      }
    }
    EXPECT_FALSE(first->kept());
  }  // the program ended after step 6; step 4 is kept
  auto notes = TrainingNotes::read(parts.path.string());
  ASSERT_TRUE(notes) << notes.error().message;
  EXPECT_EQ(notes->call, straight->call());
  EXPECT_EQ(notes->losses.points().size(), 4U);
  auto second = TrainingRun::resume(std::move(*notes), parts.path.string(), 1);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->steps(), 4);
  EXPECT_TRUE(second->kept() && !second->due());
  finish(*second);
  EXPECT_EQ(second->losses().points(), straight->losses().points());
  EXPECT_EQ(second->losses().points().size(), 12U);
  ASSERT_EQ(second->curve().size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(second->curve()[i].step, straight->curve()[i].step);
    EXPECT_EQ(second->curve()[i].held_out, straight->curve()[i].held_out);
  }
  EXPECT_TRUE(std::ranges::equal(second->trainer().parameters().values(), straight->trainer().parameters().values()));
}

TEST(TrainingCall, takes_options_by_their_names_and_says_what_is_wrong) {
  TrainingCall call;
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"steps", "30"}, {"lr", "0.01"}, {"tokenizer", "bytes"}, {"held-out", "0"}, {"order", "sequential"}})
    EXPECT_TRUE(set_option(call, name, value)) << name;
  EXPECT_EQ(call.steps, 30);
  EXPECT_EQ(call.lr, 0.01);
  EXPECT_EQ(call.tokenizer, "bytes");
  EXPECT_EQ(set_option(call, "speed", "3").error().message.substr(0, 48), "A training has no option \"speed\"; it has MODEL, ");
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"steps", "0"}, {"batch", "many"}, {"context", "0"}, {"lr", "-0.1"}, {"beta2", "1"}, {"schedule", "none"}, {"seed", "-1"}}) {
    TrainingCall other;
    EXPECT_EQ(set_option(other, name, value).error().message, "\"" + value + "\" is no value for " + name + " of a training.");
  }
}

TEST(TrainingTexts, are_the_same_each_time_and_have_what_they_say) {
  for (const TrainingText& text : training_texts()) EXPECT_EQ(text.make(), text.make()) << text.name;
  const std::string repeats = find_training_text("repeats")->make();
  for (std::size_t begin = 0; begin < 512 * 50; begin += 512) {
    std::size_t period = 1;
    while (period <= 32 && repeats.compare(begin + period, 512 - period, repeats, begin, 512 - period) != 0) ++period;
    EXPECT_LE(period, 32U) << begin;
  }
  const std::string sums = find_training_text("sums")->make();
  int a = 0, b = 0, c = 0;
  std::size_t lines = 0;
  for (std::size_t at = 0; at < sums.size() && lines < 100; at = sums.find('\n', at) + 1, ++lines) {
    ASSERT_EQ(std::sscanf(sums.c_str() + at, "%d+%d=%d", &a, &b, &c), 3);
    EXPECT_EQ(a + b, c);
  }
  EXPECT_EQ(find_training_text("/nowhere"), nullptr);
}

TEST(Forecast, knows_sizes_and_memory_and_measures_a_step) {
  TrainingSource source = repeats(100);
  const auto tiny = forecast(source, {}, 1);
  ASSERT_TRUE(tiny) << tiny.error().message;
  EXPECT_EQ(tiny->config.n_vocab, 62);
  EXPECT_EQ(tiny->parameters, *count_parameters(tiny->config));
  EXPECT_EQ(tiny->bytes, Trainer::bytes(tiny->config, 2, 16));
  EXPECT_GT(tiny->seconds_per_step, 0);
  EXPECT_EQ(tiny->call.every, 4);
  source.call.tokenizer = "gpt2";
  source.text = std::string(3000, 'a');
  const auto words = forecast(source, {}, 1);
  ASSERT_TRUE(words) << words.error().message;
  EXPECT_EQ(words->config.n_vocab, 50257);
  source.text = "short";
  EXPECT_NE(forecast(source, {}, 1).error().message.find("give a longer text"), std::string::npos);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(forecast(repeats(100), stop.get_token(), 1).error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace gf::training::testing

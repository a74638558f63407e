// A training that stops and goes on, its data and its refusals.
#include "model/training/trainer.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <unistd.h>

#include "tests/model/training/training_fixture.h"

namespace gf::training::testing {
namespace {

std::vector<TokenId> numbered(std::size_t n, int n_vocab) {
  std::vector<TokenId> ids;
  for (std::size_t i = 0; i < n; ++i) ids.emplace_back(static_cast<std::int32_t>((i * i + i / 7) % static_cast<std::size_t>(n_vocab)));
  return ids;
}

std::unique_ptr<Trainer> trainer(int threads, double held_out = 0.2) {
  const ModelConfig config = small_config();
  auto data = TrainingData::make(numbered(600, config.n_vocab), config.n_vocab, 16, held_out, "text");
  EXPECT_TRUE(data);
  TrainingOptions options;
  options.batch = 3;
  options.context = 16;
  options.steps = 20;
  options.rate = {1e-2, Schedule::Cosine, 3, 20};
  options.seed = 5;
  auto parameters = Parameters::fresh(config, 11);
  EXPECT_TRUE(parameters);
  auto made = Trainer::create(std::move(*parameters), std::make_shared<const TrainingData>(std::move(*data)), options, threads);
  EXPECT_TRUE(made);
  return std::move(*made);
}

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::temp_directory_path() / ("glassformer_training_" + std::to_string(getpid()) + "_" + name);
}

TEST(Training, that_was_saved_and_restored_is_bit_for_bit_the_one_that_was_not) {
  const auto whole = trainer(1), first = trainer(3);
  std::vector<double> losses;
  for (int i = 0; i < 20; ++i) losses.push_back(whole->step()->loss);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(first->step()->loss, losses[static_cast<std::size_t>(i)]);
  const std::string path = scratch("state.safetensors").string();
  ASSERT_TRUE(first->save(path, "how it was begun"));
  EXPECT_EQ(*notes_of_training(path), "how it was begun");
  const auto second = trainer(2);
  const auto restored = second->restore(path);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(second->steps(), 8);
  for (std::size_t i = 8; i < 20; ++i) EXPECT_EQ(second->step()->loss, losses[i]) << i;
  EXPECT_TRUE(std::ranges::equal(second->parameters().values(), whole->parameters().values()));
  EXPECT_EQ(*second->held_out_loss(), *whole->held_out_loss());
  std::filesystem::remove(path);
}

TEST(Training, learns) {
  const auto t = trainer(2);
  const double before = *t->held_out_loss();
  while (!t->done()) ASSERT_TRUE(t->step());
  EXPECT_LT(*t->held_out_loss(), before);
  EXPECT_FALSE(trainer(1, 0)->held_out_loss());
}

TEST(Training, refuses_the_state_of_another_model) {
  const auto t = trainer(1);
  const std::string path = scratch("other.safetensors").string();
  ASSERT_TRUE(t->save(path, ""));
  ModelConfig config = small_config();
  config.d_mlp += 1;
  auto data = TrainingData::make(numbered(600, config.n_vocab), config.n_vocab, 16, 0, "text");
  TrainingOptions options;
  options.context = 16;
  auto other =
      Trainer::create(std::move(*Parameters::fresh(config, 1)), std::make_shared<const TrainingData>(std::move(*data)), options, 1);
  ASSERT_TRUE(other);
  const auto restored = (*other)->restore(path);
  ASSERT_FALSE(restored);
  EXPECT_NE(restored.error().message.find("of another training"), std::string::npos) << restored.error().message;
  std::filesystem::remove(path);
}

TEST(Training, that_diverges_says_so_and_leaves_the_parameters) {
  ModelConfig config = small_config();
  auto data = TrainingData::make(numbered(100, config.n_vocab), config.n_vocab, 8, 0, "text");
  auto parameters = Parameters::fresh(config, 1);
  parameters->change()[0] = NAN;  // of the first token, which is in every batch
  TrainingOptions options;
  options.batch = 2;
  options.context = 8;
  options.order = Order::Sequential;
  auto t = Trainer::create(std::move(*parameters), std::make_shared<const TrainingData>(std::move(*data)), options, 1);
  const auto step = (*t)->step();
  ASSERT_FALSE(step);
  EXPECT_NE(step.error().message.find("--lr"), std::string::npos);
  EXPECT_EQ((*t)->parameters().revision(), 1U);
  EXPECT_EQ((*t)->steps(), 0);
}

TEST(Training, asks_for_no_more_memory_than_the_machine_has) {
  ModelConfig config = small_config();
  config.d_mlp = 1 << 30;
  EXPECT_FALSE(Trainer::bytes(config, 8, 16) < (std::uint64_t{1} << 36));
  config.n_ctx = config.n_vocab = config.n_layer = config.d_model = config.d_mlp = 1 << 30;
  const auto count = count_parameters(config);
  ASSERT_FALSE(count);
  EXPECT_NE(count.error().message.find("smaller"), std::string::npos);
}

TEST(TrainingData, has_sequences_in_order_or_anywhere) {
  auto data = TrainingData::make(numbered(50, 23), 23, 10, 0.3, "text");
  ASSERT_TRUE(data);
  EXPECT_EQ(data->training_tokens(), 35U);
  EXPECT_EQ(data->held_out_tokens(), 15U);
  const auto ids = numbered(50, 23);
  Batch batch;
  data->batch(2, 3, Order::Sequential, 0, batch);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t t = 0; t < 10; ++t) {
      const std::size_t start = (2 * 3 + i) * 10 % 25;
      EXPECT_EQ(batch.inputs[i * 10 + t], ids[start + t]);
      EXPECT_EQ(batch.targets[i * 10 + t], ids[start + t + 1]);
    }
  std::set<std::vector<TokenId>> seen;
  for (int step = 0; step < 50; ++step) {
    data->batch(step, 3, Order::Random, 1, batch);
    seen.insert(batch.inputs);
  }
  EXPECT_GT(seen.size(), 45U);
  Batch again;
  data->batch(49, 3, Order::Random, 1, again);
  EXPECT_EQ(again.inputs, batch.inputs);
  EXPECT_TRUE(data->held_out_batch(0, 3, batch));
  EXPECT_EQ(batch.B, 1);
  EXPECT_EQ(batch.inputs[0], ids[35]);
  EXPECT_FALSE(data->held_out_batch(1, 3, batch));
}

TEST(TrainingData, says_in_one_sentence_what_does_not_fit) {
  const auto refusal = [](std::vector<TokenId> ids, double held_out) {
    const auto data = TrainingData::make(std::move(ids), 23, 10, held_out, "story.txt");
    return data ? std::string("taken") : data.error().message;
  };
  EXPECT_NE(refusal(numbered(8, 23), 0).find("--context"), std::string::npos);
  EXPECT_NE(refusal(numbered(8, 23), 0).find("story.txt"), std::string::npos);
  EXPECT_NE(refusal(numbered(50, 23), 0.1).find("--held-out"), std::string::npos);
  EXPECT_NE(refusal(numbered(50, 30), 0).find("23 tokens"), std::string::npos);
  EXPECT_EQ(refusal(numbered(50, 23), 0), "taken");
}

TEST(TrainingData, splits_text_into_bytes_or_characters) {
  const auto bytes = byte_tokenizer();
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(bytes->tokenizer->n_vocab(), 256);
  const std::string text = "h\xC3\xA9 \n!";
  const auto ids = bytes->tokenizer->ids_of(text);
  ASSERT_TRUE(ids);
  ASSERT_EQ(ids->size(), text.size());
  for (std::size_t i = 0; i < text.size(); ++i) EXPECT_EQ((*ids)[i].v, static_cast<unsigned char>(text[i]));
  const auto characters = character_tokenizer(text, "t");
  ASSERT_TRUE(characters);
  EXPECT_EQ(characters->tokenizer->n_vocab(), 5);
  EXPECT_EQ(characters->tokenizer->bytes_of(TokenId(4)), "\xC3\xA9");
  EXPECT_FALSE(character_tokenizer("\xFF", "t"));
  EXPECT_FALSE(character_tokenizer("", "t"));
}

}  // namespace
}  // namespace gf::training::testing

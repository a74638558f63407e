#include "model/io/files/mapped_file.h"

#include <gtest/gtest.h>

#include "model/backend.h"
#include "model/io/loaders.h"
#include "model/trace.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

TEST(MappedFile, a_file_cut_short_reads_as_zeros_and_says_so) {
  const auto path = (test::fresh_folder() / "x").string();
  test::write_text(path, std::string(20000, 'a'));
  const auto file = MappedFile::open(path);
  ASSERT_TRUE(file);
  std::filesystem::resize_file(path, 100);
  EXPECT_FALSE((*file)->truncated()) << "nothing was touched yet";
  EXPECT_EQ((*file)->bytes()[50], std::byte{'a'});
  EXPECT_EQ((*file)->bytes()[9000], std::byte{0});
  EXPECT_EQ((*file)->bytes()[19999], std::byte{0});
  EXPECT_TRUE((*file)->truncated());
}

TEST(MappedFile, notices_that_it_was_written_into_and_not_that_it_was_replaced) {
  const auto folder = test::fresh_folder();
  const auto path = (folder / "x").string();
  test::write_text(path, "old bytes");
  std::filesystem::last_write_time(path, std::filesystem::file_time_type(std::chrono::seconds(1'000'000)));
  const auto file = MappedFile::open(path);
  ASSERT_TRUE(file);
  EXPECT_FALSE((*file)->overwritten());
  test::write_text(folder / "y", "new bytes");
  std::filesystem::rename(folder / "y", path);
  EXPECT_FALSE((*file)->overwritten()) << "the mapping is of the old file";
  const auto fresh = MappedFile::open(path);
  std::filesystem::last_write_time(path, std::filesystem::file_time_type(std::chrono::seconds(1'000'000)));
  test::write_text(path, "bytes in its place");
  EXPECT_TRUE((*fresh)->overwritten());
}

TEST(MappedFile, weights_tell_their_file) {
  test::TinyModel tiny;
  tiny.add("wte.weight", {5000, 4});
  tiny.config["vocab_size"] = 5000;
  const auto folder = test::fresh_folder();
  const auto weights = load_weights(tiny.write(folder));
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_FALSE((*weights)->truncated());
  std::filesystem::resize_file(folder / "model.safetensors", 4096);
  float sum = 0;
  for (std::int64_t i = 0; i < (*weights)->wte.elements(); ++i) sum += (*weights)->wte.at(i);
  EXPECT_TRUE((*weights)->truncated()) << sum;
  EXPECT_EQ((*weights)->truncation_error().message, "The file " + (folder / "model.safetensors").string() +
                                                        " was cut short while it was open; restore it and open the model again.");
}

TEST(MappedFile, a_run_on_a_file_cut_short_ends_with_its_sentence) {
  test::TinyModel tiny;
  tiny.add("wte.weight", {5000, 4});
  tiny.config["vocab_size"] = 5000;
  const auto folder = test::fresh_folder();
  const auto weights = load_weights(tiny.write(folder));
  ASSERT_TRUE(weights) << weights.error().message;
  const auto backend = make_cpu_backend(1);
  ASSERT_TRUE(backend->load(*weights));
  std::filesystem::resize_file(folder / "model.safetensors", 4096);
  Trace trace((*weights)->config, CapturePlan::defaults());
  const std::vector<TokenId> ids{TokenId(4999), TokenId(1)};
  ForwardStep step;
  step.ids = ids;
  step.n_prompt = 2;
  const auto done = backend->forward(trace, step);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::Io);
  EXPECT_EQ(trace.length(), 0);
}

TEST(MappedFile, a_folder_is_refused) {
  const auto folder = test::fresh_folder().string();
  const auto file = MappedFile::open(folder);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().message, folder + " is not a file.");
}

TEST(MappedFile, an_empty_file_has_no_bytes) {
  const auto path = (test::fresh_folder() / "x").string();
  test::write_text(path, "");
  const auto file = MappedFile::open(path);
  ASSERT_TRUE(file);
  EXPECT_TRUE((*file)->bytes().empty());
  EXPECT_FALSE((*file)->truncated());
}

}  // namespace
}  // namespace gf

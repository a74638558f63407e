// Checksums of torch's zip files, and checkpoints in several of torch's files.
#include <gtest/gtest.h>
#include <numeric>
#include <random>

#include "model/io/files/crc32.h"
#include "model/io/loaders.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

std::span<const std::byte> crc_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(Crc32, gives_the_known_answers_and_those_of_its_naive_twin) {
  EXPECT_EQ(crc32(crc_bytes("")), 0U);
  EXPECT_EQ(crc32(crc_bytes("123456789")), 0xCBF43926U);
  std::mt19937 random(3);
  for (std::size_t size = 0; size < 70; ++size) {
    std::string text(size, ' ');
    std::uint32_t bits = 0xFFFFFFFFU;
    for (char& c : text) {
      c = static_cast<char>(random());
      bits ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) bits = (bits & 1U) != 0 ? (bits >> 1) ^ 0xEDB88320U : bits >> 1;
    }
    EXPECT_EQ(crc32(crc_bytes(text)), ~bits) << size;
  }
}

TEST(TorchZip, a_damaged_tensor_is_named) {
  const fs::path whole = fs::path(GLASSFORMER_SOURCE_DIR) / "tests/golden/models/hf-bin-f16/pytorch_model.bin";
  std::ifstream in(whole, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  ASSERT_GT(bytes.size(), 1000U);
  const auto folder = test::fresh_folder();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  test::write_text(folder / "x.bin", bytes);
  const auto weights = load_weights((folder / "x.bin").string());
  ASSERT_FALSE(weights) << "one bit of a weight has changed";
  const std::string path = (folder / "x.bin").string(), message = weights.error().message;
  EXPECT_TRUE(message.starts_with("Cannot read " + path + ": the entry ")) << message;
  EXPECT_TRUE(message.ends_with("/data/" + message.substr(message.find("/data/") + 6))) << message;
  EXPECT_TRUE(message.ends_with(" does not have the checksum that the zip file's table says; the file is damaged, get it again."))
      << message;
}

std::string little_endian(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  std::memcpy(text.data(), &value, bytes);
  return text;
}
std::string pickled(const std::string& text) { return "X" + little_endian(text.size(), 4) + text; }

/// A file as PyTorch wrote it before 1.6, with these tensors of a model.
std::string legacy_bytes(const test::TinyModel& model, const std::vector<std::string>& names) {
  std::string state = "\x80\x02}("s, keys = "\x80\x02](", data;
  for (const std::string& name : names) {
    const auto& shape = model.shapes.at(name);
    const auto& values = model.values.at(name);
    std::string sizes = "(", strides = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) {
      std::int64_t stride = 1;
      for (std::size_t j = i + 1; j < shape.size(); ++j) stride *= shape[j];
      sizes += "J" + little_endian(static_cast<std::uint64_t>(shape[i]), 4);
      strides += "J" + little_endian(static_cast<std::uint64_t>(stride), 4);
    }
    const std::string key = "key of " + name;
    state += pickled("transformer." + name) + "ctorch._utils\n_rebuild_tensor_v2\n((" + pickled("storage") + "ctorch\nFloatStorage\n" +
             pickled(key) + pickled("cpu") + "J" + little_endian(values.size(), 4) + "tQK\0"s + sizes + "t" + strides + "ttR";
    keys += pickled(key);
    data += little_endian(values.size(), 8) + std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  }
  return "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}U\x0dlittle_endian\x88s."s + state + "u." +
         keys + "e." + data;
}

struct Sharded {
  fs::path folder = test::fresh_folder();
  test::TinyModel model;
  nlohmann::json map = nlohmann::json::object();
  Sharded() {
    std::array<std::vector<std::string>, 2> halves;
    for (const auto& [name, shape] : model.shapes)
      halves[map.size() % 2].push_back(name), map["transformer." + name] = shard(map.size() % 2);
    for (std::size_t i = 0; i < 2; ++i) test::write_text(folder / shard(i), legacy_bytes(model, halves[i]));
    test::write_text(folder / "config.json", model.config.dump());
    write_index();
  }
  static std::string shard(std::size_t i) { return "pytorch_model-0000" + std::to_string(i + 1) + "-of-00002.bin"; }
  [[nodiscard]] std::string index() const { return (folder / "pytorch_model.bin.index.json").string(); }
  void write_index() const { test::write_text(index(), nlohmann::json{{"metadata", {{"total_size", 1}}}, {"weight_map", map}}.dump()); }
};

TEST(TorchShards, open_as_one_model) {
  const Sharded sharded;
  for (const std::string& path : {sharded.folder.string(), sharded.index()}) {
    const auto weights = load_weights(path);
    ASSERT_TRUE(weights) << weights.error().message;
    EXPECT_EQ((*weights)->format, "huggingface-pytorch");
    EXPECT_EQ((*weights)->name, sharded.folder.filename().string());
    EXPECT_EQ((*weights)->files.size(), 2U);
    EXPECT_TRUE((*weights)->warnings.empty()) << (*weights)->warnings[0];
    const auto table = (*weights)->table();
    EXPECT_EQ(table.size(), sharded.model.shapes.size());
    for (const NamedTensor& row : table)
      EXPECT_EQ(row.view.at(row.view.elements() - 1), static_cast<float>(row.view.elements())) << row.name;
  }
}

TEST(TorchShards, say_what_is_missing) {
  Sharded sharded;
  const auto message = [&] {
    const auto weights = load_weights(sharded.folder.string());
    return weights ? "opened"s : weights.error().message;
  };
  sharded.map["transformer.h.7.ln_1.weight"] = Sharded::shard(1);
  sharded.write_index();
  EXPECT_EQ(message(),
            sharded.index() + " promises the tensor transformer.h.7.ln_1.weight in " + Sharded::shard(1) + ", which does not have it.");
  sharded.map.erase("transformer.h.7.ln_1.weight");
  sharded.map["transformer.wte.weight"] = "../x.bin";
  sharded.write_index();
  EXPECT_EQ(message(), sharded.index() + " does not name a file of its own folder for transformer.wte.weight.");
  sharded.map["transformer.wte.weight"] = "other.bin";
  sharded.write_index();
  EXPECT_EQ(
      message(),
      sharded.index() + " names the file other.bin, which is not beside it: the download or the copy is not finished, get the rest too.");
}

}  // namespace
}  // namespace gf

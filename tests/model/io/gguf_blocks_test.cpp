// Quantised tensors widen to the same bits as in ggml's own package (tests/golden/gguf).
#include "model/io/files/gguf_blocks.h"

#include <bit>
#include <gtest/gtest.h>

#include "model/io/files/gguf_file.h"
#include "model/io/loaders.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

namespace fs = std::filesystem;

struct Quantised {
  const char* name;
  std::uint32_t id;
};

class GgufBlocks : public testing::TestWithParam<Quantised> {};

template <class T>
std::string bytes_of_number(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
std::string gguf_string(const std::string& s) { return bytes_of_number(std::uint64_t{s.size()}) + s; }

TEST_P(GgufBlocks, widen_to_the_bit_as_ggml_does) {
  std::ifstream in(fs::path(GLASSFORMER_SOURCE_DIR) / "tests/golden/gguf" / (std::string(GetParam().name) + ".bin"), std::ios::binary);
  const std::string golden{std::istreambuf_iterator<char>(in), {}};
  const GgufType* type = gguf_type(GetParam().id);
  ASSERT_NE(type, nullptr);
  EXPECT_STREQ(type->name, GetParam().name);
  constexpr std::size_t blocks = 3;
  ASSERT_EQ(golden.size(), blocks * (type->bytes + type->numbers * sizeof(float)));
  // A file with this one tensor, whose rows are one block each.
  std::string file = "GGUF" + bytes_of_number(3U) + bytes_of_number(std::uint64_t{1}) + bytes_of_number(std::uint64_t{0});
  file += gguf_string("w") + bytes_of_number(2U) + bytes_of_number(std::uint64_t{type->numbers}) + bytes_of_number(std::uint64_t{blocks}) +
          bytes_of_number(type->id) + bytes_of_number(std::uint64_t{0});
  file.resize((file.size() + 31) / 32 * 32);
  file += golden.substr(0, blocks * type->bytes);
  const auto path = test::fresh_folder() / "x.gguf";
  test::write_text(path, file);
  const auto opened = GgufFile::open(path.string());
  ASSERT_TRUE(opened) << opened.error().message;
  std::vector<std::shared_ptr<const void>> storage;
  const auto view = opened->view(opened->tensors()[0], storage);
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(view->dtype, DType::F32);
  EXPECT_EQ(view->shape, (Shape{blocks, static_cast<std::int64_t>(type->numbers)}));
  for (std::size_t i = 0; i < blocks * type->numbers; ++i) {
    float wanted = 0;
    std::memcpy(&wanted, golden.data() + blocks * type->bytes + i * sizeof wanted, sizeof wanted);
    ASSERT_EQ(std::bit_cast<std::uint32_t>(view->at(static_cast<std::int64_t>(i))), std::bit_cast<std::uint32_t>(wanted)) << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Types, GgufBlocks,
                         testing::Values(Quantised{"Q4_0", 2}, Quantised{"Q4_1", 3}, Quantised{"Q5_0", 6}, Quantised{"Q5_1", 7},
                                         Quantised{"Q8_0", 8}, Quantised{"Q2_K", 10}, Quantised{"Q3_K", 11}, Quantised{"Q4_K", 12},
                                         Quantised{"Q5_K", 13}, Quantised{"Q6_K", 14}, Quantised{"IQ4_NL", 20}),
                         [](const auto& p) { return std::string(p.param.name); });

TEST(GgufTypes, of_a_model_are_said) {
  const auto weights = load_weights(GLASSFORMER_SOURCE_DIR "/tests/golden/models/gguf-q8_0");
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_EQ((*weights)->file_dtype, "Q8_0, F32");
  EXPECT_EQ((*weights)->dtype, DType::F32);
  EXPECT_EQ(gguf_type_name(16), "IQ2_XXS");
  EXPECT_EQ(gguf_type_name(99), "99");
}

}  // namespace
}  // namespace gf

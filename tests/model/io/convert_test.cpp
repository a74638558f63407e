// Conversion to a Hugging Face directory: what comes back is the same model.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <csignal>
#include <gtest/gtest.h>
#include <limits>
#include <sys/resource.h>

#include "model/io/formats/huggingface_write.h"
#include "model/io/loaders.h"
#include "model/io/narrow.h"
#include "model/session.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

namespace fs = std::filesystem;

std::string convert_golden(const std::string& name) { return std::string(GLASSFORMER_SOURCE_DIR "/tests/golden/models/") + name; }

std::shared_ptr<const Model> convert_open(const std::string& path) {
  auto model = open_model(path);
  EXPECT_TRUE(model) << path << ": " << model.error().message;
  return model.value_or(nullptr);
}

std::vector<float> convert_logits(const std::shared_ptr<const Model>& model, const std::vector<TokenId>& ids) {
  auto session = Session::create(model, {.threads = 1, .backend = "cpu"});
  RunRequest request;
  request.prompt = ids;
  const auto run = (*session)->run(request);
  EXPECT_TRUE(run) << run.error().message;
  return {run->base->last_logits().begin(), run->base->last_logits().end()};
}

/// W[in, out] of a matrix, or the element of anything else, as bits.
std::vector<std::uint32_t> convert_bits(const NamedTensor& row) {
  const bool turn = !row.in_major && row.name != "lm_head.weight";
  const std::int64_t rows = turn ? row.view.shape[1] : 1, columns = row.view.elements() / rows;
  std::vector<std::uint32_t> bits;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      bits.push_back(std::bit_cast<std::uint32_t>(row.view.at(turn ? j * rows + i : i * columns + j)));
  return bits;
}

class Convert : public testing::TestWithParam<const char*> {};

TEST_P(Convert, gives_the_same_model_back) {
  const std::string source = std::string(GetParam()).starts_with("@") ? *resolve_model(GetParam() + 1) : convert_golden(GetParam());
  const auto from = convert_open(source);
  const std::string folder = (test::fresh_folder() / "out").string();
  const auto written = write_huggingface(*from->weights, folder, {});
  ASSERT_TRUE(written) << written.error().message;
  for (const std::string& file : written->files) EXPECT_TRUE(fs::exists(fs::path(folder) / file)) << file;
  const auto to = convert_open(folder);
  EXPECT_EQ(to->weights->format, "huggingface-safetensors");
  ModelConfig config = to->weights->config;
  EXPECT_EQ(config, from->weights->config);
  EXPECT_EQ(to->weights->dtype, from->weights->dtype);
  std::map<std::string, NamedTensor> rows;
  for (const NamedTensor& row : to->weights->table()) rows[row.name] = row;
  for (const NamedTensor& row : from->weights->table()) {
    ASSERT_TRUE(rows.contains(row.name)) << row.name;
    EXPECT_EQ(rows[row.name].view.dtype, row.view.dtype) << row.name;
    EXPECT_EQ(convert_bits(rows[row.name]), convert_bits(row)) << row.name;
    rows.erase(row.name);
  }
  for (const auto& [name, row] : rows) {
    EXPECT_TRUE(name.ends_with(".bias")) << name;
    for (std::int64_t i = 0; i < row.view.elements(); ++i) EXPECT_EQ(row.view.at(i), 0) << name;
  }
  EXPECT_EQ(rows.empty(), std::ranges::none_of(written->notes, [](const auto& note) { return note.find("biases") != std::string::npos; }));
  // The same text gives the same ids, and they the same logits.
  ASSERT_EQ(to->tokenizer->n_vocab(), from->tokenizer->n_vocab());
  std::vector<TokenId> ids;
  for (int id = 0; id < std::min(from->weights->config.n_ctx, 9); ++id) ids.emplace_back(id * 7 % from->tokenizer->n_vocab());
  for (int id = 0; id < from->tokenizer->n_vocab(); ++id)
    EXPECT_EQ(to->tokenizer->bytes_of(TokenId(id)), from->tokenizer->bytes_of(TokenId(id))) << id;
  const std::string text = from->tokenizer->decode(ids);
  const auto now = to->tokenizer->ids_of(text), before = from->tokenizer->ids_of(text);
  ASSERT_EQ(now.has_value(), before.has_value()) << text;
  EXPECT_EQ(now.value_or(ids), before.value_or(ids)) << text;
  const auto a = convert_logits(to, ids), b = convert_logits(from, ids);
  // Matrices that were turned are summed in another order.
  const bool turned = !from->weights->blocks[0].qkv.in_major;
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], turned ? 1e-5F + 1e-5F * std::abs(b[i]) : 0) << i;
}
INSTANTIATE_TEST_SUITE_P(Formats, Convert,
                         testing::Values("gguf-f16", "gguf-q8_0", "hf-bin-f16", "hf-bin-legacy", "hf-openai-keys", "hf-sharded-bf16",
                                         "llm-viz-json", "llmc-bf16", "llmc-f32", "mingpt-sort", "nanogpt-char", "@fable",
                                         "@sort-nano@300"),
                         [](const auto& p) {
                           std::string name = p.param;
                           for (char& c : name)
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           return name;
                         });

TEST(ConvertTo, another_dtype_rounds_each_number_once) {
  const auto from = convert_open(convert_golden("mingpt-sort"));
  for (const DType dtype : {DType::F16, DType::BF16}) {
    const std::string folder = (test::fresh_folder() / name_of(dtype)).string();
    ASSERT_TRUE(write_huggingface(*from->weights, folder, {.dtype = dtype}));
    const auto to = convert_open(folder);
    EXPECT_EQ(to->weights->dtype, dtype);
    const auto a = from->weights->table(), b = to->weights->table();
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto was = convert_bits(a[i]), is = convert_bits(b[i]);
      for (std::size_t k = 0; k < was.size(); ++k) {
        const float x = std::bit_cast<float>(was[k]), y = std::bit_cast<float>(is[k]);
        const float wanted = dtype == DType::F16 ? f16_to_f32(f32_to_f16(x)) : bf16_to_f32(f32_to_bf16(x));
        ASSERT_EQ(y, wanted) << a[i].name;
        ASSERT_LE(std::abs(x - y), std::max(std::abs(x) * (dtype == DType::F16 ? 0x1p-11F : 0x1p-8F), 0x1p-25F)) << a[i].name;
      }
    }
  }
}

TEST(ConvertTo, refuses_what_would_be_lost) {
  const auto folder = test::fresh_folder();
  test::TinyModel tiny;
  tiny.values["h.1.mlp.c_fc.weight"][3] = 65520.0F;
  const auto from = convert_open(tiny.write(folder / "from"));
  const auto message = [&](const std::string& to, HuggingfaceWriteOptions options = {}) {
    const auto written = write_huggingface(*from->weights, (folder / to).string(), options);
    return written ? std::string("written") : written.error().message;
  };
  EXPECT_EQ(message("half", {.dtype = DType::F16}), "The tensor h.1.mlp.c_fc.weight of " + (folder / "from").string() +
                                                        " has numbers beyond float16's range of 65504; keep its dtype or choose bf16.");
  EXPECT_FALSE(fs::exists(folder / "half")) << "nothing is written";
  EXPECT_EQ(message("bf16", {.dtype = DType::BF16}), "written");
  EXPECT_EQ(message("from", {.overwrite = true}), (folder / "from").string() + " is where the model itself lies; name another folder.");
  test::write_text(folder / "full" / "notes.txt", "mine");
  test::write_text(folder / "full" / "tokenizer.json", "{}");
  EXPECT_EQ(message("full"),
            "The folder " + (folder / "full").string() + " is not empty; name another one, or allow overwriting (--overwrite).");
  EXPECT_EQ(message("full", {.overwrite = true}), "written");
  EXPECT_TRUE(fs::exists(folder / "full" / "notes.txt")) << "what is not part of a model stays";
  EXPECT_FALSE(fs::exists(folder / "full" / "tokenizer.json")) << "another model's tokenizer goes";
  EXPECT_EQ(message("full/notes.txt"), (folder / "full/notes.txt").string() + " is a file; name a folder to write to.");
  EXPECT_TRUE(message("full/notes.txt/below").starts_with("Cannot make the folder ")) << message("full/notes.txt/below");
}

TEST(ConvertTo, blames_the_source_that_was_cut_short_and_leaves_no_folder) {
  const auto folder = test::fresh_folder();
  test::TinyModel tiny;
  tiny.add("wte.weight", {5000, 4});
  tiny.config["vocab_size"] = 5000;
  const auto from = convert_open(tiny.write(folder / "from"));
  fs::resize_file(folder / "from" / "model.safetensors", 4096);
  const auto written = write_huggingface(*from->weights, (folder / "new" / "below").string(), {});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "The file " + (folder / "from" / "model.safetensors").string() +
                                         " was cut short while it was open; restore it and open the model again.");
  EXPECT_FALSE(fs::exists(folder / "new"));
}

TEST(ConvertTo, an_overwrite_that_fails_leaves_the_old_model_whole) {
  const auto folder = test::fresh_folder();
  test::TinyModel long_one;
  long_one.add("wte.weight", {5000, 4});
  long_one.config["vocab_size"] = 5000;
  const auto from = convert_open(long_one.write(folder / "from"));
  ASSERT_TRUE(open_model(test::TinyModel().write(folder / "old")));
  test::write_text(folder / "old" / "tokenizer_config.json", "{}");
  const auto files_of = [&] {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder / "old"))
      files.push_back(entry.path().filename().string() + " " + std::to_string(entry.file_size()));
    std::ranges::sort(files);
    return files;
  };
  const auto before = files_of();
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written = write_huggingface(*from->weights, (folder / "old").string(), {.overwrite = true});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_TRUE(written.error().message.starts_with("Cannot write " + (folder / "old" / "model.safetensors").string() + ": "))
      << written.error().message;
  EXPECT_EQ(files_of(), before);
  EXPECT_TRUE(open_model((folder / "old").string()));
  ASSERT_TRUE(write_huggingface(*from->weights, (folder / "old").string(), {.overwrite = true}));
  EXPECT_FALSE(fs::exists(folder / "old" / "tokenizer_config.json"));
  EXPECT_EQ(convert_open((folder / "old").string())->weights->config.n_vocab, 5000);
}

TEST(ConvertTo, without_room_leaves_nothing_of_a_new_folder) {
  const auto folder = test::fresh_folder();
  const auto from = convert_open(test::TinyModel().write(folder / "from"));
  fs::create_directories(folder / "mine");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto fresh = write_huggingface(*from->weights, (folder / "new" / "below").string(), {});
  const auto empty = write_huggingface(*from->weights, (folder / "mine").string(), {});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(fresh);
  ASSERT_FALSE(empty);
  EXPECT_NE(fresh.error().message.find("File too large; make room"), std::string::npos) << fresh.error().message;
  EXPECT_FALSE(fs::exists(folder / "new"));
  EXPECT_TRUE(fs::is_empty(folder / "mine")) << "it was there before";
}

TEST(Narrow, rounds_to_the_nearest_and_ties_to_even) {
  // Every float16 comes back, and the numbers halfway between two go to the even one.
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float x = f16_to_f32(half);
    const std::uint16_t back = f32_to_f16(x);
    EXPECT_TRUE(std::isnan(x) ? std::isnan(f16_to_f32(back)) : back == half) << bits;
    if ((bits & 0x7FFFU) >= 0x7BFFU) continue;
    const float next = f16_to_f32(static_cast<std::uint16_t>(half + 1)), middle = (x + next) / 2;
    EXPECT_EQ(f32_to_f16(middle), half + (half & 1U)) << bits;
    EXPECT_EQ(f32_to_f16(std::nextafter(middle, x)), half) << bits;
    EXPECT_EQ(f32_to_f16(std::nextafter(middle, next)), half + 1) << bits;
    const auto wide = bits << 16;
    if (std::isfinite(std::bit_cast<float>(wide))) {
      EXPECT_EQ(f32_to_bf16(std::bit_cast<float>(wide | 0x8000U)), bits + (bits & 1U));
    }
  }
  EXPECT_EQ(f32_to_f16(65519.996F), 0x7BFF);
  EXPECT_EQ(f32_to_f16(65520.0F), 0x7C00);
  EXPECT_EQ(f32_to_f16(-std::numeric_limits<float>::infinity()), 0xFC00);
  EXPECT_TRUE(std::isnan(bf16_to_f32(f32_to_bf16(std::nanf("")))));
}

}  // namespace
}  // namespace gf

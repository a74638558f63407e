#include "model/io/formats/llmc.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "model/base/text.h"
#include "model/io/assemble.h"
#include "model/io/files/mapped_file.h"
#include "model/io/formats/huggingface.h"

namespace gf {

namespace {

constexpr std::int32_t kLlmcMagic = 20240326;
constexpr std::size_t kLlmcHeader = 256;
// No model comes near; with these bounds no product of sizes overflows.
constexpr std::int32_t kLlmcMaxSize = 1 << 24, kLlmcMaxBlocks = 10'000, kLlmcMaxWidth = 1 << 20;

struct LlmcHeader {
  std::int32_t magic, version, n_ctx, n_vocab, n_layer, n_head, d_model, n_vocab_padded;
};

tl::unexpected<Error> llmc_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, text("Cannot read {0}: {1}.", path, problem), "load_llmc");
}

Result<LlmcHeader> llmc_header(const MappedFile& file) {
  if (file.bytes().size() < kLlmcHeader * sizeof(std::int32_t))
    return llmc_corrupt(file.path(), text("it has {0} bytes, too few for llm.c's header", file.bytes().size()));
  LlmcHeader h{};
  std::memcpy(&h, file.bytes().data(), sizeof h);
  if (h.version != 3 && h.version != 5)
    return fail(ErrorCode::Unsupported,
                text("Cannot read {0}: it has llm.c's version {1}; supported are 3 (float32) and 5 (bfloat16).", file.path(), h.version),
                "load_llmc");
  const auto inside = [](std::int32_t v, std::int32_t most) { return v >= 1 && v <= most; };
  if (!inside(h.n_ctx, kLlmcMaxSize) || !inside(h.n_vocab, kLlmcMaxSize) || !inside(h.n_layer, kLlmcMaxBlocks) ||
      !inside(h.d_model, kLlmcMaxWidth) || !inside(h.n_head, h.d_model) || !inside(h.n_vocab_padded, kLlmcMaxSize) ||
      h.n_vocab_padded < h.n_vocab)
    return llmc_corrupt(
        file.path(),
        text("its header has sizes that no model can have: n_ctx {0}, n_vocab {1} of {2}, n_layer {3}, n_head {4}, d_model {5}", h.n_ctx,
             h.n_vocab, h.n_vocab_padded, h.n_layer, h.n_head, h.d_model));
  return h;
}

struct LlmcTensor {
  const char* name;
  std::int64_t rows, columns;  ///< columns 0: a vector
  std::int64_t stored = 0;     ///< elements in the file, where padding makes it more
};

bool llmc_looks_right(std::span<const std::byte> bytes) {
  std::int32_t magic = 0;
  if (bytes.size() < sizeof magic) return false;
  std::memcpy(&magic, bytes.data(), sizeof magic);
  return magic == kLlmcMagic;
}

std::string llmc_path(const std::string& path) { return weight_file(path, {"model.bin"}, {".bin"}, llmc_looks_right); }

}  // namespace

bool probe_llmc(const std::string& path) {
  const std::string name = llmc_path(path);
  if (name.empty()) return false;
  const auto file = MappedFile::open(name);
  return file && llmc_looks_right((*file)->bytes());
}

Result<std::shared_ptr<const Weights>> load_llmc(const std::string& path, const LoadOptions& options) {
  auto weights = std::make_shared<Weights>();
  weights->path = path;
  weights->name = model_name(path);
  weights->format = "llm.c";
  GF_TRY_ASSIGN(const auto file, MappedFile::open(llmc_path(path)));
  GF_TRY_ASSIGN(const LlmcHeader h, llmc_header(*file));
  weights->files.push_back(file);
  weights->file_bytes = file->bytes().size();
  const DType dtype = h.version == 3 ? DType::F32 : DType::BF16;
  const std::int64_t d = h.d_model;
  const std::array<LlmcTensor, 2> first = {{{"wte.weight", h.n_vocab, d, h.n_vocab_padded * d}, {"wpe.weight", h.n_ctx, d}}};
  const std::array<LlmcTensor, 12> blocks = {{{"ln_1.weight", d, 0},
                                              {"ln_1.bias", d, 0},
                                              {"attn.c_attn.weight", 3 * d, d},
                                              {"attn.c_attn.bias", 3 * d, 0},
                                              {"attn.c_proj.weight", d, d},
                                              {"attn.c_proj.bias", d, 0},
                                              {"ln_2.weight", d, 0},
                                              {"ln_2.bias", d, 0},
                                              {"mlp.c_fc.weight", 4 * d, d},
                                              {"mlp.c_fc.bias", 4 * d, 0},
                                              {"mlp.c_proj.weight", d, 4 * d},
                                              {"mlp.c_proj.bias", d, 0}}};
  const std::array<LlmcTensor, 2> last = {{{"ln_f.weight", d, 0}, {"ln_f.bias", d, 0}}};
  const auto stored = [](const LlmcTensor& t) {
    return static_cast<std::uint64_t>(t.stored > 0 ? t.stored : t.rows * std::max<std::int64_t>(t.columns, 1));
  };
  // At most 2^44 + 10^4 * 12 * 2^40 elements: inside 64 bits, as bytes too.
  std::uint64_t elements = 0;
  for (const auto& t : first) elements += stored(t);
  for (const auto& t : blocks) elements += stored(t) * static_cast<std::uint64_t>(h.n_layer);
  for (const auto& t : last) elements += stored(t);
  const std::uint64_t needed = kLlmcHeader * sizeof(std::int32_t) + elements * size_of(dtype);
  if (needed != file->bytes().size())
    return llmc_corrupt(file->path(), needed > file->bytes().size()
                                          ? text("its header asks for {0} bytes, but it has {1}; the file may be cut short, get it again",
                                                 needed, file->bytes().size())
                                          : text("its header asks for {0} bytes, but it has {1}", needed, file->bytes().size()));
  FoundTensors found;
  found.path = file->path();
  found.in_major = false;
  const std::byte* at = file->bytes().data() + kLlmcHeader * sizeof(std::int32_t);
  const auto take = [&](const std::string& name, const LlmcTensor& t) {
    found.tensors[name] = {at, dtype, t.columns > 0 ? Shape{t.rows, t.columns} : Shape{t.rows}};
    at += stored(t) * size_of(dtype);
  };
  for (const auto& t : first) take(t.name, t);
  for (const auto& t : blocks)
    for (int b = 0; b < h.n_layer; ++b) take("h." + std::to_string(b) + "." + t.name, t);
  for (const auto& t : last) take(t.name, t);
  ConfigFile config;
  config.path = file->path();
  config.n_head = h.n_head;
  GF_TRY(assemble(std::move(found), config, options, *weights));
  if (weights->truncated()) return tl::unexpected(weights->truncation_error());
  return std::shared_ptr<const Weights>(std::move(weights));
}

}  // namespace gf

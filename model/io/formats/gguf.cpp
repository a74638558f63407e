#include "model/io/formats/gguf.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/io/assemble.h"
#include "model/io/files/gguf_blocks.h"
#include "model/io/files/gguf_file.h"
#include "model/io/formats/huggingface.h"
#include "model/tokenizer/source.h"

namespace gf {

namespace {

std::string gguf_path(const std::string& path) { return weight_file(path, {}, {".gguf"}, looks_like_gguf); }

struct GgufName {
  std::string_view gguf, ours;
};
constexpr std::array<GgufName, 5> kGgufOuter = {{{"token_embd.weight", "wte.weight"},
                                                 {"position_embd.weight", "wpe.weight"},
                                                 {"output_norm.weight", "ln_f.weight"},
                                                 {"output_norm.bias", "ln_f.bias"},
                                                 {"output.weight", "lm_head.weight"}}};
constexpr std::array<GgufName, 6> kGgufBlock = {{{"attn_norm.", "ln_1."},
                                                 {"attn_qkv.", "attn.c_attn."},
                                                 {"attn_output.", "attn.c_proj."},
                                                 {"ffn_norm.", "ln_2."},
                                                 {"ffn_up.", "mlp.c_fc."},
                                                 {"ffn_down.", "mlp.c_proj."}}};

// blk.3.attn_qkv.weight -> h.3.attn.c_attn.weight; what is not known keeps its name, and is then listed as unused.
std::string gguf_name(std::string_view name) {
  for (const auto& row : kGgufOuter)
    if (name == row.gguf) return std::string(row.ours);
  const auto dot = name.find('.', 4);
  if (!name.starts_with("blk.") || dot == std::string_view::npos) return std::string(name);
  const std::string_view inner = name.substr(dot + 1);
  for (const auto& row : kGgufBlock)
    if (inner.starts_with(row.gguf))
      return "h." + std::string(name.substr(4, dot - 4)) + "." + std::string(row.ours) + std::string(inner.substr(row.gguf.size()));
  return std::string(name);
}

Result<void> gguf_int(const GgufFile& file, const char* key, int least, std::optional<int>& to) {
  const GgufValue* value = file.find(key);
  if (value == nullptr) return {};
  if (value->kind != GgufValue::Kind::Int || value->integer < least || value->integer > std::numeric_limits<int>::max())
    return fail(ErrorCode::Corrupt, text("In {0}, {1} should be a whole number from {2}.", file.file()->path(), key, least), "load_gguf");
  to = static_cast<int>(value->integer);
  return {};
}

Result<ConfigFile> gguf_config(const GgufFile& file) {
  const std::string& path = file.file()->path();
  const GgufValue* architecture = file.find("general.architecture");
  const std::string_view name = architecture != nullptr && !architecture->text.empty() ? architecture->text : std::string_view("(none)");
  if (name != "gpt2")
    return fail(ErrorCode::Unsupported,
                text("{0} has a model of the architecture {1}, which is not supported: {2}.", path, name.substr(0, 64), supported_models()),
                "load_gguf");
  ConfigFile config;
  config.path = path;
  GF_TRY(gguf_int(file, "gpt2.block_count", 1, config.n_layer));
  GF_TRY(gguf_int(file, "gpt2.attention.head_count", 1, config.n_head));
  GF_TRY(gguf_int(file, "gpt2.embedding_length", 1, config.d_model));
  GF_TRY(gguf_int(file, "gpt2.feed_forward_length", 1, config.d_mlp));
  GF_TRY(gguf_int(file, "gpt2.context_length", 1, config.n_ctx));
  GF_TRY(gguf_int(file, "gpt2.vocab_size", 1, config.n_vocab));
  GF_TRY(gguf_int(file, "tokenizer.ggml.bos_token_id", 0, config.bos_token_id));
  GF_TRY(gguf_int(file, "tokenizer.ggml.eos_token_id", 0, config.eos_token_id));
  if (const auto* eps = file.find("gpt2.attention.layer_norm_epsilon"); eps != nullptr) {
    if (eps->kind != GgufValue::Kind::Float || !(eps->real >= 0.0) || eps->real > 1.0)
      return fail(ErrorCode::Corrupt, text("In {0}, gpt2.attention.layer_norm_epsilon should be a number from 0 to 1.", path), "load_gguf");
    config.layer_norm_eps = static_cast<float>(eps->real);
  }
  return config;
}

/// "Q4_K, Q6_K, F32": the type of most numbers comes first.
std::string gguf_dtypes(const std::map<std::string, std::uint64_t>& types) {
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (const auto& [name, count] : types) sorted.emplace_back(count, name);
  std::ranges::stable_sort(sorted, std::ranges::greater{}, [](const auto& row) { return row.first; });
  return listed(sorted, [](const auto& row) { return row.second; });
}

// How a text is cut into words. Source: llama.cpp, src/llama-vocab.cpp, the names of LLAMA_VOCAB_PRE_TYPE_GPT2.
bool gguf_cuts_as_gpt2(const GgufValue* pre) {
  constexpr std::array<std::string_view, 12> names = {"",           "default",    "gpt-2",    "phi-2",   "jina-es", "jina-de",
                                                      "jina-v2-es", "jina-v2-de", "gigachat", "a.x-4.0", "mellum",  "modern-bert"};
  return pre == nullptr || std::ranges::find(names, pre->text) != names.end();
}

// Control tokens are special, user-defined ones are words; the vocabulary has both. Converting writes a file that says which
// are which.
void gguf_added_tokens(const GgufValue& tokens, const GgufValue* types, TokenizerSource& source) {
  constexpr std::int32_t control = 3, user_defined = 4;
  nlohmann::ordered_json decoder = nlohmann::ordered_json::object();
  for (std::size_t id = 0; types != nullptr && id < std::min(types->numbers.size(), tokens.texts.size()); ++id) {
    const std::int32_t type = types->numbers[id];
    if (type != control && type != user_defined) continue;
    const bool special = type == control;
    source.added.tokens.push_back(
        {.content = std::string(tokens.texts[id]), .id = static_cast<std::int32_t>(id), .normalized = !special, .special = special});
    decoder[std::to_string(id)] = {{"content", source.added.tokens.back().content},
                                   {"lstrip", false},
                                   {"normalized", !special},
                                   {"rstrip", false},
                                   {"single_word", false},
                                   {"special", special}};
  }
  if (decoder.empty()) return;
  const nlohmann::ordered_json config = {{"added_tokens_decoder", std::move(decoder)}, {"tokenizer_class", "GPT2Tokenizer"}};
  source.beside.push_back({"tokenizer_config.json", config.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"});
}

}  // namespace

bool probe_gguf(const std::string& path) {
  const std::string name = gguf_path(path);
  if (name.empty()) return false;
  const auto file = MappedFile::open(name);
  return file && looks_like_gguf((*file)->bytes());
}

Result<std::shared_ptr<const Weights>> load_gguf(const std::string& path, const LoadOptions& options) {
  auto weights = std::make_shared<Weights>();
  weights->path = path;
  weights->name = model_name(path);
  weights->format = "gguf";
  GF_TRY_ASSIGN(const GgufFile file, GgufFile::open(gguf_path(path)));
  weights->files.push_back(file.file());
  weights->file_bytes = file.file()->bytes().size();
  GF_TRY_ASSIGN(const ConfigFile config, gguf_config(file));
  FoundTensors found;
  found.path = file.file()->path();
  found.in_major = false;
  std::uint64_t claimed = 0;
  std::map<std::string, std::uint64_t> types;  // how many numbers have each
  for (const GgufTensor& tensor : file.tensors()) {
    auto view = file.view(tensor, weights->storage);
    // Q2_K widens to twelve times its bytes. Tensors that overlap in the file must not fill the memory.
    if (view) claimed += static_cast<std::uint64_t>(view->elements()) * size_of(view->dtype);
    if (claimed / 16 > weights->file_bytes)
      return fail(ErrorCode::Corrupt, text("Cannot read {0}: its tensors claim more than sixteen times the bytes of the file.", found.path),
                  "load_gguf");
    if (view) types[gguf_type_name(tensor.type)] += static_cast<std::uint64_t>(view->elements());
    GF_TRY_ASSIGN(const bool added, found.add(gguf_name(tensor.name), std::move(view)));
    if (!added)
      return fail(ErrorCode::Corrupt, text("Cannot read {0}: the tensor {1} stands twice.", found.path, tensor.name), "load_gguf");
  }
  weights->file_dtype = gguf_dtypes(types);
  GF_TRY(assemble(std::move(found), config, options, *weights));
  if (weights->truncated()) return tl::unexpected(weights->truncation_error());
  return std::shared_ptr<const Weights>(std::move(weights));
}

Result<TokenizerSource> gguf_tokenizer(const std::string& path) {
  GF_TRY_ASSIGN(const GgufFile file, GgufFile::open(gguf_path(path)));
  const GgufValue *kind = file.find("tokenizer.ggml.model"), *tokens = file.find("tokenizer.ggml.tokens"),
                  *merges = file.find("tokenizer.ggml.merges"), *types = file.find("tokenizer.ggml.token_type");
  TokenizerSource source;
  if (kind == nullptr || kind->text != "gpt2" || tokens == nullptr || tokens->kind != GgufValue::Kind::Texts || tokens->texts.empty())
    return source;
  if (const GgufValue* pre = file.find("tokenizer.ggml.pre"); !gguf_cuts_as_gpt2(pre))
    return fail(ErrorCode::Unsupported,
                text("Cannot read {0}: its tokenizer cuts text into words as {1} does, which is not supported; gpt-2's way is.",
                     file.file()->path(), pre->text),
                "gguf_tokenizer");
  source.kind = TokenizerSource::Kind::VocabAndMerges;
  source.where = file.file()->path();
  source.vocab = "{";
  for (std::size_t id = 0; id < tokens->texts.size(); ++id) {
    // The padding of the vocabulary ("[PAD50257]") is not text and must not be sampled.
    constexpr std::int32_t unused = 5;
    if (types != nullptr && id < types->numbers.size() && types->numbers[id] == unused) continue;
    const nlohmann::json token = std::string(tokens->texts[id]);
    source.vocab += (source.vocab.size() == 1 ? "" : ",") + token.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + ":" +
                    std::to_string(id);
  }
  source.vocab += "}";
  gguf_added_tokens(*tokens, types, source);
  if (merges != nullptr)
    for (const std::string_view pair : merges->texts) source.merges.append(pair).append("\n");
  return source;
}

}  // namespace gf

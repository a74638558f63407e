#include "model/tokenizer/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include "model/base/files/json_bounds.h"
#include "model/base/text.h"
#include "model/io/files/mapped_file.h"
#include "model/io/recognise.h"
#include "model/tokenizer/added_read.h"
#include "model/tokenizer/bpe.h"
#include "model/tokenizer/characters.h"

namespace gf {

namespace {

using TokenizerJson = nlohmann::json;
constexpr std::size_t kTokenizerJsonMaxBytes = 256U << 20, kTokenizerJsonMaxValues = 8'000'000;

tl::unexpected<Error> tokenizer_json_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, text("Cannot read {0}: {1}.", path, problem), "read_tokenizer_json");
}

const TokenizerJson* tokenizer_json_at(const TokenizerJson& json, const char* key) {
  if (!json.is_object()) return nullptr;
  const auto it = json.find(key);
  return it == json.end() || it->is_null() ? nullptr : &*it;
}

std::string tokenizer_json_type(const TokenizerJson* json) {
  if (json == nullptr) return "(none)";
  const TokenizerJson* type = tokenizer_json_at(*json, "type");
  return type != nullptr && type->is_string() ? type->get<std::string>() : "(none)";
}

// "a b" in older files, ["a", "b"] in newer ones.
Result<std::string> tokenizer_json_merges(const TokenizerJson& merges, const std::string& path) {
  std::string lines;
  for (const auto& merge : merges) {
    if (merge.is_string()) {
      lines += merge.get_ref<const std::string&>();
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      lines += merge[0].get_ref<const std::string&>() + " " + merge[1].get_ref<const std::string&>();
    } else {
      return tokenizer_json_corrupt(path, text("its merges are no pairs of texts"));
    }
    lines += '\n';
  }
  return lines;
}

constexpr const char* kTokenizerJsonAnyCharacter = "[\\s\\S]";

// Words of one character each, cut apart everywhere.
bool tokenizer_json_is_characters(const TokenizerJson& json) {
  const TokenizerJson* splitter = tokenizer_json_at(json, "pre_tokenizer");
  if (tokenizer_json_type(splitter) != "Split") return false;
  const TokenizerJson *pattern = tokenizer_json_at(*splitter, "pattern"), *behavior = tokenizer_json_at(*splitter, "behavior");
  const TokenizerJson* regex = pattern != nullptr ? tokenizer_json_at(*pattern, "Regex") : nullptr;
  return regex != nullptr && *regex == kTokenizerJsonAnyCharacter && behavior != nullptr && *behavior == "Isolated";
}

Result<std::shared_ptr<const Tokenizer>> tokenizer_json_characters(const TokenizerJson& vocab, const std::string& path) {
  std::vector<std::pair<std::int64_t, std::string_view>> table;
  for (auto it = vocab.begin(); it != vocab.end(); ++it) {
    const bool usual = it->is_number_unsigned() && it->get<std::uint64_t>() < (std::uint64_t{1} << 62);
    table.emplace_back(usual ? it->get<std::int64_t>() : -1, it.key());
  }
  return CharacterTokenizer::make(table, path, "characters (tokenizer.json)");
}

// The pre-tokenizer; of a sequence with one element, that element.
const TokenizerJson* tokenizer_json_splitter(const TokenizerJson& json) {
  const TokenizerJson* splitter = tokenizer_json_at(json, "pre_tokenizer");
  if (tokenizer_json_type(splitter) != "Sequence") return splitter;
  const TokenizerJson* list = tokenizer_json_at(*splitter, "pretokenizers");
  return list != nullptr && list->is_array() && list->size() == 1 ? &(*list)[0] : splitter;
}

// Refuses, by name, the settings that change the merges.
Result<void> tokenizer_json_plain_bpe(const TokenizerJson& model, const std::string& path) {
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix", "ignore_merges", "byte_fallback"}) {
    const TokenizerJson* value = tokenizer_json_at(model, key);
    if (value == nullptr || *value == "" || *value == false) continue;
    return fail(ErrorCode::Unsupported, text("Cannot read {0}: its model has {1}, which is not supported.", path, key),
                "read_tokenizer_json");
  }
  return {};
}

}  // namespace

std::string characters_to_json(const CharacterTokenizer& characters) {
  TokenizerJson vocab = TokenizerJson::object();
  for (int id = 0; id < characters.n_vocab(); ++id)
    if (const std::string text = characters.bytes_of(TokenId(id)); !text.empty()) vocab[text] = id;
  const TokenizerJson json = {
      {"version", "1.0"},
      {"truncation", nullptr},
      {"padding", nullptr},
      {"added_tokens", TokenizerJson::array()},
      {"normalizer", nullptr},
      {"pre_tokenizer",
       {{"type", "Split"}, {"pattern", {{"Regex", kTokenizerJsonAnyCharacter}}}, {"behavior", "Isolated"}, {"invert", false}}},
      {"post_processor", nullptr},
      {"decoder", {{"type", "Fuse"}}},
      // The unknown token is not in the vocabulary: text that it lacks is an error there too.
      {"model", {{"type", "WordLevel"}, {"vocab", std::move(vocab)}, {"unk_token", "<unk>"}}}};
  return json.dump(1) + "\n";
}

Result<std::shared_ptr<const Tokenizer>> read_tokenizer_json(const std::string& path, const AddedTokenSetup& beside, int n_vocab,
                                                             std::string* warning) {
  GF_TRY_ASSIGN(const std::string content, read_file(path, kTokenizerJsonMaxBytes));
  GF_TRY(check_json_bounds(content, kTokenizerJsonMaxValues, path));
  const TokenizerJson json = TokenizerJson::parse(content, nullptr, false);
  const TokenizerJson* model = tokenizer_json_at(json, "model");
  if (model == nullptr && is_stand_in(path)) return tl::unexpected(refusal_of(path));
  if (model == nullptr || !model->is_object()) return tokenizer_json_corrupt(path, text("it is not a JSON object with a model"));
  // Files of before 2020 leave out the model's type.
  const std::string kind = model->contains("type") ? tokenizer_json_type(model) : "BPE";
  const TokenizerJson* vocab = tokenizer_json_at(*model, "vocab");
  if (kind == "WordLevel" && vocab != nullptr && vocab->is_object() && tokenizer_json_is_characters(json))
    return tokenizer_json_characters(*vocab, path);
  const TokenizerJson* splitter = tokenizer_json_splitter(json);
  if (kind != "BPE" || tokenizer_json_type(splitter) != "ByteLevel")
    return fail(ErrorCode::Unsupported,
                text("Cannot read {0}: it is a tokenizer of the kind {1} with the pre-tokenizer {2}; supported is BPE with ByteLevel.",
                     path, kind, tokenizer_json_type(tokenizer_json_at(json, "pre_tokenizer"))),
                "read_tokenizer_json");
  GF_TRY(tokenizer_json_plain_bpe(*model, path));
  const TokenizerJson* merges = tokenizer_json_at(*model, "merges");
  if (vocab == nullptr || !vocab->is_object() || merges == nullptr || !merges->is_array())
    return tokenizer_json_corrupt(path, text("its model has no vocab and merges"));
  const auto flag = [&](const char* key, bool otherwise) {
    const TokenizerJson* value = tokenizer_json_at(*splitter, key);
    return value != nullptr && value->is_boolean() ? value->get<bool>() : otherwise;
  };
  BpeSetup setup{.added_in_order = true,
                 .add_prefix_space = beside.add_prefix_space.value_or(flag("add_prefix_space", false)),
                 .use_regex = flag("use_regex", true),
                 .n_vocab = n_vocab,
                 .warning = warning};
  if (const TokenizerJson* normalizer = tokenizer_json_at(json, "normalizer")) {
    GF_TRY_ASSIGN(setup.normalizer, Normalizer::parse(normalizer->dump(-1, ' ', false, TokenizerJson::error_handler_t::replace), path));
  }
  if (const TokenizerJson* added = tokenizer_json_at(json, "added_tokens")) {
    GF_TRY_ASSIGN(setup.added, parse_added_tokens(added->dump(-1, ' ', false, TokenizerJson::error_handler_t::replace), path));
  }
  setup.added = beside.with(std::move(setup.added));
  GF_TRY_ASSIGN(const std::string lines, tokenizer_json_merges(*merges, path));
  return BpeTokenizer::make(vocab->dump(-1, ' ', false, TokenizerJson::error_handler_t::replace), lines, path,
                            "byte-level BPE (model's own)", std::move(setup));
}

}  // namespace gf

#include "model/tokenizer/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include "model/base/json_bounds.h"
#include "model/io/files/mapped_file.h"
#include "model/tokenizer/bpe.h"
#include "model/tokenizer/characters.h"

namespace gf {

namespace {

using TokenizerJson = nlohmann::json;
constexpr std::size_t kTokenizerJsonMaxBytes = 256U << 20, kTokenizerJsonMaxValues = 8'000'000;

tl::unexpected<Error> tokenizer_json_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, "Cannot read " + path + ": " + problem + ".", "read_tokenizer_json");
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
      return tokenizer_json_corrupt(path, "its merges are no pairs of texts");
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

Result<std::shared_ptr<const Tokenizer>> read_tokenizer_json(const std::string& path) {
  GF_TRY_ASSIGN(const std::string text, read_file(path, kTokenizerJsonMaxBytes));
  GF_TRY(check_json_bounds(text, kTokenizerJsonMaxValues, path));
  const TokenizerJson json = TokenizerJson::parse(text, nullptr, false);
  const TokenizerJson* model = tokenizer_json_at(json, "model");
  if (model == nullptr || !model->is_object()) return tokenizer_json_corrupt(path, "it is no JSON object with a model");
  // Files of before 2020 leave out the model's type.
  const std::string kind = model->contains("type") ? tokenizer_json_type(model) : "BPE",
                    splitter = tokenizer_json_type(tokenizer_json_at(json, "pre_tokenizer"));
  const TokenizerJson* vocab = tokenizer_json_at(*model, "vocab");
  if (kind == "WordLevel" && vocab != nullptr && vocab->is_object() && tokenizer_json_is_characters(json))
    return tokenizer_json_characters(*vocab, path);
  if (kind != "BPE" || splitter != "ByteLevel")
    return fail(ErrorCode::Unsupported,
                "Cannot read " + path + ": it is a tokenizer of the kind " + kind + " with the pre-tokenizer " + splitter +
                    "; supported is BPE with ByteLevel.",
                "read_tokenizer_json");
  const TokenizerJson* merges = tokenizer_json_at(*model, "merges");
  if (vocab == nullptr || !vocab->is_object() || merges == nullptr || !merges->is_array())
    return tokenizer_json_corrupt(path, "its model has no vocab and merges");
  TokenizerJson all = *vocab;
  if (const TokenizerJson* added = tokenizer_json_at(json, "added_tokens"); added != nullptr && added->is_array())
    for (const auto& token : *added) {
      const TokenizerJson *id = tokenizer_json_at(token, "id"), *content = tokenizer_json_at(token, "content");
      if (id == nullptr || content == nullptr || !id->is_number_unsigned() || !content->is_string())
        return tokenizer_json_corrupt(path, "its added_tokens have no id and content");
      all[content->get<std::string>()] = *id;
    }
  GF_TRY_ASSIGN(const std::string lines, tokenizer_json_merges(*merges, path));
  return BpeTokenizer::make(all.dump(-1, ' ', false, TokenizerJson::error_handler_t::replace), lines, path, "byte-level BPE (model's own)");
}

}  // namespace gf

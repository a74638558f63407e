#include "model/tokenizer/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include "model/io/mapped_file.h"

namespace gf {

namespace {

using TokenizerJson = nlohmann::json;
constexpr std::size_t kTokenizerJsonMaxBytes = 256U << 20;

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

}  // namespace

Result<std::shared_ptr<const BpeTokenizer>> read_tokenizer_json(const std::string& path) {
  GF_TRY_ASSIGN(const std::string text, read_file(path, kTokenizerJsonMaxBytes));
  const TokenizerJson json = TokenizerJson::parse(text, nullptr, false);
  const TokenizerJson* model = tokenizer_json_at(json, "model");
  if (model == nullptr || !model->is_object()) return tokenizer_json_corrupt(path, "it is no JSON object with a model");
  // Files of before 2020 leave out the model's type.
  const std::string kind = model->contains("type") ? tokenizer_json_type(model) : "BPE",
                    splitter = tokenizer_json_type(tokenizer_json_at(json, "pre_tokenizer"));
  if (kind != "BPE" || splitter != "ByteLevel")
    return fail(ErrorCode::Unsupported,
                "Cannot read " + path + ": it is a tokenizer of the kind " + kind + " with the pre-tokenizer " + splitter +
                    "; supported is BPE with ByteLevel.",
                "read_tokenizer_json");
  const TokenizerJson *vocab = tokenizer_json_at(*model, "vocab"), *merges = tokenizer_json_at(*model, "merges");
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

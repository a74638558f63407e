#include "model/io/files/shard_index.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "model/base/files/json_bounds.h"
#include "model/base/text.h"
#include "model/io/files/mapped_file.h"
#include "model/io/formats/huggingface.h"
#include "model/io/recognise.h"

namespace gf {

namespace {

constexpr std::size_t kShardIndexMaxBytes = 64U << 20, kShardIndexMaxValues = 1'000'000;

// The files that an index names, each with the tensors that it must hold.
Result<std::map<std::string, std::vector<std::string>>> shard_index_read(const std::string& index) {
  GF_TRY_ASSIGN(const std::string text, read_file(index, kShardIndexMaxBytes));
  GF_TRY(check_json_bounds(text, kShardIndexMaxValues, index));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (is_stand_in(index)) return tl::unexpected(refusal_of(index));
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object())
    return fail(ErrorCode::Corrupt, gf::text("{0} has no weight_map.", index), "add_shards");
  std::map<std::string, std::vector<std::string>> shards;
  for (const auto& [tensor, shard] : json["weight_map"].items()) {
    const std::string name = shard.is_string() ? shard.get<std::string>() : std::string();
    if (name.empty() || std::filesystem::path(name).filename() != std::filesystem::path(name) || name == "..")
      return fail(ErrorCode::Corrupt, gf::text("{0} does not name a file of its own folder for {1}.", index, tensor), "add_shards");
    shards[name].push_back(tensor);
  }
  if (shards.empty()) return fail(ErrorCode::Corrupt, gf::text("{0} lists no tensors.", index), "add_shards");
  return shards;
}

}  // namespace

Result<void> add_shards(const std::string& index, const FoundTensors& found,
                        const std::function<Result<void>(const std::string& path)>& add) {
  GF_TRY_ASSIGN(const auto shards, shard_index_read(index));
  for (const auto& [shard, tensors] : shards) {
    const std::string path = (std::filesystem::path(index).parent_path() / shard).string();
    if (is_stand_in(path)) return tl::unexpected(refusal_of(path));
    if (std::error_code ignored; !std::filesystem::exists(path, ignored))
      return fail(ErrorCode::NotFound,
                  gf::text("{0} names the file {1}, which is not beside it: the download or the copy is not finished, get the rest too.",
                           index, shard),
                  "add_shards");
    GF_TRY(add(path));
    for (const std::string& tensor : tensors) {
      const std::string name = huggingface_key(tensor);
      if (!found.has(name) && !name.ends_with(".attn.bias") && !name.ends_with(".attn.masked_bias"))
        return fail(ErrorCode::Corrupt, gf::text("{0} promises the tensor {1} in {2}, which does not have it.", index, tensor, shard),
                    "add_shards");
    }
  }
  return {};
}

}  // namespace gf

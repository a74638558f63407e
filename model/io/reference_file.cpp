#include "model/io/reference_file.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/base/text.h"

namespace gf {
namespace {

constexpr std::size_t kMostReferenceBytes = std::size_t{4} << 20, kMostReferenceValues = 1 << 18;

std::optional<std::vector<TokenId>> tokens_in(const nlohmann::json& list, int below) {
  if (!list.is_array() || list.empty()) return std::nullopt;
  std::vector<TokenId> ids;
  for (const auto& one : list) {
    if (!one.is_number_integer() || one < 0 || one >= below) return std::nullopt;
    ids.emplace_back(one.get<std::int32_t>());
  }
  return ids;
}

}  // namespace

Result<ReferenceLogits> parse_reference(const std::string& json, const ModelConfig& config, const std::string& path) {
  const auto wrong = [&](const std::string& what) {
    return fail(ErrorCode::Corrupt, text("{0} is no file of reference logits for this model: {1}", path, what), "read_reference");
  };
  GF_TRY(check_json_bounds(json, kMostReferenceValues, path));
  const auto file = nlohmann::json::parse(json, nullptr, false);
  if (!file.is_object()) return wrong(text("it is not a JSON object"));
  for (const char* key : {"source", "ids", "columns", "logits"})
    if (!file.contains(key)) return wrong(text("\"{0}\" is missing", key));
  ReferenceLogits reference;
  if (!file["source"].is_string()) return wrong(text("\"{0}\" is missing", "source"));
  reference.source = file["source"].get<std::string>();
  auto ids = tokens_in(file["ids"], config.n_vocab), columns = tokens_in(file["columns"], config.n_vocab);
  if (!ids || static_cast<int>(ids->size()) > config.n_ctx) return wrong(text("its \"{0}\" are not tokens of the model", "ids"));
  if (!columns) return wrong(text("its \"{0}\" are not tokens of the model", "columns"));
  const auto& rows = file["logits"];
  if (!rows.is_array() || rows.size() != ids->size()) return wrong(text("it has not a row of logits for each token"));
  for (const auto& row : rows) {
    const bool numbers =
        row.is_array() && row.size() == columns->size() && std::ranges::all_of(row, [](const auto& x) { return x.is_number(); });
    if (!numbers) return wrong(text("it has not a row of logits for each token"));
    reference.logits.push_back(row.get<std::vector<float>>());
  }
  reference.ids = *std::move(ids);
  reference.columns = *std::move(columns);
  return reference;
}

Result<std::optional<ReferenceLogits>> read_reference(const Weights& weights) {
  namespace fs = std::filesystem;
  if (weights.path.empty()) return std::nullopt;
  std::error_code ignored;
  const fs::path at(weights.path), folder = fs::is_directory(at, ignored) ? at : at.parent_path();
  const std::string path = (folder / "reference.json").string();
  if (!fs::exists(path, ignored)) return std::nullopt;
  GF_TRY_ASSIGN(const std::string json, read_text_file(path, phrase("file of reference logits"), kMostReferenceBytes));
  GF_TRY_ASSIGN(ReferenceLogits reference, parse_reference(json, weights.config, path));
  return std::optional(std::move(reference));
}

}  // namespace gf

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/hub/blob.h"
#include "app/hub/fetch.h"
#include "app/hub/http.h"
#include "model/base/environment.h"
#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/io/config_json.h"
#include "model/io/hub.h"

namespace gf::hub {
namespace {

using PlanJson = nlohmann::json;
namespace fs = std::filesystem;

constexpr std::int64_t kMostAnswerBytes = 32 << 20, kMostConfigBytes = 1 << 20;
constexpr std::size_t kMostAnswerValues = 2'000'000;
constexpr std::int64_t kMostFileBytes = std::int64_t{1} << 42;

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

std::string string_at(const PlanJson& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

bool is_hex(const std::string& text, std::size_t length) {
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// A path that stays below where it is put.
bool is_plain_path(const std::string& path) {
  if (path.empty() || path.size() > 400 || path.front() == '/' || path.back() == '/') return false;
  for (const char c : path)
    if (static_cast<unsigned char>(c) < 0x20 || c == '\\' || c == 0x7F) return false;
  return std::ranges::all_of(fs::path(path), [](const fs::path& part) { return part != "." && part != ".." && !part.empty(); }) &&
         path.find("//") == std::string::npos;
}

tl::unexpected<Error> strange_answer(const std::string& name, const std::string& what) {
  return fail(ErrorCode::Corrupt, text("The hub's answer about {0} cannot be used: {1}.", name, what), "plan_fetch");
}

/// One of the "siblings". Files that cannot be checked or written are left out by the caller, not here.
Result<FetchFile> read_file_row(const PlanJson& row, const std::string& name) {
  FetchFile file;
  file.name = string_at(row, "rfilename");
  if (!is_plain_path(file.name)) return strange_answer(name, text("it names a file {0}", file.name));
  const bool large = row.contains("lfs") && row["lfs"].is_object();
  const PlanJson& sized = large ? row["lfs"] : row;
  file.large = large;
  file.hash = large ? string_at(row["lfs"], "sha256") : string_at(row, "blobId");
  if (!is_hex(file.hash, large ? 64 : 40)) return strange_answer(name, text("it has no hash of {0}", file.name));
  if (!sized.contains("size") || !sized["size"].is_number_integer()) return strange_answer(name, text("it has no size of {0}", file.name));
  file.bytes = sized["size"].get<std::int64_t>();
  if (file.bytes < 0 || file.bytes > kMostFileBytes)
    return strange_answer(name, text("it says that {0} has {1} bytes", file.name, file.bytes));
  return file;
}

std::string licence_of(const PlanJson& answer) {
  if (answer.contains("cardData"))
    if (std::string licence = string_at(answer["cardData"], "license"); !licence.empty()) return licence;
  if (answer.contains("tags") && answer["tags"].is_array())
    for (const PlanJson& tag : answer["tags"])
      if (tag.is_string() && tag.get<std::string>().starts_with("license:")) return tag.get<std::string>().substr(8);
  return {};
}

/// What a GPT-2 model consists of: its config, its tokenizer, and its weights in the best of the formats that are there.
std::vector<FetchFile> model_files(const std::vector<FetchFile>& all) {
  const auto has = [&](const char* name) { return std::ranges::any_of(all, [&](const FetchFile& f) { return f.name == name; }); };
  const auto sharded = [](const std::string& name, const char* begin, const char* end) {
    return name.starts_with(begin) && name.ends_with(end) && name.find("-of-") != std::string::npos && name.find('/') == std::string::npos;
  };
  std::vector<FetchFile> files;
  for (const FetchFile& f : all) {
    static constexpr const char* kSmall[] = {"config.json",
                                             "vocab.json",
                                             "merges.txt",
                                             "tokenizer.json",
                                             "tokenizer_config.json",
                                             "added_tokens.json",
                                             "special_tokens_map.json"};
    bool wanted = std::ranges::find(kSmall, f.name) != std::end(kSmall);
    if (has("model.safetensors")) wanted |= f.name == "model.safetensors";
    else if (has("model.safetensors.index.json"))
      wanted |= f.name == "model.safetensors.index.json" || sharded(f.name, "model-", ".safetensors");
    else if (has("pytorch_model.bin")) wanted |= f.name == "pytorch_model.bin";
    else wanted |= f.name == "pytorch_model.bin.index.json" || sharded(f.name, "pytorch_model-", ".bin");
    if (wanted) files.push_back(f);
  }
  return files;
}

Result<std::vector<FetchFile>> wanted_files(const std::vector<FetchFile>& all, const FetchOptions& options, const std::string& name) {
  if (options.wanted.empty()) return model_files(all);
  std::vector<FetchFile> files;
  for (std::string path : options.wanted) {
    while (path.ends_with('/')) path.pop_back();
    const auto before = files.size();
    for (const FetchFile& f : all)
      if ((f.name == path || f.name.starts_with(path + "/")) && std::ranges::find(files, f) == files.end()) files.push_back(f);
    if (files.size() == before) return fail(ErrorCode::NotFound, text("{0} has no file or folder {1}.", name, path), "plan_fetch");
  }
  return files;
}

/// Refuses other kinds of models before their weights are downloaded.
Result<void> check_is_gpt2(Http& http, const FetchPlan& plan, const FetchOptions& options) {
  const auto named = [&](const char* name) { return std::ranges::find(plan.files, name, &FetchFile::name); };
  if (named("config.json") == plan.files.end())
    return fail(ErrorCode::Unsupported,
                text("{0} has no config.json, so it is not a GPT-2 model; name files or folders to fetch them all the same (--file).",
                     plan.repository),
                "plan_fetch");
  GF_TRY_ASSIGN(const QByteArray json, http.get_all(file_url(plan, *named("config.json"), options), kMostConfigBytes));
  GF_TRY(parse_config_json(json.toStdString(), plan.repository + "/config.json"));
  if (std::ranges::none_of(plan.files, [](const FetchFile& f) { return f.name.ends_with(".safetensors") || f.name.ends_with(".bin"); }))
    return fail(ErrorCode::Unsupported, text("{0} has no weights as safetensors or pytorch_model.bin.", plan.repository), "plan_fetch");
  return {};
}

}  // namespace

FetchOptions fetch_options_of_environment() {
  FetchOptions options;
  options.endpoint = environment_value("HF_ENDPOINT");
  if (options.endpoint.empty()) options.endpoint = "https://huggingface.co";
  while (options.endpoint.ends_with('/')) options.endpoint.pop_back();
  options.cache = hub_folder();
  options.token = environment_value("HF_TOKEN");
  if (options.token.empty()) {
    const fs::path kept = fs::path(hub_home()) / "token";
    std::error_code error;
    if (fs::is_regular_file(kept, error))
      if (const auto token = read_text_file(kept.string(), phrase("token"), 4096)) options.token = *token;
  }
  options.token = trimmed(options.token);
  if (options.token.find_first_of("\r\n") != std::string::npos) options.token.clear();
  return options;
}

Result<FetchPlan> plan_fetch(const std::string& name, const FetchOptions& options) {
  if (hub_cache_folder(name).empty())
    return fail(ErrorCode::InvalidArgument, text("{0} is not a model's name; write NAME or ORG/NAME.", name), "plan_fetch");
  if (!is_plain_path(options.revision) || options.revision.find('/') != std::string::npos)
    return fail(ErrorCode::InvalidArgument, text("{0} is not a revision; write a branch, a tag or a commit.", options.revision),
                "plan_fetch");
  const QUrl url(QString::fromStdString(options.endpoint + "/api/models/" + name + "/revision/" + options.revision + "?blobs=true"),
                 QUrl::StrictMode);
  if (!url.isValid() || url.host().isEmpty())
    return fail(ErrorCode::InvalidArgument, text("HF_ENDPOINT={0} is not a web address; unset it or mend it.", options.endpoint),
                "plan_fetch");
  Http http({options.token, options.stall_ms, options.stop});
  GF_TRY_ASSIGN(const QByteArray body, http.get_all(url, kMostAnswerBytes));
  const std::string json = body.toStdString();
  GF_TRY(check_json_bounds(json, kMostAnswerValues, text("The hub's answer")));
  const PlanJson answer = PlanJson::parse(json, nullptr, false);
  if (!answer.is_object()) return strange_answer(name, text("it is not JSON"));
  FetchPlan plan;
  plan.repository = string_at(answer, "id");
  if (hub_cache_folder(plan.repository).empty()) plan.repository = name;
  plan.commit = string_at(answer, "sha");
  plan.licence = licence_of(answer);
  if (!is_hex(plan.commit, 40)) return strange_answer(name, text("it names no commit"));
  if (!answer.contains("siblings") || !answer["siblings"].is_array()) return strange_answer(name, text("it lists no files"));
  std::vector<FetchFile> all;
  for (const PlanJson& row : answer["siblings"]) {
    GF_TRY_ASSIGN(FetchFile file, read_file_row(row, name));
    all.push_back(std::move(file));
  }
  GF_TRY_ASSIGN(plan.files, wanted_files(all, options, plan.repository));
  if (options.wanted.empty()) GF_TRY(check_is_gpt2(http, plan, options));
  for (const FetchFile& file : plan.files) {
    plan.bytes += file.bytes;
    if (is_here(plan, file, options)) plan.bytes_here += file.bytes;
  }
  return plan;
}

std::string described(const FetchPlan& plan) {
  const std::string licence = plan.licence.empty() ? text("no licence named") : text("licence {0}", plan.licence);
  std::string line =
      text("{0}: {1} files, {2}, {3}", plan.repository, plan.files.size(), numbers::bytes(static_cast<double>(plan.bytes)), licence);
  if (plan.bytes_here > 0) line += "; " + text("{0} of it are here already", numbers::bytes(static_cast<double>(plan.bytes_here)));
  return line;
}

}  // namespace gf::hub

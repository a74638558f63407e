#include "app/document/recent.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "model/base/files/text_file.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"

namespace gf::doc {

namespace {

constexpr std::size_t kMostRecent = 10;

std::filesystem::path recent_file() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0')
    return std::filesystem::path(state) / "glassformer" / "recent";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return std::filesystem::path(home) / ".local" / "state" / "glassformer" / "recent";
  return {};
}

}  // namespace

std::vector<std::string> read_recent() {
  std::vector<std::string> models;
  std::istringstream in(read_text_file(recent_file().string(), phrase("list of recent models")).value_or(std::string()));
  for (std::string line; models.size() < kMostRecent && std::getline(in, line);)
    if (!line.empty()) models.push_back(line);
  return models;
}

std::vector<std::string> add_recent(const std::string& model) {
  std::vector<std::string> models = read_recent();
  std::erase(models, model);
  models.insert(models.begin(), model);
  if (models.size() > kMostRecent) models.resize(kMostRecent);
  const auto path = recent_file();
  if (path.empty()) return models;
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::string lines;
  for (const std::string& m : models) lines += m + '\n';
  static_cast<void>(write_whole_file(path.string(), lines, {.owner_only = true, .to_disk = false}));
  return models;
}

}  // namespace gf::doc

// What reading a lesson is made of.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "app/lessons/lesson.h"

namespace gf::lessons {

using Json = nlohmann::json;

/// Collects faults of one step and language.
struct Report {
  std::vector<Fault>& faults;
  std::string step, language;
  void fault(std::string message) const { faults.push_back({step, language, std::move(message)}); }
};

/// Reads steps one after the other: each says what it changes. A step that names a model starts from a fresh document.
class StepReader {
 public:
  explicit StepReader(Reading& into);
  void read(const Json& json);

 private:
  void read_key(const std::string& key, const Json& value, Step& step);
  void read_camera(const Json& value);
  void read_time(const Json& value, Step& step);
  void read_question(const Json& value, Step& step);
  void read_docks(const Json& value, Step& step);
  [[nodiscard]] std::optional<Moment> moment(const Json& value);
  [[nodiscard]] std::optional<Expression> expression(const Json& value, const std::string& key);

  Reading& into_;
  Report report_;
  Json document_;       ///< what the steps so far have said, as a session file
  std::string camera_;  ///< and the camera's name
  std::set<std::string> ids_;
};

/// "blocks.4.attn.hook_pattern[3,13,1]" or "wte.weight" as the session file writes a cell; null where it is neither.
[[nodiscard]] Json cell_json(const Json& text);

}  // namespace gf::lessons

// A key that stands twice in a JSON object: the parser takes the last one and reports nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gf {

/// Watches a parse: Json::parse(text, [&](int, auto event, auto& value) { return keys.see(event, value); }, ...).
class KeysOnce {
 public:
  /// Always true: nothing is left out. `Json`: nlohmann::json or nlohmann::ordered_json.
  template <class Json>
  bool see(typename Json::parse_event_t event, const Json& value) {
    if (event == Json::parse_event_t::object_start) {
      objects_.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      objects_.pop_back();
    } else if (event == Json::parse_event_t::key && !doubled_) {
      const auto key = value.template get<std::string>();
      if (objects_.back().insert(key).second) return true;
      doubled_ = key;
      depth_ = objects_.size();
    }
    return true;
  }
  /// The first key that stands twice in one object.
  [[nodiscard]] const std::optional<std::string>& doubled() const { return doubled_; }
  /// Objects around it; 1: it is one of the outermost.
  [[nodiscard]] std::size_t depth() const { return depth_; }

 private:
  std::vector<std::set<std::string>> objects_;
  std::optional<std::string> doubled_;
  std::size_t depth_ = 0;
};

}  // namespace gf

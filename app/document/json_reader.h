// Reads members of an untrusted JSON object. Internal to app/document.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/base/error.h"
#include "model/base/ids.h"
#include "model/base/text.h"

namespace gf::doc {

[[nodiscard]] inline Error session_wrong(const std::string& key, const std::string& expected) {
  return {ErrorCode::InvalidArgument, text("The session's '{0}' should be {1}.", key, expected), "document"};
}

/// False where it is not a number, or not one that the type can hold.
template <class T>
  requires std::is_arithmetic_v<T>
bool read_number(const nlohmann::json& j, T& to) {
  if constexpr (std::is_integral_v<T>) {
    if (!j.is_number_integer()) return false;
    if (j.is_number_unsigned() ? !std::in_range<T>(j.get<std::uint64_t>()) : !std::in_range<T>(j.get<std::int64_t>())) return false;
  } else {
    if (!j.is_number() || !std::isfinite(j.get<T>())) return false;
  }
  to = j.get<T>();
  return true;
}

/// Reads members of one object. After the first error it reads nothing more. A member that is missing or null changes nothing.
struct JsonReader {
  const nlohmann::json& object;
  std::optional<Error> error;

  const nlohmann::json* member(const char* key) {
    if (error) return nullptr;
    const auto it = object.find(key);
    return it == object.end() || it->is_null() ? nullptr : &*it;
  }
  void read(const char* key, std::string& to) {
    if (const auto* j = member(key)) {
      if (j->is_string()) to = j->get<std::string>();
      else error = session_wrong(key, text("text"));
    }
  }
  void read(const char* key, bool& to) {
    if (const auto* j = member(key)) {
      if (j->is_boolean()) to = j->get<bool>();
      else error = session_wrong(key, text("true or false"));
    }
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  void read(const char* key, T& to) {
    if (const auto* j = member(key)) {
      if (!read_number(*j, to)) error = session_wrong(key, std::is_integral_v<T> ? text("a whole number") : text("a number"));
    }
  }
  /// Each row has a value and its name.
  template <class E, class Rows>
  void read(const char* key, E& to, const Rows& rows) {
    if (const auto* j = member(key)) {
      std::string allowed;
      for (const auto& row : rows) {
        if (j->is_string() && *j == row.name) {
          to = row.value;
          return;
        }
        allowed += (allowed.empty() ? "" : ", ") + std::string(row.name);
      }
      error = session_wrong(key, text("one of {0}", allowed));
    }
  }
  void read(const char* key, std::vector<TokenId>& to) {
    if (const auto* j = member(key)) {
      if (!j->is_array()) error = session_wrong(key, text("a list of token ids"));
      else
        for (const auto& id : *j) {
          if (!id.is_number_integer() || id < 0 || id > (1 << 30)) {
            error = session_wrong(key, text("a list of token ids"));
            return;
          }
          to.emplace_back(id.get<std::int32_t>());
        }
    }
  }
};

}  // namespace gf::doc

// Reads one edit of a recipe: what the readers of keys need to know of it, and numbers, lists and selectors from JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "model/base/error.h"
#include "model/edits/ops/operation.h"

namespace gf {

[[nodiscard]] inline std::string ticked(std::string_view word) { return "'" + std::string(word) + "'"; }
/// The list of hook names, for a message about a wrong name: "a block has hook_resid_pre, ..., as in blocks.0.attn.hook_z".
[[nodiscard]] std::string hooks_text(std::string_view wrong);

/// All errors are InvalidArgument and begin with the edit's number. Safe to use for untrusted input.
class EditReader {
 public:
  using Json = nlohmann::json;
  /// `number`: counted from 1. The JSON outlives the reader.
  EditReader(const Json& json, std::size_t number) : json_(json), number_(number) {}

  [[nodiscard]] Result<Edit> read();

  [[nodiscard]] const Edit& edit() const { return edit_; }
  [[nodiscard]] HookKind kind() const { return kind_; }
  [[nodiscard]] RowShape shape() const { return info_of(kind_).shape; }

  [[nodiscard]] tl::unexpected<Error> wrong(const std::string& what) const;
  [[nodiscard]] Result<std::string> string(const Json& from, const char* key) const;
  [[nodiscard]] Result<float> number(const Json& value, std::string_view name) const;
  [[nodiscard]] Result<std::vector<TokenId>> token_ids(const Json& value) const;
  /// `in_time`: the axis is of the sequence's positions, some of which are generated.
  [[nodiscard]] Result<Selector> selector(const Json& value, std::string_view name, bool in_time) const;

 private:
  Result<int> integer(const Json& value, const std::string& what) const;
  Result<bool> flag(const char* key, bool otherwise) const;
  Result<void> hook();
  Result<void> op();
  Result<void> only_known_keys() const;
  Result<void> selectors();
  Result<void> parameters();

  const Json& json_;
  std::size_t number_;
  HookKind kind_ = HookKind::Embed;
  Edit edit_;
};

/// A key that only some operations take.
struct RecipeKey {
  EditKey key;
  const char* name;
  Result<void> (*read)(const EditReader& reader, const EditReader::Json& value, Edit& edit);
  /// null: the edit lacks this key.
  nlohmann::ordered_json (*write)(const Edit& edit);
};
/// In the order in which they are written and named.
[[nodiscard]] std::span<const RecipeKey> recipe_keys();

/// A selector as a recipe's file has it.
[[nodiscard]] nlohmann::ordered_json json_of(const Selector& selector);

}  // namespace gf

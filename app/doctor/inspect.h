// What this machine has, what of it the program uses, and what to do about the rest.
#pragma once

#include <string>
#include <vector>

namespace gf::doctor {

enum class State {
  Used,     ///< it is there, and the program uses it
  Idle,     ///< it is there, and something else is used
  Missing,  ///< it is not there, or cannot be used
};
[[nodiscard]] const char* name_of(State state);  ///< "used", "idle", "missing"

struct Row {
  std::string id{};     ///< for programs: "vulkan", "cuda", ...; several rows may have the same
  std::string title{};  ///< for people
  std::string found{};  ///< what is there
  State state = State::Used;
  std::string advice{};  ///< a sentence, what to do; empty: nothing
};

/// Looks at everything, which takes some hundred milliseconds: drivers are loaded and asked. Any thread, but not the window's.
[[nodiscard]] std::vector<Row> inspect();
/// All rows as text for people, a line each and the advice below it.
[[nodiscard]] std::string to_text(const std::vector<Row>& rows);

}  // namespace gf::doctor

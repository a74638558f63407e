// The reference checkpoints, and the bundled models with reference values: one list for every test that reads them.
#pragma once

#include <cstdlib>
#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

namespace gf::testing {

/// Where the reference cases are: what GLASSFORMER_GOLDEN in the environment says, else the source tree.
inline std::string golden_folder() {
  const char* named = std::getenv("GLASSFORMER_GOLDEN");
  return named != nullptr ? named : std::string(GLASSFORMER_SOURCE_DIR) + "/tests/golden";
}

struct ReferenceCase {
  std::string folder;  ///< below tests/golden
  std::string model;   ///< bundled name; empty: the folder itself
};
inline void PrintTo(const ReferenceCase& c, std::ostream* out) { *out << c.folder; }

inline std::vector<ReferenceCase> all_golden_cases() {
  std::vector<ReferenceCase> cases;
  for (const char* format : {"hf-openai-keys", "hf-sharded-bf16", "hf-bin-f16", "hf-bin-legacy", "nanogpt-char", "mingpt-sort", "llmc-f32",
                             "llmc-bf16", "gguf-f16", "gguf-q8_0", "llm-viz-json"})
    cases.push_back({std::string("models/") + format, ""});
  for (const auto& [prompt, model] : {std::pair{"capital", "fable"},
                                      {"indirect-object", "fable"},
                                      {"story", "fable"},
                                      {"sort", "sort-nano"},
                                      {"repeat", "induction-nano"}})
    cases.push_back({std::string("trained/") + prompt, model});
  return cases;
}

/// "trained/indirect-object" is called indirect_object.
inline std::string case_name(const ::testing::TestParamInfo<ReferenceCase>& info) {
  std::string name = info.param.folder.substr(info.param.folder.find('/') + 1);
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

}  // namespace gf::testing

// Questions about a run or about a model's weights. Each is one file in this folder and one line in questions.cpp. The command
// line, lessons, head colours and exports read the structs below and name no single analysis; a dock, scan and cell_edits.cpp name
// those that they show or ask.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/analysis/answer.h"
#include "model/analysis/params.h"
#include "model/analysis/tagged_set.h"
#include "model/session.h"

namespace gf {

/// Whether a question takes a token.
enum class TokenNeed : std::uint8_t { None, Optional, Required };

/// What a question needs before it can be answered.
struct Needs {
  bool prompt = true;  ///< a run; false: it reads the weights only, or its prompts are parameters
  TokenNeed a = TokenNeed::None, b = TokenNeed::None;
  bool pattern = true;       ///< the run's hook_pattern; false: the run may keep HookKind::PatternEntropy instead
  bool position = false;     ///< its answer depends on the position that is explained
  bool sweeps = false;       ///< it runs the model once for each cut; ask it about a run without edits
  bool text = false;         ///< it reads a text beside the run, at first for long: only a dock of its own asks it
  const char* instead = "";  ///< a parameter; where it differs from its fallback no prompt is needed
  bool set = false;          ///< it is asked once about a whole set of prompts with tags
};

/// A part of a question's answer, as it is known before the question is asked.
struct PartInfo {
  enum class Kind : std::uint8_t { Grid, Number, Tokens, Words, Table };  ///< as in Answer::Value
  enum class Only : std::uint8_t {
    Always,
    WithTarget,   ///< where A is given
    WithEdits,    ///< where the recipe is not empty
    WithClasses,  ///< where the tag of the set has two values
    WithNumbers,  ///< where the tag of the set is a number
    ByParams,     ///< as the parameters say, or where it is wanted by name
    Wanted,       ///< only where it is wanted by name
  };
  enum class Scale : std::uint8_t { Plain, Signed };  ///< how colours are best spread: from 0 up, or around 0

  const char* name = "";   ///< "heads", "composition.q"; empty: the answer itself
  const char* axes = "";   ///< "layer,head"; empty: a single value, or a table
  const char* unit = "";   ///< "nats"; empty: a plain number
  const char* title = "";  ///< a phrase for a list: "direct attribution"
  const char* doc = "";    ///< a phrase; {0}: what is explained, such as the logit of A minus that of B
  Kind kind = Kind::Grid;
  Scale scale = Scale::Plain;
  Only only = Only::Always;
  int first_position = 0;  ///< of the first entry along "position": 1 where an entry speaks of a token that was predicted
};

/// What a question is asked with.
struct Asking {
  Session& session;
  RunRequest request;                         ///< with the recipe that acts in `run`
  Run run;                                    ///< of the request, under the default plan or more; empty where there is no prompt
  std::optional<TokenId> a, b;                ///< "why A (rather than B)?"
  int position = -1;                          ///< the position to explain; a negative one counts from the end
  Params params;                              ///< of the question that is asked
  std::shared_ptr<const TaggedSet> set = {};  ///< of a question about a set
  std::vector<std::string> wanted = {};       ///< parts that are wanted; empty: all. A question may leave out the others
  std::stop_token stop = {};
  std::function<void(double)> progress = {};  ///< 0 to 1, on the asking thread

  [[nodiscard]] const Model& model() const { return session.model(); }
  [[nodiscard]] const Trace& trace() const { return *run.edited; }
  /// `position`, from 0, in a run or prompt of T tokens. Expects that it is in there; ask() checks it for `run`.
  [[nodiscard]] int at(int T) const;
  [[nodiscard]] int at() const { return at(trace().length()); }
  [[nodiscard]] bool wants(std::string_view part) const;
};

/// A file that an answer can be written to. Errors of `write`: Io.
struct QuestionFile {
  const char* ending;  ///< ".safetensors"
  /// Expects an answer with all parts, those that are Wanted among them.
  Result<void> (*write)(const Answer& answer, const Params& params, const std::string& path);
};

/// Writes the part `recipe`, one word of JSON. Errors: Io.
[[nodiscard]] Result<void> write_recipe_part(const Answer& answer, const Params& params, const std::string& path);

struct Question {
  const char* name;   ///< the machine word: "ablate-sweep"
  const char* title;  ///< a phrase: "Ablation"
  const char* doc;    ///< a phrase: "What each head and MLP does for ..."
  Needs needs;
  std::span<const Param> params;
  std::span<const PartInfo> parts;
  /// Call it through ask().
  Result<Answer> (*answer)(const Asking& asking);
  std::span<const QuestionFile> files = {};
};

/// All of them, in the order in which they are listed and answered.
[[nodiscard]] std::span<const Question* const> questions();
[[nodiscard]] const Question* find_question(std::string_view name);

/// What is missing before `question` can be asked; nullopt: nothing. `param`: the parameter that is missing.
struct Lack {
  enum class What : std::uint8_t { Prompt, Target, Rival, Param, Set } what;
  const Param* param = nullptr;
};
[[nodiscard]] std::optional<Lack> lacks(const Question& question, const Asking& asking);

/// Answers a question; empty `asking.params` stand for the fallbacks. Blocks; call it on a worker.
/// Errors: InvalidArgument (something is missing, the position is not in the run), NotCaptured, Cancelled, Session::run()'s.
[[nodiscard]] Result<Answer> ask(const Question& question, Asking asking);

/// A part by the name "question.part", or "question" where the answer has one part.
struct PartRef {
  const Question* question = nullptr;
  const PartInfo* part = nullptr;
  [[nodiscard]] std::string name() const;  ///< "heads.induction"
};
[[nodiscard]] std::optional<PartRef> find_part(std::string_view name);
/// nullptr where the question declares no part of this name ("": the answer itself).
[[nodiscard]] const PartInfo* part_of(const Question& question, std::string_view name);
/// All parts with these axes, such as "layer,head", of questions that need only a run and its tokens.
[[nodiscard]] std::vector<PartRef> parts_with_axes(std::string_view axes);

/// The same run without its edits.
[[nodiscard]] Run base_of(const Run& run);

}  // namespace gf

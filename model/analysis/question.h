// A question that can be asked of a run or of a model's weights. Each is one file in this room and one line in questions.cpp; the
// command line, lessons, head colours, docks and exports are made from what stands here and know no analysis by name.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/analysis/answer.h"
#include "model/analysis/params.h"
#include "model/session.h"

namespace gf {

/// Whether a token is asked for.
enum class TokenNeed : std::uint8_t { None, Optional, Required };

/// What has to be there before a question can be answered.
struct Needs {
  bool prompt = true;  ///< a run; false: it asks of the weights alone, or its prompts are parameters
  TokenNeed a = TokenNeed::None, b = TokenNeed::None;
  bool pattern = true;       ///< the run's hook_pattern; where nobody reads it, a run can keep HookKind::PatternEntropy instead
  bool position = false;     ///< its answer depends on the position that is explained
  bool sweeps = false;       ///< it runs the model again and again, to see what each cut does: best asked of a run without edits
  const char* instead = "";  ///< a parameter that makes a prompt needless once it differs from its fallback
};

/// What a question's answer holds, known without asking.
struct PartInfo {
  enum class Kind : std::uint8_t { Grid, Number, Tokens, Words, Table };  ///< as in Answer::Value
  enum class Only : std::uint8_t {
    Always,
    WithTarget,  ///< where A is given
    WithEdits,   ///< where the recipe is not empty
    ByParams,    ///< as the parameters say, or where it is wanted by name
    Wanted,      ///< where it is wanted by name alone
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
};

/// What an answer starts from.
struct Asking {
  Session& session;
  RunRequest request;                    ///< with the recipe that acts in `run`
  Run run;                               ///< of the request, under the default plan or more; empty where there is no prompt
  std::optional<TokenId> a, b;           ///< "why A (rather than B)?"
  int position = -1;                     ///< what is explained; negative ones count from the end
  Params params;                         ///< of the question that is asked
  std::vector<std::string> wanted = {};  ///< parts that are wanted; empty: all. A question may leave out the others
  std::stop_token stop = {};
  std::function<void(double)> progress = {};  ///< 0 to 1, on the asking thread

  [[nodiscard]] const Model& model() const { return session.model(); }
  [[nodiscard]] const Trace& trace() const { return *run.edited; }
  /// `position` of a run or prompt of T tokens. Expects one that is there: ask() sees to that for `run`.
  [[nodiscard]] int at(int T) const;
  [[nodiscard]] int at() const { return at(trace().length()); }
  [[nodiscard]] bool wants(std::string_view part) const;
};

struct Question {
  const char* name;   ///< the machine word: "ablate-sweep"
  const char* title;  ///< a phrase: "Ablation"
  const char* doc;    ///< a phrase: "What each head and MLP does for ..."
  Needs needs;
  std::span<const Param> params;
  std::span<const PartInfo> parts;
  /// Call it through ask().
  Result<Answer> (*answer)(const Asking& asking);
};

/// All of them, in the order in which they are listed and answered.
[[nodiscard]] std::span<const Question* const> questions();
[[nodiscard]] const Question* find_question(std::string_view name);

/// What is lacking before `question` can be asked; nothing: it can. `param`: the parameter that is.
struct Lack {
  enum class What : std::uint8_t { Prompt, Target, Rival, Param } what;
  const Param* param = nullptr;
};
[[nodiscard]] std::optional<Lack> lacks(const Question& question, const Asking& asking);

/// The way to an answer. `asking.params` may be empty: then the fallbacks act. Blocks; belongs on a worker.
/// Errors: InvalidArgument (something lacks, the position is not in the run), NotCaptured, Cancelled, Session::run()'s.
[[nodiscard]] Result<Answer> ask(const Question& question, Asking asking);

/// A part by "question.part", or "question" where that is one whole.
struct PartRef {
  const Question* question = nullptr;
  const PartInfo* part = nullptr;
  [[nodiscard]] std::string name() const;  ///< "heads.induction"
};
[[nodiscard]] std::optional<PartRef> find_part(std::string_view name);
/// All parts with these axes, such as "layer,head", of questions that a run and its tokens suffice for.
[[nodiscard]] std::vector<PartRef> parts_with_axes(std::string_view axes);

/// The same run without its edits.
[[nodiscard]] Run base_of(const Run& run);

}  // namespace gf

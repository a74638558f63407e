// What a claim can ask of a live run: the functions of a lesson's expressions.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "app/lessons/expression.h"
#include "model/session.h"

namespace gf::lessons {

/// One run with what has been asked of it. Computes on the calling thread, so belongs on a worker; analyses are kept.
class Facts : public Names {
 public:
  /// Runs the request; under the default plan, which is the window's, so that it is mostly there already. Errors: those
  /// of Session::run().
  [[nodiscard]] static Result<std::unique_ptr<Facts>> of(Session& session, RunRequest request, std::stop_token stop = {});
  Result<Value> call(const std::string& name, std::span<const Value> arguments) override;
  [[nodiscard]] const Run& run() const { return run_; }

  /// One of the two runs, as a function sees it.
  struct Side {
    Session& session;
    const Run& run;
    const Trace& trace;
    std::shared_ptr<const Trace> pointer;  ///< to it
    RunRequest request;                    ///< of the base run: without the recipe
    std::stop_token stop;
    std::map<std::string, std::shared_ptr<void>> kept = {};

    /// What `make` gives, computed once for each key.
    template <class T, class Make>
    Result<std::shared_ptr<const T>> once(const std::string& key, Make make) {
      auto& slot = kept[key];
      if (!slot) {
        GF_TRY_ASSIGN(T made, make());
        slot = std::make_shared<T>(std::move(made));
      }
      return std::static_pointer_cast<const T>(slot);
    }
  };

  struct Function {
    const char* name;
    const char* arguments;  ///< a letter each: t text, n number, i whole number; those behind '?' may be left out
    const char* usage;      ///< "p(TOKEN, [POSITION])"
    const char* doc;        ///< a phrase
    Result<Value> (*compute)(Side& side, std::span<const Value> arguments);
  };

 private:
  Facts(Session& session, Run run, std::stop_token stop);
  Run run_;
  Side edited_, base_;
};

/// Every function, by its file: facts_model.cpp, facts_run.cpp, facts_questions.cpp. All but those of the model alone
/// also exist with base_ in front: of the run without edits.
[[nodiscard]] std::span<const Facts::Function> model_functions();
[[nodiscard]] std::span<const Facts::Function> run_functions();
[[nodiscard]] std::span<const Facts::Function> analysis_functions();
/// Whether a name is QUESTION.PART of an analysis, or at least begins so: "ablate_sweep.delta".
[[nodiscard]] bool names_a_part(const std::string& name);
/// One value of a part: (INDICES, [POSITION], [A], [B], the parameters without which there is no answer). A POSITION counts
/// from the end where it is negative and is the last where it is left out; A is then the likeliest token. Of a table:
/// QUESTION.PART.COLUMN(ROW). `more`: values of other parameters. Errors: InvalidArgument, saying how it is used; those of ask().
using MoreParams = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Result<Value> part_value(Facts::Side& side, const std::string& name, std::span<const Value> arguments,
                                       const MoreParams& more = {});

// What the functions have in common.
[[nodiscard]] int whole(const Value& value);
[[nodiscard]] const std::string& string_of(const Value& value);
/// A token as text or "#id". Errors: InvalidArgument showing the tokens.
[[nodiscard]] Result<TokenId> token(const Facts::Side& side, const Value& value);
/// Argument `i` as a position of the run, negative ones from the end; the last where it was left out.
[[nodiscard]] Result<int> position(const Facts::Side& side, std::span<const Value> arguments, std::size_t i);
/// The rows of a hook: the run's own trace, or a replay of what its plan left out. Errors: Session::replay()'s.
[[nodiscard]] Result<std::shared_ptr<const Trace>> trace_of(Facts::Side& side, HookId hook);
/// An index below `end`. Errors: InvalidArgument: "head 9 does not exist; there are 0 to 7".
[[nodiscard]] Result<int> index(const Value& value, int end, const char* what);

}  // namespace gf::lessons

// The options of `analyze`, made from the questions' parameters.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/cli/analyze/analyze.h"
#include "app/cli/validators.h"
#include "model/analysis/objective.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf::cli {

namespace {

/// All questions' parameters of one name: they share an option.
struct SharedParam {
  const Param* param;
  std::string help;  ///< "logit-lens: tokens that are listed; neurons: ..."
};

std::vector<SharedParam> shared_params() {
  std::vector<SharedParam> all;
  for (const Question* question : questions())
    for (const Param& param : question->params) {
      std::string own = text("{0}: {1}", question->name, text(param.doc));
      if (*param.fallback != '\0') own += text(", default {0}", param.fallback);
      const auto at = std::ranges::find_if(all, [&](const SharedParam& s) { return std::string_view(s.param->name) == param.name; });
      if (at == all.end()) {
        all.push_back({&param, own});
        continue;
      }
      EXPECTS(at->param->kind == param.kind, "parameters of one name are of one kind");
      at->help += text("; ") + own;
    }
  for (SharedParam& shared : all) {
    if (!shared.param->choices.empty()) shared.help = text("{0} ({1})", shared.help, listed(shared.param->choices));
  }
  return all;
}

/// "--top", and "-n" for a name of one letter.
std::string option_of(std::string_view name) { return (name.size() == 1 ? "-" : "--") + std::string(name); }

/// "--against-prompt" has "--against-ids" beside it, "--clean" has "--clean-ids".
std::string ids_option(std::string_view name) {
  if (name.ends_with("-prompt")) name.remove_suffix(7);
  return "--" + std::string(name) + "-ids";
}

}  // namespace

CLI::Option* add_list_option(CLI::App& app, const std::string& name, std::vector<std::string>& words, const std::string& help) {
  const auto without_blanks = [](std::string word) { return CLI::detail::trim(word); };
  return app.add_option(name, words, help)->delimiter(',')->transform(without_blanks, "");
}

void add_question_options(CLI::App& app, AnalyzeOptions& o) {
  for (const auto& [param, help] : shared_params()) {
    const std::string option = option_of(param->name);
    switch (param->kind) {
      case Param::Kind::Whole:
        app.add_option(option, o.values[param->name], help)->check(whole(static_cast<int>(param->low), static_cast<int>(param->high)));
        break;
      case Param::Kind::Seed: app.add_option(option, o.values[param->name], help)->check(whole<std::uint64_t>(0)); break;
      case Param::Kind::Number:
        app.add_option(option, o.values[param->name], help)
            ->check(param->low == Param::kAboveZero ? above_zero<double>() : between(param->low, param->high, text("in its range")));
        break;
      case Param::Kind::Choice:
        app.add_option(option, o.values[param->name], help)
            ->check(CLI::IsMember(std::vector<std::string>(param->choices.begin(), param->choices.end())));
        break;
      case Param::Kind::Choices: add_list_option(app, option, o.lists[param->name], help); break;
      case Param::Kind::Flag: app.add_flag(option, o.flags[param->name], help); break;
      case Param::Kind::Prompt:
        app.add_option(ids_option(param->name), o.prompts[param->name].ids, text("the same as token ids"))
            ->excludes(app.add_option(option, o.prompts[param->name].text, help));
        break;
      case Param::Kind::Text:
      case Param::Kind::Neuron:
      case Param::Kind::Head: app.add_option(option, o.values[param->name], help); break;
    }
  }
}

Result<std::vector<const Question*>> questions_asked(const AnalyzeOptions& o) {
  for (const std::string& what : o.what)
    if (find_question(what) == nullptr)
      return fail(ErrorCode::InvalidArgument,
                  text("there is no analysis '{0}'; there are {1}", what, listed(questions(), &Question::name)));
  std::vector<const Question*> asked;
  for (const Question* q : questions())
    if (std::ranges::find(o.what, q->name) != o.what.end()) asked.push_back(q);
  return asked;
}

Result<Params> params_of(const Question& question, const AnalyzeOptions& o, const Model& model) {
  Params params(question.params);
  for (const Param& param : question.params) {
    if (param.kind == Param::Kind::Prompt) {
      const PromptOptions& prompt = o.prompts.at(param.name);
      if (prompt.text.empty() && prompt.ids.empty()) continue;
      GF_TRY_ASSIGN(auto ids, prompt_ids(prompt, model));
      params.set_prompt(param.name, std::move(ids));
      continue;
    }
    std::string given;
    if (param.kind == Param::Kind::Flag) given = o.flags.at(param.name) ? "yes" : "";
    else if (param.kind == Param::Kind::Choices)
      for (const std::string& word : o.lists.at(param.name)) given += (given.empty() ? "" : ",") + word;
    else given = o.values.at(param.name);
    if (!given.empty()) GF_TRY(params.set(param.name, given));
  }
  return params;
}

std::vector<std::string> unread_options(const std::vector<const Question*>& asked, const AnalyzeOptions& o) {
  std::vector<std::string> sentences;
  const std::string names = listed(asked, &Question::name);
  const auto unless_read = [&](bool given, const std::string& option, const auto& reads) {
    if (given && std::ranges::none_of(asked, reads)) sentences.push_back(text("{0} has no effect on {1}", option, names));
  };
  // A question that has its prompts among its parameters, or reads the weights alone, takes no other.
  const auto reads_prompt = [&](const Question* q) {
    const std::string instead = q->needs.instead;
    if (instead.empty()) return q->needs.prompt;
    const auto prompt = o.prompts.find(instead);
    const auto value = o.values.find(instead);
    const bool given = (prompt != o.prompts.end() && !(prompt->second.text.empty() && prompt->second.ids.empty())) ||
                       (value != o.values.end() && !value->second.empty());
    return !given;
  };
  unless_read(!o.prompt.text.empty(), "--prompt", reads_prompt);
  unless_read(!o.prompt.ids.empty(), "--ids", reads_prompt);
  const auto reads_text = [&](const Question* q) { return q->needs.set || reads_prompt(q); };
  unless_read(o.prompt.bos, "--bos", reads_text);
  unless_read(o.prompt.special, "--special", reads_text);
  unless_read(!o.recipe.empty(), "--recipe", [](const Question* q) { return q->needs.prompt; });
  unless_read(!o.target.empty(), "--target", [](const Question* q) { return q->needs.a != TokenNeed::None; });
  unless_read(!o.against.empty(), "--against", [](const Question* q) { return q->needs.b != TokenNeed::None; });
  // The log-probability of A has no B.
  const auto differs = [&](const Question* q) {
    const bool chosen = std::ranges::any_of(q->params, [](const Param& p) { return std::string_view(p.name) == kObjectiveParam.name; });
    return q->needs.b != TokenNeed::None && !(chosen && o.values.at(kObjectiveParam.name) == "logprob");
  };
  if (!o.against.empty() && std::ranges::any_of(asked, [](const Question* q) { return q->needs.b != TokenNeed::None; }) &&
      std::ranges::none_of(asked, differs))
    sentences.push_back(
        text("{0} has no effect on {1}, because {2} is the log-probability of one token", "--against", names, "--objective logprob"));
  unless_read(o.position != -1, "--position", [](const Question* q) { return q->needs.position; });
  for (const auto& [param, help] : shared_params()) {
    const std::string name = param->name;
    const auto filled = [&name](const auto& all) { return all.contains(name) && !all.at(name).empty(); };
    const auto prompt = o.prompts.find(name);
    const bool given = filled(o.values) || filled(o.lists) || (o.flags.contains(name) && o.flags.at(name)) ||
                       (prompt != o.prompts.end() && !(prompt->second.text.empty() && prompt->second.ids.empty()));
    unless_read(given, option_of(name),
                [&](const Question* q) { return std::ranges::any_of(q->params, [&](const Param& p) { return name == p.name; }); });
  }
  return sentences;
}

Error lacking(const Question& question, const Lack& lack) {
  const auto wrong = [](std::string sentence) { return Error{ErrorCode::InvalidArgument, std::move(sentence), {}}; };
  const auto param = [&](const Param& p) {
    const std::string option = option_of(p.name);
    switch (p.kind) {
      case Param::Kind::Prompt:
        return wrong(text("{0} needs another prompt; give it with {1} or {2}", question.name, option, ids_option(p.name)));
      case Param::Kind::Neuron: return wrong(text("{0} needs a neuron; give it as {1} BLOCK.INDEX, like 3.17", question.name, option));
      case Param::Kind::Head: return wrong(text("{0} needs a head; give it as {1} BLOCK.INDEX, like 3.5", question.name, option));
      default: return wrong(text("{0} needs {1}: {2}", question.name, option, text(p.doc)));
    }
  };
  switch (lack.what) {
    case Lack::What::Param: return param(*lack.param);
    case Lack::What::Prompt: {
      const Param* instead = Params(question.params).row(question.needs.instead);
      if (instead != nullptr && instead->kind == Param::Kind::Prompt) return param(*instead);
      return wrong(text("{0} needs a prompt; give one with --prompt or --ids", question.name));
    }
    case Lack::What::Set: return wrong(text("{0} needs a set of prompts with tags; give one with {1}", question.name, "--prompts"));
    case Lack::What::Target:
    case Lack::What::Rival: break;
  }
  if (question.needs.b == TokenNeed::Required)
    return wrong(text("{0} needs two tokens; give them with --target and --against", question.name));
  return wrong(text("{0} needs a token; give it with --target", question.name));
}

}  // namespace gf::cli

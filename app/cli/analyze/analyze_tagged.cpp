// `analyze --prompts` of questions that read a whole set of prompts with tags.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "app/cli/analyze/analyze.h"
#include "app/cli/analyze/answer_arrays.h"
#include "app/cli/interrupt.h"
#include "app/cli/validators.h"
#include "model/analysis/circuit_graph.h"
#include "model/base/files/whole_file.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

constexpr const char* kReplyEnd = ".json";

bool reads_sets(const Question* question) { return question->needs.set; }

Result<std::shared_ptr<const TaggedSet>> tagged_set(const AnalyzeOptions& o, const std::string& file, const Model& model) {
  const PromptEncoder encode = [&](const std::string& said) {
    PromptOptions prompt = o.prompt;
    prompt.text = said;
    return prompt_ids(prompt, model);
  };
  const ModelConfig& c = model.weights->config;
  GF_TRY_ASSIGN(auto set, read_tagged_set(file, encode, c.n_vocab, c.n_ctx));
  for (const auto& [row, why] : set.failed) say(text("row {0} failed: {1}", row, why));
  return std::make_shared<const TaggedSet>(std::move(set));
}

Json reply_about(const AnalyzeOptions& o, const TaggedSet& set, const std::vector<Answered>& answers, const Model& model) {
  Json reply{{"model", model.weights->name},
             {"prompts", std::filesystem::path(o.set).filename().string()},
             {"what", o.what},
             {"rows", set.rows.size() + set.failed.size()},
             {"failed", Json::array()},
             {"options", Json::object()},
             {"glassformer", GLASSFORMER_VERSION}};
  for (const auto& [row, why] : set.failed) reply["failed"].push_back({{"row", row}, {"why", why}});
  for (const Answered& answered : answers) {
    reply["options"][key_of(*answered.question)] = json_of(answered.params);
    reply[key_of(*answered.question)] = json_of(*answered.question, answered.answer, model);
  }
  return reply;
}

/// Of the file of a call that writes no shard. A question's own file holds no other answer.
std::string problem_of_ending(const AnalyzeOptions& o, const std::vector<const Question*>& asked) {
  const auto own = [&](const Question* question) { return !question->files.empty() && has_own_file(*question, o.output); };
  if (std::ranges::any_of(asked, own))
    return asked.size() == 1
               ? std::string()
               : text("{0} writes a file of its own with that ending; ask for it apart", (*std::ranges::find_if(asked, own))->name);
  if (is_array_file(o.output)) return {};
  std::string wrong = ends_in(kReplyEnd)(o.output);
  if (wrong.empty()) return {};
  return text("'{0}' has to end in {1} (the reply) or {2} (its arrays)", o.output, kReplyEnd, array_endings());
}

/// The reply without its answers.
Json about_set_of_tags(Json reply, const std::vector<Answered>& answers) {
  for (const Answered& answered : answers) reply.erase(key_of(*answered.question));
  return reply;
}

}  // namespace

std::string problem_of_output(const AnalyzeOptions& o, const std::vector<const Question*>& asked) {
  const auto sets = std::ranges::count_if(asked, reads_sets);
  if (sets > 0 && sets < std::ssize(asked))
    return text("some of {0} read the whole set and others each prompt; ask for them apart", listed(asked, &Question::name));
  if (sets == 0) {
    if (o.output.empty()) return {};
    if (!o.shard.empty()) return ends_in(".jsonl")(o.output);
    // A set's edges are tables of means, which the graph of one run does not hold.
    return o.set.empty() ? problem_of_ending(o, asked) : problem_of_ending(o, {});
  }
  for (const auto& [option, given] : {std::pair{"--shard", &o.shard}, std::pair{"--rows", &o.rows}})
    if (!given->empty()) return text("{0} has no effect on {1}; leave that out", option, listed(asked, &Question::name));
  return o.output.empty() ? std::string() : problem_of_ending(o, asked);
}

bool has_own_file(const Question& question, const std::string& path) {
  if (question.name == kGraphQuestion) return ends_in(kReplyEnd)(path).empty();
  return std::ranges::any_of(question.files, [&](const QuestionFile& file) { return path.ends_with(file.ending); });
}

std::vector<std::string> all_parts(const Question& question) {
  std::vector<std::string> names;
  for (const PartInfo& part : question.parts) names.emplace_back(part.name);
  return names;
}

Result<void> write_output(const AnalyzeOptions& o, const Answered& answered) {
  for (const QuestionFile& written : answered.question->files)
    if (o.output.ends_with(written.ending)) GF_TRY(written.write(answered.answer, answered.params, o.output));
  return {};
}

Result<void> analyze_tagged(const AnalyzeOptions& o, const std::vector<const Question*>& asked, const std::string& file) {
  if (!o.recipe.empty())
    return fail(ErrorCode::InvalidArgument, text("{0} has no effect on {1}", "--recipe", listed(asked, &Question::name)));
  GF_TRY_ASSIGN(const auto model, open(o.model));
  GF_TRY_ASSIGN(const auto set, tagged_set(o, file, *model));
  GF_TRY(check_outputs(o));
  Session::Options session_options;
  session_options.threads = o.threads;
  GF_TRY_ASSIGN(const auto session, Session::create(model, session_options));
  const Interrupt interrupt;
  Asking asking{.session = *session, .request = {}, .run = {}, .a = {}, .b = {}, .params = {}, .set = set};
  asking.stop = interrupt.token();
  std::vector<Answered> answers;
  for (const Question* question : asked) {
    GF_TRY_ASSIGN(asking.params, params_of(*question, o, *model));
    asking.wanted = has_own_file(*question, o.output) ? all_parts(*question) : std::vector<std::string>();
    ProgressBar bar(text(question->title));
    asking.progress = [&](double fraction) { bar.set(fraction); };
    GF_TRY_ASSIGN(auto answer, stopped(ask(*question, asking), phrase("The analysis was stopped.")));
    answers.push_back({question, asking.params, std::move(answer)});
  }
  const Json reply = reply_about(o, *set, answers, *model);
  const bool own = has_own_file(*asked.front(), o.output);
  if (own) GF_TRY(write_output(o, answers.front()));
  else if (is_array_file(o.output)) GF_TRY(write_answer_arrays(o.output, answers, array_metadata(about_set_of_tags(reply, answers))));
  else if (!o.output.empty()) GF_TRY(write_whole_file(o.output, reply.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"));
  if (o.json) print(reply);
  else if (own || o.output.empty()) print_text(answers, *model, {});
  return {};
}

}  // namespace gf::cli

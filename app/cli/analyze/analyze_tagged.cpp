// `analyze --prompts` of questions that read a whole set of prompts with tags.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "app/cli/analyze/analyze.h"
#include "app/cli/analyze/circuit_graph.h"
#include "app/cli/interrupt.h"
#include "app/cli/validators.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

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

/// Of a file that the only question among these writes.
std::string problem_of_own_file(const AnalyzeOptions& o, const std::vector<const Question*>& asked) {
  if (asked.size() > 1) return text("each of {0} writes a file of its own; ask for them apart", listed(asked, &Question::name));
  const auto files = asked.front()->files;
  if (std::ranges::any_of(files, [&](const QuestionFile& file) { return o.output.ends_with(file.ending); })) return {};
  return text("'{0}' does not end in {1}", o.output, listed(files, &QuestionFile::ending));
}

std::string problem_of_file(const AnalyzeOptions& o, const std::vector<const Question*>& asked) {
  const auto sets = std::ranges::count_if(asked, reads_sets);
  if (sets > 0 && sets < std::ssize(asked))
    return text("some of {0} read the whole set and others each prompt; ask for them apart", listed(asked, &Question::name));
  if (sets == 0) return o.output.empty() ? std::string() : ends_in(o.shard.empty() ? ".json" : ".jsonl")(o.output);
  for (const auto& [option, given] : {std::pair{"--shard", &o.shard}, std::pair{"--rows", &o.rows}})
    if (!given->empty()) return text("{0} has no effect on {1}; leave that out", option, listed(asked, &Question::name));
  if (o.output.empty()) return {};
  return problem_of_own_file(o, asked);
}

}  // namespace

std::string problem_of_output(const AnalyzeOptions& o, const std::vector<const Question*>& asked) {
  if (std::string wrong = problem_of_file(o, asked); !wrong.empty()) return wrong;
  const auto has_files = [](const Question* question) { return !question->needs.set && !question->files.empty(); };
  if (o.set.empty() && !o.output.empty() && std::ranges::any_of(asked, has_files)) return problem_of_own_file(o, asked);
  const bool writes = !o.set.empty() || std::ranges::find(asked, kGraphQuestion, &Question::name) != asked.end();
  return o.output.empty() || writes ? std::string()
                                    : text("it needs --prompts, or a question that writes a file, such as edges or sparsity");
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
  Session::Options session_options;
  session_options.threads = o.threads;
  GF_TRY_ASSIGN(const auto session, Session::create(model, session_options));
  const Interrupt interrupt;
  Asking asking{.session = *session, .request = {}, .run = {}, .a = {}, .b = {}, .params = {}, .set = set};
  asking.stop = interrupt.token();
  std::vector<Answered> answers;
  for (const Question* question : asked) {
    GF_TRY_ASSIGN(asking.params, params_of(*question, o, *model));
    asking.wanted = o.output.empty() ? std::vector<std::string>() : all_parts(*question);
    ProgressBar bar(text(question->title));
    asking.progress = [&](double fraction) { bar.set(fraction); };
    GF_TRY_ASSIGN(auto answer, stopped(ask(*question, asking), phrase("The analysis was stopped.")));
    answers.push_back({question, asking.params, std::move(answer)});
  }
  if (!o.output.empty()) GF_TRY(write_output(o, answers.front()));
  if (o.json) print(reply_about(o, *set, answers, *model));
  else print_text(answers, *model, {});
  return {};
}

}  // namespace gf::cli

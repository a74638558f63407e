#include "app/document/patch_tries.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/document/cell_edits.h"
#include "app/document/patching.h"
#include "app/document/request.h"
#include "model/analysis/sweeping.h"
#include "model/base/logits.h"
#include "model/base/text.h"

namespace gf::doc {
namespace {

/// Below this difference of logits there is no effect to measure, as in patch-sweep.
constexpr double kLeastDifference = 1e-3;

bool takes_from_the_same(const Edit& a, const Edit& b) {
  return a.op == EditOp::Patch && a.source && b.source && a.source->prompt == b.source->prompt && a.source->ids == b.source->ids;
}

/// The position of the second prompt's run that answers what is asked at `position` of the own run.
Result<int> partner_of(int position, std::span<const TokenId> from, std::span<const TokenId> to) {
  if (position == static_cast<int>(to.size()) - 1) return static_cast<int>(from.size()) - 1;
  for (const AlignedRow& row : align_tokens(from, to))
    if (row.to == position && row.from >= 0) return row.from;
  return fail(ErrorCode::InvalidArgument,
              text("Position {0} has no partner in the second prompt; select one that has, or the last.", position));
}

Result<TryResult> computed_result(const Asking& asking, const PatchTry& one) {
  const Model& model = asking.model();
  GF_TRY_ASSIGN(const RunRequest own, request_of(one.subject, RunSettings{}, model));
  GF_TRY_ASSIGN(std::vector<TokenId> second, second_prompt(one.subject, one.second, model));
  RunRequest other;
  other.prompt = std::move(second);
  other.forced = one.subject.continuation;
  GF_TRY_ASSIGN(const Run run, asking.session.run(own, asking.stop));
  if (asking.progress) asking.progress(0.5);
  GF_TRY_ASSIGN(const Run source, asking.session.run(other, asking.stop));
  const int T = run.base->length();
  const int position = one.position >= 0 && one.position < T ? one.position : T - 1;
  GF_TRY_ASSIGN(const int there, partner_of(position, source.base->ids(), run.base->ids()));
  const TokensAsked asked = tokens_asked(one.target, one.rival, run, position, model);
  GF_TRY(asked.named);
  if (!asked.a || !asked.b) return fail(ErrorCode::InvalidArgument, text("There are no two tokens A and B to compare."));
  GF_TRY_ASSIGN(const auto before, logits_at(asking.session, base_of(run), position, asking.stop));
  GF_TRY_ASSIGN(const auto after, logits_at(asking.session, run, position, asking.stop));
  GF_TRY_ASSIGN(const auto theirs, logits_at(asking.session, source, there, asking.stop));
  TryResult result;
  result.a = *asked.a;
  result.b = *asked.b;
  result.position = position;
  result.source = logit_difference(theirs, result.a, result.b);
  result.before = logit_difference(before, result.a, result.b);
  result.after = logit_difference(after, result.a, result.b);
  // + 0: a patch that changes nothing has the effect 0, not -0.
  if (const double most = result.source - result.before; !(std::abs(most) < kLeastDifference))
    result.effect = (result.after - result.before) / most + 0.0;
  result.kl = KlFrom(before).to(after);
  return result;
}

void change_try(Document& d, std::size_t index, const std::function<void(PatchTry&)>& change) {
  if (index < d.tries.size()) change(d.tries[index]);
}

}  // namespace

PatchTry try_of(const Document& d) { return {{}, {}, d, other_prompt(d), d.target, d.rival, d.selected_position}; }

Command make_patch(const Edit& edit, bool alone, std::optional<int> about) {
  return {text("patch {0}", patch_place(edit)),
          [edit, alone, about](Document& d) {
            if (about) d.selected_position = *about;
            if (alone) std::erase_if(d.recipe.edits, [&](const Edit& old) { return takes_from_the_same(old, edit); });
            else std::erase(d.recipe.edits, edit);
            d.recipe.edits.push_back(edit);
            let_edits_act(d);
            d.tries.push_back(try_of(d));
          },
          {}};
}

Command keep_try(std::string name) {
  return {text("keep a try"),
          [name = std::move(name)](Document& d) {
            d.tries.push_back(try_of(d));
            d.tries.back().name = name;
          },
          {}};
}

Command name_try(std::size_t index, std::string name) {
  return {text("name a try"),
          [index, name = std::move(name)](Document& d) { change_try(d, index, [&](PatchTry& one) { one.name = name; }); },
          {}};
}

Command note_try(std::size_t index, std::string note) {
  return {text("note on a try"),
          [index, note = std::move(note)](Document& d) { change_try(d, index, [&](PatchTry& one) { one.note = note; }); },
          {}};
}

Command remove_try(std::size_t index) {
  return {text("remove a try"),
          [index](Document& d) {
            if (index < d.tries.size()) d.tries.erase(d.tries.begin() + static_cast<std::ptrdiff_t>(index));
          },
          {}};
}

Command go_to_try(std::size_t index) {
  return {text("go back to a try"),
          [index](Document& d) {
            if (index >= d.tries.size()) return;
            const PatchTry one = d.tries[index];
            if (one.subject.model != d.model || one.subject.prompt != d.prompt || one.subject.continuation != d.continuation) {
              d.selection.reset();  // its place may not be there
              d.time = 1e18;
            }
            static_cast<Subject&>(d) = one.subject;
            set_other_prompt(one.second).apply(d);
            d.target = one.target;
            d.rival = one.rival;
            d.selected_position = one.position;
            let_edits_act(d);
          },
          {}};
}

std::string words_of_try(const PatchTry& one) {
  std::string all;
  for (const Edit& edit : one.subject.recipe.edits)
    if (edit.enabled) all += (all.empty() ? "" : " + ") + (edit.op == EditOp::Patch ? patch_place(edit) : summary(edit));
  return all.empty() ? text("no edits") : all;
}

Inquiry<TryResult> result_of(const PatchTry& one) {
  PatchTry asked = one;
  asked.name.clear();
  asked.note.clear();
  Document key;  // as a session has it, so that all that counts is in the key
  key.tries = {asked};
  return {{.key = "try " + to_json(key), .by_run = false}, [asked](const Asking& asking) { return computed_result(asking, asked); }};
}

Inquiry<Answer> asked_of_ids(const Question& question, const Params& params, std::vector<TokenId> ids) {
  std::string key = "of ids " + std::string(question.name) + "?" + params.key() + "#";
  for (const TokenId id : ids) key += std::to_string(id.v) + ",";
  return {{.key = std::move(key), .by_run = false}, [&question, params, ids = std::move(ids)](const Asking& asking) -> Result<Answer> {
            RunRequest request;
            request.prompt = ids;
            GF_TRY_ASSIGN(Run run, asking.session.run(request, asking.stop));
            Asking own{
                .session = asking.session, .request = request, .run = std::move(run), .a = {}, .b = {}, .position = -1, .params = params};
            own.stop = asking.stop;
            own.progress = asking.progress;
            return ask(question, std::move(own));
          }};
}

}  // namespace gf::doc

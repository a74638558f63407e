// Actions about two subjects: what is compared, copying from the one prompt into the other, and the tries that are kept.
#include "app/document/cell_edits.h"
#include "app/document/lab.h"
#include "app/document/patch_tries.h"
#include "app/document/patching.h"
#include "app/ui/actions/action_arguments.h"
#include "app/ui/actions/acts.h"
#include "model/base/text.h"

namespace gf::ui::acts {
namespace {

Result<std::size_t> try_at(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("The number of a try")));
  const auto n = static_cast<long long>(c.lab.document().tries.size());
  if (n == 0) return fail(ErrorCode::InvalidArgument, gf::text("There are no tries."), "action");
  GF_TRY_ASSIGN(const long long at, whole_number(word, 0, n - 1));
  return static_cast<std::size_t>(at);
}

}  // namespace

Result<void> other_model(C c, A a) {
  c.lab.execute(doc::set_other_model(a.empty() || a[0].empty() ? c.lab.document().model : a[0]));
  return {};
}

Result<void> other_recipe(C c, A a) {
  GF_TRY_ASSIGN(const std::string what, word_at(a, 0, gf::text("none, present or a file")));
  Recipe recipe;
  if (what == "present") recipe = c.lab.document().recipe;
  else if (what != "none") {
    GF_TRY_ASSIGN(recipe, read_recipe(what));
  }
  c.lab.execute(doc::set_other_recipe(std::move(recipe)));
  return {};
}

Result<void> other_prompt(C c, A a) {
  c.lab.execute(doc::set_other_prompt(a.empty() ? std::string() : a[0]));
  return {};
}

Result<void> patch(C c, A a) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  GF_TRY_ASSIGN(const auto run, run_of(c));
  GF_TRY_ASSIGN(const std::string site, word_at(a, 0, gf::text("What is copied, such as resid_pre,")));
  GF_TRY_ASSIGN(const std::string from, word_at(a, 1, gf::text("Where it is copied from, such as 4,9,")));
  const std::string how = word_or_nothing(a, 3);
  if (!how.empty()) GF_TRY(one_of(how, {"add", "alone"}));
  const doc::Document& document = c.lab.document();
  const std::string second = doc::other_prompt(document);
  GF_TRY_ASSIGN(const auto ids, doc::second_prompt(document, second, *model));
  const auto own = run->base->ids();
  GF_TRY_ASSIGN(const doc::PatchOf what, doc::patch_named(site, from, word_or_nothing(a, 2), ids, own));
  GF_TRY_ASSIGN(const Edit edit, doc::patch_edit(what, doc::second_source(document, second, ids), ids, own, model->weights->config));
  std::optional<int> about;
  if (const std::string word = word_or_nothing(a, 4); word == "last") {
    about = -1;
  } else if (!word.empty()) {
    GF_TRY_ASSIGN(const long long position, whole_number(word, 0, run->base->length() - 1));
    about = static_cast<int>(position);
  }
  c.lab.execute(doc::make_patch(edit, how != "add", about));
  return {};
}

Result<void> keep_try(C c, A a) {
  c.lab.execute(doc::keep_try(word_or_nothing(a, 0)));
  return {};
}

Result<void> name_try(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t at, try_at(c, a));
  c.lab.execute(doc::name_try(at, word_or_nothing(a, 1)));
  return {};
}

Result<void> note_try(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t at, try_at(c, a));
  c.lab.execute(doc::note_try(at, word_or_nothing(a, 1)));
  return {};
}

Result<void> go_to_try(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t at, try_at(c, a));
  c.lab.execute(doc::go_to_try(at));
  return {};
}

Result<void> remove_try(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t at, try_at(c, a));
  c.lab.execute(doc::remove_try(at));
  return {};
}

}  // namespace gf::ui::acts

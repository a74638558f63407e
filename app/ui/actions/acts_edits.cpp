// Actions that change the model: edits of heads, recipes, and the directions and sets of heads that the user keeps.
#include "app/document/cell_edits.h"
#include "app/document/directions.h"
#include "app/document/head_sets.h"
#include "app/document/kept.h"
#include "app/document/lab.h"
#include "app/ui/actions/acts.h"
#include "app/ui/actions/acts_parts.h"
#include "app/ui/shell/main_window.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf::ui::acts {
namespace {

Result<HeadName> head_at(C c, A a, std::size_t at) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  GF_TRY_ASSIGN(const std::string word, word_at(a, at, gf::text("A head, as BLOCK.HEAD,")));
  return head_named(word, model->weights->config);
}

Result<std::size_t> edit_at(C c, A a, std::size_t argument) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, argument, gf::text("The number of an edit")));
  const auto n = static_cast<long long>(c.lab.document().recipe.edits.size());
  if (n == 0) return fail(ErrorCode::InvalidArgument, gf::text("There are no edits."), "action");
  GF_TRY_ASSIGN(const long long at, whole_number(word, 0, n - 1));
  return static_cast<std::size_t>(at);
}

/// What the first argument names of what the user keeps. `a_name`: "The name of a direction"; `none`: said where nothing is kept;
/// `missing`: a phrase with the name at {0} and those that there are at {1}.
template <class Kept>
Result<Kept> kept_at(A a, const std::vector<Kept>& kept, const std::string& a_name, const std::string& none, const char* missing) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, a_name));
  if (const Kept* found = doc::find_named(kept, name)) return *found;
  return fail(ErrorCode::NotFound, kept.empty() ? none : gf::text(missing, name, listed(kept, &Kept::name)), "action");
}

Result<doc::Direction> direction_at(C c, A a) {
  return kept_at(a, c.lab.document().directions, gf::text("The name of a direction"),
                 gf::text("No direction is kept; the Directions dock finds one."),
                 phrase("No direction has the name \"{0}\"; there are {1}."));
}

Result<doc::HeadSet> head_set_at(C c, A a) {
  return kept_at(a, c.lab.document().head_sets, gf::text("The name of a set of heads"),
                 gf::text("No set of heads is kept; the Directions dock fits one."),
                 phrase("No set of heads has the name \"{0}\"; there are {1}."));
}

}  // namespace

Result<void> cut_head(C c, A a) {
  if (a.empty()) return c.window.cut_selected_head();
  std::vector<HeadName> heads;
  for (std::size_t i = 0; i < a.size(); ++i) {
    GF_TRY_ASSIGN(const HeadName head, head_at(c, a, i));
    heads.push_back(head);
  }
  for (const HeadName& h : heads) c.lab.set_cut({h.layer, h.head}, true);
  return {};
}

Result<void> mean_head(C c, A a) {
  GF_TRY_ASSIGN(const HeadName h, head_at(c, a, 0));
  c.lab.set_edit_of({h.layer, h.head}, EditOp::Mean, 1);
  return {};
}

Result<void> scale_head(C c, A a) {
  GF_TRY_ASSIGN(const HeadName h, head_at(c, a, 0));
  GF_TRY_ASSIGN(const std::string by, word_at(a, 1, gf::text("A factor")));
  GF_TRY_ASSIGN(const double factor, number(by, -1000, 1000));
  c.lab.set_edit_of({h.layer, h.head}, EditOp::Scale, static_cast<float>(factor));
  return {};
}

Result<void> restore_head(C c, A a) {
  GF_TRY_ASSIGN(const HeadName h, head_at(c, a, 0));
  c.lab.set_cut({h.layer, h.head}, false);
  return {};
}

Result<void> add_edits(C c, A a) {
  GF_TRY_ASSIGN(const std::string json, word_at(a, 0, gf::text("A recipe")));
  GF_TRY_ASSIGN(const Recipe recipe, parse_recipe(json, c.lab.document().recipe.folder));
  return change(c, recipe.edits.size() == 1 ? summary(recipe.edits.front()) : gf::text("add edits"), [recipe](doc::Document& d) {
    d.recipe.edits.insert(d.recipe.edits.end(), recipe.edits.begin(), recipe.edits.end());
    doc::let_edits_act(d);
  });
}

Result<void> keep_direction(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a direction")));
  GF_TRY_ASSIGN(const std::string json, word_at(a, 1, gf::text("A recipe")));
  GF_TRY_ASSIGN(const Edit push, doc::push_of_json(json, c.lab.document().recipe.folder));
  c.lab.execute(doc::keep_direction({name, push}));
  return {};
}

Result<void> forget_direction(C c, A a) {
  GF_TRY_ASSIGN(const doc::Direction direction, direction_at(c, a));
  c.lab.execute(doc::forget_direction(direction.name));
  return {};
}

Result<void> keep_head_set(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a set of heads")));
  GF_TRY_ASSIGN(const std::string json, word_at(a, 1, gf::text("A recipe")));
  GF_TRY_ASSIGN(doc::HeadSet set, doc::head_set_of(name, json, c.lab.document().recipe.folder));
  c.lab.execute(doc::keep_head_set(std::move(set)));
  return {};
}

Result<void> forget_head_set(C c, A a) {
  GF_TRY_ASSIGN(const doc::HeadSet set, head_set_at(c, a));
  c.lab.execute(doc::forget_head_set(set.name));
  return {};
}

Result<void> use_head_set(C c, A a) {
  GF_TRY_ASSIGN(const doc::HeadSet set, head_set_at(c, a));
  double strength = 1;
  if (a.size() > 1) {
    GF_TRY_ASSIGN(strength, number(a[1], -1e6, 1e6));
  }
  c.lab.execute(doc::use_head_set(set, static_cast<float>(strength)));
  return {};
}

Result<void> steer(C c, A a) {
  GF_TRY_ASSIGN(const doc::Direction direction, direction_at(c, a));
  GF_TRY_ASSIGN(const auto model, model_of(c));
  if (const std::string why = doc::why_not_in(direction, c.lab.document(), model->weights->config); !why.empty())
    return fail(ErrorCode::InvalidArgument, why, "action");
  GF_TRY_ASSIGN(const std::string word, word_at(a, 1, gf::text("A strength")));
  GF_TRY_ASSIGN(const double strength, number(word, -1e6, 1e6));
  c.lab.execute(doc::steer(direction, static_cast<float>(strength)));
  return {};
}

Result<void> what_if(C c, A) {
  c.lab.execute(doc::set_mode(doc::Mode::WhatIf));
  c.window.docks().show("probe", true);  // the texts stand there
  return {};
}

Result<void> remove_edit(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t at, edit_at(c, a, 0));
  c.lab.execute(doc::remove_edit(at));
  return {};
}

Result<void> move_edit(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t from, edit_at(c, a, 0));
  GF_TRY_ASSIGN(const std::size_t to, edit_at(c, a, 1));
  c.lab.execute(doc::move_edit(from, to));
  return {};
}

}  // namespace gf::ui::acts

// Actions about models, files, prompts, docks, lessons and the history.
#include "app/ui/actions/acts.h"

#include <algorithm>

#include "app/document/lab.h"
#include "app/document/training.h"
#include "app/ui/actions/action_arguments.h"
#include "app/ui/actions/action_choices.h"
#include "app/ui/docks/docks.h"
#include "app/ui/shell/dock_frames.h"
#include "app/ui/shell/file_desk.h"
#include "app/ui/shell/layout_desk.h"
#include "app/ui/shell/main_window.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf::ui::acts {

Result<void> open(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a model")));
  c.window.open_model(name);
  return {};
}

Result<void> delete_kept(C c, A a) {
  GF_TRY_ASSIGN(const std::string id, word_at(a, 0, gf::text("The id of a kept session")));
  return c.window.files().delete_kept(id);
}

Result<void> training_step(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A training step")));
  const std::vector<int> steps = doc::training_steps_of(c.lab.document().model);
  std::optional<int> step;
  if (word != "end") {
    GF_TRY_ASSIGN(const long long asked, whole_number(word, 0, 1LL << 30));
    step = static_cast<int>(asked);
    if (std::ranges::find(steps, *step) == steps.end()) {
      std::string known;
      for (const int s : steps) known += (known.empty() ? "" : ", ") + std::to_string(s);
      return fail(
          ErrorCode::NotFound,
          steps.empty() ? gf::text("This model has no training steps.") : gf::text("This model has no step {0}; it has {1}.", word, known),
          "action");
    }
  }
  c.lab.execute(doc::show_training_step(step));
  return {};
}

Result<void> save_figure(C c, A a) {
  GF_TRY_ASSIGN(const std::string figure, word_at(a, 0, gf::text("A figure, such as 'pattern 4.7'")));
  GF_TRY_ASSIGN(const std::string path, word_at(a, 1, gf::text("A file")));
  return c.window.files().save_figure(figure, path);
}

Result<void> set_prompt(C c, A a) {
  GF_TRY_ASSIGN(std::string prompt, word_at(a, 0, gf::text("The prompt")));
  c.lab.execute(doc::set_prompt(std::move(prompt)));
  return {};
}

Result<void> show_dock(C c, A a) {
  GF_TRY_ASSIGN(const std::string id, word_at(a, 0, gf::text("The id of a dock")));
  if (!find_dock(id))
    return fail(ErrorCode::InvalidArgument, gf::text("There is no dock \"{0}\"; there are {1}.", id, dock_ids()), "action");
  // One behind another tab comes to the front.
  GF_TRY_ASSIGN(const bool on, on_or_off(a, 1, c.window.docks().in_front(id)));
  c.window.docks().show(id, on);
  return {};
}

Result<void> layout(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a layout")));
  return c.window.layout_desk().use(name);
}

Result<void> save_layout(C c, A a) {
  if (!a.empty()) return c.window.layout_desk().save(a[0]);
  c.window.layout_desk().manage();
  return {};
}

Result<void> rename_layout(C c, A a) {
  GF_TRY_ASSIGN(const std::string from, word_at(a, 0, gf::text("The name of a layout")));
  GF_TRY_ASSIGN(const std::string to, word_at(a, 1, gf::text("Its new name")));
  return c.window.layout_desk().rename(from, to);
}

Result<void> delete_layout(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a layout")));
  return c.window.layout_desk().remove(name);
}

Result<void> target(C c, A a) {
  c.lab.execute(doc::set_target(a.empty() ? std::string() : a[0]));
  return {};
}

Result<void> rival(C c, A a) {
  c.lab.execute(doc::set_rival(a.empty() ? std::string() : a[0]));
  return {};
}

Result<void> history(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A number of decisions")));
  const auto all = c.lab.history().done() + c.lab.history().undone();
  GF_TRY_ASSIGN(const long long done, whole_number(word, 0, static_cast<long long>(all)));
  c.window.go_in_history(static_cast<std::size_t>(done));
  return {};
}

Result<void> read_lens(C c, A a) {
  if (a.empty()) c.window.files().choose_lens();
  else c.lab.execute(doc::set_lens(a.front() == "none" ? std::string() : a.front()));
  return {};
}

Result<void> lesson(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("The name of a lesson")));
  std::string names;
  for (const auto& known : c.window.player().lessons()) {
    if (known->name == name) {
      c.window.player().start(known);
      return {};
    }
    names += (names.empty() ? "" : ", ") + known->name;
  }
  return fail(ErrorCode::NotFound, gf::text("There is no lesson \"{0}\"; there are {1}.", name, names), "action");
}

}  // namespace gf::ui::acts

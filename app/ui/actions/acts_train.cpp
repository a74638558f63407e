// The actions of a training that take arguments; actions.cpp lists them.
#include <algorithm>

#include "app/document/lab.h"
#include "app/ui/actions/action_arguments.h"
#include "app/ui/actions/acts.h"
#include "app/ui/actions/acts_parts.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/viewport/viewport.h"
#include "model/base/text.h"

namespace gf::ui::acts {
namespace {

constexpr long long kMostLookSteps = 1LL << 40;

/// "steps=500"
Result<void> set_training(doc::TrainingPlan& plan, const std::string& setting) {
  const auto at = setting.find('=');
  if (at == std::string::npos)
    return fail(ErrorCode::InvalidArgument, gf::text("\"{0}\" is no setting of a training; write NAME=VALUE, such as steps=500.", setting),
                "action");
  const std::string name = setting.substr(0, at), value = setting.substr(at + 1);
  if (name == "look-every") {
    GF_TRY_ASSIGN(plan.look_every, whole_number(value, 1, kMostLookSteps));
    return {};
  }
  return training::set_option(plan.source.call, name == "size" ? "MODEL" : name, value);
}

}  // namespace

Result<void> train_start(C c, A a) {
  doc::TrainingPlan plan;
  GF_TRY_ASSIGN(plan.folder, word_at(a, 0, gf::text("A folder for the model and its checkpoints")));
  GF_TRY_ASSIGN(plan.source.call.data, word_at(a, 1, gf::text("A text to train on")));
  plan.source.call.model = "tiny";
  for (std::size_t i = 2; i < a.size(); ++i) GF_TRY(set_training(plan, a[i]));
  plan.said = {"train-start"};
  plan.said.insert(plan.said.end(), a.begin(), a.end());
  return c.lab.training().start(std::move(plan));
}

Result<void> train_resume(C c, A a) {
  GF_TRY_ASSIGN(const std::string folder, word_at(a, 0, gf::text("The folder of a training")));
  std::optional<std::int64_t> steps;
  if (a.size() > 1) {
    GF_TRY_ASSIGN(steps, whole_number(a[1], 1, training::kMostTrainingSteps));
  }
  return c.lab.training().resume(folder, steps);
}

Result<void> train_go_on(C c, A) { return c.lab.training().go_on(); }

Result<void> train_look_every(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A number of steps")));
  GF_TRY_ASSIGN(const long long steps, whole_number(word, 1, kMostLookSteps));
  c.lab.training().set_look_every(steps);
  return {};
}

Result<void> train_weights(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("value, gradient or update")));
  GF_TRY_ASSIGN(const std::size_t which, one_of(word, {"value", "gradient", "update"}));
  c.lab.show_weights(static_cast<doc::Lab::WeightsShown>(which));
  return {};
}

Result<void> look_at_weights(C c, A) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  const auto& selection = c.lab.document().selection;
  const int last = model->weights->config.n_layer - 1;
  const int layer = selection && !selection->tensor.is_weight() ? std::clamp(selection->tensor.hook.layer, 0, last) : 0;
  if (c.lab.document().view != scene::View::Machine) c.lab.execute(doc::show_view(scene::View::Machine));
  c.window.viewport().fly_to(gf::text("h.{0}.attn.c_attn.weight", layer));
  return {};
}

}  // namespace gf::ui::acts

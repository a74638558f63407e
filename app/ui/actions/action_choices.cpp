#include "app/ui/actions/action_choices.h"

#include "app/document/bookmarks.h"
#include "app/document/lab.h"
#include "app/document/patch_tries.h"
#include "app/scene/views.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/docks/docks.h"
#include "app/ui/shell/dock_frames.h"
#include "app/ui/shell/languages.h"
#include "app/ui/shell/layouts.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/words.h"
#include "model/base/text.h"
#include "model/io/loaders.h"
#include "model/tokenizer/token_words.h"

namespace gf::ui {
namespace {

/// `cut`: those that are cut, or that are whole; none: all of them.
std::vector<Choice> heads_as_choices(const ActionContext& context, std::optional<bool> cut, const char* label) {
  const auto model = context.lab.model();
  if (!model) return {};
  std::vector<Choice> all;
  for (int l = 0; l < model->weights->config.n_layer; ++l)
    for (int h = 0; h < model->weights->config.n_head; ++h) {
      if (cut && context.lab.is_cut({l, h}) != *cut) continue;
      const std::string head = std::to_string(l) + "." + std::to_string(h);
      all.push_back({{head}, gf::text(label, head, h, l), {}, {}, "", false});
    }
  return all;
}

std::string quoted_piece(const Model& model, TokenId id, const TokenPiece& piece) {
  return piece.count == 1 ? quoted_token(model, id).toStdString() : "“" + piece.label() + "”";
}

}  // namespace

std::vector<Choice> model_choices(const ActionContext& context) {
  std::vector<Choice> all;
  for (const BundledModel& model : bundled_models())
    all.push_back({{model.name}, gf::text("Open {0}", model.name), gf::text(model.description), model.name, kBundledGroup});
  for (const std::string& model : context.lab.recent_models())
    all.push_back({{model}, gf::text("Open recent {0}", model), {}, model, kRecentGroup});
  return all;
}

std::vector<Choice> view_choices(const ActionContext& context) {
  std::vector<Choice> all;
  for (const scene::ViewInfo& v : scene::views())
    all.push_back({{v.name},
                   gf::text("Show the {0}", gf::text(v.title)),
                   with_keys(text(v.doc), "view").toStdString(),
                   gf::text(v.title),
                   "",
                   v.value == context.lab.document().view});
  return all;
}

std::vector<Choice> compare_choices(const ActionContext& context) {
  const scene::Compare now = context.lab.document().compare;
  return {
      {{"edited"}, gf::text("Show edited"), gf::text("Show the edited run"), gf::text("Edited"), "", now == scene::Compare::Edited},
      {{"base"}, gf::text("Show base"), gf::text("Show the run without edits (hold B)"), gf::text("Base"), "", now == scene::Compare::Base},
      {{"difference"},
       gf::text("Show the difference"),
       with_keys(text("Show edited minus base"), "difference").toStdString(),
       gf::text("Difference"),
       "",
       now == scene::Compare::Difference},
      {{"split"},
       gf::text("Show base and edited at a line"),
       with_keys(text("Base left, edited right of a line that can be dragged"), "split").toStdString(),
       gf::text("Split"),
       "",
       now == scene::Compare::Split},
      {{"side"},
       gf::text("Show both side by side"),
       with_keys(text("Two whole scenes with one camera: base or the other run left, this run right"), "side").toStdString(),
       gf::text("Both"),
       "",
       now == scene::Compare::Side}};
}

std::vector<Choice> card_depth_choices(const ActionContext& context) {
  constexpr const char* kLabels[] = {phrase("Cards tell the story"), phrase("Cards show numbers"), phrase("Cards show the formula"),
                                     phrase("Cards show the code")};
  std::vector<Choice> all;
  for (const auto& [depth, name] : scene::kCardDepthNames)
    all.push_back({{name}, gf::text(kLabels[all.size()]), {}, {}, "", depth == context.window.viewport().card_depth()});
  return all;
}

std::vector<Choice> dock_choices(const ActionContext& context) {
  std::vector<Choice> all;
  for (const DockInfo& dock : docks())
    all.push_back({{dock.id},
                   gf::text("{0} dock", gf::text(dock.title)),
                   gf::text(dock.about),
                   gf::text(dock.title),
                   "",
                   context.window.docks().shown(dock.id)});
  return all;
}

std::vector<Choice> language_choices(const ActionContext&) {
  const std::string now = window_language();
  std::vector<Choice> all;
  // Each by its own name, which its readers know, whatever the window speaks.
  for (const Language& one : languages()) all.push_back({{one.id}, gf::text("Language: {0}", one.name), {}, one.name, "", now == one.id});
  return all;
}

std::vector<Choice> layout_choices(const ActionContext&) {
  const std::string chosen = chosen_layout();
  std::vector<Choice> all;
  for (const LayoutInfo& one : layouts())
    all.push_back({{one.id}, gf::text("Layout {0}", gf::text(one.title)), gf::text(one.about), gf::text(one.title), "", chosen == one.id});
  for (const OwnLayout& one : own_layouts()) {
    const std::string name = one.name.toStdString();
    all.push_back({{name}, gf::text("Layout {0}", name), gf::text("A layout of your own"), name, "", chosen == name});
  }
  return all;
}

std::vector<Choice> own_layout_choices(const ActionContext&) {
  std::vector<Choice> all;
  for (const OwnLayout& one : own_layouts())
    all.push_back({{one.name.toStdString()}, gf::text("Delete the layout {0}", one.name.toStdString()), {}, {}, "", false});
  return all;
}

std::string dock_ids() {
  std::string ids;
  for (const DockInfo& dock : docks()) ids += (ids.empty() ? "" : ", ") + std::string(dock.id);
  return ids;
}

std::vector<Choice> part_choices(const ActionContext& context) {
  const auto model = context.lab.model();
  if (!model) return {};
  std::vector<Choice> all = {{{"whole"}, gf::text("Fly to the whole model"), {}, {}, "", false},
                             {{"front"}, gf::text("Look at the model from the front"), {}, {}, "", false},
                             {{"embedding"}, gf::text("Fly to the embedding"), {}, {}, "", false},
                             {{"logits"}, gf::text("Fly to the logits"), {}, {}, "", false}};
  const ModelConfig& c = model->weights->config;
  for (int l = 0; l < c.n_layer; ++l) {
    const std::string block = std::to_string(l);
    all.push_back({{"block " + block}, gf::text("Fly to block {0}", l), {}, {}, "", false});
    all.push_back({{"attention " + block}, gf::text("Fly to the attention of block {0}", l), {}, {}, "", false});
    all.push_back({{"MLP " + block}, gf::text("Fly to the MLP of block {0}", l), {}, {}, "", false});
    for (int h = 0; h < c.n_head; ++h) {
      const std::string head = block + "." + std::to_string(h);
      all.push_back({{"head " + head}, gf::text("Fly to head {0}: head {1} of block {2}", head, h, l), {}, {}, "", false});
    }
  }
  for (const NamedTensor& tensor : model->weights->table())
    all.push_back({{tensor.name}, gf::text("Fly to the weights {0}", tensor.name), {}, {}, "", false});
  return all;
}

std::vector<Choice> head_choices(const ActionContext& context) {
  return heads_as_choices(context, std::nullopt, phrase("See head {0} alone: head {1} of block {2}"));
}

std::vector<Choice> weights_choices(const ActionContext& context) {
  if (!context.lab.has_gradient()) return {};
  const auto now = context.lab.weights_shown();
  using Shown = doc::Lab::WeightsShown;
  return {{{"value"}, gf::text("Weights show their values"), {}, {}, "", now == Shown::Value},
          {{"gradient"}, gf::text("Weights show the gradient of the loss"), {}, {}, "", now == Shown::Gradient},
          {{"update"}, gf::text("Weights show their last change"), {}, {}, "", now == Shown::Update}};
}

std::vector<Choice> cut_choices(const ActionContext& context) {
  return heads_as_choices(context, false, phrase("Cut head {0}: head {1} of block {2}"));
}

std::vector<Choice> restore_choices(const ActionContext& context) {
  return heads_as_choices(context, true, phrase("Restore head {0}: head {1} of block {2}"));
}

std::vector<Choice> hook_choices(const ActionContext& context) {
  const auto model = context.lab.model();
  if (!model || !context.lab.run()) return {};
  std::vector<Choice> all;
  for (const HookId hook : all_hooks(model->weights->config.n_layer))
    all.push_back({{name_of(hook)}, gf::text("Look at {0}", name_of(hook)), std::string(info_of(hook.kind).doc), {}, "", false});
  return all;
}

std::vector<Choice> position_choices(const ActionContext& context) {
  const auto model = context.lab.model();
  const auto run = context.lab.run();
  if (!model || !run) return {};
  std::vector<Choice> all;
  const auto pieces = token_pieces(model->tokenizer.get(), run->base->ids());
  for (int p = 0; p < run->base->length(); ++p)
    all.push_back({{std::to_string(p)},
                   gf::text("Position {0}: token {1}", p,
                            quoted_piece(*model, run->base->ids()[static_cast<std::size_t>(p)], pieces[static_cast<std::size_t>(p)])),
                   {},
                   {},
                   "",
                   false});
  return all;
}

std::vector<Choice> lesson_choices(const ActionContext& context) {
  std::vector<Choice> all;
  const lessons::Player& player = context.window.player();
  for (const auto& lesson : player.lessons()) {
    const lessons::LessonText& texts = player.texts_of(*lesson);
    all.push_back(
        {{lesson->name}, gf::text("Lesson: {0}", texts.title), texts.about, {}, "", player.active() && &player.lesson() == lesson.get()});
  }
  return all;
}

std::vector<Choice> bookmark_choices(const ActionContext& context) {
  std::vector<Choice> all;
  const auto& bookmarks = context.lab.document().bookmarks;
  constexpr std::size_t kWithKeys = 9;  // the first ones have actions of their own
  for (std::size_t i = kWithKeys; i < bookmarks.size(); ++i)
    all.push_back({{std::to_string(i + 1)}, gf::text("Bookmark {0}: {1}", i + 1, doc::title_of(bookmarks[i])), {}, {}, "", false});
  return all;
}

std::vector<Choice> try_choices(const ActionContext& context) {
  std::vector<Choice> all;
  const auto& tries = context.lab.document().tries;
  for (std::size_t i = 0; i < tries.size(); ++i) {
    const std::string name = tries[i].name.empty() ? doc::words_of_try(tries[i]) : tries[i].name;
    all.push_back({{std::to_string(i)}, gf::text("Go back to try {0}: {1}", i + 1, name), {}, {}, "", false});
  }
  return all;
}

}  // namespace gf::ui

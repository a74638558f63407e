#include "app/ui/heads/head_menu.h"

#include <QApplication>
#include <QClipboard>
#include <QMenu>

#include "app/document/cell_edits.h"
#include "app/document/lab.h"
#include "app/document/patch_tries.h"
#include "app/document/patching.h"
#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// A row that cannot be chosen, and why.
void add_refused(QMenu& menu, const QString& row, const QString& why) {
  QAction* action = menu.addAction(row);
  action->setEnabled(false);
  action->setToolTip(why);
}

}  // namespace

void add_part_edits(QMenu& menu, doc::Lab& lab, const doc::BlockPart& part) {
  const bool cut = lab.is_cut(part);
  const QString row = part.is_mlp() ? cut ? text("Restore the MLP of block {0}", part.layer) : text("Cut the MLP of block {0}", part.layer)
                      : cut ? text("Restore head {0} of block {1}", part.head, part.layer)
                                    : text("Cut head {0} of block {1}", part.head, part.layer);
  menu.addAction(row, &menu, [&lab, part, cut] { lab.set_cut(part, !cut); });
  menu.addAction(text("Replace by its mean over the prompt"), &menu, [&lab, part] { lab.set_edit_of(part, EditOp::Mean, 1); });
  QMenu* scale = menu.addMenu(text("Scale"));
  for (const float factor : {0.25F, 0.5F, 1.5F, 2.0F, 4.0F, -1.0F})
    scale->addAction(QStringLiteral("× ") + significant(static_cast<double>(factor), 3), &menu,
                     [&lab, part, factor] { lab.set_edit_of(part, EditOp::Scale, factor); });
}

void add_part_patches(QMenu& menu, doc::Lab& lab, const doc::BlockPart& part) {
  const auto run = lab.run();
  const auto model = lab.model();
  const std::string other = doc::other_prompt(lab.document());
  if (!run || !model) return;
  if (other.empty())
    return add_refused(menu, text("Patch (there is no second prompt)"),
                       text("The dock Two prompts takes the prompt to copy from; then this copies what the part writes there."));
  const auto ids = doc::second_prompt(lab.document(), other, *model);
  const QString title = text("Patch from “{0}”", other);
  if (!ids) return add_refused(menu, title, QString::fromStdString(ids.error().message));
  QMenu* patch = menu.addMenu(title);
  patch->setToolTipsVisible(true);
  const auto own = run->base->ids();
  const RunSource source = doc::second_source(lab.document(), other, *ids);
  const auto add = [&](const QString& row, const doc::PatchOf& what) {
    const auto edit = doc::patch_edit(what, source, *ids, own, model->weights->config);
    if (!edit) return add_refused(*patch, row, QString::fromStdString(edit.error().message));
    patch->addAction(row, &menu, [&lab, edit = *edit] { lab.execute(doc::make_patch(edit, false)); });
  };
  const auto site = part.is_mlp() ? doc::PatchSite::MlpOut : doc::PatchSite::HeadZ;
  add(part.is_mlp() ? text("What it adds, at all positions") : text("Its z, at all positions"),
      {site, {part.layer, -1}, {part.layer, -1}, part.head});
  const int here = scene::selected_position_in(lab.document(), run->base->length());
  int there = -1;
  for (const doc::AlignedRow& row : doc::align_tokens(*ids, own))
    if (row.to == here) there = row.from;
  const QString at = part.is_mlp() ? text("What it adds, at position {0}", here) : text("Its z, at position {0}", here);
  if (there >= 0) add(at, {site, {part.layer, there}, {part.layer, here}, part.head});
  else add_refused(*patch, at, text("Position {0} has no partner in the second prompt; select one that has, or the last.", here));
  if (!part.is_mlp()) add(text("Its pattern"), {doc::PatchSite::Pattern, {part.layer, -1}, {part.layer, -1}, part.head});
}

void add_part_copies(QMenu& menu, doc::Lab& lab, const doc::BlockPart& part) {
  const auto model = lab.model();
  if (!model) return;
  const ModelConfig& config = model->weights->config;
  const std::string own = doc::copied_edits(lab.document().recipe, part, config);
  QAction* copy = menu.addAction(text("Copy its edit"), &menu, [own] { QApplication::clipboard()->setText(QString::fromStdString(own)); });
  copy->setEnabled(!own.empty());
  copy->setToolTip(own.empty() ? text("No edit acts on it") : text("As a recipe, which other programs and sessions can paste too"));
  const auto edits = doc::edits_to_paste(QApplication::clipboard()->text().toStdString(), part);
  if (!edits) return add_refused(menu, text("Paste an edit"), QString::fromStdString(edits.error().message));
  QMenu* paste = menu.addMenu(text("Paste an edit"));
  paste->setToolTipsVisible(true);
  const auto add = [&](const QString& row, const std::vector<doc::BlockPart>& onto) {
    paste->addAction(row, &menu, [&lab, edits = *edits, onto, config] { lab.execute(doc::paste_edits(edits, onto, config)); })
        ->setToolTip(text("In place of edits that are there; with Ctrl a drag over the grid pastes onto each cell"));
  };
  std::vector<doc::BlockPart> row, column;
  for (int head = 0; head < config.n_head && !part.is_mlp(); ++head) row.push_back({part.layer, head});
  for (int layer = 0; layer < config.n_layer; ++layer) column.push_back({layer, part.head});
  add(part.is_mlp() ? text("Onto this MLP") : text("Onto this head"), {part});
  if (!part.is_mlp()) add(text("Onto all heads of block {0}", part.layer), row);
  add(part.is_mlp() ? text("Onto every MLP") : text("Onto head {0} of every block", part.head), column);
}

}  // namespace gf::ui

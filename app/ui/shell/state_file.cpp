#include "app/ui/shell/state_file.h"

#include <QApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QWidget>
#include <cmath>
#include <cstdio>

#include "app/document/lab.h"
#include "app/scene/views.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/token_chips.h"
#include "app/ui/widgets/transport.h"

namespace gf::ui {
namespace {

QJsonArray rectangle(const QWidget& widget, const QRect& local) {
  const QPoint corner = widget.mapToGlobal(local.topLeft());
  return {corner.x(), corner.y(), local.width(), local.height()};
}

QJsonArray top_tokens(const Model& model, const Trace& trace) {
  QJsonArray list;
  for (const auto& top : trace.stats(trace.length() - 1).top)
    list.append(QJsonObject{{"id", top.id.v},
                            {"text", QString::fromStdString(valid_utf8(model.tokenizer->bytes_of(top.id)))},
                            {"probability", std::exp(static_cast<double>(top.logprob))},
                            {"logit", static_cast<double>(top.logit)}});
  return list;
}

void add_run(QJsonObject& state, const Model& model, const Run& run) {
  QJsonArray ids, receipts;
  for (const TokenId id : run.base->ids()) ids.append(id.v);
  for (const Receipt& receipt : run.receipts)
    receipts.append(QJsonObject{{"fired", static_cast<double>(receipt.fired)}, {"norm", receipt.norm}});
  state["ids"] = ids;
  state["n_prompt"] = run.base->n_prompt();
  state["base"] = top_tokens(model, *run.base);
  state["edited"] = top_tokens(model, *run.edited);
  state["receipts"] = receipts;
  state["kl"] = run.kl ? QJsonValue(*run.kl) : QJsonValue();
}

QJsonObject times_of(const doc::Lab& lab) {
  QJsonArray operations;
  const auto pass = lab.pass_times();
  if (pass)
    for (const OperationTimes& o : pass->operations)
      operations.append(QJsonObject{{"name", QString::fromStdString(o.name)}, {"calls", static_cast<double>(o.calls)}, {"ms", o.ms}});
  const auto limits = lab.limits();
  return {{"shown", lab.timing()},
          {"ms", pass ? pass->ms : 0.0},
          {"operations", operations},
          {"gb_per_s", limits ? limits->gb_per_s : 0.0},
          {"gflops", limits ? limits->gflops : 0.0}};
}

void add_widgets(QJsonObject& state, const MainWindow& window) {
  QJsonObject widgets;
  for (const QWidget* widget : QApplication::allWidgets()) {
    if (!widget->isVisible() || widget->objectName().isEmpty() || widget->objectName().startsWith("qt_")) continue;
    widgets[widget->objectName()] = rectangle(*widget, widget->rect());
  }
  state["widgets"] = widgets;
  window.docks().publish(state);
  const QWidget* focus = QApplication::focusWidget();
  state["focus"] = focus ? focus->objectName() : QString();
  const QWidget* active = QApplication::activeWindow();
  state["active"] = active ? active->objectName() : QString();
  const auto* prompt = window.findChild<QLineEdit*>(QStringLiteral("prompt_edit"));
  state["prompt_text"] = prompt ? prompt->text() : QString();
  QJsonArray boxes;
  const TokenChips& chips = window.prompt().chips();
  for (int p = 0; p < chips.count(); ++p) boxes.append(rectangle(chips, chips.chip_rect(p)));
  state["chips"] = boxes;
}

/// Those on the screen, with the places of what the pointer can take.
QJsonArray cards_of(const Viewport& viewport) {
  const QPoint corner = viewport.mapToGlobal(QPoint(0, 0));
  const auto global = [&](const Box& box) {
    return QJsonArray{corner.x() + static_cast<double>(box.low.x), corner.y() + static_cast<double>(box.low.y),
                      static_cast<double>(box.size().x), static_cast<double>(box.size().y)};
  };
  QJsonArray cards;
  for (const CardBox& card : viewport.report().cards) {
    QJsonObject one{{"id", card.id}, {"text", QString::fromStdString(card.text)}, {"box", global(card.box)}};
    if (card.speaks_of) one["speaks_of"] = global(*card.speaks_of);
    if (card.id != 0) {
      one["close"] = global(close_button(card));
      one["enlarge"] = global(enlarge_button(card));
      one["head"] = global({card.box.low, {enlarge_button(card).low.x, card.box.low.y + card.head}});
    }
    cards.append(one);
  }
  return cards;
}

QJsonObject lesson_state(const lessons::Player& player) {
  QJsonObject state{{"count", static_cast<int>(player.lessons().size())}};
  if (!player.active()) return state;
  const char* verdicts[] = {"none", "judging", "right", "wrong"};
  state["name"] = QString::fromStdString(player.lesson().name);
  state["step"] = QString::fromStdString(player.step().id);
  state["verdict"] = verdicts[static_cast<int>(player.verdict())];
  return state;
}

const char* story_state(const story::Player& player) {
  if (player.preparing()) return "preparing";
  if (!player.showing()) return "";
  return player.playing() ? "playing" : "resting";
}

}  // namespace

void write_state(const MainWindow& window, const doc::Lab& lab, const QString& path) {
  static int serial = 0;
  const doc::Document& d = lab.document();
  QJsonObject state;
  state["serial"] = ++serial;
  state["model"] = lab.model() ? QString::fromStdString(lab.model()->weights->name) : QString();
  state["prompt"] = QString::fromStdString(d.prompt);
  state["mode"] = doc::name_of(d.mode);
  state["view"] = scene::spelled(d.view);
  state["reading"] = scene::info_of(d.view).needs_reading && !lab.scene_input().edited_reading;
  state["theme"] = scene::spelled(d.theme);
  state["compare"] = scene::spelled(window.viewport().view_state().compare);
  const Transport& transport = window.transport();
  state["time"] = transport.now();
  state["end"] = transport.timeline() ? transport.timeline()->end() : 0.0;
  state["playing"] = transport.playing();
  state["busy"] = lab.busy();
  state["up_to_date"] = lab.up_to_date();
  state["error"] = lab.error() ? QString::fromStdString(lab.error()->message) : QString();
  state["notices"] = QString::fromStdString(lab.notices());
  if (lab.model() && lab.run()) add_run(state, *lab.model(), *lab.run());
  state["recipe"] = QJsonDocument::fromJson(QByteArray::fromStdString(to_json(d.recipe))).object();
  state["undo"] = QString::fromStdString(lab.history().undo_name());
  state["redo"] = QString::fromStdString(lab.history().redo_name());
  QJsonObject selection;
  if (d.selection) {
    selection["tensor"] = QString::fromStdString(d.selection->tensor.name());
    selection["index"] = QJsonArray{d.selection->index[0], d.selection->index[1], d.selection->index[2]};
  }
  state["selection"] = selection;
  const ViewReport& report = window.viewport().report();
  state["hover"] = QString::fromStdString(report.card);
  state["cards"] = cards_of(window.viewport());
  state["frames"] = static_cast<double>(window.viewport().frames());
  state["settled"] = report.settled;
  const render::FrameStats& stats = window.viewport().stats();
  state["tiles_missing"] = stats.tiles_missing;
  state["tiles_resident"] = stats.tiles_resident;
  state["panels"] = static_cast<double>(report.panels);
  state["device"] = window.viewport().device_name();
  state["flying"] = window.viewport().flying();
  state["still"] = lab.up_to_date() && !lab.busy() && !state["reading"].toBool() && window.viewport().at_rest();
  if (const auto pointer = window.viewport().pointer()) {
    const QPoint at = window.viewport().mapToGlobal(QPointF(pointer->x, pointer->y).toPoint());
    state["pointer"] = QJsonArray{at.x(), at.y()};
  }
  state["kept"] = QString::fromStdString(lab.history().own().storage.kept);
  state["presenting"] = window.presenting();
  state["camera"] = QJsonArray{report.camera.target.x, report.camera.target.y, report.camera.target.z,
                               report.camera.distance, report.camera.yaw,      report.camera.pitch};
  state["message"] = window.last_message();
  state["times"] = times_of(lab);
  state["lesson"] = lesson_state(window.player());
  state["story"] = story_state(window.story());
  add_widgets(state, window);

  const QByteArray json = QJsonDocument(state).toJson();
  const QString fresh = path + ".new";
  QFile file(fresh);
  const bool written = file.open(QIODevice::WriteOnly) && file.write(json) == json.size();
  file.close();
  if (!written || std::rename(fresh.toLocal8Bit().constData(), path.toLocal8Bit().constData()) != 0)
    std::fprintf(stderr, "glassformer: cannot write %s\n", path.toLocal8Bit().constData());
}

}  // namespace gf::ui

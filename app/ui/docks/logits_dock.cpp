#include "app/ui/docks/logits_dock.h"

#include <QEvent>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "app/ui/actions/action_runner.h"
#include "app/ui/answers/answer_sheet.h"
#include "app/ui/docks/drawn.h"
#include "app/ui/docks/next_logits.h"
#include "app/ui/docks/sampling_row.h"
#include "app/ui/widgets/later.h"
#include "app/ui/widgets/save_file.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/token_field.h"
#include "app/ui/widgets/words.h"
#include "model/base/numbers.h"

namespace gf::ui {
namespace {

enum Column { kToken, kBars, kBase, kEdited, kDelta, kColumns };
constexpr int kBaseRole = Qt::UserRole + 1, kEditedRole = Qt::UserRole + 2, kFramedRole = Qt::UserRole + 3;
constexpr int kRows = 12;
constexpr double kNumberPoints = 9.5;

/// A cell of the table, with its part of the frame round a row that is highlighted.
class FramedDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyledItemDelegate::paint(painter, option, index);
    if (!index.siblingAtColumn(kToken).data(kFramedRole).toBool()) return;
    painter->save();
    painter->setPen(QPen(skin().accent, 2));
    const QRect box = option.rect.adjusted(0, 1, -1, -1);
    painter->drawLine(box.topLeft(), box.topRight());
    painter->drawLine(box.bottomLeft(), box.bottomRight());
    const auto* table = qobject_cast<const QTableWidget*>(option.widget);
    const auto is_end = [&](int from, int by) {
      for (int c = from + by; c >= 0 && c < kColumns; c += by)
        if (table && !table->isColumnHidden(c)) return false;
      return true;
    };
    if (is_end(index.column(), -1)) painter->drawLine(box.topLeft() + QPoint(1, 0), box.bottomLeft() + QPoint(1, 0));
    if (is_end(index.column(), 1)) painter->drawLine(box.topRight(), box.bottomRight());
    painter->restore();
  }
};

/// Two bars, base above edited, on a common scale from 0 to 100 %.
class BarDelegate : public FramedDelegate {
 public:
  using FramedDelegate::FramedDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    FramedDelegate::paint(painter, option, index);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    const QVariant edited = index.data(kEditedRole);
    const QRectF box = QRectF(option.rect).adjusted(4, 0, -6, 0);
    const auto bar = [&](double p, double top, double high, const QColor& colour) {
      painter->setBrush(colour);
      painter->drawRoundedRect(QRectF(box.left(), top, std::max(1.5, box.width() * p), high), 2, 2);
    };
    const double middle = box.center().y();
    const QColor base_colour = mix(skin().dim, skin().panel, 0.35);
    if (edited.isValid()) {
      bar(index.data(kBaseRole).toDouble(), middle - 7, 6, base_colour);
      bar(edited.toDouble(), middle + 1, 6, skin().accent);
    } else {
      bar(index.data(kBaseRole).toDouble(), middle - 4, 8, skin().accent);
    }
    painter->restore();
  }
};

QTableWidgetItem* number_item(const QString& text, bool strong = false) {
  auto* item = new QTableWidgetItem(text);
  item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  item->setFont(figures(kNumberPoints, strong));
  return item;
}

std::optional<double> share_of(const std::optional<double>& logprob) { return logprob ? std::optional(std::exp(*logprob)) : std::nullopt; }
QString share_text(const std::optional<double>& share) { return share ? percent(*share) : QStringLiteral("–"); }

}  // namespace

std::vector<Outcome> outcomes(const Run& run, const doc::Predictions& predictions, int rows) {
  const int position = predictions.position();
  std::vector<TokenId> ids;
  const auto collect = [&](const Trace& trace) {
    const auto& top = trace.stats(position).top;
    for (std::size_t i = 0; i < std::min<std::size_t>(top.size(), static_cast<std::size_t>(rows)); ++i)
      if (std::find(ids.begin(), ids.end(), top[i].id) == ids.end()) ids.push_back(top[i].id);
  };
  collect(*run.base);
  if (run.has_edits()) collect(*run.edited);
  std::vector<Outcome> all;
  // Before the end a trace holds its own likeliest tokens alone, a study all of them.
  const auto logprob = [&](const Trace& trace, doc::Side side, TokenId id) {
    const auto held = next_logprob(trace, position, id);
    return held ? held : predictions.logprob(side, id);
  };
  for (const TokenId id : ids) {
    const auto held = next_logit(*run.base, position, id);
    all.push_back({id, logprob(*run.base, doc::Side::Base, id), logprob(*run.edited, doc::Side::Edited, id),
                   held ? held : predictions.logit(doc::Side::Base, id)});
  }
  const auto larger = [](const Outcome& o) { return std::max(o.base.value_or(-1e9), o.edited.value_or(-1e9)); };
  std::stable_sort(all.begin(), all.end(), [&](const Outcome& a, const Outcome& b) { return larger(a) > larger(b); });
  if (all.size() > static_cast<std::size_t>(rows)) all.resize(static_cast<std::size_t>(rows));
  return all;
}

Dock* make_logits_dock(const DockInfo& info, const DockContext& context) { return new LogitsDock(info, context); }

LogitsDock::LogitsDock(const DockInfo& info, const DockContext& context) : Dock(info, context), predictions_(context.lab) {
  title_ = new QLabel(body());
  title_->setProperty("role", "dim");
  title_->setObjectName("logits_title");
  title_->setWordWrap(true);
  table_ = new QTableWidget(0, kColumns, body());
  table_->setObjectName("logits_table");
  table_->setAccessibleName(text("Likeliest next tokens"));
  table_->setHorizontalHeaderLabels({text("token"), QString(), text("base"), text("edited"), text("Δ")});
  table_->horizontalHeaderItem(kToken)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  for (const int c : {kBase, kEdited, kDelta}) table_->horizontalHeaderItem(c)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  table_->verticalHeader()->hide();
  table_->horizontalHeader()->setSectionResizeMode(kBars, QHeaderView::Stretch);
  for (const int c : {kToken, kBase, kEdited, kDelta}) table_->horizontalHeader()->setSectionResizeMode(c, QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setMinimumSectionSize(40);
  table_->setShowGrid(false);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setItemDelegate(new FramedDelegate(table_));
  table_->setItemDelegateForColumn(kBars, new BarDelegate(table_));
  table_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  add_csv_actions(*table_, [this]() -> Result<std::string> { return csv(); }, [this](const Error& error) { runner().tell(error); });
  const auto field = [&](const char* name, const QString& label, const QString& tip) {
    auto* edit = new TokenField(body());
    edit->setObjectName(name);
    edit->setAccessibleName(label);
    edit->setToolTip(tip);
    return edit;
  };
  target_ = field("target_edit", text("Target token A"), text("Token A: text (with its leading space) or #id; empty: the likeliest"));
  rival_ = field("rival_edit", text("Rival token B"), text("Token B: text (with its leading space) or #id; empty: the second"));
  blanks_ = new MissingBlanks(body(), QStringLiteral("pair_blanks"), {target_, rival_});
  pair_ = new QLabel(body());
  pair_->setObjectName("pair_label");
  pair_->setWordWrap(true);

  sampling_ = new SamplingRow(runner(), false, body());
  pair_fields_ = new QWidget(body());
  auto* pair = new QHBoxLayout(pair_fields_);
  pair->setContentsMargins(0, 0, 0, 0);
  pair->setSpacing(6);
  pair->addWidget(new QLabel(text("A"), body()));
  pair->addWidget(target_, 1);
  pair->addWidget(new QLabel(text("B"), body()));
  pair->addWidget(rival_, 1);
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(10, 8, 10, 8);
  all->setSpacing(6);
  all->addWidget(title_);
  all->addWidget(table_, 1);
  all->addWidget(sampling_);
  all->addWidget(pair_fields_);
  all->addWidget(blanks_);
  all->addWidget(pair_);

  target_->on_chosen = [this](const std::string& token) { lab().execute(doc::set_target(token)); };
  rival_->on_chosen = [this](const std::string& token) { lab().execute(doc::set_rival(token)); };
}

void LogitsDock::fill_table() {
  const auto model = lab().model();
  const auto run = lab().run();
  if (!model || !run) {
    table_->setRowCount(0);
    title_->clear();
    return;
  }
  const int last = run->base->length() - 1, position = scene::selected_position_in(lab().document(), run->base->length());
  title_->setText(text("next token {0}", after_position(*model, run->base->ids(), position)));
  const bool edited = run->has_edits();
  const SamplerOptions& sampler = lab().document().sampler;
  const auto drawn_base = Drawn::of(*model, *run->base, position, sampler),
             drawn_edited = Drawn::of(*model, *run->edited, position, sampler);
  const bool drawn = drawn_base && drawn_edited;
  if (drawn) title_->setText(text("{0}, as it is drawn", title_->text()));
  else if (!sampler.greedy && position != last) title_->setText(text("{0}; what is drawn is known at the end", title_->text()));
  const std::vector<Outcome> rows = outcomes(*run, predictions_, kRows);
  if (rows.empty()) title_->setText(text("{0}: NaN, so that no token is likelier than another", title_->text()));
  table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + 5);
  table_->setColumnHidden(kEdited, !edited);
  table_->setColumnHidden(kDelta, !edited);
  table_->horizontalHeaderItem(kBase)->setText(edited ? text("base") : text("probability"));
  table_->setRowCount(static_cast<int>(rows.size()));
  for (int r = 0; r < static_cast<int>(rows.size()); ++r) {
    const Outcome& o = rows[static_cast<std::size_t>(r)];
    auto* token = new QTableWidgetItem(token_text(*model, o.id));
    token->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    token->setToolTip(text("id {0}, base logit {1}, base probability {2}", o.id.v,
                           o.base_logit ? signed_number(*o.base_logit, 3) : QStringLiteral("–"), share_text(share_of(o.base))));
    token->setData(kFramedRole, scene::is_highlighted(lab().document(), o.id));
    table_->setItem(r, kToken, token);
    auto* bars = new QTableWidgetItem;
    const auto base_share = drawn ? std::optional(drawn_base->probability(o.id)) : share_of(o.base);
    const auto edited_share = drawn ? std::optional(drawn_edited->probability(o.id)) : share_of(o.edited);
    bars->setData(kBaseRole, base_share.value_or(0));
    if (edited) bars->setData(kEditedRole, edited_share.value_or(0));
    table_->setItem(r, kBars, bars);
    table_->setItem(r, kBase, number_item(share_text(base_share), !edited));
    table_->setItem(r, kEdited, number_item(share_text(edited_share), true));
    const bool both = base_share && edited_share;
    const double delta = both ? 100 * (*edited_share - *base_share) : 0;
    auto* change = number_item(both ? signed_number(delta, 1) : QStringLiteral("–"));
    change->setForeground(std::abs(delta) < 0.05 ? skin().dim : delta > 0 ? skin().positive : skin().negative);
    change->setToolTip(text("percentage points"));
    table_->setItem(r, kDelta, change);
  }
}

std::string LogitsDock::csv() const {
  std::string rows = "position,token_id,token,run,probability\n";
  const auto model = lab().model();
  const auto run = lab().run();
  if (!model || !run) return rows;
  const int position = scene::selected_position_in(lab().document(), run->base->length());
  for (const Outcome& o : outcomes(*run, predictions_, kRows)) {
    const std::string token = std::to_string(position) + "," + csv_token({model, {}, position}, o.id);
    const auto add = [&](const char* name, const std::optional<double>& logprob) {
      if (logprob) rows += token + "," + name + "," + numbers::significant(std::exp(*logprob), 9) + "\n";
    };
    add("base", o.base);
    if (run->has_edits()) add("edited", o.edited);
  }
  return rows;
}

void LogitsDock::show_pair() {
  const doc::Document& d = lab().document();
  const auto model = lab().model();
  const auto run = lab().run();
  const auto a = lab().target(), b = lab().rival();
  target_->show_token(model, d.target, model && a ? token_text(*model, *a) : QString());
  rival_->show_token(model, d.rival, model && b ? token_text(*model, *b) : QString());
  blanks_->refresh();
  if (!model || !run || !a || !b) {
    pair_->clear();
    return;
  }
  const auto difference = [&](doc::Side side) {
    const auto x = predictions_.logit(side, *a), y = predictions_.logit(side, *b);
    return x && y ? signed_number(*x - *y, 2) : QStringLiteral("…");
  };
  QString said = text("logit A − B {0}: <b>{1}</b>", after_position(*model, run->base->ids(), predictions_.position()).toHtmlEscaped(),
                      difference(doc::Side::Base));
  if (run->has_edits()) said += text("  edited <b>{0}</b>", difference(doc::Side::Edited));
  pair_->setText(said);
}

void LogitsDock::resizeEvent(QResizeEvent* event) {
  Dock::resizeEvent(event);
  later(this, [this] { fit_height(); });
}

void LogitsDock::fit_height() {
  constexpr int kLinesForAll = 15;
  const bool roomy = worn_scale() <= 1 || height() > kLinesForAll * fontMetrics().height();
  sampling_->setVisible(roomy);
  pair_fields_->setVisible(roomy);
  pair_->setVisible(roomy);
}

void LogitsDock::changeEvent(QEvent* event) {
  Dock::changeEvent(event);
  if (event->type() == QEvent::FontChange && isVisible()) refresh(doc::Changes::all());
}

void LogitsDock::hideEvent(QHideEvent* event) {
  predictions_.let_go();
  Dock::hideEvent(event);
}

bool LogitsDock::Shown::operator==(const Shown& other) const {
  const auto same = [](const auto& one, const auto& two) { return !one.owner_before(two) && !two.owner_before(one); };
  const auto rest = [](const Shown& s) {
    return std::tie(s.position, s.a, s.b, s.target, s.rival, s.logits, s.sampler, s.highlights, s.theme, s.points);
  };
  return same(model, other.model) && same(run, other.run) && rest(*this) == rest(other);
}

LogitsDock::Shown LogitsDock::wanted() const {
  const doc::Document& d = lab().document();
  const auto run = lab().run();
  const auto logit = [this](doc::Side side, std::optional<TokenId> id) { return id ? predictions_.logit(side, *id) : std::nullopt; };
  return {.model = lab().model(),
          .run = run,
          .position = run ? scene::selected_position_in(d, run->base->length()) : -1,
          .a = lab().target(),
          .b = lab().rival(),
          .target = d.target,
          .rival = d.rival,
          .logits = {logit(doc::Side::Base, lab().target()), logit(doc::Side::Base, lab().rival()),
                     logit(doc::Side::Edited, lab().target()), logit(doc::Side::Edited, lab().rival())},
          .sampler = d.sampler,
          .highlights = d.highlights,
          .theme = worn_theme(),
          .points = figures(kNumberPoints).pointSizeF()};
}

void LogitsDock::fill(const doc::Changes&) {
  predictions_.follow();
  Shown now = wanted();
  if (shown_ == now) return;
  shown_ = std::move(now);
  fill_table();
  sampling_->refresh(lab().document().sampler);
  show_pair();
}

}  // namespace gf::ui

#include "app/ui/docks/examples_dock.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "app/ui/actions/action_runner.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/docks/index_strip.h"
#include "app/ui/docks/passages_page.h"
#include "app/ui/docks/segments.h"
#include "app/ui/widgets/skin.h"
#include "app/ui/widgets/words.h"
#include "model/analysis/question.h"
#include "model/corpus/corpus_index.h"

namespace gf::ui {
namespace {

constexpr int kExamplesPadPx = 10;

/// Sorts by the number, not by its text; what has none comes last.
class NumberItem : public QTableWidgetItem {
 public:
  explicit NumberItem(float value) : QTableWidgetItem(fixed(static_cast<double>(value), 2)), value_(value) {
    setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  }
  bool operator<(const QTableWidgetItem& other) const override {
    const auto* number = dynamic_cast<const NumberItem*>(&other);
    return number != nullptr && value_ < number->value_;
  }

 private:
  float value_;
};

/// Sorts by block, then by head.
class HeadItem : public QTableWidgetItem {
 public:
  HeadItem(int layer, int head) : QTableWidgetItem(QStringLiteral("%1.%2").arg(layer).arg(head)), layer_(layer), head_(head) {}
  bool operator<(const QTableWidgetItem& other) const override {
    const auto* h = dynamic_cast<const HeadItem*>(&other);
    return h != nullptr && std::pair(layer_, head_) < std::pair(h->layer_, h->head_);
  }
  [[nodiscard]] int layer() const { return layer_; }
  [[nodiscard]] int head() const { return head_; }

 private:
  int layer_, head_;
};

QString words_of_unit(const doc::StreamPart& unit) {
  const QString name = QStringLiteral("%1.%2").arg(unit.layer).arg(unit.index);
  return unit.kind == doc::StreamPart::Kind::Neuron ? text("Neuron {0}", name) : text("Head {0}", name);
}

}  // namespace

Dock* make_examples_dock(const DockInfo& info, const DockContext& context) { return new ExamplesDock(info, context); }

ExamplesDock::ExamplesDock(const DockInfo& info, const DockContext& context) : Dock(info, context) {
  auto* all = new QVBoxLayout(body());
  all->setContentsMargins(kExamplesPadPx, 8, kExamplesPadPx, 8);
  all->setSpacing(6);
  make_top(*all);
  make_passages(*all);
  make_heads(*all);
  hint_ = wrapped_label(body(), "examples_hint", "dim");
  all->addWidget(hint_);
  all->addStretch(0);  // while neither page shows
}

void ExamplesDock::make_top(QVBoxLayout& all) {
  auto* pages = new QHBoxLayout;
  pages->setSpacing(0);
  add_segments(*pages, body(),
               {{"examples_passages", text("Passages"), text("Where the selected neuron or head is strong")},
                {"examples_heads", text("Head finder"), text("What every head looks at, on average over the text")}},
               [this](int which) {
                 page_ = which == 0 ? Page::Passages : Page::Heads;
                 refresh(doc::Changes::all());
               });
  pages->addStretch(1);
  auto* other = new QPushButton(text("Text …"), body());
  other->setToolTip(text("Another text to look through"));
  other->setObjectName("examples_text_button");
  pages->addWidget(other);
  text_ = wrapped_label(body(), "examples_text", "dim");
  index_ = new IndexStrip(body(), lab(), "examples");
  index_->on_change = [this] { refresh(doc::Changes::all()); };
  auto* column = new QVBoxLayout;
  column->setSpacing(6);
  column->addLayout(pages);
  column->addWidget(text_);
  column->addWidget(index_);
  all.addLayout(column);
  connect(other, &QPushButton::clicked, this, [this] { choose_text(); });
}

void ExamplesDock::make_passages(QVBoxLayout& all) {
  passages_page_ = new PassagesPage(body(), "examples");
  passages_page_->on_passage = [this](const std::string& passage) { runner().trigger("set-prompt", {passage}); };
  passages_page_->on_error = [this](const Error& error) { runner().tell(error); };
  all.addWidget(passages_page_, 1);
}

void ExamplesDock::make_heads(QVBoxLayout& all) {
  heads_page_ = new QWidget(body());
  heads_page_->setObjectName("dock_body");
  const QStringList columns{text("head"),      text("previous"), text("sink"),  text("duplicate"),
                            text("induction"), text("written"),  text("active")};
  heads_ = new QTableWidget(0, static_cast<int>(columns.size()), heads_page_);
  heads_->setObjectName("examples_head_table");
  heads_->setAccessibleName(text("Heads over the text"));
  heads_->setHorizontalHeaderLabels(columns);
  heads_->verticalHeader()->hide();
  constexpr int kRowHeightPx = 21;
  heads_->verticalHeader()->setDefaultSectionSize(kRowHeightPx);
  heads_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  heads_->horizontalHeader()->setSortIndicator(-1, Qt::DescendingOrder);
  heads_->setShowGrid(false);
  heads_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  heads_->setSelectionBehavior(QAbstractItemView::SelectRows);
  heads_->setSelectionMode(QAbstractItemView::SingleSelection);
  heads_->setSortingEnabled(true);
  auto* column = new QVBoxLayout(heads_page_);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(heads_, 1);
  all.addWidget(heads_page_, 1);
  connect(heads_, &QTableWidget::cellClicked, this, [this](int row) { choose_head(row); });
  connect(heads_, &QTableWidget::cellActivated, this, [this](int row) { choose_head(row); });
}

void ExamplesDock::put_away() { index_->let_go(); }

void ExamplesDock::take_over(Dock& before) {
  auto& other = static_cast<ExamplesDock&>(before);
  unit_ = other.unit_;
  corpus_ = other.corpus_;
  index_->take_over(*other.index_);
}

doc::StudyKey ExamplesDock::key() const {
  const bool passages = page_ == Page::Passages;
  const Question* question = find_question(passages ? "examples" : "head-finder");
  EXPECTS(question, "a question of the list");
  doc::StudyKey key{question, Params(question->params), {}, doc::Side::Base, 0};
  const auto set = [&key](const char* name, const std::string& value) {
    const auto done = key.params.set(name, value);
    EXPECTS(done.has_value(), "a value that the question takes");
  };
  if (passages)
    set(unit_->kind == doc::StreamPart::Kind::Neuron ? "unit" : "head", std::to_string(unit_->layer) + "." + std::to_string(unit_->index));
  if (!corpus_.empty()) set("corpus", corpus_);
  return key;
}

void ExamplesDock::show_passages() {
  const QString tokens = count(static_cast<long long>(shown_->number("tokens"))), share = percent(shown_->number("frequency"));
  passages_page_->show_answer(
      *shown_, *lab().model(),
      unit_->kind == doc::StreamPart::Kind::Neuron
          ? text("{0}: above 0 at {1} of {2} tokens. Tokens by the base-2 logarithm of its activation:", words_of_unit(*unit_), share,
                 tokens)
          : text("{0}: looks away from the first token at {1} of {2} tokens. Tokens by the base-2 logarithm of the length "
                 "of what it adds:",
                 words_of_unit(*unit_), share, tokens));
}

void ExamplesDock::show_heads() {
  const Answer& answer = *shown_;
  const Grid& first = answer.grid("previous");
  heads_->setSortingEnabled(false);
  heads_->setRowCount(first.shape[0] * first.shape[1]);
  int row = 0;
  for (int layer = 0; layer < first.shape[0]; ++layer)
    for (int head = 0; head < first.shape[1]; ++head, ++row) {
      int column = 0;
      heads_->setItem(row, column++, new HeadItem(layer, head));
      for (const char* part : {"previous", "sink", "duplicate", "induction", "written", "active"})
        heads_->setItem(row, column++, new NumberItem(answer.grid(part).at(layer, head)));
    }
  heads_->setSortingEnabled(true);
}

void ExamplesDock::fill(const doc::Changes&) {
  if (const auto& cell = lab().document().selection) {
    const auto part = doc::stream_part_at(*cell);
    if (part && (part->kind == doc::StreamPart::Kind::Neuron || part->kind == doc::StreamPart::Kind::Head)) unit_ = part;
  }
  const ModelConfig& c = lab().model()->weights->config;
  if (unit_ && (unit_->layer >= c.n_layer || unit_->index >= (unit_->kind == doc::StreamPart::Kind::Head ? c.n_head : c.d_mlp)))
    unit_.reset();
  const bool watches = page_ == Page::Heads || unit_;
  const auto wanted = watches ? std::optional(key()) : std::nullopt;
  index_->follow(wanted,
                 text("Select a head, or a neuron: a cell of an MLP's activations. A feature's passages stand in the Features dock."),
                 text("The model reads the text once and notes what excites each neuron and head. It goes on in the background and can be "
                      "stopped."));
  text_->setText(text("Text: {0}", corpus_.empty() ? text("The Wonderful Wizard of Oz, with sentences about names and countries")
                                                   : QFileInfo(QString::fromStdString(corpus_)).fileName()));
  const auto answer = index_->answer();
  const bool ready = answer != nullptr;
  if (ready && (answer != shown_ || shown_key_ != wanted)) {
    shown_ = answer;
    shown_key_ = wanted;
    page_ == Page::Passages ? show_passages() : show_heads();
  }
  passages_page_->setVisible(ready && page_ == Page::Passages);
  heads_page_->setVisible(ready && page_ == Page::Heads);
  hint_->setVisible(ready);
  hint_->setText(page_ == Page::Passages ? text("Click: it becomes the prompt; {0} takes it back", keys_or_title("undo"))
                                         : text("Click a column to sort by it, a row to select the head"));
}

void ExamplesDock::choose_head(int row) {
  const auto* item = dynamic_cast<const HeadItem*>(heads_->item(row, 0));
  const auto run = lab().run();
  if (item == nullptr || !run) return;
  const int position = scene::selected_position_in(lab().document(), run->edited->length());
  lab().execute(doc::select_part({doc::StreamPart::Kind::Head, item->layer(), item->head()}, *run->edited, position));
}

void ExamplesDock::choose_text() {
  auto* files = new QFileDialog(this, text("A text"));
  files->setObjectName("examples_files");
  files->setAttribute(Qt::WA_DeleteOnClose);
  files->setOption(QFileDialog::DontUseNativeDialog);
  files->setFileMode(QFileDialog::ExistingFile);
  connect(files, &QFileDialog::fileSelected, this, [this](const QString& path) {
    corpus_ = path.toStdString();
    index_->stop_making();
    refresh(doc::Changes::all());
  });
  files->open();
}

}  // namespace gf::ui

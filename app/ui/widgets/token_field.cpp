#include "app/ui/widgets/token_field.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QStringListModel>

#include "app/ui/widgets/words.h"
#include "model/tokenizer/one_token.h"

namespace gf::ui {

QString with_dot(const std::string& token) {
  QString shown = QString::fromStdString(token);
  if (shown.startsWith(QLatin1Char(' '))) shown.replace(0, 1, QStringLiteral("·"));
  return shown;
}

namespace {

std::string without_dot(QString shown) {
  if (shown.startsWith(QStringLiteral("·"))) shown.replace(0, 1, QLatin1Char(' '));
  return shown.toStdString();
}

}  // namespace

TokenField::TokenField(QWidget* parent) : QLineEdit(parent) {
  list_ = new QStringListModel(this);
  completer_ = new QCompleter(list_, this);
  completer_->setCompletionMode(QCompleter::UnfilteredPopupCompletion);  // found() has filtered it already
  completer_->setMaxVisibleItems(12);
  completer_->popup()->setAccessibleName(ui::text("Tokens of the vocabulary"));
  setCompleter(completer_);
  setMinimumWidth(60);
  connect(this, &QLineEdit::textEdited, this, [this](const QString& letters) { search(letters); });
  connect(this, &QLineEdit::editingFinished, this, [this] { choose(); });
  connect(completer_, qOverload<const QString&>(&QCompleter::activated), this, [this](const QString& token) {
    setText(token);
    choose();
  });
}

void TokenField::show_token(const std::shared_ptr<const Model>& model, const std::string& said, const QString& usual) {
  if (model_.lock() != model) {
    model_ = model;
    tokens_.clear();
  }
  said_ = said;
  setPlaceholderText(usual);
  if (!hasFocus()) setText(with_dot(said));
}

QStringList TokenField::found(const QString& letters) const {
  QStringList first, inside;
  if (letters.isEmpty()) return first;
  for (const QString& token : tokens_) {
    const qsizetype at = token.indexOf(letters, 0, Qt::CaseInsensitive);
    const bool begins = at == 0 || (at == 1 && token.startsWith(QStringLiteral("·")));
    if (begins) first << token;
    else if (at > 0 && inside.size() < kMost) inside << token;
    if (first.size() >= kMost) break;
  }
  return (first + inside).mid(0, kMost);
}

void TokenField::search(const QString& letters) {
  const auto model = model_.lock();
  if (model && tokens_.empty())
    for (int id = 0; id < model->tokenizer->n_vocab(); ++id) tokens_.push_back(token_text(*model, TokenId(id)));
  list_->setStringList(found(letters));
}

std::optional<std::string> TokenField::with_blank() const {
  const auto model = model_.lock();
  // A full stop has no blank in front of it in a text either.
  const bool is_word = !said_.empty() && QString::fromStdString(said_).front().isLetterOrNumber();
  return model && is_word ? with_blank_before(said_, *model->tokenizer) : std::nullopt;
}

void TokenField::take(const std::string& token) {
  setText(with_dot(token));
  choose();
}

void TokenField::choose() {
  const std::string now = without_dot(text());
  if (now == said_) return;
  said_ = now;
  if (on_chosen) on_chosen(now);
  if (!hasFocus()) setText(with_dot(said_));
}

MissingBlanks::MissingBlanks(QWidget* parent, const QString& name, std::vector<TokenField*> fields)
    : QLabel(parent), fields_(std::move(fields)) {
  setObjectName(name);
  setProperty("role", "notice");
  setWordWrap(true);
  setTextFormat(Qt::RichText);
  setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
  hide();
  connect(this, &QLabel::linkActivated, this, [this](const QString& which) {
    TokenField* field = fields_[static_cast<std::size_t>(which.toInt())];
    if (const auto token = field->with_blank()) field->take(*token);
  });
}

void MissingBlanks::refresh() {
  QString said;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const auto token = fields_[i]->with_blank();
    if (!token) continue;
    const QString link = QStringLiteral("<a href='%1'>%2</a>").arg(i).arg(ui::text("take “{0}”", with_dot(*token)).toHtmlEscaped());
    said += (said.isEmpty() ? QString() : QStringLiteral("<br>")) +
            ui::text("“{0}” without a blank in front is another token than inside a text:", QString::fromStdString(fields_[i]->said()))
                .toHtmlEscaped() +
            QLatin1Char(' ') + link;
  }
  setText(said);
  setVisible(!said.isEmpty());
}

}  // namespace gf::ui

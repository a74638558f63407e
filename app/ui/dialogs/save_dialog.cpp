#include "app/ui/dialogs/save_dialog.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <utility>

#include "app/ui/widgets/words.h"

namespace gf::ui {

SaveDialog::SaveDialog(QString kind, Words words, const QString& path, QWidget* parent)
    : QDialog(parent), kind_(std::move(kind)), words_(std::move(words)), form_(new QFormLayout) {
  setObjectName(kind_ + "_dialog");
  setWindowTitle(words_.title);
  setAttribute(Qt::WA_DeleteOnClose);
  form_->setSpacing(10);
  form_->setLabelAlignment(Qt::AlignRight | Qt::AlignVCenter);
  caption_ = named(new QLineEdit, "caption", text("Caption"), text("Words in the lower left corner"));
  caption_->setPlaceholderText(text("none"));
  legend_ =
      named(new QCheckBox(text("with legend")), "legend", text("With legend"), text("What the colours mean, where there is room for it"));
  legend_->setChecked(true);
  path_ = named(new QLineEdit(path), "path", text("File"), words_.path_tip);
  wrong_ = new QLabel(this);
  wrong_->setObjectName(kind_ + "_wrong");
  wrong_->setProperty("role", "error");
  wrong_->setWordWrap(true);
  wrong_->hide();
}

SaveDialog::~SaveDialog() = default;

void SaveDialog::name(QWidget* widget, const char* object, const QString& label, const QString& tip) {
  widget->setParent(this);
  widget->setObjectName(kind_ + "_" + object);
  widget->setAccessibleName(label);
  widget->setToolTip(tip);
}

SizeFields& SaveDialog::add_size(QSize view, int step) {
  size_ = std::make_unique<SizeFields>(kind_, view, step, *form_, this);
  return *size_;
}

void SaveDialog::add_file_and_buttons(int width) {
  auto* browse_button = named(new QPushButton(text("Browse …")), "browse", text("Browse"), text("Choose the file"));
  auto* save_button = named(new QPushButton(text("Save")), "save", text("Save"), words_.save_tip);
  save_button->setProperty("primary", true);
  save_button->setDefault(true);
  auto* cancel = named(new QPushButton(text("Cancel")), "cancel", text("Cancel"), text("Close and save nothing"));
  auto* note = new QLabel(words_.note, this);
  note->setProperty("role", "dim");

  auto* file = new QHBoxLayout;
  file->addWidget(path_, 1);
  file->addWidget(browse_button);
  form_->addRow(text("File"), file);
  form_->addRow(QString(), wrong_);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(note, 1);
  buttons->addWidget(cancel);
  buttons->addWidget(save_button);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(18, 16, 18, 14);
  all->setSpacing(14);
  all->addLayout(form_);
  all->addLayout(buttons);
  resize(width, sizeHint().height());

  connect(path_, &QLineEdit::textEdited, wrong_, &QWidget::hide);
  connect(browse_button, &QPushButton::clicked, this, [this] { browse(); });
  connect(save_button, &QPushButton::clicked, this, [this] {
    if (!this->path().isEmpty()) save();
  });
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  path_->setFocus();
  path_->selectAll();
}

QString SaveDialog::path() const { return path_->text().trimmed(); }

void SaveDialog::set_path(const QString& path) { path_->setText(path); }

exporting::PictureOptions SaveDialog::options() const {
  return {size_->width(), size_->height(), size_->scale(), legend_->isChecked(), caption_->text().toStdString()};
}

void SaveDialog::tell_what_is_wrong(const std::string& sentence) {
  wrong_->setText(QString::fromStdString(sentence));
  wrong_->show();
}

void SaveDialog::browse() {
  auto* files = new QFileDialog(this, words_.title, path());
  files->setAttribute(Qt::WA_DeleteOnClose);
  files->setAcceptMode(QFileDialog::AcceptSave);
  files->setOption(QFileDialog::DontUseNativeDialog);
  prepare(*files);
  connect(files, &QFileDialog::fileSelected, this, [this](const QString& chosen_path) { chosen(chosen_path); });
  files->open();
}

}  // namespace gf::ui

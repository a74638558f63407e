#include "app/ui/dialogs/get_model_dialog.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <utility>

#include "app/ui/widgets/words.h"
#include "model/io/hub.h"

namespace gf::ui {

GetModelDialog::GetModelDialog(doc::Jobs& jobs, const std::string& name, std::function<void(Result<std::string>)> done, QWidget* parent)
    : QDialog(parent),
      jobs_(jobs),
      done_(std::move(done)),
      name_(new QComboBox(this)),
      words_(new QLabel(this)),
      look_(new QPushButton(text("Look"), this)),
      fetch_(new QPushButton(text("Download"), this)) {
  setObjectName("get_model_dialog");
  setWindowTitle(text("Get a model"));
  setAttribute(Qt::WA_DeleteOnClose);
  name_->setObjectName("get_name");
  name_->setAccessibleName(text("Name of a model"));
  name_->setEditable(true);
  for (const char* known : {"openai-community/gpt2", "openai-community/gpt2-medium", "openai-community/gpt2-large",
                            "openai-community/gpt2-xl", "distilbert/distilgpt2"})
    name_->addItem(QString::fromLatin1(known));
  if (!name.empty()) name_->setEditText(QString::fromStdString(name));
  words_->setObjectName("get_words");
  words_->setTextFormat(Qt::PlainText);
  words_->setWordWrap(true);
  words_->setMinimumHeight(60);
  words_->setAlignment(Qt::AlignTop);
  look_->setObjectName("get_look");
  look_->setToolTip(text("Ask the hub for its size and licence; nothing is downloaded"));
  fetch_->setObjectName("get_fetch");
  fetch_->setToolTip(text("Into the cache of Hugging Face's programs; the status bar shows and stops it"));
  fetch_->setProperty("primary", true);
  auto* cancel = new QPushButton(text("Cancel"), this);
  auto* first = new QHBoxLayout;
  first->addWidget(name_, 1);
  first->addWidget(look_);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(cancel);
  buttons->addWidget(fetch_);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(18, 16, 18, 14);
  all->setSpacing(12);
  all->addLayout(first);
  all->addWidget(words_, 1);
  all->addLayout(buttons);
  resize(560, 200);
  connect(name_, &QComboBox::editTextChanged, this, [this] { forget_plan(); });
  connect(look_, &QPushButton::clicked, this, [this] { look(); });
  connect(fetch_, &QPushButton::clicked, this, [this] { fetch(); });
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  forget_plan();
  look_->setDefault(true);
}

void GetModelDialog::forget_plan() {
  looking_ = {};
  plan_.reset();
  fetch_->setEnabled(false);
  look_->setEnabled(true);
  words_->setText(text("A GPT-2 model of Hugging Face, by its name. It goes to {0}.", hub_folder()));
}

void GetModelDialog::look() {
  forget_plan();
  look_->setEnabled(false);
  words_->setText(text("Looking …"));
  looking_ = jobs_.start<hub::FetchPlan>(
      gf::text("asking the hub"), jobs_.own_thread(),
      [name = name_->currentText().trimmed().toStdString()](const doc::JobWork& work) {
        hub::FetchOptions options = hub::fetch_options_of_environment();
        options.stop = work.stop();
        return hub::plan_fetch(name, options);
      },
      [this](Result<hub::FetchPlan> plan) {
        look_->setEnabled(true);
        words_->setText(QString::fromStdString(plan ? hub::described(*plan) : plan.error().message));
        if (!plan) return;
        plan_ = *std::move(plan);
        fetch_->setEnabled(true);
        fetch_->setDefault(true);
      });
}

void GetModelDialog::fetch() {
  if (!plan_) return;
  auto work = [plan = *plan_](const doc::JobWork& job) -> Result<std::string> {
    hub::FetchOptions options = hub::fetch_options_of_environment();
    options.stop = job.stop();
    options.progress = [&job](double fraction) { job.progress(fraction); };
    GF_TRY(hub::fetch(plan, options));
    return plan.repository;
  };
  jobs_.start<std::string>(gf::text("downloading {0}", plan_->repository), jobs_.own_thread(), std::move(work), done_).detach();
  accept();
}

}  // namespace gf::ui

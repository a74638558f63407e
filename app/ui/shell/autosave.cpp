#include "app/ui/shell/autosave.h"

#include <QDir>
#include <QFile>
#include <QStandardPaths>

namespace gf::ui {
namespace {

constexpr int kAutosaveDelayMs = 1500;

}  // namespace

Autosave::Autosave(doc::Jobs& jobs) : jobs_(jobs) {
  const QString folder = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
  if (folder.isEmpty() || !QDir().mkpath(folder)) return;
  lock_ = std::make_unique<QLockFile>(folder + QStringLiteral("/autosave.lock"));
  lock_->setStaleLockTime(0);      // it is stale only when its process has ended
  if (!lock_->tryLock(0)) return;  // another window keeps the file
  file_->path = (folder + QStringLiteral("/autosave.json")).toStdString();
  timer_.setSingleShot(true);
  timer_.setInterval(kAutosaveDelayMs);
  QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] { write(); });
}

Autosave::~Autosave() { forget(); }

std::optional<QString> Autosave::take_left_behind() {
  if (file_->path.empty()) return std::nullopt;
  const QString left = QString::fromStdString(file_->path);
  QString aside = left + QStringLiteral(".restored");
  if (!QFile::exists(left)) return std::nullopt;
  QFile::remove(aside);
  if (!QFile::rename(left, aside)) return std::nullopt;
  return aside;
}

void Autosave::keep(const doc::Document& document) {
  if (file_->path.empty()) return;
  newest_ = document;
  if (!timer_.isActive()) timer_.start();
}

void Autosave::write() {
  const auto work = [file = file_, document = newest_](const doc::JobWork&) -> Result<void> {
    const std::lock_guard lock(file->mutex);
    return file->ended ? Result<void>() : doc::save_document(document, file->path);
  };
  jobs_
      .start<void>({}, jobs_.own_thread(), work,
                   [](const Result<void>& saved) {
                     if (!saved) qWarning("%s", saved.error().message.c_str());
                   })
      .detach();
}

void Autosave::forget() {
  timer_.stop();
  const std::lock_guard lock(file_->mutex);
  if (file_->path.empty() || file_->ended) return;
  file_->ended = true;
  QFile::remove(QString::fromStdString(file_->path));
}

}  // namespace gf::ui

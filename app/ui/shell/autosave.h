// Keeps the session in a file, for after a crash.
#pragma once

#include <QLockFile>
#include <QString>
#include <QTimer>
#include <memory>
#include <mutex>
#include <optional>

#include "app/document/background/jobs.h"
#include "app/document/document.h"

namespace gf::ui {

/// Writes the document a moment after it has changed, and deletes the file when the window closes; so a file that is there at
/// the start was left by a crash. Only the first window of a user does this. Lives on the GUI thread, writes in the background.
class Autosave {
 public:
  explicit Autosave(doc::Jobs& jobs);
  ~Autosave();
  Autosave(const Autosave&) = delete;
  Autosave& operator=(const Autosave&) = delete;

  /// The file that a crash left; nullopt: none. The file is renamed first, so that a session that crashes the program is not
  /// opened again at the next start.
  [[nodiscard]] std::optional<QString> take_left_behind();
  void keep(const doc::Document& document);
  /// Deletes the file. Called when the window closes.
  void forget();

 private:
  /// The writers share it, because they may outlive the window.
  struct File {
    std::mutex mutex;
    std::string path;
    bool ended = false;
  };
  void write();

  doc::Jobs& jobs_;
  std::shared_ptr<File> file_ = std::make_shared<File>();
  std::unique_ptr<QLockFile> lock_;
  QTimer timer_;
  doc::Document newest_;
};

}  // namespace gf::ui

// The session as a file that a crash leaves behind.
#pragma once

#include <QLockFile>
#include <QString>
#include <QTimer>
#include <memory>
#include <mutex>
#include <optional>

#include "app/document/document.h"
#include "app/document/work/jobs.h"

namespace gf::ui {

/// Writes what one works on a moment after it changes, and takes it away at an orderly end: a file that is there at the
/// start is what a crash left. One window of a user keeps it; others leave it alone. Lives on the GUI thread, writes on
/// threads of their own.
class Autosave {
 public:
  explicit Autosave(doc::Jobs& jobs);
  ~Autosave();
  Autosave(const Autosave&) = delete;
  Autosave& operator=(const Autosave&) = delete;

  /// The session that the last window left when it ended unexpectedly. It is moved aside: a session that ends the
  /// program again is not opened a second time.
  [[nodiscard]] std::optional<QString> take_left_behind();
  void keep(const doc::Document& document);
  /// The window closes as it should.
  void forget();

 private:
  /// Shared with the writers, which may outlive the window.
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

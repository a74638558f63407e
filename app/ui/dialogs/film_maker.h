// Makes a film on a thread of its own, with the sidecar that reproduces it.
#pragma once

#include <QObject>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "app/export/sidecar.h"

namespace gf::ui {

/// What film is asked for, and where.
struct FilmJob {
  std::string path;
  exporting::PictureOptions options;
  exporting::FilmRecipe film;
};

/// Makes one film at a time on a thread of its own, with a target and a Machine of its own. Ends with it: a film that is
/// being made is given up.
class FilmMaker {
 public:
  /// Both are called on the GUI thread, while the maker lives.
  struct Callbacks {
    std::function<void(double fraction)> progress;
    std::function<void(const Result<std::string>& path)> done;
  };
  explicit FilmMaker(Callbacks callbacks);
  ~FilmMaker();
  FilmMaker(const FilmMaker&) = delete;
  FilmMaker& operator=(const FilmMaker&) = delete;
  [[nodiscard]] bool busy() const { return busy_; }
  /// Copies of document and input: what happens meanwhile does not show.
  void start(std::shared_ptr<render::Device> device, scene::SceneInput input, doc::Document document, FilmJob job);
  void cancel();

 private:
  Callbacks callbacks_;
  std::unique_ptr<QObject> receiver_;  ///< what is posted to it goes with it
  bool busy_ = false;
  std::jthread thread_;
};

}  // namespace gf::ui

// Saving the run as a film, with the sidecar that reproduces it.
#pragma once

#include <QDialog>
#include <functional>
#include <memory>
#include <thread>

#include "app/export/sidecar.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace gf::ui {

class SizeFields;

/// What was asked for in the dialog.
struct FilmJob {
  std::string path;
  exporting::PictureOptions options;
  exporting::FilmRecipe film;
};

class FilmDialog : public QDialog {
 public:
  /// `view`: the viewport's size. `timeline`: of the run; its tokens are the range.
  FilmDialog(QSize view, const QString& folder, const QString& name, const scene::Timeline& timeline, QWidget* parent);
  ~FilmDialog() override;
  FilmDialog(const FilmDialog&) = delete;
  FilmDialog& operator=(const FilmDialog&) = delete;
  std::function<void(const FilmJob&)> on_save;

 private:
  void browse();
  void save();
  void use_format(int index);
  void show_format();

  scene::Timeline timeline_;
  std::unique_ptr<SizeFields> size_;
  QDoubleSpinBox* seconds_;
  QSpinBox *fps_, *first_, *last_;
  QCheckBox *legend_, *captions_;
  QLineEdit *caption_, *path_;
  QComboBox* format_;
  QLabel* wrong_;
  QPushButton* save_;
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

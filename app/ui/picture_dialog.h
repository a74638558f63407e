// Saving what the viewport shows as a PNG of any size, with the sidecar that reproduces it.
#pragma once

#include <QDialog>
#include <functional>
#include <memory>

#include "app/document/lab.h"
#include "app/export/picture.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace gf::ui {

/// What was asked for in the dialog.
struct PictureJob {
  std::string path;
  exporting::PictureOptions options;
};

class PictureDialog : public QDialog {
 public:
  /// `view`: the viewport's size, offered as one of the sizes.
  PictureDialog(QSize view, const QString& folder, const QString& name, QWidget* parent);
  std::function<void(const PictureJob&)> on_save;

 private:
  void use_preset(int index);
  void browse();
  void save();

  QSize view_;
  QComboBox* size_;
  QSpinBox *width_, *height_;
  QDoubleSpinBox* scale_;
  QCheckBox* legend_;
  QLineEdit *caption_, *path_;
  QPushButton* save_;
};

/// Draws and writes on a worker with a target and a Machine of its own; `done` is called on the GUI thread with the
/// path or the error. Copies of document and input: what happens meanwhile does not show.
void save_picture(const std::shared_ptr<render::Device>& device, scene::SceneInput input, doc::Document document, PictureJob job,
                  std::function<void(Result<std::string>)> done);

}  // namespace gf::ui

// Saves what the viewport shows as a picture of any size, with the sidecar that reproduces it.
#pragma once

#include <functional>
#include <memory>

#include "app/document/lab.h"
#include "app/export/picture.h"
#include "app/ui/dialogs/save_dialog.h"

class QComboBox;

namespace gf::ui {

/// The picture that the user asked for, and its path, whose ending is that of a format that is drawn.
struct PictureJob {
  std::string path;
  exporting::PictureOptions options;
};

class PictureDialog : public SaveDialog {
 public:
  /// `view`: the viewport's size, which the dialog offers. `figures`: those that it offers in place of the view.
  PictureDialog(QSize view, const QStringList& figures, const QString& folder, const QString& name, QWidget* parent);
  ~PictureDialog() override;
  PictureDialog(const PictureDialog&) = delete;
  PictureDialog& operator=(const PictureDialog&) = delete;
  std::function<void(const PictureJob&)> on_save;

 protected:
  /// The first click into the field of what is shown opens its list, as on the lists below it; with the keyboard there one types.
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void prepare(QFileDialog& files) override;
  void chosen(const QString& path) override;
  void save() override;
  /// Gives the path the format's ending.
  void use_format(int index);
  /// Shows the format that the path's ending says.
  void show_format();

  QComboBox *shows_, *format_;
  std::string replaces_;  ///< the file that the user has been told of
};

/// Draws and writes on a thread of its own, with its own target and SceneBuilder. `done` gets the path or the error; after
/// Cancelled no file is left. It works on copies of document and input, so later changes do not show.
[[nodiscard]] doc::Job save_picture(doc::Jobs& jobs, std::shared_ptr<render::Device> device, scene::SceneInput input,
                                    doc::Document document, PictureJob picture, std::function<void(Result<std::string>)> done);

}  // namespace gf::ui

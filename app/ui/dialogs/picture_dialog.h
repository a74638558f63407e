// Saving what the viewport shows as a PNG or SVG of any size, with the sidecar that reproduces it.
#pragma once

#include <functional>
#include <memory>

#include "app/document/lab.h"
#include "app/export/picture.h"
#include "app/ui/dialogs/save_dialog.h"

namespace gf::ui {

/// What was asked for in the dialog.
struct PictureJob {
  std::string path;
  exporting::PictureOptions options;
};

class PictureDialog : public SaveDialog {
 public:
  /// `view`: the viewport's size, offered as one of the sizes.
  PictureDialog(QSize view, const QString& folder, const QString& name, QWidget* parent);
  ~PictureDialog() override;
  PictureDialog(const PictureDialog&) = delete;
  PictureDialog& operator=(const PictureDialog&) = delete;
  std::function<void(const PictureJob&)> on_save;

 private:
  void prepare(QFileDialog& files) override;
  void save() override;
};

/// Draws and writes on a thread of its own, with a target and a Machine of its own; `done` hears the path or the error,
/// Cancelled where it was stopped: then nothing is left. Copies of document and input: what happens meanwhile does not
/// show.
[[nodiscard]] doc::Job save_picture(doc::Jobs& jobs, std::shared_ptr<render::Device> device, scene::SceneInput input,
                                    doc::Document document, PictureJob picture, std::function<void(Result<std::string>)> done);

}  // namespace gf::ui

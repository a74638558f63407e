// What the dialogs that save something have in common: size, caption, legend, file, what is wrong, Save.
#pragma once

#include <QDialog>
#include <memory>

#include "app/export/picture.h"
#include "app/ui/dialogs/size_fields.h"

class QCheckBox;
class QFileDialog;
class QFormLayout;
class QLabel;
class QLineEdit;

namespace gf::ui {

/// Widgets are named KIND_caption, KIND_legend, KIND_path, KIND_browse, KIND_wrong, KIND_save, KIND_cancel and as
/// SizeFields names its own. Deletes itself when it is closed.
class SaveDialog : public QDialog {
 public:
  ~SaveDialog() override;
  SaveDialog(const SaveDialog&) = delete;
  SaveDialog& operator=(const SaveDialog&) = delete;

 protected:
  struct Words {
    QString title, path_tip, save_tip, note;
  };
  SaveDialog(QString kind, Words words, const QString& path, QWidget* parent);

  /// The widget under the dialog, with its name, what it is called aloud, and its tooltip.
  template <class Widget>
  Widget* named(Widget* widget, const char* object, const QString& label, const QString& tip) {
    name(widget, object, label, tip);
    return widget;
  }
  [[nodiscard]] QFormLayout& form() { return *form_; }
  /// Rows for the size. `step`: sizes are multiples of it.
  SizeFields& add_size(QSize view, int step);
  /// The rows below the dialog's own: file, what is wrong, buttons.
  void add_file_and_buttons(int width);

  [[nodiscard]] QString path() const;
  void set_path(const QString& path);
  [[nodiscard]] QLineEdit* path_field() { return path_; }
  [[nodiscard]] QLineEdit* caption_field() { return caption_; }
  [[nodiscard]] QCheckBox* legend_box() { return legend_; }
  [[nodiscard]] exporting::PictureOptions options() const;
  /// Said in the dialog, where it can be put right; goes when the path is edited.
  void tell_what_is_wrong(const std::string& sentence);

  /// Sets up the file chooser: its title, filters, and whether it is a folder that is chosen.
  virtual void prepare(QFileDialog& files) = 0;
  virtual void chosen(const QString& path) { set_path(path); }
  /// A path has been given. Calls accept() when all is well.
  virtual void save() = 0;

 private:
  void name(QWidget* widget, const char* object, const QString& label, const QString& tip);
  void browse();

  QString kind_;
  Words words_;
  QFormLayout* form_;
  std::unique_ptr<SizeFields> size_;
  QCheckBox* legend_;
  QLineEdit *caption_, *path_;
  QLabel* wrong_;
};

}  // namespace gf::ui

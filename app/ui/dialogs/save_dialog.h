// The common part of the dialogs that save something: size, caption, legend, file, error, Save.
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

/// Its widgets are named KIND_caption, KIND_legend, KIND_path, KIND_browse, KIND_wrong, KIND_save and KIND_cancel; SizeFields
/// names its own. Deletes itself when it is closed.
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

  /// Gives the widget to the dialog, with its object name, its accessible name and its tooltip.
  template <class Widget>
  Widget* named(Widget* widget, const char* object, const QString& label, const QString& tip) {
    name(widget, object, label, tip);
    return widget;
  }
  [[nodiscard]] QFormLayout& form() { return *form_; }
  /// Adds the rows for the size. `step`: sizes are multiples of it.
  SizeFields& add_size(QSize view, int step);
  /// Adds the last rows: file, error, buttons.
  void add_file_and_buttons(int width);

  [[nodiscard]] QString path() const;
  void set_path(const QString& path);
  [[nodiscard]] QLineEdit* path_field() { return path_; }
  [[nodiscard]] QLineEdit* caption_field() { return caption_; }
  [[nodiscard]] QCheckBox* legend_box() { return legend_; }
  [[nodiscard]] exporting::PictureOptions options() const;
  /// Shows an error in the dialog until the user edits the path.
  void tell_what_is_wrong(const std::string& sentence);

  /// Sets up the file chooser: its filters, and whether it chooses a folder.
  virtual void prepare(QFileDialog& files) = 0;
  virtual void chosen(const QString& path) { set_path(path); }
  /// Called when the user saves and has given a path. Calls accept() on success.
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

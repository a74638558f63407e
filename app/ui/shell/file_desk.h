// Files that the window opens and saves: with a path at once, else chosen in a dialog.
#pragma once

#include <QString>
#include <functional>
#include <string>
#include <vector>

#include "app/document/lab.h"
#include "model/base/error.h"

class QFileDialog;

namespace gf::ui {

class MainWindow;
struct FilmJob;
struct PictureJob;

/// Dialogs neither block nor depend on the desktop. What was done is said in the window.
class FileDesk {
 public:
  FileDesk(MainWindow& window, doc::Lab& lab);
  ~FileDesk();
  FileDesk(const FileDesk&) = delete;
  FileDesk& operator=(const FileDesk&) = delete;

  void choose_model_folder();
  void choose_model_file();
  void choose_session();
  void choose_session_to_save();
  void choose_recipe();
  void choose_recipe_to_save();
  void choose_picture();
  void choose_film();

  // Errors: what the file's reader or writer says.
  Result<void> open_session(const std::string& path);
  Result<void> save_session(const std::string& path);
  Result<void> open_recipe(const std::string& path);
  Result<void> save_recipe(const std::string& path);
  /// Starts to draw at the viewport's size; the window says when it is there.
  Result<void> save_picture(const std::string& path);

 private:
  using Use = Result<void> (FileDesk::*)(const std::string& path);
  void choose_model(const QString& title, bool folder);
  void choose(const QString& title, const QString& filter, bool to_save, Use use);
  [[nodiscard]] std::function<void(const Result<std::string>& path)> tell_of_saving();
  void draw(const PictureJob& job);
  void make(const FilmJob& job);
  /// What one sees, flights too. The whole from home is fitted anew: a picture has its own shape and legend.
  [[nodiscard]] doc::Document document_in_view() const;
  [[nodiscard]] QString model_name() const;

  MainWindow& window_;
  doc::Lab& lab_;
  std::vector<doc::Job> pictures_;  ///< being drawn
  doc::Job film_;
};

}  // namespace gf::ui

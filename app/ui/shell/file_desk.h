// Opens and saves the window's files, with a given path or with one that the user chooses in a dialog.
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

/// Its dialogs do not block and are Qt's own. The window shows a remark about what was done.
class FileDesk {
 public:
  FileDesk(MainWindow& window, doc::Lab& lab);
  ~FileDesk();
  FileDesk(const FileDesk&) = delete;
  FileDesk& operator=(const FileDesk&) = delete;

  void choose_model_folder();
  void choose_model_file();
  /// Opens the dialog that downloads a model; its name may be given.
  void get_model(const std::string& name);
  void choose_session();
  void choose_session_to_save();
  void choose_recipe();
  void choose_dictionary();
  void choose_lens();
  void choose_recipe_to_save();
  void choose_kept();
  void choose_picture();
  void choose_handout();
  void choose_notebook();
  void choose_film();
  void choose_figure(const std::string& figure);
  /// Those of a cell's tensor, as CSV.
  void choose_numbers(const scene::CellRef& cell);

  // Errors: those of the file's reader or writer.
  Result<void> open_session(const std::string& path);
  Result<void> save_session(const std::string& path);
  /// See SessionKeeper.
  Result<void> recover(const std::string& id);
  Result<void> delete_kept(const std::string& id);
  Result<void> open_chosen_dictionary(const std::string& path);
  Result<void> read_chosen_lens(const std::string& path);
  Result<void> open_recipe(const std::string& path);
  /// The Features dock shows it, and says there what is wrong with it. A path, or hf:ORG/NAME/FOLDER.
  Result<void> open_dictionary(const std::string& path, const std::string& hook);
  Result<void> save_recipe(const std::string& path);
  /// Starts drawing at the viewport's size; the window shows a remark when the file is written.
  Result<void> save_picture(const std::string& path);
  /// The same as a page for a browser.
  Result<void> save_handout(const std::string& path);
  /// What TransformerLens is to redo: the run, and what the docks show that are open.
  Result<void> save_notebook(const std::string& path);
  /// `figure`: as figure_of() takes it.
  Result<void> save_figure(const std::string& figure, const std::string& path);
  Result<void> save_numbers(const scene::CellRef& cell, const std::string& path);

 private:
  using Use = Result<void> (FileDesk::*)(const std::string& path);
  using AnyUse = std::function<Result<void>(const std::string& path)>;
  void choose_model(const QString& title, bool folder);
  void choose(const QString& title, const QString& filter, const char* ending, Use use);
  /// `ending`: of a file that is saved; null: one is opened. `proposed`: its name at first; empty: the model's name with that ending.
  void choose_and(const QString& title, const QString& filter, const char* ending, AnyUse use, const QString& proposed = {});
  [[nodiscard]] std::function<void(const Result<std::string>& path)> tell_of_saving();
  void draw(const PictureJob& job);
  void make(const FilmJob& job);
  /// The document as the viewport shows it now, even in a flight. At home it has no camera, so that a picture of another shape
  /// is fitted anew.
  [[nodiscard]] doc::Document document_in_view() const;
  /// As a file can be called.
  [[nodiscard]] QString model_name() const;

  MainWindow& window_;
  doc::Lab& lab_;
  std::vector<doc::Job> pictures_;  ///< those that are being drawn
  doc::Job film_, notebook_;
};

}  // namespace gf::ui

// Saving what a plot, a table or a dock shows, by a dialog.
#pragma once

#include <QString>
#include <QStringList>
#include <functional>
#include <string>

#include "model/base/error.h"

class QAbstractItemView;
class QWidget;

namespace gf::ui {

struct FileToSave {
  QString object_name;  ///< of the dialog
  QString title;
  QString name;         ///< that is suggested
  QStringList filters;  ///< "Picture (*.png)"; the first one's ending is that of a name without one
};

/// Asks for a file and calls `save`. The window's status bar says what was saved, with a sidecar where `of` stands in a ProductSaver.
void ask_and_save(QWidget& of, const FileToSave& file, std::function<Result<void>(const std::string& path)> save,
                  std::function<void(const Error&)> on_error);

/// The context menu of a table copies its numbers, as Ctrl+C does, and saves them, with a sidecar.
void add_csv_actions(QAbstractItemView& table, std::function<Result<std::string>()> csv, std::function<void(const Error&)> on_error);

}  // namespace gf::ui

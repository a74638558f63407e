// A model from Hugging Face: first what it is and how large, then the download.
#pragma once

#include <QDialog>
#include <functional>
#include <optional>
#include <string>

#include "app/document/background/jobs.h"
#include "app/hub/fetch.h"

class QComboBox;
class QLabel;
class QPushButton;

namespace gf::ui {

/// Asks the hub when the user says so, and not before. Its widgets are named get_name, get_words, get_look and get_fetch. The
/// download is a job of its own: the status bar shows and stops it, and it goes on when the dialog is closed. Deletes itself when it
/// is closed.
class GetModelDialog : public QDialog {
 public:
  /// `done` receives "ORG/NAME", or why there is no model; it may be called after the dialog is gone.
  GetModelDialog(doc::Jobs& jobs, const std::string& name, std::function<void(Result<std::string>)> done, QWidget* parent);

 private:
  void look();
  void fetch();
  void forget_plan();

  doc::Jobs& jobs_;
  std::function<void(Result<std::string>)> done_;
  QComboBox* name_;
  QLabel* words_;
  QPushButton *look_, *fetch_;
  std::optional<hub::FetchPlan> plan_;
  doc::Job looking_;
};

}  // namespace gf::ui

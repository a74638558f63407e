// What is chosen before a training begins: a text, a size, numbers and a folder, with a forecast.
#pragma once

#include <QTimer>
#include <QWidget>
#include <functional>
#include <memory>
#include <optional>

#include "app/document/lab.h"
#include "model/training/forecast.h"

class QComboBox;
class QDoubleSpinBox;
class QFileDialog;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;

namespace gf::ui {

class ActionRunner;
struct ActionCall;

class TrainSetup : public QWidget {
 public:
  TrainSetup(doc::Lab& lab, ActionRunner& runner, QWidget* parent);
  ~TrainSetup() override;
  TrainSetup(const TrainSetup&) = delete;
  TrainSetup& operator=(const TrainSetup&) = delete;

  /// Call it when another model may be open.
  void refresh();
  std::function<void(const Error&)> on_error;
  std::function<void()> on_begun;  ///< a training was started, or goes on

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void build_text();
  void build_model();
  void build_folder();
  [[nodiscard]] QSpinBox* number(const char* name, const QString& label, const QString& tip, int low, int high, int value);
  void changed();
  /// Offers what is usual for a new model, or for the open one that goes on learning.
  void follow_model();
  void suggest_folder();
  void choose(const QString& title, bool folder, std::function<void(const QString&)> chosen);
  void measure();
  void show_forecast(const Result<training::Forecast>& forecast);
  void start();
  void act(const ActionCall& call);
  /// The folder of the newest training in any window, if that training can go on; else empty.
  [[nodiscard]] QString last_folder() const;
  [[nodiscard]] bool is_file() const;
  [[nodiscard]] bool is_own() const;
  [[nodiscard]] training::TrainingSource source() const;

  doc::Lab& lab_;
  ActionRunner& runner_;
  QComboBox *text_ = nullptr, *size_ = nullptr, *tokens_ = nullptr;
  QWidget* file_row_ = nullptr;
  QLineEdit *file_ = nullptr, *folder_ = nullptr;
  QPlainTextEdit* own_ = nullptr;
  QSpinBox *steps_ = nullptr, *batch_ = nullptr, *context_ = nullptr;
  QDoubleSpinBox* rate_ = nullptr;
  QLabel* forecast_ = nullptr;
  QPushButton *start_ = nullptr, *resume_ = nullptr, *last_ = nullptr;
  QTimer wait_;  ///< until the user has typed the whole number
  doc::Job job_;
  QString open_;             ///< the model that is open, as the sizes name it last
  bool own_folder_ = false;  ///< the user has named the folder
  bool goes_on_ = false;     ///< the fields offer what is usual for a model that is there
  int own_tokens_ = 0;       ///< the tokens that were chosen for a new model, while the open one has its own
};

}  // namespace gf::ui

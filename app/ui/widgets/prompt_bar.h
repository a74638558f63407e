// The top of the window: the prompt, what to do with it, and its tokens.
#pragma once

#include <QWidget>
#include <functional>

#include "app/document/lab.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QSpinBox;

namespace gf::ui {

class TokenChips;

class PromptBar : public QWidget {
 public:
  explicit PromptBar(doc::Lab& lab, QWidget* parent = nullptr);
  void refresh(const doc::Changes& changes);
  void focus_prompt();
  [[nodiscard]] TokenChips& chips() { return *chips_; }

  std::function<void()> on_ran;  ///< Enter or Run, after the command: the window plays the run

 private:
  void run();
  void refresh_chips();

  doc::Lab& lab_;
  QLineEdit* edit_;
  QPushButton* run_;
  QPushButton* generate_;
  QSpinBox* generate_n_;
  QComboBox* measure_;
  QCheckBox* bos_;
  TokenChips* chips_;
  QScrollArea* scroll_;
  QString shown_prompt_;
};

}  // namespace gf::ui

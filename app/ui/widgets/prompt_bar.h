// The top of the window: the prompt, its buttons, and its tokens.
#pragma once

#include <QWidget>
#include <functional>

#include "app/document/lab.h"

class QCheckBox;
class QComboBox;
class QLabel;
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
  /// Moves the focus to the prompt and selects its text, as for a shortcut.
  void focus_prompt();
  /// Puts the prompt back that was run, in place of typed text.
  void take_back();
  [[nodiscard]] int generate_count() const;
  [[nodiscard]] TokenChips& chips() { return *chips_; }

  /// Called when the user has run a prompt that can be run. Otherwise the field keeps the focus.
  std::function<void()> on_ran;

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
  QLabel* side_;  ///< says which of two runs the chips show
  QString shown_prompt_;
  scene::Compare shown_compare_ = scene::Compare::Edited;
  bool hidden_ = false;  ///< the prediction is
};

}  // namespace gf::ui

// The top of the window: the prompt, what to do with it, and its tokens.
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
  /// As by a shortcut: the text is selected.
  void focus_prompt();
  /// The text as it was run: what was typed since is let go.
  void take_back();
  [[nodiscard]] int generate_count() const;
  [[nodiscard]] TokenChips& chips() { return *chips_; }

  /// Enter or Run, after the command, when it can be run: the window plays it. Otherwise the field keeps the keyboard.
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
  QLabel* side_;  ///< whose numbers the chips show, where there are two runs
  QString shown_prompt_;
  scene::Compare shown_compare_ = scene::Compare::Edited;
};

}  // namespace gf::ui

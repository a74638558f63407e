// Two prompts side by side: an activation of the second one's run is copied into the document's, and each try is kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/document/patch_tries.h"
#include "app/document/patching.h"
#include "app/ui/docks/dock.h"
#include "app/ui/plots/patch_board.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QSpinBox;

namespace gf::ui {

class TryList;

/// While it is visible, it watches the lens of three runs: the second prompt's, the own without edits, and the edited one.
class TwoPromptsDock : public Dock {
 public:
  TwoPromptsDock(const DockInfo& info, const DockContext& context);
  ~TwoPromptsDock() override;
  [[nodiscard]] bool tells_prediction() const override { return true; }
  [[nodiscard]] PatchBoard& board() const { return *board_; }
  [[nodiscard]] TryList& tries() const { return *tries_; }
  /// What the present edits do; null: it is being computed.
  [[nodiscard]] std::shared_ptr<const doc::TryResult> result() const;
  /// What the model writes with the copied row; empty: nobody asked for it, or it is being computed.
  [[nodiscard]] QString says() const;

 protected:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;

 private:
  [[nodiscard]] doc::PatchSite site() const;
  /// The edit that a drag from one spot to the other would make.
  [[nodiscard]] Result<Edit> edit_for(const PatchBoard::Spot& from, const PatchBoard::Spot& to) const;
  void drop(const PatchBoard::Spot& from, const PatchBoard::Spot& to, bool dragged);
  void select(const PatchBoard::Spot& spot);
  void swap();
  void watch(const std::vector<TokenId>& ids);
  void watch_saying(const std::vector<TokenId>& ids);
  void show_board(const std::vector<TokenId>& ids);
  void show_note(const std::vector<TokenId>& ids);
  void show_result();
  void follow_selection();

  QLineEdit* second_;
  QPushButton* swap_;
  QLabel *note_, *head_label_, *result_label_, *says_label_, *hint_;  ///< says_label_ elides its text
  QComboBox* site_;
  QSpinBox* head_;
  QCheckBox *all_positions_, *keep_earlier_;
  QScrollArea* scroll_;
  PatchBoard* board_;
  TryList* tries_;
  int about_ = -1;            ///< the selected position when the pointer was pressed
  std::vector<TokenId> ids_;  ///< of the second prompt; empty: it cannot be used
  std::string source_key_, result_key_, saying_key_;
  doc::Watch<Answer> source_lens_, target_lens_, result_lens_, saying_;
  doc::Watch<doc::TryResult> result_;
};

}  // namespace gf::ui

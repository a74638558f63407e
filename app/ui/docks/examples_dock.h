// Passages of a text that excite the selected neuron or head, and all heads over the text.
#pragma once

#include <optional>
#include <string>

#include "app/document/background/studies.h"
#include "app/document/stream_part.h"
#include "app/ui/docks/dock.h"

class QLabel;
class QLineEdit;
class QTableWidget;
class QVBoxLayout;
class QWidget;

namespace gf::ui {

class IndexStrip;
class PassagesPage;

/// Follows the selection. The dock makes the index of the text when the user asks for it.
class ExamplesDock : public Dock {
 public:
  ExamplesDock(const DockInfo& info, const DockContext& context);

 private:
  enum class Page : std::uint8_t { Passages, Heads };

  void fill(const doc::Changes& changes) override;
  void put_away() override;
  void take_over(Dock& before) override;
  void make_top(QVBoxLayout& all);
  void make_passages(QVBoxLayout& all);
  void make_heads(QVBoxLayout& all);
  [[nodiscard]] doc::StudyKey key() const;
  void show_passages();
  void show_heads();
  void choose_head(int row);
  void choose_text();

  Page page_ = Page::Passages;
  std::optional<doc::StreamPart> unit_;  ///< a neuron or a head
  std::string corpus_;                   ///< a file; empty: the bundled text
  std::shared_ptr<const Answer> shown_;
  std::optional<doc::StudyKey> shown_key_;

  QLabel *text_, *hint_;
  IndexStrip* index_;
  PassagesPage* passages_page_;
  QWidget* heads_page_;
  QTableWidget* heads_;
};

}  // namespace gf::ui

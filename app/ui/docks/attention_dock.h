// Where the heads look: all patterns as small pictures, the selected one with its tokens, and of a cell why the head looks there.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/document/background/studies.h"
#include "app/document/head_patterns.h"
#include "app/document/stream_part.h"
#include "app/ui/docks/dock.h"

class QGridLayout;
class QLabel;
class QMenu;
class QScrollArea;

namespace gf::ui {

class HeadLines;
class HeadThumbs;
class MatrixPlot;
class NeuronView;
class Waterfall;

class AttentionDock : public Dock {
 public:
  AttentionDock(const DockInfo& info, const DockContext& context);
  ~AttentionDock() override;

 protected:
  void fill(const doc::Changes& changes) override;
  void hideEvent(QHideEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  /// The cell that the dock speaks of.
  struct Cell {
    int layer = 0, head = 0, query = -1, key = -1;  ///< key -1: none is chosen
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  /// What the matrix was filled from.
  struct Shown {
    std::weak_ptr<const Run> run;
    int layer = -1, head = -1;
    scene::Compare compare = scene::Compare::Edited;
  };
  enum class Form { Matrix, Lines, Neurons };
  enum class Split { Query, Key, Pairs };

  void follow_selection(const Trace& run);
  void fill_matrix(const Run& run);
  // attention_why.cpp
  void fill_why(const Run& run);
  void show_split(const Answer& answer);
  void choose_part(int bar);
  void cut_part(int bar);

  void say_cell(const Run& run);
  void select(int query, int key);
  void cut_edge(int query, int key);
  void add_edits(QMenu& menu, int query, int key);
  /// One below the other in a narrow dock, side by side in a wide one.
  void arrange();
  void size_thumbs();
  void show_thumb();
  void pick(int layer, int head);
  [[nodiscard]] const Trace& trace_of(const Run& run) const;
  [[nodiscard]] doc::Side side() const;

  HeadThumbs* thumbs_;
  QScrollArea *thumbs_scroll_, *lines_scroll_, *why_scroll_;
  MatrixPlot* matrix_;
  HeadLines* lines_;
  NeuronView* neurons_;
  Form form_ = Form::Matrix;
  QLabel *cell_words_, *why_words_;
  Waterfall* why_;
  QWidget *pattern_box_, *why_box_;
  QGridLayout* grid_;
  bool wide_ = false;
  Cell cell_;
  Shown shown_;
  Split split_ = Split::Query;
  std::vector<std::optional<doc::StreamPart>> parts_;  ///< of the bars of the split
  std::optional<doc::Side> thumbs_side_;               ///< of the patterns that are watched; none: the dock is hidden
  doc::Watch<doc::HeadPatterns> patterns_;
  bool has_patterns_ = false;
  std::optional<doc::StudyKey> why_key_;
  doc::Watch<Answer> why_study_;
};

}  // namespace gf::ui

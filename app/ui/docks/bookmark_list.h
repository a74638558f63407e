// The bookmarks of a document as a list: names, notes, order.
#pragma once

#include "app/document/lab.h"
#include "app/ui/docks/named_list.h"

namespace gf::ui {

/// Rows are dragged to another place, or moved there with Alt+Up and Alt+Down.
class BookmarkList : public NamedList {
 public:
  BookmarkList(doc::Lab& lab, ActionRunner& runner, QWidget* parent);
  void refresh();
  /// The number of the current row as actions take it, from 1; 0: none.
  [[nodiscard]] int current() const;
  /// Moves the current row by so many places.
  void move_current(int by);
  enum Column { Number, Name, Note };

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  using QAbstractItemView::edit;
  bool edit(const QModelIndex& index, EditTrigger trigger, QEvent* event) override;

 private:
  void move(int from, int to);

  /// Names get the room that notes do not need. `writes`: a note is written, so that the notes need theirs.
  void share_width(bool writes = false);

  doc::Lab& lab_;
};

}  // namespace gf::ui

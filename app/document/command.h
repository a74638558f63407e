// Commands and their history. A command is a named change of the Document.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/document/document.h"

namespace gf::doc {

struct Command {
  std::string name;  ///< "cut head 3 of block 4": for the undo menu
  std::function<void(Document&)> apply;
  std::string merge_key;  ///< commands with the same non-empty key that follow each other undo as one (drags)
};

/// Undo and redo over Document values.
class History {
 public:
  explicit History(Document start = {});
  [[nodiscard]] const Document& now() const { return now_; }
  /// Returns false (and records nothing) when the command changes nothing.
  bool execute(const Command& command);
  /// Ends a merge: the next command stands alone even with the same key.
  void seal();
  bool undo();
  bool redo();
  /// Takes the command that gave the document this model back for good: it failed, and cannot be redone. Commands after it stand, without
  /// what it had changed. False: the history does not know it.
  bool forget_model(const std::string& model);
  /// Makes the present document the beginning: earlier commands cannot be undone.
  void begin_here();
  [[nodiscard]] bool can_undo() const { return !past_.empty(); }
  [[nodiscard]] bool can_redo() const { return !future_.empty(); }
  [[nodiscard]] std::string undo_name() const;
  [[nodiscard]] std::string redo_name() const;
  [[nodiscard]] std::size_t done() const { return past_.size(); }  ///< commands that undo can take back
  [[nodiscard]] std::size_t undone() const { return future_.size(); }
  /// The names of the commands that are done, the oldest first, and of those that were undone, the next one first.
  [[nodiscard]] std::vector<std::string> past_names() const;
  [[nodiscard]] std::vector<std::string> future_names() const;
  /// The documents from the first one that undo leads to up to now().
  [[nodiscard]] std::vector<Document> documents() const;
  /// Sets the user's document aside until end_aside(), with its undo and redo, and shows another one (a lesson's). A second
  /// call replaces that other document and forgets its undo.
  void begin_aside(Document document);
  void end_aside();
  [[nodiscard]] bool aside() const { return own_.has_value(); }
  /// The user's own document: now(), or the one that was set aside.
  [[nodiscard]] const Document& own() const { return own_ ? own_->now : now_; }
  /// The same, to note where it is stored. That is not a change: undo does not know of it.
  Storage& own_storage() { return own_ ? own_->now.storage : now_.storage; }
  /// Whether the user has decided anything about their own document since it began.
  [[nodiscard]] bool own_decided() const {
    return own_ ? !own_->past.empty() || !own_->future.empty() : !past_.empty() || !future_.empty();
  }
  /// For changes that are not recorded, because they are not decisions: time while playing, camera in flight.
  Document& transient() { return now_; }

 private:
  struct Entry {
    std::string name, merge_key;
    Document document;
  };
  struct Own {
    Document now;
    std::vector<Entry> past, future;
  };
  Document now_;
  std::vector<Entry> past_, future_;
  std::optional<Own> own_;  ///< during an aside
  bool sealed_ = true;
};

// The commands that more than one place issues.
[[nodiscard]] Command set_prompt(std::string prompt);
[[nodiscard]] Command enable_edit(std::size_t edit, bool on);
[[nodiscard]] Command remove_edit(std::size_t edit);
/// Gives an edit another place in the recipe: edits of the same values act in its order.
[[nodiscard]] Command move_edit(std::size_t from, std::size_t to);
[[nodiscard]] Command clear_edits();
[[nodiscard]] Command select_cell(std::optional<scene::CellRef> cell);
[[nodiscard]] Command select_position(int position);
[[nodiscard]] Command set_mode(Mode mode);
/// Shows base left and edited right of a line at this share of the picture's width, 0 to 1. Moves that follow each other undo as one.
[[nodiscard]] Command set_split(double share);
/// Another view has other places, so the camera goes home.
[[nodiscard]] Command show_view(scene::View view);
/// Shows a head alone in the Machine. It notes the present camera.
[[nodiscard]] Command open_one_head(scene::OneHead head);
/// The whole Machine again, from where it was left.
[[nodiscard]] Command close_one_head();
/// Opens a product in the Machine and plays it from its beginning. It notes the present camera, and keeps the order of an open cube.
[[nodiscard]] Command open_cube(scene::Cube cube);
[[nodiscard]] Command close_cube();
[[nodiscard]] Command set_cube_order(scene::CubeOrder order);
[[nodiscard]] Command set_ribbons(scene::RibbonWidth width);
/// Shows the edges of a circuit in the Stream, to which it switches; nullopt: shows none. Calls in a row are undone as one.
[[nodiscard]] Command show_circuit(std::optional<scene::Circuit> circuit);
[[nodiscard]] Command set_map(bool on);
[[nodiscard]] Command set_follow(bool on);
[[nodiscard]] Command set_bos(bool on);
[[nodiscard]] Command set_unit(scene::Timeline::Unit unit);
/// The tempo of playing, and how much faster than usual it is.
[[nodiscard]] Command set_speed(scene::Pace pace, double speed);
/// Tokens A and B, as text or "#id"; empty: the likeliest token, and the second.
[[nodiscard]] Command set_target(std::string token);
[[nodiscard]] Command set_rival(std::string token);
/// Sets the lens file that the Lens dock reads through; empty: it reads the plain logit lens.
[[nodiscard]] Command set_lens(std::string path);

}  // namespace gf::doc

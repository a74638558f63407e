// Bookmarks: named views with a note, from which a talk is given.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "app/document/command.h"

namespace gf::doc {

/// No more than this many are read from a file or added, because each command of the history keeps them all.
inline constexpr std::size_t kMostBookmarks = 200;

/// What the document shows, with the camera of the window. Its name and note are empty.
[[nodiscard]] Bookmark bookmark_of(const Document& document, const std::optional<render::Camera>& camera);

/// Commands that take an index do nothing if no bookmark has it.
[[nodiscard]] Command add_bookmark(Bookmark bookmark);
[[nodiscard]] Command name_bookmark(std::size_t index, std::string name);
[[nodiscard]] Command note_bookmark(std::size_t index, std::string note);
/// The one at `from` stands at `to` afterwards; those between make room.
[[nodiscard]] Command move_bookmark(std::size_t from, std::size_t to);
/// Shows from now on what `bookmark` shows; the name and the note stay.
[[nodiscard]] Command renew_bookmark(std::size_t index, Bookmark bookmark);
[[nodiscard]] Command remove_bookmark(std::size_t index);
[[nodiscard]] Command set_bookmarks(std::vector<Bookmark> bookmarks);
/// The document shows what the bookmark shows. Theme, speed, pace and unit stay as they are: they belong to the room and to the
/// speaker.
[[nodiscard]] Command go_to_bookmark(std::size_t index);

/// The name, or where it is empty the beginning of the prompt.
[[nodiscard]] std::string title_of(const Bookmark& bookmark);

/// A list, as a session has it. Untrusted: errors are InvalidArgument, saying what was expected.
[[nodiscard]] nlohmann::json json_of(const std::vector<Bookmark>& bookmarks);
[[nodiscard]] Result<std::vector<Bookmark>> read_bookmarks(const nlohmann::json& list);
/// The same as text.
[[nodiscard]] std::string bookmarks_text(const std::vector<Bookmark>& bookmarks);
[[nodiscard]] Result<std::vector<Bookmark>> bookmarks_from_text(std::string_view json);

}  // namespace gf::doc

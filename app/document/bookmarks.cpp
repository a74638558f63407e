#include "app/document/bookmarks.h"

#include <algorithm>
#include <utility>

#include "app/document/subject_json.h"
#include "app/document/view_json.h"
#include "model/base/files/json_bounds.h"
#include "model/base/text.h"
#include "model/tokenizer/utf8.h"

namespace gf::doc {
namespace {

using BookmarkJson = nlohmann::json;

Command change_bookmarks(std::string name, std::function<void(std::vector<Bookmark>&)> change) {
  return {std::move(name), [change = std::move(change)](Document& d) { change(d.bookmarks); }, {}};
}

tl::unexpected<Error> bookmarks_wrong() {
  return tl::unexpected(session_wrong("bookmarks", text("a list of at most {0} named views", kMostBookmarks)));
}

BookmarkJson json_of(const Bookmark& one) {
  BookmarkJson j{{"name", one.name}, {"note", one.note}, {"mode", name_of(one.mode)}, {"target", one.target}, {"rival", one.rival}};
  write_subject(j, one.subject);
  if (one.other) write_subject(j["other"], *one.other);
  if (one.scene_of_both) j["scene_of_both"] = true;
  write_view(j["view"], one.view);
  return j;
}

Result<Bookmark> read_bookmark(const BookmarkJson& j) {
  Bookmark one;
  JsonReader r{j, {}};
  r.read("name", one.name);
  r.read("note", one.note);
  r.read("mode", one.mode, kModes);
  r.read("target", one.target);
  r.read("rival", one.rival);
  r.read("scene_of_both", one.scene_of_both);
  GF_TRY(read_subject(r, one.subject));
  for (const auto& [key, is_other] : {std::pair{"other", true}, std::pair{"view", false}}) {
    const BookmarkJson* member = r.member(key);
    if (member == nullptr) continue;
    if (!member->is_object()) return tl::unexpected(session_wrong(key, text("an object")));
    JsonReader inner{*member, {}};
    if (is_other) {
      GF_TRY(read_subject(inner, one.other.emplace()));
    } else {
      read_view(inner, one.view);
    }
    if (inner.error) return tl::unexpected(*inner.error);
  }
  if (r.error) return tl::unexpected(*r.error);
  return one;
}

}  // namespace

Bookmark bookmark_of(const Document& d, const std::optional<render::Camera>& camera) {
  Bookmark one;
  one.subject = d;
  one.other = d.other;
  one.scene_of_both = d.scene_of_both;
  one.mode = d.mode;
  one.view = d;
  one.target = d.target;
  one.rival = d.rival;
  one.view.camera = camera;
  one.view.hide_prediction = false;
  return one;
}

Command add_bookmark(Bookmark bookmark) {
  return change_bookmarks(text("add a bookmark"), [bookmark = std::move(bookmark)](std::vector<Bookmark>& all) {
    if (all.size() < kMostBookmarks) all.push_back(bookmark);
  });
}

Command name_bookmark(std::size_t index, std::string name) {
  return change_bookmarks(text("name a bookmark"), [index, name = std::move(name)](std::vector<Bookmark>& all) {
    if (index < all.size()) all[index].name = name;
  });
}

Command note_bookmark(std::size_t index, std::string note) {
  return change_bookmarks(text("note on a bookmark"), [index, note = std::move(note)](std::vector<Bookmark>& all) {
    if (index < all.size()) all[index].note = note;
  });
}

Command move_bookmark(std::size_t from, std::size_t to) {
  return change_bookmarks(text("move a bookmark"), [from, to](std::vector<Bookmark>& all) {
    if (from >= all.size() || to >= all.size()) return;
    const auto at = [&](std::size_t i) { return all.begin() + static_cast<std::ptrdiff_t>(i); };
    if (from < to) std::rotate(at(from), at(from + 1), at(to + 1));
    else std::rotate(at(to), at(from), at(from + 1));
  });
}

Command renew_bookmark(std::size_t index, Bookmark bookmark) {
  return change_bookmarks(text("renew a bookmark"), [index, bookmark = std::move(bookmark)](std::vector<Bookmark>& all) {
    if (index >= all.size()) return;
    const std::string name = all[index].name, note = all[index].note;
    all[index] = bookmark;
    all[index].name = name;
    all[index].note = note;
  });
}

Command remove_bookmark(std::size_t index) {
  return change_bookmarks(text("remove a bookmark"), [index](std::vector<Bookmark>& all) {
    if (index < all.size()) all.erase(all.begin() + static_cast<std::ptrdiff_t>(index));
  });
}

Command set_bookmarks(std::vector<Bookmark> bookmarks) {
  return change_bookmarks(text("set the bookmarks"), [bookmarks = std::move(bookmarks)](std::vector<Bookmark>& all) { all = bookmarks; });
}

Command go_to_bookmark(std::size_t index) {
  return {text("go to bookmark {0}", index + 1),
          [index](Document& d) {
            if (index >= d.bookmarks.size()) return;
            const Bookmark one = d.bookmarks[index];
            static_cast<Subject&>(d) = one.subject;
            d.other = one.other;
            d.scene_of_both = one.scene_of_both;
            d.mode = one.mode;
            d.target = one.target;
            d.rival = one.rival;
            const scene::ViewState before = d;
            static_cast<scene::ViewState&>(d) = one.view;
            d.theme = before.theme;
            d.speed = before.speed;
            d.pace = before.pace;
            d.unit = before.unit;
          },
          {}};
}

std::string title_of(const Bookmark& bookmark) {
  constexpr std::size_t most_bytes = 48;
  return bookmark.name.empty() ? shortened(bookmark.subject.prompt, most_bytes) : bookmark.name;
}

nlohmann::json json_of(const std::vector<Bookmark>& bookmarks) {
  BookmarkJson list = BookmarkJson::array();
  for (const Bookmark& one : bookmarks) list.push_back(json_of(one));
  return list;
}

Result<std::vector<Bookmark>> read_bookmarks(const nlohmann::json& list) {
  if (!list.is_array() || list.size() > kMostBookmarks) return bookmarks_wrong();
  std::vector<Bookmark> bookmarks;
  for (const BookmarkJson& j : list) {
    if (!j.is_object()) return bookmarks_wrong();
    GF_TRY_ASSIGN(Bookmark one, read_bookmark(j));
    bookmarks.push_back(std::move(one));
  }
  return bookmarks;
}

std::string bookmarks_text(const std::vector<Bookmark>& bookmarks) {
  return json_of(bookmarks).dump(-1, ' ', false, BookmarkJson::error_handler_t::replace);
}

Result<std::vector<Bookmark>> bookmarks_from_text(std::string_view json) {
  constexpr std::size_t most_values = 4'000'000;
  GF_TRY(check_json_bounds(json, most_values, text("The list of bookmarks")));
  const BookmarkJson list = BookmarkJson::parse(json, nullptr, false);
  if (list.is_discarded()) return bookmarks_wrong();
  return read_bookmarks(list);
}

}  // namespace gf::doc

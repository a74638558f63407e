// Actions about bookmarks; their numbers begin with 1, as the keys do.
#include "app/document/bookmarks.h"
#include "app/scene/legend.h"
#include "app/scene/views.h"
#include "app/ui/actions/action_arguments.h"
#include "app/ui/actions/acts.h"
#include "app/ui/actions/shortcuts.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/shell/talk.h"
#include "app/ui/viewport/viewport.h"
#include "model/base/text.h"
#include "model/tokenizer/utf8.h"

namespace gf::ui::acts {
namespace {

constexpr std::size_t kMostOfPrompt = 32;  ///< bytes

Result<std::size_t> bookmark_at(C c, A a, std::size_t argument) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, argument, gf::text("The number of a bookmark")));
  const auto n = static_cast<long long>(c.lab.document().bookmarks.size());
  if (n == 0)
    return fail(ErrorCode::InvalidArgument, gf::text("There are no bookmarks; {0} adds one.", keys_or_title("add-bookmark")), "action");
  GF_TRY_ASSIGN(const long long at, whole_number(word, 1, n));
  return static_cast<std::size_t>(at - 1);
}

/// "Stream", "Machine › block 4 › attention", or what is open or selected there: "Machine: q, block 4".
std::string where_one_is(C c) {
  const doc::Document& document = c.lab.document();
  std::string name = gf::text(scene::info_of(document.view).title);
  if (document.cube) return name + ": " + scene::title_of(*document.cube);
  if (document.one_head) return name + ": " + gf::text("head {0}", scene::one_head_name(*document.one_head));
  if (!c.window.viewport().at_home()) {
    const auto& path = c.window.viewport().report().guides.path;
    for (std::size_t i = 1; i < path.size(); ++i) name += " › " + path[i].text;  // the first step is the whole
  }
  return document.selection ? name + ": " + scene::plain_name(document.selection->tensor) : name;
}

/// What the window shows, with a name for it.
doc::Bookmark bookmark_now(C c) {
  const doc::Document& document = c.lab.document();
  doc::Bookmark one = doc::bookmark_of(document, c.window.talk().camera());
  one.name = where_one_is(c) + " · " + shortened(document.prompt, kMostOfPrompt);
  return one;
}

}  // namespace

Result<void> add_bookmark(C c, A a) {
  GF_TRY(run_of(c));
  if (c.lab.document().bookmarks.size() >= doc::kMostBookmarks)
    return fail(ErrorCode::InvalidArgument, gf::text("There are {0} bookmarks; remove one first.", doc::kMostBookmarks), "action");
  doc::Bookmark one = bookmark_now(c);
  if (!a.empty()) one.name = a[0];
  c.lab.execute(doc::add_bookmark(std::move(one)));
  const std::size_t n = c.lab.document().bookmarks.size();
  c.window.say(QString::fromStdString(n < 10
                                          ? gf::text("Bookmark {0}: {1} leads back here", n, keys_or_title("bookmark-" + std::to_string(n)))
                                          : gf::text("Bookmark {0}", n)));
  return {};
}

Result<void> go_to_bookmark(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t at, bookmark_at(c, a, 0));
  return c.window.talk().go_to(at);
}

Result<void> name_bookmark(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t at, bookmark_at(c, a, 0));
  c.lab.execute(doc::name_bookmark(at, word_or_nothing(a, 1)));
  return {};
}

Result<void> note_bookmark(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t at, bookmark_at(c, a, 0));
  c.lab.execute(doc::note_bookmark(at, word_or_nothing(a, 1)));
  return {};
}

Result<void> move_bookmark(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t from, bookmark_at(c, a, 0));
  GF_TRY_ASSIGN(const std::size_t to, bookmark_at(c, a, 1));
  c.lab.execute(doc::move_bookmark(from, to));
  return {};
}

Result<void> renew_bookmark(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t at, bookmark_at(c, a, 0));
  c.lab.execute(doc::renew_bookmark(at, bookmark_now(c)));
  return {};
}

Result<void> remove_bookmark(C c, A a) {
  GF_TRY_ASSIGN(const std::size_t at, bookmark_at(c, a, 0));
  c.lab.execute(doc::remove_bookmark(at));
  return {};
}

Result<void> set_bookmarks(C c, A a) {
  GF_TRY_ASSIGN(const std::string list, word_at(a, 0, gf::text("A list of bookmarks")));
  GF_TRY_ASSIGN(std::vector<doc::Bookmark> bookmarks, doc::bookmarks_from_text(list));
  c.lab.execute(doc::set_bookmarks(std::move(bookmarks)));
  return {};
}

}  // namespace gf::ui::acts

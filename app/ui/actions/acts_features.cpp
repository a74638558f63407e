// The actions of the Features dock.
#include "app/document/command.h"
#include "app/ui/actions/action_arguments.h"
#include "app/ui/actions/acts.h"
#include "app/ui/shell/file_desk.h"
#include "app/ui/shell/main_window.h"
#include "model/base/text.h"
#include "model/io/dictionaries/open_dictionary.h"

namespace gf::ui::acts {
namespace {

Result<int> dictionary_number(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("The number of a dictionary")));
  const auto n = static_cast<long long>(c.lab.document().features.dictionaries.size());
  if (n == 0) return fail(ErrorCode::InvalidArgument, gf::text("No dictionary of features is open."), "action");
  GF_TRY_ASSIGN(const long long at, whole_number(word, 0, n - 1));
  return static_cast<int>(at);
}

Result<int> feature_number(A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("The number of a feature")));
  GF_TRY_ASSIGN(const long long at, whole_number(word, -1, 1LL << 28));
  return static_cast<int>(at);
}

}  // namespace

Result<void> open_dictionary(C c, A a) {
  if (a.empty()) {
    c.window.files().choose_dictionary();
    return {};
  }
  if (a.size() > 1 && !kind_named(a[1])) return fail(ErrorCode::InvalidArgument, gf::text("There is no hook \"{0}\".", a[1]), "action");
  return c.window.files().open_dictionary(a[0], a.size() > 1 ? a[1] : std::string());
}

Result<void> show_dictionary(C c, A a) {
  GF_TRY_ASSIGN(const int number, dictionary_number(c, a));
  c.lab.execute(doc::show_dictionary(number));
  return {};
}

Result<void> close_dictionary(C c, A a) {
  GF_TRY_ASSIGN(const int number, dictionary_number(c, a));
  c.lab.execute(doc::close_dictionary(number));
  return {};
}

Result<void> select_feature(C c, A a) {
  GF_TRY_ASSIGN(const int feature, feature_number(a));
  c.lab.execute(doc::select_feature(feature));
  return {};
}

Result<void> edit_feature(C c, A a) {
  GF_TRY_ASSIGN(const int feature, feature_number(a));
  GF_TRY_ASSIGN(const std::string word, word_at(a, 1, gf::text("none, cut, clamp or steer")));
  const auto what = doc::feature_edit_named(word);
  if (!what) return fail(ErrorCode::InvalidArgument, gf::text("\"{0}\" is none of none, cut, clamp and steer.", word), "action");
  const doc::DictionaryInUse* dictionary = c.lab.document().features.dictionary();
  if (dictionary == nullptr) return fail(ErrorCode::InvalidArgument, gf::text("No dictionary of features is open."), "action");
  double value = 1;
  if (a.size() > 2) {
    GF_TRY_ASSIGN(value, number(a[2], -1e6, 1e6));
  }
  std::string hook = a.size() > 3 ? a[3] : dictionary->hook;
  if (hook.empty()) {
    GF_TRY_ASSIGN(const auto open, gf::open_dictionary(dictionary->file));
    hook = open->config.transcoder ? open->config.hook_out : open->config.hook;
  }
  if (!kind_named(hook)) return fail(ErrorCode::InvalidArgument, gf::text("There is no hook \"{0}\".", hook), "action");
  c.lab.execute(doc::edit_feature(feature, hook, *what, value));
  return {};
}

}  // namespace gf::ui::acts

#include "model/base/text.h"

#include <charconv>
#include <memory>
#include <mutex>
#include <vector>

#include "model/base/translations_set.h"

namespace gf {
namespace {

struct Languages {
  std::mutex mutex;
  /// Every translation that was set. None is removed, because callers may still hold what translated() gave; there are few.
  std::vector<std::unique_ptr<const Translations>> all;
  const Translations* now = nullptr;
};
Languages& languages() {
  static Languages it;
  return it;
}

}  // namespace

void set_translations(Translations translations) {
  Languages& l = languages();
  const std::scoped_lock lock(l.mutex);
  l.all.push_back(std::make_unique<const Translations>(std::move(translations)));
  l.now = l.all.back().get();
}

std::size_t translations_set() {
  Languages& l = languages();
  const std::scoped_lock lock(l.mutex);
  return l.all.size();
}

std::string_view translated(std::string_view english) {
  Languages& l = languages();
  const Translations* now = nullptr;
  {
    const std::scoped_lock lock(l.mutex);
    now = l.now;
  }
  if (now == nullptr) return english;
  const auto found = now->find(english);
  return found == now->end() ? english : std::string_view(found->second);
}

std::string words::filled(std::string_view pattern, std::span<const std::string> parts) {
  std::string out;
  out.reserve(pattern.size());
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    out += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    pattern.remove_prefix(open);
    const auto close = pattern.find('}');
    std::size_t place = 0;
    const char* end = close == std::string_view::npos ? nullptr : pattern.data() + close;
    if (end != nullptr && std::from_chars(pattern.data() + 1, end, place).ptr == end && close > 1 && place < parts.size()) {
      out += parts[place];
      pattern.remove_prefix(close + 1);
    } else {
      out += '{';
      pattern.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace gf

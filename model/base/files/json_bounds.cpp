#include "model/base/files/json_bounds.h"

#include "model/base/text.h"

namespace gf {

Result<void> check_json_bounds(std::string_view text, std::size_t most_values, const std::string& what) {
  constexpr int kDeepest = 100;
  int depth = 0;
  std::size_t values = 1;
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '"':
        for (++at; at < text.size() && text[at] != '"'; ++at)
          if (text[at] == '\\') ++at;
        break;
      case '[':
      case '{':
        ++depth;
        ++values;
        break;
      case ']':
      case '}': --depth; break;
      case ',': ++values; break;
      default: break;
    }
    if (depth > kDeepest)
      return fail(ErrorCode::Corrupt, gf::text("{0} nests more than {1} values in each other, as no such file does.", what, kDeepest),
                  "check_json_bounds");
    if (values > most_values)
      return fail(ErrorCode::Corrupt, gf::text("{0} has more than {1} values, as no such file does.", what, most_values),
                  "check_json_bounds");
  }
  return {};
}

}  // namespace gf

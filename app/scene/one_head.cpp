#include "app/scene/one_head.h"

#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::scene {

std::string one_head_name(const OneHead& head) { return std::to_string(head.layer) + "." + std::to_string(head.head); }

Result<OneHead> one_head_named(std::string_view name, const ModelConfig* config) {
  const std::size_t dot = name.find('.');
  const auto whole = [](std::string_view word) -> std::optional<int> {
    constexpr std::size_t kMostDigits = 6;
    if (word.empty() || word.size() > kMostDigits || word.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    return std::stoi(std::string(word));
  };
  const auto layer = whole(name.substr(0, dot)), head = dot == std::string_view::npos ? std::nullopt : whole(name.substr(dot + 1));
  OneHead found{layer.value_or(-1), head.value_or(-1)};
  if (!layer || !head || (config != nullptr && !is_in(found, *config)))
    return fail(ErrorCode::InvalidArgument,
                config == nullptr
                    ? text("\"{0}\" is no head; write BLOCK.HEAD, such as 4.3.", name)
                    : text("\"{0}\" is no head of this model; write BLOCK.HEAD, with blocks from 0 to {1} and heads from 0 to {2}.", name,
                           config->n_layer - 1, config->n_head - 1),
                "head");
  return found;
}

}  // namespace gf::scene

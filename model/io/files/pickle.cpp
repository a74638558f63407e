#include "model/io/files/pickle.h"

#include <cmath>

#include "model/io/files/little_endian.h"
#include "model/io/files/pickle_machine.h"

namespace gf {

namespace {

// Text in Latin-1 that is stored as UTF-8, back to Latin-1.
std::string pickle_latin1(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const bool two = lead >= 0xC2 && lead <= 0xC3 && at + 1 < text.size();
    bytes += two ? static_cast<char>(((lead & 3U) << 6) | (static_cast<unsigned char>(text[at + 1]) & 0x3FU)) : text[at];
    at += two ? 2 : 1;
  }
  return bytes;
}

}  // namespace

Result<Pickle> Pickle::read(std::span<const std::byte> bytes, const std::string& where) { return PickleMachine(bytes, where).run(); }

const PickleNode* Pickle::find(const PickleNode& dict, std::string_view key) const {
  if (dict.kind != PickleKind::Dict && dict.kind != PickleKind::Object) return nullptr;
  for (std::size_t i = dict.items.size(); i >= 2; i -= 2)
    if (const PickleNode& k = nodes_[dict.items[i - 2]]; k.kind == PickleKind::Text && k.text == key) return &nodes_[dict.items[i - 1]];
  return nullptr;
}

std::optional<std::int64_t> Pickle::whole_number(const PickleNode& node) const {
  if (node.kind == PickleKind::Int) return node.integer;
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (node.kind == PickleKind::Float && std::trunc(node.real) == node.real && std::abs(node.real) <= exact)
    return static_cast<std::int64_t>(node.real);
  if (node.kind != PickleKind::Object || !node.text.ends_with("multiarray.scalar") || !node.args) return {};
  const auto part = [&](const PickleNode& object, std::size_t i, PickleKind kind) -> const PickleNode* {
    const auto* args = object.args ? &nodes_[*object.args].items : nullptr;
    return args != nullptr && i < args->size() && nodes_[(*args)[i]].kind == kind ? &nodes_[(*args)[i]] : nullptr;
  };
  // numpy.dtype("i8", ...) with the number's bytes; before protocol 3 these are text in Latin-1.
  const PickleNode* type = part(node, 0, PickleKind::Object);
  const PickleNode* name = type != nullptr ? part(*type, 0, PickleKind::Text) : nullptr;
  const PickleNode *bytes = part(node, 1, PickleKind::Text), *encoded = part(node, 1, PickleKind::Object);
  if (encoded != nullptr && encoded->text == "_codecs.encode") bytes = part(*encoded, 0, PickleKind::Text);
  if (name == nullptr || bytes == nullptr || name->text.size() != 2 || (name->text[0] != 'i' && name->text[0] != 'u')) return {};
  const std::string raw = encoded != nullptr ? pickle_latin1(bytes->text) : std::string(bytes->text);
  const auto size = static_cast<std::size_t>(name->text[1] - '0');
  if (size == 0 || size > 8 || raw.size() != size) return {};
  const auto number = std::as_bytes(std::span(raw));
  return name->text[0] == 'i' ? signed_little_endian(number) : static_cast<std::int64_t>(little_endian(number));
}

}  // namespace gf

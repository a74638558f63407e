// The pickle machine on its own.
#include "model/io/files/pickle.h"

#include "tests/fuzz/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const auto pickle = Pickle::read(std::as_bytes(std::span(data, size)), "x.pt");
  if (!fuzz::answered(pickle)) return 0;
  EXPECTS(pickle->bytes_used() <= size && pickle->root() < pickle->nodes().size(), "a pickle lies in its bytes");
  std::size_t letters = 0;
  for (const PickleNode& node : pickle->nodes()) {
    for (const PickleId item : node.items) EXPECTS(item < pickle->nodes().size(), "items are nodes");
    for (const char c : node.text) letters += c == 'a' ? 1 : 0;
    if (node.kind == PickleKind::Dict) {
      EXPECTS(node.items.size() % 2 == 0, "keys have values");
      for (const char* key : {"model", "model_args", "itos"}) letters += pickle->find(node, key) != nullptr ? 1 : 0;
    }
    if (node.kind == PickleKind::Storage) EXPECTS(node.items.size() == 1, "a storage has its type");
    if (node.kind == PickleKind::Tensor) {
      EXPECTS(node.items.size() == 4 && pickle->at(node.items[0]).kind == PickleKind::Storage, "a tensor has its storage");
      EXPECTS(pickle->at(node.items[2]).items.size() == pickle->at(node.items[3]).items.size(), "as many sizes as strides");
    }
  }
  fuzz::keep(letters);
  return 0;
}

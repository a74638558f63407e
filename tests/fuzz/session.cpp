// The session file: read, written and read again.
#include "app/document/document.h"
#include "tests/fuzz/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const auto document = doc::document_from_json(fuzz::text_of(data, size));
  if (!document) {
    EXPECTS(!document.error().message.empty(), "an error says something");
    return 0;
  }
  const auto again = doc::document_from_json(doc::to_json(*document));
  EXPECTS(again && *again == *document, "a session that was written is read as the same");
  return 0;
}

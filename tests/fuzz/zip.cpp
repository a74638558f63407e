// The zip reader on its own.
#include "model/io/files/zip.h"

#include "tests/fuzz/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const auto file = std::as_bytes(std::span(data, size));
  const auto entries = read_stored_zip(file, "x.pt");
  if (!fuzz::answered(entries)) return 0;
  for (const ZipEntry& entry : *entries)
    EXPECTS(
        entry.bytes.empty() || (entry.bytes.data() >= file.data() && entry.bytes.data() + entry.bytes.size() <= file.data() + file.size()),
        "an entry lies in its file");
  return 0;
}

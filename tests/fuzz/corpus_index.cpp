// An index of a text: what is read of it lies inside the text, and is read again as it was written.
#include "model/corpus/corpus_index.h"

#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string path = "/fuzz/index.safetensors";
  fuzz::put_file(path, {data, size});
  fuzz::keep(corpus::is_corpus_index(path));
  const auto index = corpus::CorpusIndex::read(path);
  if (!fuzz::answered(index)) return 0;
  const corpus::Identity& of = index->identity();
  EXPECTS(index->ids().size() == static_cast<std::size_t>(of.tokens) && index->units().size() == of.units(), "all that it names is there");
  EXPECTS(index->progress.done <= index->progress.total(of.passages()), "no more passages than the text has");
  const auto inside = [&](const corpus::Example& e) {
    EXPECTS(e.passage >= -1 && e.passage < of.passages() && e.place >= 0 && e.place < of.passage_tokens, "a place in the text");
  };
  for (const corpus::UnitRecord& unit : index->units()) {
    for (const corpus::Example& e : unit.top) inside(e);
    for (const auto& interval : unit.interval)
      for (const corpus::Example& e : interval) inside(e);
  }
  return 0;
}

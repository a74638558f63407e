// A dictionary of features in one input: its config, then its weights, with a zero byte between them; read as SAELens's folder,
// as a file of torch.save and as one of circuit-tracer's.
#include "model/dictionaries/coding.h"
#include "model/dictionaries/one_feature.h"
#include "model/io/dictionaries/dictionary_readers.h"
#include "tests/fuzz/checks.h"
#include "tests/fuzz/memory_files.h"

namespace gf::fuzz {

/// One feature is read and written in one row, and all of them are decided over.
void use(const std::shared_ptr<const Dictionary>& dictionary) {
  const FittedDictionary fitted{dictionary, {HookKind::ResidPre, 0}, {HookKind::ResidPre, 0}, {}};
  const auto d = static_cast<std::size_t>(dictionary->d_in());
  std::vector<float> row(d), input(d), p(static_cast<std::size_t>(dictionary->features()));
  for (std::size_t i = 0; i < d; ++i) row[i] = static_cast<float>(i % 7) - 3;
  RowFrame frame;
  input_of(fitted, row, input, frame);
  activate(*dictionary, p);
  const int last = dictionary->features() - 1;
  std::vector<float> out(static_cast<std::size_t>(dictionary->d_out()));
  decode(fitted, {&last, 1}, {p.data(), 1}, row, out);
  if (dictionary->transcodes()) return;
  const FeatureInRow now = feature_in_row(fitted, last, row);
  set_feature_in_row(fitted, last, now, 1, row);
  slope_of_feature(fitted, last, {2, 0}, row, out);
  keep(out);
}

}  // namespace gf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  std::string_view rest = fuzz::text_of(data, size);
  const std::string_view config = fuzz::next_part(rest);
  for (const char* name : {"/fuzz/cfg.json", "/fuzz/config.yaml"}) fuzz::put_file(name, fuzz::bytes_of(config));
  for (const char* name : {"/fuzz/sae_weights.safetensors", "/fuzz/layer_0.safetensors", "/fuzz/8.pt"})
    fuzz::put_file(name, fuzz::bytes_of(rest));
  for (const auto& opened :
       {read_saelens_dictionary("/fuzz"), read_torch_dictionary("/fuzz/8.pt"), read_circuit_tracer_dictionary("/fuzz/layer_0.safetensors")})
    if (fuzz::answered(opened)) fuzz::use(*opened);
  return 0;
}

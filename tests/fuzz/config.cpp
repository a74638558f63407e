// config.json, as Hugging Face and as minGPT mean it.
#include "model/io/config_json.h"
#include "tests/fuzz/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gf;
  const std::string_view text = fuzz::text_of(data, size);
  for (const auto& parse : {parse_config_json, parse_mingpt_config}) {
    const auto config = parse(text, "config.json");
    if (!fuzz::answered(config)) continue;
    for (const auto& size_of_model : {config->n_layer, config->n_head, config->d_model, config->d_mlp, config->n_ctx, config->n_vocab})
      EXPECTS(!size_of_model || *size_of_model >= 1, "sizes are from 1 on");
  }
  return 0;
}

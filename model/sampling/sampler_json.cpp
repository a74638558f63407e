#include "model/sampling/sampler_json.h"

#include <nlohmann/json.hpp>

namespace gf {
namespace {

nlohmann::json ids_list(const std::vector<TokenId>& ids) {
  nlohmann::json list = nlohmann::json::array();
  for (const TokenId id : ids) list.push_back(id.v);
  return list;
}

}  // namespace

nlohmann::json sampler_json(const SamplerOptions& s) {
  return {{"greedy", s.greedy},
          {"temperature", s.temperature},
          {"top_k", s.top_k},
          {"top_p", s.top_p},
          {"min_p", s.min_p},
          {"typical_p", s.typical_p},
          {"seed", s.seed},
          {"ban", ids_list(s.ban)},
          {"force", ids_list(s.force)},
          {"no_repeat_ngram", s.no_repeat_ngram},
          {"repetition_penalty", s.repetition_penalty},
          {"presence_penalty", s.presence_penalty},
          {"stop_at_eos", s.stop_at_eos},
          {"stop", s.stop},
          {"beams", s.beams}};
}

std::string sampler_text(const SamplerOptions& sampler) {
  return sampler_json(sampler).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace gf

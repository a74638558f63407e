#include "app/document/sampler_json.h"

#include <algorithm>

namespace gf::doc {
namespace {

constexpr std::size_t kMostStops = 100;

void read_stops(JsonReader& from, std::vector<std::string>& stops) {
  const nlohmann::json* list = from.member("stop");
  if (list == nullptr) return;
  const auto is_text = [](const nlohmann::json& one) { return one.is_string() && !one.get_ref<const std::string&>().empty(); };
  if (!list->is_array() || list->size() > kMostStops || !std::ranges::all_of(*list, is_text)) {
    from.error = session_wrong("stop", text("a list of texts"));
    return;
  }
  for (const nlohmann::json& one : *list) stops.push_back(one.get<std::string>());
}

}  // namespace

void read_sampler(JsonReader& from, SamplerOptions& s) {
  const nlohmann::json* member = from.member("sampler");
  if (member == nullptr) return;
  if (!member->is_object()) {
    from.error = session_wrong("sampler", text("an object"));
    return;
  }
  JsonReader r{*member, {}};
  r.read("greedy", s.greedy);
  r.read("temperature", s.temperature);
  r.read("top_k", s.top_k);
  r.read("top_p", s.top_p);
  r.read("min_p", s.min_p);
  r.read("typical_p", s.typical_p);
  r.read("seed", s.seed);
  r.read("ban", s.ban);
  r.read("force", s.force);
  r.read("no_repeat_ngram", s.no_repeat_ngram);
  r.read("repetition_penalty", s.repetition_penalty);
  r.read("presence_penalty", s.presence_penalty);
  r.read("stop_at_eos", s.stop_at_eos);
  read_stops(r, s.stop);
  r.read("beams", s.beams);
  if (!r.error && !(s.temperature > 0)) r.error = session_wrong("temperature", text("above 0"));
  if (!r.error && !(s.repetition_penalty > 0)) r.error = session_wrong("repetition_penalty", text("above 0"));
  if (!r.error && !(s.min_p >= 0 && s.min_p <= 1)) r.error = session_wrong("min_p", text("from 0 to 1"));
  if (!r.error && !(s.typical_p > 0 && s.typical_p <= 1)) r.error = session_wrong("typical_p", text("above 0 and at most 1"));
  from.error = r.error;
}

}  // namespace gf::doc

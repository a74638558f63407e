#include "model/sampling/decoding_log.h"

namespace gf {

const char* name_of(CutReason reason) {
  switch (reason) {
    case CutReason::NoText: return "no_text";
    case CutReason::Ban: return "ban";
    case CutReason::Ngram: return "no_repeat_ngram";
    case CutReason::TopK: return "top_k";
    case CutReason::TopP: return "top_p";
    case CutReason::MinP: return "min_p";
    case CutReason::TypicalP: return "typical_p";
    case CutReason::Force: return "force";
  }
  return "?";
}

const char* name_of(ChoiceReason reason) {
  switch (reason) {
    case ChoiceReason::Likeliest: return "likeliest";
    case ChoiceReason::Noise: return "noise";
    case ChoiceReason::Force: return "force";
    case ChoiceReason::Beam: return "beam";
  }
  return "?";
}

const char* name_of(BeamEntry::State state) {
  switch (state) {
    case BeamEntry::State::Dropped: return "dropped";
    case BeamEntry::State::Live: return "live";
    case BeamEntry::State::Chosen: return "chosen";
  }
  return "?";
}

}  // namespace gf

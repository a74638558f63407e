// Patchscopes: one row of the residual stream of a prompt stands in for a row of another prompt, which then says what it holds.
// Source: Ghandeharioun et al. 2024, Patchscopes, section 3.
#include <array>
#include <charconv>

#include "model/analysis/question.h"
#include "model/base/logits.h"
#include "model/base/text.h"

namespace gf {

namespace {

constexpr std::array kPatchscopeParams{
    Param{.name = "from-prompt", .kind = Param::Kind::Prompt, .doc = phrase("the prompt whose row is taken"), .required = true},
    Param{
        .name = "from",
        .kind = Param::Kind::Text,
        .doc = phrase("DEPTH,POSITION of that row in the residual stream: what enters block DEPTH; negative positions count from the end"),
        .required = true},
    Param{.name = "into-prompt", .kind = Param::Kind::Prompt, .doc = phrase("the prompt that reads it"), .required = true},
    Param{.name = "to", .kind = Param::Kind::Text, .doc = phrase("DEPTH,POSITION of the row that it replaces"), .required = true},
    Param{.name = "n", .kind = Param::Kind::Whole, .doc = phrase("tokens that it says"), .fallback = "8", .low = 1, .high = 1000},
};
constexpr std::array kPatchscopeParts{
    PartInfo{.name = "says",
             .title = phrase("what it says"),
             .doc = phrase("the likeliest continuation with the row in place"),
             .kind = PartInfo::Kind::Words},
    PartInfo{.name = "unpatched",
             .title = phrase("without the patch"),
             .doc = phrase("the likeliest continuation of the reading prompt as it is"),
             .kind = PartInfo::Kind::Words},
    PartInfo{.name = "tokens",
             .axes = "step",
             .title = phrase("its tokens"),
             .doc = phrase("the tokens of that continuation"),
             .kind = PartInfo::Kind::Tokens},
    PartInfo{.name = "kl",
             .unit = "nats",
             .title = phrase("change of the first token"),
             .doc = phrase("KL(unpatched || patched) of the first token's distribution"),
             .kind = PartInfo::Kind::Number},
};

struct StreamPlace {
  int depth = 0, position = 0;
};

/// "4,9", in a prompt of T tokens.
Result<StreamPlace> stream_place(const std::string& word, const char* option, int n_layer, int T) {
  StreamPlace place;
  const char* end = word.data() + word.size();
  const auto depth = std::from_chars(word.data(), end, place.depth);
  const bool goes_on = depth.ec == std::errc() && depth.ptr != end && *depth.ptr == ',';
  const auto position = goes_on ? std::from_chars(depth.ptr + 1, end, place.position) : depth;
  if (!goes_on || position.ec != std::errc() || position.ptr != end)
    return fail(ErrorCode::InvalidArgument, text("'{0}' for '{1}' is not DEPTH,POSITION, as in 4,-1", word, option));
  if (place.depth < 0 || place.depth > n_layer)
    return fail(ErrorCode::InvalidArgument,
                text("there is no depth {0} for '{1}'; the stream has the depths 0 to {2}", place.depth, option, n_layer));
  if (place.position >= T || place.position < -T)
    return fail(ErrorCode::InvalidArgument,
                text("position {0} for '{1}' is not in its prompt, whose positions are 0 to {2}", place.position, option, T - 1));
  if (place.position < 0) place.position += T;
  return place;
}

/// What a run has added to its prompt, with the last token where the context had no room for its row.
std::vector<TokenId> said_by(const Run& run) {
  const auto ids = run.edited->ids();
  std::vector<TokenId> said(ids.begin() + static_cast<std::ptrdiff_t>(run.request.prompt.size()), ids.end());
  if (run.beyond) said.push_back(*run.beyond);
  return said;
}

Answer::Words one_word(std::string word) { return {{}, {}, {std::move(word)}}; }

Result<Answer> answer_patchscope(const Asking& asking) {
  const Model& model = asking.model();
  const int n_layer = model.weights->config.n_layer;
  const std::vector<TokenId> from_ids = asking.params.prompt("from-prompt");
  RunRequest request;
  request.prompt = asking.params.prompt("into-prompt");
  GF_TRY_ASSIGN(const StreamPlace from, stream_place(asking.params.text("from"), "from", n_layer, static_cast<int>(from_ids.size())));
  GF_TRY_ASSIGN(const StreamPlace to, stream_place(asking.params.text("to"), "to", n_layer, static_cast<int>(request.prompt.size())));
  request.n_generate = asking.params.whole("n");
  GF_TRY_ASSIGN(const Run unpatched, asking.session.run(request, asking.stop));
  if (asking.progress) asking.progress(0.5);
  Edit& patch = request.recipe.edits.emplace_back();
  patch.hook = name_of(stream_hook(to.depth, n_layer));
  patch.op = EditOp::Patch;
  patch.positions = Selector::only(to.position);
  patch.source = RunSource{
      .prompt = {}, .ids = from_ids, .hook = name_of(stream_hook(from.depth, n_layer)), .positions = Selector::only(from.position)};
  GF_TRY_ASSIGN(const Run patched, asking.session.run(request, asking.stop));
  request.n_generate = 0;
  GF_TRY_ASSIGN(const Run first, asking.session.run(request, asking.stop));
  const std::vector<TokenId> said = said_by(patched);
  Answer::Tokens tokens{{"step"}, {static_cast<int>(said.size())}, said, "logprob", "nats", {}};
  const Trace& trace = *patched.edited;
  for (std::size_t i = 0; i < said.size(); ++i) {
    const auto at = static_cast<int>(request.prompt.size() + i);
    tokens.values.push_back(at < trace.length() ? trace.stats(at).logprob
                                                : static_cast<float>(logprob_of(trace.last_logits(), said[i].index())));
  }
  Answer answer;
  answer.add("says", one_word(valid_utf8(model.tokenizer->decode(said))));
  answer.add("unpatched", one_word(valid_utf8(model.tokenizer->decode(said_by(unpatched)))));
  answer.add("tokens", std::move(tokens));
  answer.add("kl", Answer::Number{first.kl.value_or(0), "nats"});
  return answer;
}

}  // namespace

extern constinit const Question kPatchscopeQuestion{.name = "patchscope",
                                                    .title = phrase("Patchscope"),
                                                    .doc = phrase("what the model says when a row of one prompt stands in another prompt"),
                                                    .needs = {.prompt = false, .pattern = false},
                                                    .params = kPatchscopeParams,
                                                    .parts = kPatchscopeParts,
                                                    .answer = answer_patchscope};

}  // namespace gf

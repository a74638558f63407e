#include "app/export/film/film_moments.h"

#include "model/base/text.h"
#include "model/tokenizer/token_words.h"

namespace gf::exporting {

FilmMoments::FilmMoments(const scene::SceneInput& input)
    : timeline_(input.model->weights->config, input.run ? input.run->base->length() : 0) {
  if (!input.run) return;
  const Trace& trace = input.run->edited ? *input.run->edited : *input.run->base;
  std::string word, part;
  for (const TokenId id : trace.ids()) {
    tokens_.push_back(token_words(input.model->tokenizer.get(), id));
    if (tokens_.back().size() > word.size()) word = tokens_.back();
  }
  for (std::size_t op = 0; op < timeline_.ops().size(); ++op)
    if (auto text = part_of(static_cast<int>(op)); text.size() > part.size()) part = std::move(text);
  widest_ = token_text(timeline_.positions() - 1, word) + "\n" + part;
}

/// The part of the model at work. Single operations pass too fast to be read.
std::string FilmMoments::part_of(int index) const {
  const scene::Op& op = timeline_.ops()[static_cast<std::size_t>(index)];
  if (op.choose) return gf::text("the next token");
  if (op.block < 0) return gf::text("embedding");
  if (op.hook.layer < 0) return gf::text("logits");
  const bool attention = stands_at(op.hook.kind, HookPlace::Attention);
  return gf::text(attention ? "block {0}, attention" : "block {0}, MLP", op.block);
}

std::string FilmMoments::token_text(int position, const std::string& word) const {
  return gf::text("position {0} of {1}", position, timeline_.positions() - 1) + "   " + word;
}

std::string FilmMoments::text(double time) const {
  if (timeline_.positions() == 0) return {};
  const auto now = timeline_.at(time);
  const std::string token = token_text(now.position, tokens_[static_cast<std::size_t>(now.position)]);
  return token + "\n" + (time < timeline_.end() ? part_of(now.op) : gf::text("all computed"));
}

}  // namespace gf::exporting

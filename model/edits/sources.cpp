#include "model/edits/sources.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "model/base/files/input_files.h"
#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/base/token_ids.h"
#include "model/dictionaries/fitted.h"
#include "model/edits/edit_error.h"
#include "model/edits/edit_reader.h"
#include "model/io/dictionaries/open_dictionary.h"
#include "model/io/files/safetensors.h"
#include "model/io/recognise.h"
#include "model/tokenizer/one_token.h"

namespace gf {

namespace {

/// Longer vectors than any axis has are refused before they are read.
constexpr std::int64_t kMostNumbers = 1 << 24;

class SourceResolver {
 public:
  SourceResolver(std::size_t number, const std::string& folder, const Weights& weights, const Tokenizer& tokenizer)
      : number_(number), folder_(folder), weights_(weights), config_(weights.config), tokenizer_(tokenizer) {}

  /// The files that the edit names are inputs, whether the edit is switched on or not.
  void note_files(Edit& edit) const {
    for (auto* vector : vectors_of(edit))
      if (*vector && !(**vector).file.empty()) note_input(path_of(**vector));
  }

  Result<void> resolve(Edit& edit) const {
    for (auto* vector : vectors_of(edit))
      if (*vector && (**vector).feature < 0) GF_TRY(resolve(**vector));
    if (edit.vector && edit.vector->feature >= 0) GF_TRY(open_feature(edit, *edit.vector));
    if (edit.source) GF_TRY(encode(*edit.source));
    for (RunSource& run : edit.over) GF_TRY(encode(run));
    return {};
  }

 private:
  Result<void> resolve(VectorSource& vector) const {
    if (!vector.file.empty()) GF_TRY(read(vector));
    if (!vector.tokens.empty()) GF_TRY(take_columns(vector));
    for (RunSource& run : vector.runs) GF_TRY(encode(run));
    for (RunSource& run : vector.other_runs) GF_TRY(encode(run));
    return {};
  }

  /// The feature's row as numbers, or the dictionary for operations that have to read the feature's activation.
  Result<void> open_feature(const Edit& edit, VectorSource& vector) const {
    auto dictionary = open_dictionary(path_of(vector));
    if (!dictionary) return wrong(dictionary.error());
    const Dictionary& d = **dictionary;
    if (vector.feature >= d.features())
      return wrong(text("there is no feature {0}; the dictionary {1} has features 0 to {2}", vector.feature, d.name, d.features() - 1));
    const auto hooks = hooks_named(edit.hook, config_.n_layer);
    if (hooks.empty()) return {};  // compile() says so
    if (operation_of(edit.op).takes.has(EditKey::Vector)) {
      const RowShape shape = info_of(hooks.front().kind).shape;
      const std::size_t row = shape == RowShape::HeadsDModel ? static_cast<std::size_t>(config_.d_model) : row_size(shape, config_, 0);
      const bool of_head = (d.transcodes() ? d.config.head_out : d.config.head) >= 0 && shape == RowShape::Heads;
      if (shape == RowShape::Causal || (of_head ? static_cast<std::size_t>(config_.d_head) : row) != static_cast<std::size_t>(d.d_out()))
        return wrong(text("the dictionary {0} writes rows of {1} numbers, which does not fit {2}", d.name, d.d_out(), edit.hook));
      vector.values = d.decoder_row_as_stored(vector.feature);
      if (of_head) {
        std::vector<float> all(row);
        std::ranges::copy(vector.values,
                          all.begin() + static_cast<std::ptrdiff_t>(d.transcodes() ? d.config.head_out : d.config.head) * config_.d_head);
        vector.values = std::move(all);
      } else if (!d.transcodes() && hooks.front().kind == HookKind::Ln2Normalized) {
        auto fitted = fit_dictionary(*dictionary, weights_, hooks.front());
        if (!fitted) return wrong(fitted.error());
        for (std::size_t i = 0; i < (*fitted)->factor.size(); ++i) vector.values[i] /= (*fitted)->factor[i];
      }
      vector.whole_axis = true;
    } else {
      if (d.transcodes())
        return wrong(
            text("{0} is a transcoder, whose features are read at {1} and written at {2}; {3} acts on dictionaries of one hook, and "
                 "on a transcoder's features {4} and {5} do",
                 d.name, d.config.hook, d.config.hook_out, ticked(name_of(edit.op)), ticked("add"), ticked("project_out")));
      const auto own = hook_of_name(d.config.hook, config_.n_layer);
      if (!d.config.hook.empty() && (hooks.size() > 1 || !own || !same_place(*own, hooks.front())))
        return wrong(text("the dictionary {0} reads {1}, so {2} of its features acts there and not at {3}", d.name, d.config.hook,
                          ticked(name_of(edit.op)), edit.hook));
      auto fitted = fit_dictionary(*dictionary, weights_, hooks.front());
      if (!fitted) return wrong(fitted.error());
      vector.dictionary = std::move(*fitted);
    }
    vector.file.clear();
    return {};
  }

  /// Columns of W_U as they are: no LayerNorm is folded in, as with TransformerLens's models without processing.
  Result<void> take_columns(VectorSource& vector) const {
    const auto token = [&](const std::string& said) { return one_token(said, tokenizer_, config_.n_vocab); };
    const auto first = token(vector.tokens);
    if (!first) return wrong(first.error());
    vector.values.resize(static_cast<std::size_t>(config_.d_model));
    for (int i = 0; i < config_.d_model; ++i) vector.values[static_cast<std::size_t>(i)] = weights_.unembed.at(i, first->v);
    if (!vector.against.empty()) {
      const auto second = token(vector.against);
      if (!second) return wrong(second.error());
      for (int i = 0; i < config_.d_model; ++i) vector.values[static_cast<std::size_t>(i)] -= weights_.unembed.at(i, second->v);
    }
    vector.whole_axis = true;
    vector.tokens.clear();
    vector.against.clear();
    return {};
  }

  [[nodiscard]] std::string path_of(const VectorSource& vector) const {
    if (vector.feature >= 0 && vector.file.starts_with("hf:")) return vector.file;
    if (vector.feature >= 0) return resolve_dictionary(vector.file, folder_).value_or(vector.file);
    return (std::filesystem::path(folder_) / vector.file).string();
  }

  tl::unexpected<Error> wrong(const std::string& what) const { return edit_error(number_, what); }
  tl::unexpected<Error> wrong(const Error& error) const { return edit_error(number_, error.message, error.code); }

  Result<void> read(VectorSource& vector) const {
    const std::string path = path_of(vector);
    const auto file = SafetensorsFile::open(path);
    if (!file) return wrong(is_stand_in(path) ? refusal_of(path) : file.error());
    const SafetensorsEntry* entry = file->find(vector.tensor);
    if (entry == nullptr) {
      const auto entries = file->entries();
      const std::string names = listed(entries.first(std::min<std::size_t>(entries.size(), 8)), &SafetensorsEntry::name);
      return edit_error(number_,
                        text("there is no tensor '{0}' in {1}; it holds {2}", vector.tensor, path, names.empty() ? text("none") : names),
                        ErrorCode::NotFound);
    }
    std::vector<std::shared_ptr<const void>> storage;
    const auto view = file->view(*entry, storage);
    if (!view) return wrong(view.error());
    if (view->elements() < 1 || view->elements() > kMostNumbers)
      return wrong(text("the tensor '{0}' of {1} is not a vector for an axis of a model; it has the shape {2}", vector.tensor, path,
                        view->shape.text()));
    vector.values.resize(static_cast<std::size_t>(view->elements()));
    widen(view->data, view->dtype, vector.values.data(), vector.values.size());
    for (const float v : vector.values)
      if (!std::isfinite(v)) return wrong(text("the tensor '{0}' of {1} holds a number that is not finite", vector.tensor, path));
    vector.file.clear();
    vector.tensor.clear();
    return {};
  }

  Result<void> encode(RunSource& run) const {
    if (run.prompt) {
      auto ids = tokenizer_.ids_of(*run.prompt);
      if (!ids) return wrong(ids.error());
      run.ids = std::move(*ids);
      run.prompt.reset();
    }
    if (run.ids.empty()) return wrong(text("the run to take values from has no tokens"));
    if (static_cast<int>(run.ids.size()) > config_.n_ctx)
      return wrong(
          text("the run to take values from has {0} tokens, but the model's context is {1}; shorten it", run.ids.size(), config_.n_ctx));
    if (const auto known = check_ids(run.ids, config_.n_vocab); !known) return wrong(known.error());
    return {};
  }

  std::size_t number_;
  const std::string& folder_;
  const Weights& weights_;
  const ModelConfig& config_;
  const Tokenizer& tokenizer_;
};

}  // namespace

Result<Recipe> resolve_sources(const Recipe& recipe, const Weights& weights, const Tokenizer& tokenizer) {
  Recipe resolved = recipe;
  for (std::size_t i = 0; i < resolved.edits.size(); ++i) {
    const SourceResolver resolver(i + 1, recipe.folder, weights, tokenizer);
    resolver.note_files(resolved.edits[i]);
    if (resolved.edits[i].enabled) GF_TRY(resolver.resolve(resolved.edits[i]));
  }
  return resolved;
}

}  // namespace gf

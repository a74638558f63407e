#include "app/scene/stream/feature_marks.h"

#include <algorithm>
#include <numeric>

#include "model/io/dictionaries/open_dictionary.h"

namespace gf::scene {

std::vector<FeatureMarks::Mark> FeatureMarks::strongest(int position, std::size_t most_marks) const {
  if (position >= active.rows()) return {};
  const auto features = active.features_of(position);
  const auto activations = active.activations_of(position);
  std::vector<Mark> marks;
  for (std::size_t i = 0; i < features.size(); ++i) marks.push_back({features[i], activations[i]});
  std::ranges::stable_sort(marks, std::ranges::greater(), &Mark::activation);
  marks.resize(std::min(marks.size(), most_marks));
  return marks;
}

std::string FeatureMarks::name_of(int feature) const {
  const std::string name = fitted->dictionary->name_of_feature(feature);
  return name.empty() ? std::to_string(feature) : std::to_string(feature) + " · " + name;
}

Result<std::optional<FeatureMarks>> feature_marks(const std::string& dictionary, const std::string& hook, const Model& model,
                                                  const Trace& trace, std::stop_token stop) {
  FeatureMarks marks;
  GF_TRY_ASSIGN(marks.fitted, open_fitted(dictionary, hook, *model.weights));
  const HookId in = marks.fitted->in;
  if (in.kind != HookKind::ResidPre && in.kind != HookKind::ResidPost) return std::optional<FeatureMarks>();
  if (!trace.has(in)) return std::optional<FeatureMarks>();
  marks.depth = in.kind == HookKind::ResidPre ? in.layer : in.layer + 1;
  const FittedDictionary& fitted = *marks.fitted;
  GF_TRY_ASSIGN(marks.active, encode(fitted, [&](int p) { return fitted.part_read(trace.row(in, p)); }, trace.length(), std::move(stop)));
  for (const float activation : marks.active.activations) marks.most = std::max(marks.most, activation);
  return std::optional(std::move(marks));
}

}  // namespace gf::scene

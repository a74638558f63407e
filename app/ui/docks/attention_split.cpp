#include "app/ui/docks/attention_split.h"

#include <algorithm>
#include <cmath>

#include "app/ui/widgets/words.h"

namespace gf::ui {
namespace {

/// A component of why-attention, as people call it.
QString component_words(const std::string& name) {
  using Kind = doc::StreamPart::Kind;
  const auto part = doc::stream_part_named(name);
  if (!part) return name == "bias" ? text("biases of q and k") : name == "edits" ? text("edits") : QString::fromStdString(name);
  switch (part->kind) {
    case Kind::Embed: return text("token embedding");
    case Kind::PosEmbed: return text("position embedding");
    case Kind::Head: return text("head {0}.{1}", part->layer, part->index);
    case Kind::AttentionBias: return text("bias of attention {0}", part->layer);
    case Kind::Mlp: return text("MLP {0}", part->layer);
    default: return QString::fromStdString(name);
  }
}

}  // namespace

std::vector<SplitBar> bars_of_side(const Answer& answer, const char* part) {
  const auto& names = answer.words("components").words;
  const Grid& values = answer.grid(part);
  std::vector<SplitBar> bars;
  for (std::size_t i = 0; i < names.size(); ++i)
    bars.push_back({component_words(names[i]), doc::stream_part_named(names[i]), static_cast<double>(values.values[i])});
  std::ranges::stable_sort(bars, [](const SplitBar& a, const SplitBar& b) { return std::abs(a.value) > std::abs(b.value); });
  return bars;
}

std::vector<SplitBar> bars_of_pairs(const Answer& answer) {
  const Answer::Table& pairs = answer.table("pairs");
  const auto& query = std::get<std::vector<std::string>>(pairs.find("query")->cells);
  const auto& key = std::get<std::vector<std::string>>(pairs.find("key")->cells);
  const auto& score = std::get<std::vector<float>>(pairs.find("score")->cells);
  std::vector<SplitBar> bars;
  for (std::size_t i = 0; i < score.size(); ++i)
    bars.push_back({QStringLiteral("%1 × %2").arg(component_words(query[i]), component_words(key[i])), doc::stream_part_named(query[i]),
                    static_cast<double>(score[i])});
  return bars;
}

}  // namespace gf::ui

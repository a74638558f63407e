#include "app/ui/docks/finding_places.h"

#include "model/hooks.h"

namespace gf::ui {
namespace {

using Words = std::vector<std::string>;
using Places = std::vector<std::vector<int>>;

template <class T>
const T& column_of(const Answer::Table& table, const char* name) {
  return std::get<T>(table.find(name)->cells);
}

Words cell_words(const std::string& hook, std::initializer_list<int> indices) {
  Words words{hook};
  for (const int i : indices) words.push_back(std::to_string(i));
  return words;
}

}  // namespace

std::vector<std::string> place_of_finding(const Answer& answer, int row, const ModelConfig& config, int T, int position) {
  const auto at = static_cast<std::size_t>(row);
  const Answer::Table &findings = answer.table("findings"), &numbers = answer.table("numbers");
  // A number of the run itself is a cell of the scene.
  const auto& of = column_of<std::vector<int>>(numbers, "finding");
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (of[i] != row || column_of<Words>(numbers, "question")[i] != "run") continue;
    Words words{column_of<Words>(numbers, "part")[i]};
    for (const int index : column_of<Places>(numbers, "indices")[i]) words.push_back(std::to_string(index));
    return words;
  }
  const std::string& kind = column_of<Words>(findings, "kind")[at];
  const std::vector<int>& place = column_of<Places>(findings, "indices")[at];
  const auto stream = [&](int depth) { return name_of(stream_hook(depth, config.n_layer)); };
  if (kind == "mlp") return cell_words(name_of(HookId{HookKind::MlpOut, place[0]}), {position, 0});
  if (kind == "lens") return cell_words(stream(place[0]), {position, 0});
  if (kind == "dimension") return cell_words(stream(place[0]), {position, place[1]});
  if (kind == "surprise") return cell_words(name_of(HookId{HookKind::Embed}), {place[0] + 1, 0});
  return cell_words(name_of(HookId{HookKind::Pattern, place[0]}), {place[1], T - 1, T - 1});
}

}  // namespace gf::ui

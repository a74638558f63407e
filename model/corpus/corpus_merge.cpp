// One index of all shards.
#include "model/base/text.h"
#include "model/corpus/corpus_index.h"

namespace gf::corpus {

Result<void> merge_indexes(const std::vector<std::string>& paths, const std::string& output) {
  const auto wrong = [](std::string sentence) { return fail(ErrorCode::InvalidArgument, std::move(sentence)); };
  std::optional<CorpusIndex> all;
  std::vector<std::string> of_shard;
  for (const std::string& path : paths) {
    GF_TRY_ASSIGN(CorpusIndex part, CorpusIndex::read(path));
    const Progress p = part.progress;
    if (p.done < p.total(part.identity().passages()))
      return wrong(
          text("{0} has {1} of its {2} passages; go on with the command that began it", path, p.done, p.total(part.identity().passages())));
    if (!all) of_shard.resize(static_cast<std::size_t>(p.count));
    if (all && (part.identity() != all->identity() || p.count != all->progress.count))
      return wrong(text("{0} and {1} are not shards of one index; merge those of one model and one text", paths.front(), path));
    std::string& before = of_shard[static_cast<std::size_t>(p.index - 1)];
    if (!before.empty()) return wrong(text("{0} and {1} are both shard {2}; leave one out", before, path, p.index));
    before = path;
    if (all) all->add(part);
    else all.emplace(std::move(part));
  }
  for (std::size_t i = 0; i < of_shard.size(); ++i)
    if (of_shard[i].empty()) return wrong(text("Shard {0} of {1} is missing; name its file too.", i + 1, of_shard.size()));
  all->progress = {1, 1, all->identity().passages()};
  return all->write(output);
}

}  // namespace gf::corpus

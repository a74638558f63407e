// What is noted of the features of a dictionary.
#include <algorithm>
#include <map>

#include "model/corpus/passage_notes.h"
#include "model/dictionaries/coding.h"

namespace gf::corpus {

CapturePlan plan_of_features(const FittedDictionary& dictionary) {
  CapturePlan plan = CapturePlan::none();
  plan.want(dictionary.in.kind);
  plan.last_stats_only = true;
  return plan;
}

namespace {

class FeatureNotes : public PassageNotes {
 public:
  FeatureNotes(CorpusIndex& index, std::shared_ptr<const FittedDictionary> dictionary)
      : index_(index), dictionary_(std::move(dictionary)), encoder_(*dictionary_) {}
  [[nodiscard]] CapturePlan plan() const override { return plan_of_features(*dictionary_); }

  Result<void> add(const Trace& trace, int passage, const std::stop_token& stop) override {
    GF_TRY_ASSIGN(const ActiveFeatures active,
                  encoder_.encode([&](int p) { return dictionary_->part_read(trace.row(dictionary_->in, p)); }, trace.length(), stop));
    struct Seen {
      Example most;
      std::uint32_t tokens = 0;
    };
    std::map<int, Seen> seen;
    for (int p = 0; p < active.rows(); ++p) {
      const auto features = active.features_of(p);
      const auto activations = active.activations_of(p);
      for (std::size_t i = 0; i < features.size(); ++i) {
        if (!(activations[i] > 0)) continue;
        Seen& of = seen[features[i]];
        ++of.tokens;
        ++index_.units()[static_cast<std::size_t>(features[i])].histogram[static_cast<std::size_t>(bin_of(activations[i]))];
        if (of.most.passage < 0 || activations[i] > of.most.activation) of.most = {passage, p, activations[i]};
      }
    }
    const auto length = static_cast<std::uint32_t>(trace.length());
    for (UnitRecord& record : index_.units()) record.histogram[0] += length;
    for (const auto& [feature, of] : seen) {
      UnitRecord& record = index_.units()[static_cast<std::size_t>(feature)];
      record.histogram[0] -= of.tokens;
      record.active += of.tokens;
      put_example(record, static_cast<std::size_t>(feature), of.most);
    }
    return {};
  }

 private:
  CorpusIndex& index_;
  std::shared_ptr<const FittedDictionary> dictionary_;
  RowEncoder encoder_;
};

}  // namespace

std::unique_ptr<PassageNotes> notes_of_features(CorpusIndex& index, std::shared_ptr<const FittedDictionary> dictionary) {
  return std::make_unique<FeatureNotes>(index, std::move(dictionary));
}

}  // namespace gf::corpus

// What the chapters of a story share: answers to questions about the run, and sentences with their facts. Internal to app/story.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/scene/operations/timeline.h"
#include "app/story/story.h"

namespace gf::story {

/// What mattered in a run, found once for all chapters.
struct Subject {
  int position = 0;             ///< whose prediction is explained
  std::optional<TokenId> a, b;  ///< the likeliest token and its rival; none: the run says nothing (NaN)
  double lead = 0;              ///< logit of A minus that of B
  bool decided = false;         ///< the model says more than chance: see kNearChance
  /// The token that a head looks at with the greatest effect on A over B.
  struct Glance {
    int layer = 0, head = 0, key = 0;
    double effect = 0, share = 0;  ///< logits, and the share of attention
    bool telling = false;          ///< see kTellingShare
  };
  std::optional<Glance> glance;
  struct Neuron {
    int layer = 0, neuron = 0, row = 0;  ///< its row in the answer of `neurons`
    double activation = 0, effect = 0;
    bool telling = false;
  };
  std::optional<Neuron> neuron;
};

/// A prediction whose entropy is this share of that of a blind guess, or more, says nothing.
inline constexpr double kNearChance = 0.9;
/// A glance tells something where its effect is this share of the lead of A over B or more, and the token gets more attention than
/// its equal share.
inline constexpr double kTellingShare = 0.1;
/// The same of a neuron, of which there are many more.
inline constexpr double kTellingShareOfNeuron = 0.02;

/// The number of a fact in the answer to its question. Errors: InvalidArgument, where it is not there.
[[nodiscard]] Result<double> number_at(const Fact& fact, const Answer& answer);

class Teller {
 public:
  explicit Teller(const Asking& about);

  [[nodiscard]] const Model& model() const { return about_.model(); }
  [[nodiscard]] const ModelConfig& config() const { return model().weights->config; }
  [[nodiscard]] const Trace& trace() const { return about_.trace(); }
  [[nodiscard]] const Run& run() const { return about_.run; }
  [[nodiscard]] const scene::Timeline& timeline() const { return timeline_; }
  [[nodiscard]] const Subject& subject() const { return subject_; }
  [[nodiscard]] std::stop_token stop() const { return about_.stop; }
  /// Finds what mattered. Errors: Cancelled.
  Result<void> look();

  /// "“Mary”"
  [[nodiscard]] std::string quoted(TokenId id) const;
  /// The token at a position. Of one that the text has several times a chapter says the first time which of them it is: "the second
  /// “to”".
  [[nodiscard]] std::string token_at(int position);
  /// The same, which says it each time: where two of them are spoken of together.
  [[nodiscard]] std::string which_token_at(int position);
  void begin_chapter() { named_.clear(); }
  /// The text up to the subject's position, without quotes; of a long one its end.
  [[nodiscard]] std::string text_read() const;
  /// The moment when `position` begins to fill a hook.
  [[nodiscard]] double start_of(HookId hook) const { return timeline_.start_of(subject_.position, timeline_.op_of(hook)); }
  [[nodiscard]] double end_of(HookId hook) const { return start_of(hook) + 1; }

  struct AskedPart {
    const char* question;
    const char* part = "";
    std::vector<std::pair<const char*, std::string>> params = {};
  };
  /// The answer to a question about the subject, asked once. nullptr: it has none in this run. Errors: Cancelled.
  Result<std::shared_ptr<const Answer>> answer(const AskedPart& asked);
  /// A number for the sentence that is being made. nullopt: the question has no answer, or the answer is not a number.
  struct Place {
    std::vector<int> index = {};
    std::string column = {};
    std::optional<int> axis = {};
  };
  Result<std::optional<Fact>> fact(const AskedPart& asked, const Place& place, Fact::Form form);

  /// Whether a word has not been explained before; from then on it has.
  bool is_new(const std::string& word) { return explained_.insert(word).second; }
  /// "points", with what they are called the first time.
  [[nodiscard]] std::string logits();
  /// Adds a step, which lasts until its sentence has been read and what it computes is there.
  void add(Step step);
  [[nodiscard]] Story take() { return std::move(story_); }

 private:
  [[nodiscard]] Asking asking_for(const AskedPart& asked) const;
  Result<void> find_tokens();
  Result<void> find_glance();
  Result<void> find_neuron();

  Asking about_;
  scene::Timeline timeline_;
  Subject subject_;
  Story story_;
  std::map<std::string, std::shared_ptr<const Answer>> answers_;
  std::set<std::string> explained_;
  std::map<std::string, int> named_;  ///< tokens that this chapter has named, with their positions
};

/// A chapter adds its steps; what the run has not captured it leaves out. `when`: chapters are told in the order of the pass.
struct Chapter {
  const char* name;
  std::optional<double> (*when)(const Teller& teller);  ///< nullopt: it has nothing to tell
  Result<void> (*tell)(Teller& teller);
};

extern const Chapter kWordsChapter, kJourneyChapter, kHeadChapter, kNeuronChapter, kDepthsChapter, kChoiceChapter;

}  // namespace gf::story

// The features of a dictionary in a run: which are active, what they write, and what the dictionary leaves unexplained.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "model/analysis/gradient_runs.h"
#include "model/analysis/logit_direction.h"
#include "model/analysis/neurons.h"
#include "model/analysis/question.h"
#include "model/analysis/ranked.h"
#include "model/base/text.h"
#include "model/dictionaries/coding.h"
#include "model/dictionaries/nearest.h"
#include "model/io/dictionaries/open_dictionary.h"
#include "model/tokenizer/one_token.h"

namespace gf {

namespace {

constexpr std::array kFeaturesParams{
    Param{.name = "dictionary",
          .kind = Param::Kind::Text,
          .doc = phrase("a sparse autoencoder or transcoder: a folder or file, hf:ORG/NAME/FOLDER, or fable, which comes with the program"),
          .required = true},
    Param{.name = "dictionary-hook",
          .kind = Param::Kind::Text,
          .doc = phrase("the hook where the dictionary reads, where its file does not say")},
    Param{.name = "top",
          .kind = Param::Kind::Whole,
          .doc = phrase("features, tokens and neighbours that are listed"),
          .fallback = "5",
          .low = 1,
          .high = 1000},
    Param{.name = "feature", .kind = Param::Kind::Whole, .doc = phrase("a feature whose words and neighbours are listed"), .high = 1 << 28},
    Param{.name = "word", .kind = Param::Kind::Text, .doc = phrase("a token; the features that raise it most are listed")},
};
constexpr std::array kFeaturesParts{
    PartInfo{.name = "top",
             .title = phrase("active features"),
             .doc = phrase("the strongest features at each position"),
             .kind = PartInfo::Kind::Table},
    PartInfo{.name = "l0",
             .title = phrase("L0"),
             .doc = phrase("features that are active at a position, on average"),
             .kind = PartInfo::Kind::Number},
    PartInfo{.name = "explained_variance",
             .title = phrase("explained variance"),
             .doc = phrase("1 - squared errors of the reconstruction / squared distances from the mean over positions"),
             .kind = PartInfo::Kind::Number},
    PartInfo{.name = "loss",
             .unit = "nats",
             .title = phrase("loss"),
             .doc = phrase("mean surprisal of the prompt's tokens"),
             .kind = PartInfo::Kind::Number},
    PartInfo{.name = "loss_reconstructed",
             .unit = "nats",
             .title = phrase("loss with the reconstruction"),
             .doc = phrase("the same where the reconstruction stands in place of what the hook has"),
             .kind = PartInfo::Kind::Number},
    PartInfo{.name = "loss_zeroed",
             .unit = "nats",
             .title = phrase("loss with zeros"),
             .doc = phrase("the same where zeros stand there"),
             .kind = PartInfo::Kind::Number},
    PartInfo{.name = "size", .title = phrase("features"), .doc = phrase("features of the dictionary"), .kind = PartInfo::Kind::Number},
    PartInfo{.name = "hook", .title = phrase("hook"), .doc = phrase("where the dictionary reads"), .kind = PartInfo::Kind::Words},
    PartInfo{.name = "hook_out",
             .title = phrase("hook that is written"),
             .doc = phrase("where the dictionary writes"),
             .kind = PartInfo::Kind::Words},
    PartInfo{.name = "notes",
             .axes = "note",
             .title = phrase("notes"),
             .doc = phrase("what to know about this dictionary at this prompt"),
             .kind = PartInfo::Kind::Words,
             .only = PartInfo::Only::ByParams},
    PartInfo{.name = "named",
             .title = phrase("features that have a name"),
             .doc = phrase("by the dictionary's list of names"),
             .kind = PartInfo::Kind::Table,
             .only = PartInfo::Only::Wanted},
    PartInfo{.name = "activations",
             .axes = "position",
             .title = phrase("activation of the feature"),
             .doc = phrase("at each position; without --feature that of the strongest one at the position that is explained"),
             .only = PartInfo::Only::ByParams},
    PartInfo{.name = "words_for",
             .title = phrase("words for"),
             .doc = phrase("the tokens that the feature raises most"),
             .kind = PartInfo::Kind::Table,
             .only = PartInfo::Only::ByParams},
    PartInfo{.name = "words_against",
             .title = phrase("words against"),
             .doc = phrase("the tokens that the feature lowers most"),
             .kind = PartInfo::Kind::Table,
             .only = PartInfo::Only::ByParams},
    PartInfo{.name = "writers",
             .title = phrase("features that raise the word"),
             .doc = phrase("the features of which one unit of activation raises the logit of --word (else of the target) most, straight "
                           "through ln_final's gamma"),
             .kind = PartInfo::Kind::Table,
             .only = PartInfo::Only::ByParams},
    PartInfo{.name = "nearest",
             .title = phrase("nearest features"),
             .doc = phrase("the features that write in the most similar directions"),
             .kind = PartInfo::Kind::Table,
             .only = PartInfo::Only::ByParams},
};

double mean_surprisal(const Trace& trace) {
  double sum = 0;
  for (int p = 1; p < trace.length(); ++p) sum -= static_cast<double>(trace.stats(p).logprob);
  return trace.length() > 1 ? sum / (trace.length() - 1) : std::numeric_limits<double>::quiet_NaN();
}

double row_mean(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v);
  return sum / static_cast<double>(x.size());
}

/// Answers about one dictionary in one run.
class FeatureAnswer {
 public:
  explicit FeatureAnswer(const Asking& asking) : asking_(asking), weights_(*asking.model().weights), T_(asking.trace().length()) {}

  Result<Answer> make() {
    GF_TRY(open());
    GF_TRY_ASSIGN(active_, encode(*fitted_, [&](int p) { return read(p); }, T_, asking_.stop));
    GF_TRY_ASSIGN(const int feature, chosen_feature());
    report(0.3);
    if (asking_.wants("top")) GF_TRY(add_top());
    if (asking_.wants("l0")) answer_.add("l0", Answer::Number{static_cast<double>(active_.features.size()) / T_, ""});
    if (asking_.wants("explained_variance") || asking_.wants("loss_reconstructed")) reconstruct();
    if (asking_.wants("explained_variance")) answer_.add("explained_variance", Answer::Number{explained_variance(), ""});
    if (asking_.wants("loss")) answer_.add("loss", Answer::Number{mean_surprisal(asking_.trace()), "nats"});
    report(0.5);
    GF_TRY(add_losses());
    add_facts();
    report(0.9);
    add_page(feature);
    if (asking_.wanted.empty() ? asking_.params.given("word") : asking_.wants("writers")) GF_TRY(add_writers());
    return std::move(answer_);
  }

 private:
  void report(double fraction) const {
    if (asking_.progress) asking_.progress(fraction);
  }

  Result<void> open() {
    GF_TRY_ASSIGN(fitted_, open_fitted(asking_.params.text("dictionary"), asking_.params.text("dictionary-hook"), weights_));
    GF_TRY_ASSIGN(in_, with_rows(fitted_->in));
    GF_TRY_ASSIGN(out_, with_rows(fitted_->out));
    return {};
  }

  Result<std::shared_ptr<const Trace>> with_rows(HookId hook) const {
    if (asking_.trace().has(hook)) return asking_.run.edited;
    return asking_.session.replay(asking_.trace(), hook, asking_.request);
  }

  /// What the dictionary reads at a position, and what stands where it writes.
  [[nodiscard]] std::span<const float> read(int p) const { return fitted_->part_read(in_->row(fitted_->in, p)); }
  [[nodiscard]] std::span<const float> written_over(int p) const { return fitted_->part_written(out_->row(fitted_->out, p)); }

  Result<int> chosen_feature() const {
    const int n = fitted_->dictionary->features();
    if (asking_.params.given("feature")) {
      const int feature = asking_.params.whole("feature");
      if (feature < n) return feature;
      return fail(ErrorCode::InvalidArgument, text("there is no feature {0}; the dictionary has features 0 to {1}", feature, n - 1));
    }
    const auto order = strongest(asking_.at());
    return order.empty() ? 0 : active_.features_of(asking_.at())[order.front()];
  }

  /// Places in the lists of a position, the largest activation first.
  [[nodiscard]] std::vector<std::size_t> strongest(int position) const {
    const auto activations = active_.activations_of(position);
    std::vector<std::size_t> order(activations.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return activations[a] > activations[b]; });
    order.resize(std::min(order.size(), static_cast<std::size_t>(asking_.params.whole("top"))));
    return order;
  }

  /// What one unit of activation adds to the residual stream; empty where that is not linear.
  const std::vector<double>& written_by(int feature) {
    const auto at = written_.find(feature);
    if (at != written_.end()) return at->second;
    return written_[feature] = written_to_stream(weights_, fitted_->out, fitted_->written_row(feature, weights_.config));
  }

  Result<void> add_top() {
    std::vector<int> positions, features;
    std::vector<float> activations, contributions;
    std::vector<std::string> names;
    std::vector<float> input(static_cast<std::size_t>(fitted_->dictionary->d_in()));
    for (int p = 0; p < T_; ++p) {
      RowFrame frame;
      input_of(*fitted_, read(p), input, frame);
      std::optional<DirectionAt> towards;
      if (asking_.a) {
        GF_TRY_ASSIGN(towards, direction_at(weights_, asking_.trace(), *asking_.a, asking_.b, p));
      }
      for (const std::size_t i : strongest(p)) {
        positions.push_back(p);
        features.push_back(active_.features_of(p)[i]);
        activations.push_back(active_.activations_of(p)[i]);
        names.push_back(fitted_->dictionary->name_of_feature(features.back()));
        if (!towards) continue;
        const std::vector<double>& written = written_by(features.back());
        double sum = written.empty() ? std::numeric_limits<double>::quiet_NaN() : 0;
        for (std::size_t d = 0; d < written.size(); ++d) sum += written[d] * towards->g[d];
        const double unit = fitted_->transcodes() ? 1 : frame.back;
        contributions.push_back(static_cast<float>(sum * unit * static_cast<double>(activations.back())));
      }
    }
    Answer::Table top{.columns = {{"position", "", std::move(positions)},
                                  {"feature", "", std::move(features)},
                                  {"activation", "", std::move(activations)}},
                      .axes = {"position", "k"},
                      .places = T_};
    if (asking_.a) top.columns.push_back({"contribution", "logit", std::move(contributions)});
    if (!fitted_->dictionary->names.empty()) top.columns.push_back({"name", "", std::move(names)});
    answer_.add("top", std::move(top));
    return {};
  }

  void reconstruct() {
    for (int p = 0; p < T_; ++p) {
      auto& row = reconstruction_.emplace_back(static_cast<std::size_t>(fitted_->dictionary->d_out()));
      decode(*fitted_, active_.features_of(p), active_.activations_of(p), read(p), row);
    }
  }

  [[nodiscard]] double explained_variance() const {
    const bool centred = fitted_->dictionary->config.centred;
    // A transcoder that was trained on centred weights writes a centred row; another dictionary's reconstruction has the mean.
    const auto target = [&](int p) {
      const auto row = written_over(p);
      std::vector<double> values(row.begin(), row.end());
      if (const double mean = row_mean(row); centred)
        for (double& v : values) v -= mean;
      return values;
    };
    std::vector<double> mean(reconstruction_.front().size());
    for (int p = 0; p < T_; ++p) {
      const auto values = target(p);
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += values[i] / T_;
    }
    double errors = 0, distances = 0;
    for (int p = 0; p < T_; ++p) {
      const auto values = target(p);
      const auto& row = reconstruction_[static_cast<std::size_t>(p)];
      const double taken_off = centred && !fitted_->transcodes() ? row_mean(written_over(p)) : 0;
      for (std::size_t i = 0; i < mean.size(); ++i) {
        const double error = values[i] - (static_cast<double>(row[i]) - taken_off), distance = values[i] - mean[i];
        errors += error * error;
        distances += distance * distance;
      }
    }
    return 1 - errors / distances;
  }

  Result<void> add_losses() {
    const bool reconstructed = asking_.wants("loss_reconstructed"), zeroed = asking_.wants("loss_zeroed");
    if (!reconstructed && !zeroed) return {};
    GF_TRY_ASSIGN(const auto edits, asking_.session.edits_of(asking_.trace(), asking_.request));
    CapturePlan plan = CapturePlan::none();
    plan.want(HookKind::Embed);  // with it the run has the statistics of every position
    const auto loss_with = [&](const FixedRows::Rows& parts) -> Result<double> {
      FixedRows there(edits.get());
      // What is not the dictionary's stays: of all heads one may be read.
      FixedRows::Rows rows = rows_of(*out_, fitted_->out);
      for (std::size_t p = 0; p < rows.size(); ++p) std::ranges::copy(parts[p], fitted_->part_written(std::span(rows[p])).begin());
      there.set(fitted_->out, std::move(rows));
      GF_TRY_ASSIGN(const Trace run, asking_.session.pass(asking_.trace().ids(), asking_.trace().n_prompt(), plan, &there, asking_.stop));
      return mean_surprisal(run);
    };
    if (reconstructed) {
      GF_TRY_ASSIGN(const double loss, loss_with(reconstruction_));
      answer_.add("loss_reconstructed", Answer::Number{loss, "nats"});
    }
    report(0.7);
    if (zeroed) {
      GF_TRY_ASSIGN(const double loss,
                    loss_with(FixedRows::Rows(static_cast<std::size_t>(T_),
                                              std::vector<float>(static_cast<std::size_t>(fitted_->dictionary->d_out())))));
      answer_.add("loss_zeroed", Answer::Number{loss, "nats"});
    }
    return {};
  }

  void add_facts() {
    const Dictionary& dictionary = *fitted_->dictionary;
    if (asking_.wants("size")) answer_.add("size", Answer::Number{static_cast<double>(dictionary.features()), ""});
    if (!asking_.wanted.empty() && asking_.wants("named")) {
      std::vector<int> features;
      std::vector<std::string> names;
      for (const NamedFeature& named : dictionary.names) features.push_back(named.feature), names.push_back(text(named.name));
      answer_.add("named", Answer::Table{{{"feature", "", std::move(features)}, {"name", "", std::move(names)}}});
    }
    if (asking_.wants("hook")) answer_.add("hook", Answer::Words{{}, {}, {name_of(fitted_->in)}});
    if (asking_.wants("hook_out")) answer_.add("hook_out", Answer::Words{{}, {}, {name_of(fitted_->out)}});
    std::vector<std::string> notes = dictionary.warnings;
    const int bos = weights_.config.bos_token_id;
    if (dictionary.config.bos.value_or(false) && bos >= 0 && asking_.trace().ids().front().v != bos)
      notes.push_back(
          text("The dictionary was trained on texts that begin with the BOS token, and this prompt does not; put it in front (BOS)."));
    if (dictionary.config.context > 0 && T_ > dictionary.config.context)
      notes.push_back(text("The dictionary was trained on {0} tokens at a time, and this run has {1}.", dictionary.config.context, T_));
    if (dictionary.config.centred) notes.push_back(text("The dictionary was trained on centred weights: it reads each row less its mean."));
    if (fitted_->head >= 0) notes.push_back(text("The dictionary reads head {0} alone.", fitted_->head));
    if (!fitted_->factor.empty())
      notes.push_back(text("The dictionary reads the input of the MLP, which is {0} times gamma plus beta.", name_of(fitted_->in)));
    else if (!fitted_->offset.empty())
      notes.push_back(text("The dictionary was trained on folded value biases: it reads z less what they add to it."));
    const bool by_name = !asking_.wanted.empty() && asking_.wants("notes");
    if ((asking_.wanted.empty() && !notes.empty()) || by_name) {
      const auto count = static_cast<int>(notes.size());
      answer_.add("notes", Answer::Words{{"note"}, {count}, std::move(notes)});
    }
  }

  /// Whether a part of one feature's page is asked for.
  [[nodiscard]] bool wants_of_page(const char* part) const {
    return asking_.wanted.empty() ? asking_.params.given("feature") : asking_.wants(part);
  }

  void add_page(int feature) {
    if (wants_of_page("activations")) {
      Grid activations = Grid::of({"position"}, {T_}, "");
      for (int p = 0; p < T_; ++p) activations.at(p) = active_.at(p, feature);
      answer_.add("activations", std::move(activations));
    }
    const int count = asking_.params.whole("top");
    if (wants_of_page("words_for") || wants_of_page("words_against")) {
      const std::vector<double>& written = written_by(feature);
      const auto add = [&](const char* part, const std::vector<NeuronVocabulary::Token>& tokens) {
        if (!wants_of_page(part)) return;
        std::vector<TokenId> ids;
        std::vector<float> logits;
        for (const auto& token : tokens) ids.push_back(token.id), logits.push_back(token.logit);
        answer_.add(part, Answer::Table{{{"token", "", std::move(ids)}, {"logit", "logit", std::move(logits)}}});
      };
      // What is read by a later operation that is not linear has no words of its own.
      const NeuronVocabulary words = written.empty() ? NeuronVocabulary{} : vocabulary_of(weights_, written, count);
      add("words_for", words.writes_for);
      add("words_against", words.writes_against);
    }
    if (wants_of_page("nearest")) {
      std::vector<int> features;
      std::vector<float> cosines;
      for (const NearFeature& near : nearest_features(*fitted_->dictionary, feature, count))
        features.push_back(near.feature), cosines.push_back(near.cosine);
      answer_.add("nearest", Answer::Table{{{"feature", "", std::move(features)}, {"cosine", "", std::move(cosines)}}});
    }
  }

  /// The word that was asked about, else the target, else the likeliest next token.
  [[nodiscard]] Result<TokenId> asked_word() const {
    if (asking_.params.given("word")) return one_token(asking_.params.text("word"), *asking_.model().tokenizer, weights_.config.n_vocab);
    if (asking_.a) return *asking_.a;
    const auto& likeliest = asking_.trace().stats(asking_.at()).top;
    if (!likeliest.empty()) return likeliest.front().id;
    return fail(ErrorCode::InvalidArgument, text("The logits are not numbers, so that no token is likeliest; name one with --word."));
  }

  Result<void> add_writers() {
    GF_TRY_ASSIGN(const TokenId word, asked_word());
    const std::vector<double> along = seen_at(fitted_->out, logit_direction(weights_, 1, word, {}));
    std::vector<std::pair<float, int>> all;
    // What is read by a later operation that is not linear raises no word by itself.
    for (int feature = 0; !along.empty() && feature < fitted_->dictionary->features(); ++feature) {
      if (asking_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("the search was cancelled"));
      all.emplace_back(static_cast<float>(dot_with(fitted_->written_row(feature, weights_.config), along)), feature);
    }
    const auto kept = std::min(all.size(), static_cast<std::size_t>(asking_.params.whole("top")));
    std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(kept), [](const auto& a, const auto& b) {
      return ranks_before(a.first, b.first) || (!ranks_before(b.first, a.first) && a.second < b.second);
    });
    std::vector<int> features;
    std::vector<float> logits;
    std::vector<std::string> names;
    for (const auto& [logit, feature] : std::span(all).first(kept)) {
      features.push_back(feature);
      logits.push_back(logit);
      names.push_back(fitted_->dictionary->name_of_feature(feature));
    }
    Answer::Table writers{{{"feature", "", std::move(features)}, {"logit", "logit", std::move(logits)}}};
    if (!fitted_->dictionary->names.empty()) writers.columns.push_back({"name", "", std::move(names)});
    answer_.add("writers", std::move(writers));
    return {};
  }

  /// A direction of the stream as a row of the hook sees it: the transpose of written_to_stream(), empty where that is.
  [[nodiscard]] std::vector<double> seen_at(HookId hook, const std::vector<double>& direction) const {
    if (hook.kind == HookKind::Z) return through_output(weights_.blocks[static_cast<std::size_t>(hook.layer)].o, direction);
    if (hook.kind == HookKind::MlpPost) return through_output(weights_.blocks[static_cast<std::size_t>(hook.layer)].out, direction);
    const std::vector<float> zero(direction.size());
    return written_to_stream(weights_, hook, zero).empty() ? std::vector<double>() : direction;
  }

  const Asking& asking_;
  const Weights& weights_;
  int T_;
  std::shared_ptr<const FittedDictionary> fitted_;
  std::shared_ptr<const Trace> in_, out_;
  ActiveFeatures active_;
  FixedRows::Rows reconstruction_;
  std::map<int, std::vector<double>> written_;
  Answer answer_;
};

Result<Answer> answer_features(const Asking& asking) { return FeatureAnswer(asking).make(); }

}  // namespace

extern constinit const Question kFeaturesQuestion{
    .name = "features",
    .title = phrase("Features"),
    .doc = phrase("which features of a dictionary are active, and what they write"),
    .needs = {.a = TokenNeed::Optional, .b = TokenNeed::Optional, .pattern = false, .position = true},
    .params = kFeaturesParams,
    .parts = kFeaturesParts,
    .answer = answer_features};

}  // namespace gf

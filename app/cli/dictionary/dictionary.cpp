// The subcommand `dictionary`: says what a dictionary of features holds, or trains one on a text.
#include <CLI/CLI.hpp>

#include "app/cli/dictionary/dictionary_train.h"
#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/hooks.h"
#include "model/io/dictionaries/open_dictionary.h"

namespace gf::cli {

namespace {

struct DictionaryInfoOptions {
  std::string dictionary;
  bool json = false;
};

Json word_or_null(const std::string& word) { return word.empty() ? Json() : Json(word); }

Result<void> dictionary_info(const DictionaryInfoOptions& o) {
  GF_TRY_ASSIGN(const auto dictionary, open_dictionary(o.dictionary));
  const DictionaryConfig& c = dictionary->config;
  constexpr const char* normalisations[] = {"none", "layer_norm", "constant_norm_rescale"};
  const char* normalisation = normalisations[static_cast<std::size_t>(c.normalisation)];
  for (const std::string& warning : dictionary->warnings) say(warning);
  Json names = Json::array();
  for (const NamedFeature& named : dictionary->names)
    names.push_back({{"feature", named.feature},
                     {"name", text(named.name)},
                     {"from", named.from},
                     {"to", named.to},
                     {"contains", named.contains},
                     {"ends_in", named.ends_in}});
  if (o.json) {
    print({{"format", c.format},
           {"path", c.path},
           {"model", word_or_null(c.model)},
           {"hook", word_or_null(c.hook)},
           {"hook_out", c.transcoder ? word_or_null(c.hook_out) : Json()},
           {"d_in", dictionary->d_in()},
           {"d_out", dictionary->d_out()},
           {"features", dictionary->features()},
           {"activation", name_of(c.activation)},
           {"k", c.activation == FeatureActivation::TopK ? Json(c.k) : Json()},
           {"normalize_activations", normalisation},
           {"apply_b_dec_to_input", !dictionary->bias_in.empty()},
           {"rescale_acts_by_decoder_norm", c.rescaled},
           {"centred", c.centred},
           {"folded_value_biases", c.without_value_bias},
           {"prepend_bos", c.bos ? Json(*c.bos) : Json()},
           {"context", c.context > 0 ? Json(c.context) : Json()},
           {"names", names},
           {"warnings", dictionary->warnings}});
    return {};
  }
  const auto line = [](const std::string& name, const std::string& value) { print_line(name + "  " + value); };
  line(text("format"), c.format);
  line(text("features"), numbers::count(dictionary->features()));
  line(text("hook"), c.hook.empty() ? text("not said in the file") : c.transcoder ? text("{0} to {1}", c.hook, c.hook_out) : c.hook);
  line(text("row"),
       c.transcoder ? text("{0} to {1} numbers", dictionary->d_in(), dictionary->d_out()) : text("{0} numbers", dictionary->d_in()));
  line(text("activation"), c.activation == FeatureActivation::TopK ? text("topk, k = {0}", c.k) : std::string(name_of(c.activation)));
  line(text("rows are normalised by"), normalisation);
  if (!c.model.empty()) line(text("trained on"), c.model);
  if (c.centred) line(text("weights"), text("centred: it reads each row less its mean"));
  if (c.bos) line(text("BOS in front"), *c.bos ? text("yes") : text("no"));
  for (const NamedFeature& named : dictionary->names) line(text("feature {0}", named.feature), text(named.name));
  return {};
}

}  // namespace

Runner setup_dictionary(CLI::App& app) {
  app.require_subcommand(1);
  auto info = std::make_shared<DictionaryInfoOptions>();
  CLI::App* says = app.add_subcommand("info", text("what a dictionary is: format, sizes, hook, activation function"));
  says->add_option("DICTIONARY", info->dictionary, text("a folder or file, hf:ORG/NAME/FOLDER, or fable, which comes with the program"))
      ->required()
      ->check(named());
  says->add_flag("--json", info->json, text("print JSON"));
  CLI::App* trains = app.add_subcommand("train", text("trains a TopK dictionary of a hook on a text"));
  auto train = setup_dictionary_train(*trains);
  app.footer(
      text("Example: glassformer dictionary train fable --site blocks.3.hook_resid_post --corpus my-text.txt --features 1024 --k 16 -o "
           "my-dictionary"));
  return [info, train, trains] { return trains->parsed() ? train() : exit_code(dictionary_info(*info)); };
}

}  // namespace gf::cli

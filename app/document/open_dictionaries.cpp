#include "app/document/open_dictionaries.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/document/command.h"
#include "app/document/json_reader.h"
#include "model/base/text.h"

namespace gf::doc {

namespace {

constexpr const char* kFeatureEdits[] = {"none", "cut", "clamp", "steer"};

bool acts_on_feature(const Edit& edit, const DictionaryInUse& dictionary, int feature) {
  return edit.vector && edit.vector->feature == feature && edit.vector->file == dictionary.file;
}

}  // namespace

const char* name_of(FeatureEdit edit) { return kFeatureEdits[static_cast<std::size_t>(edit)]; }

std::optional<FeatureEdit> feature_edit_named(std::string_view name) {
  for (const FeatureEdit edit : {FeatureEdit::None, FeatureEdit::Cut, FeatureEdit::Clamp, FeatureEdit::Steer})
    if (name == name_of(edit)) return edit;
  return std::nullopt;
}

Edit edit_of_feature(const DictionaryInUse& dictionary, int feature, const std::string& hook, FeatureEdit what, double value) {
  Edit edit;
  edit.hook = hook;
  edit.vector.emplace();
  edit.vector->file = dictionary.file;
  edit.vector->feature = feature;
  edit.op = what == FeatureEdit::Cut ? EditOp::ZeroFeature : what == FeatureEdit::Clamp ? EditOp::ClampFeature : EditOp::Add;
  if (what == FeatureEdit::Clamp) edit.value = static_cast<float>(value);
  if (what == FeatureEdit::Steer) edit.factor = static_cast<float>(value);
  return edit;
}

std::pair<FeatureEdit, double> feature_edit_in(const Recipe& recipe, const DictionaryInUse& dictionary, int feature) {
  for (const Edit& edit : recipe.edits) {
    if (!acts_on_feature(edit, dictionary, feature) || !edit.enabled) continue;
    if (edit.op == EditOp::ZeroFeature) return {FeatureEdit::Cut, 0};
    if (edit.op == EditOp::ClampFeature) return {FeatureEdit::Clamp, static_cast<double>(edit.value.value_or(0))};
    if (edit.op == EditOp::Add) return {FeatureEdit::Steer, static_cast<double>(edit.factor.value_or(1))};
  }
  return {FeatureEdit::None, 0};
}

Command open_dictionary(std::string file, std::string hook) {
  return {text("open a dictionary"),
          [wanted = DictionaryInUse{std::move(file), std::move(hook)}](Document& d) {
            auto& all = d.features.dictionaries;
            const auto at = std::ranges::find(all, wanted.file, &DictionaryInUse::file);
            d.features.shown = static_cast<int>(at - all.begin());
            d.features.feature = -1;
            if (at == all.end()) all.push_back(wanted);
            else *at = wanted;
          },
          {}};
}

Command show_dictionary(int number) {
  return {text("show another dictionary"),
          [number](Document& d) {
            d.features.shown = number;
            d.features.feature = -1;
          },
          {}};
}

Command close_dictionary(int number) {
  return {text("close a dictionary"),
          [number](Document& d) {
            auto& all = d.features.dictionaries;
            if (number < 0 || static_cast<std::size_t>(number) >= all.size()) return;
            all.erase(all.begin() + number);
            d.features.shown = std::clamp(d.features.shown, 0, std::max(0, static_cast<int>(all.size()) - 1));
            d.features.feature = -1;
          },
          {}};
}

Command select_feature(int feature) {
  return {feature < 0 ? text("look at the strongest feature") : text("look at feature {0}", feature),
          [feature](Document& d) { d.features.feature = feature; }, "feature"};
}

Command edit_feature(int feature, const std::string& hook, FeatureEdit what, double value) {
  const std::string name = what == FeatureEdit::None ? text("leave feature {0} as it is", feature) : text("edit feature {0}", feature);
  return {name,
          [=](Document& d) {
            const DictionaryInUse* dictionary = d.features.dictionary();
            if (dictionary == nullptr) return;
            const DictionaryInUse in_use = *dictionary;
            auto& edits = d.recipe.edits;
            const auto own = std::ranges::find_if(edits, [&](const Edit& e) { return acts_on_feature(e, in_use, feature); });
            const auto at = own - edits.begin();
            std::erase_if(edits, [&](const Edit& e) { return acts_on_feature(e, in_use, feature); });
            if (what == FeatureEdit::None) return;
            edits.insert(edits.begin() + std::min(at, std::ssize(edits)), edit_of_feature(in_use, feature, hook, what, value));
            let_edits_act(d);
          },
          what == FeatureEdit::Clamp || what == FeatureEdit::Steer ? "feature " + std::to_string(feature) + name_of(what) : std::string()};
}

}  // namespace gf::doc

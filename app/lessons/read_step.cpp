// A step's keys. Most are those of a session file, and are read as such.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "app/lessons/question.h"
#include "app/lessons/read_parts.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf::lessons {
namespace {

constexpr std::array<const char*, 16> kSessionKeys{"view",    "ribbons", "theme",    "prompt",  "bos",     "recipe",
                                                   "mode",    "target",  "rival",    "unit",    "compare", "head_colour",
                                                   "sampler", "cube",    "features", "one_head"};
constexpr std::array<const char*, 10> kLessonKeys{"id",         "model", "camera", "selection", "position",
                                                  "highlights", "time",  "docks",  "question",  "expect"};
constexpr const char* kAllStepKeys =
    "id, model, prompt, bos, recipe, mode, sampler, target, rival, unit, view, ribbons, theme, compare, head_colour, cube, one_head, "
    "features, "
    "camera, selection, position, highlights, time, docks, question and expect";

bool is_step_id(const Json& json) {
  if (!json.is_string()) return false;
  const auto& id = json.get_ref<const std::string&>();
  return !id.empty() && id.size() <= 60 &&
         std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

Json fresh_document() { return Json{{"version", 1}}; }

}  // namespace

Json cell_json(const Json& value) {
  if (!value.is_string()) return nullptr;
  std::string name = value.get<std::string>();
  std::array<int, 3> index{-1, -1, -1};
  if (const auto open = name.find('['); open != std::string::npos) {
    const char* at = name.data() + open + 1;
    const char* end = name.data() + name.size();
    for (std::size_t i = 0;; ++i, ++at) {
      const auto [after, error] =
          i < index.size() ? std::from_chars(at, end, index[i]) : std::from_chars_result{at, std::errc::invalid_argument};
      if (error != std::errc{} || after == end || (*after != ',' && *after != ']')) return nullptr;
      at = after;
      if (*at == ']') break;
    }
    if (at + 1 != end) return nullptr;
    name.resize(open);
  }
  const bool weight = !parse_hook(name, kAnyLayer);
  if (weight && name.find("hook_") != std::string::npos) return nullptr;
  return {{"tensor", name}, {"weight", weight}, {"index", index}};
}

StepReader::StepReader(Reading& into) : into_(into), report_{into.faults, {}, {}}, document_(fresh_document()), camera_("home") {}

std::optional<Expression> StepReader::expression(const Json& value, const std::string& key) {
  if (!value.is_string()) {
    report_.fault(gf::text("'{0}' should be an expression, written as text", key));
    return std::nullopt;
  }
  auto parsed = Expression::parse(value.get<std::string>());
  if (parsed) return std::move(*parsed);
  report_.fault(gf::text("'{0}' cannot be read: {1}", value.get<std::string>(), parsed.error().message));
  return std::nullopt;
}

void StepReader::read(const Json& json) {
  Step step;
  report_.step = "#" + std::to_string(into_.lesson.steps.size() + 1);
  if (!json.is_object()) return report_.fault(gf::text("a step should be an object"));
  if (const auto id = json.find("id"); id != json.end() && is_step_id(*id)) report_.step = step.id = id->get<std::string>();
  else report_.fault(gf::text("'id' should be a word of small letters, digits and '-'"));
  if (!ids_.insert(step.id).second) report_.fault(gf::text("another step has this id"));

  if (const auto model = json.find("model"); model != json.end()) {
    document_ = fresh_document();
    document_["model"] = *model;
    camera_ = "home";
  } else if (into_.lesson.steps.empty()) {
    report_.fault(gf::text("the first step has to name a 'model'"));
  }
  document_.erase("selection");
  document_.erase("highlights");
  document_.erase("selected_position");
  for (const auto& [key, value] : json.items()) read_key(key, value, step);

  if (auto document = doc::document_from_json(document_.dump())) {
    step.document = std::move(*document);
  } else {
    report_.fault(gf::text("what it sets cannot be shown: {0}", document.error().message));
  }
  step.document.hide_prediction = step.question && hides_prediction(*step.question);
  step.themed = document_.contains("theme");
  step.camera = camera_;
  into_.lesson.steps.push_back(std::move(step));
}

void StepReader::read_key(const std::string& key, const Json& value, Step& step) {
  const auto is = [&k = key](const char* name) { return k == name; };
  if (std::any_of(kSessionKeys.begin(), kSessionKeys.end(), is)) {
    document_[key] = is("recipe") && value.is_array() ? Json{{"version", 1}, {"edits", value}} : value;
  } else if (is("camera")) {
    read_camera(value);
  } else if (is("position")) {
    document_["selected_position"] = value;
  } else if (is("selection")) {
    document_["selection"] = cell_json(value);
    if (document_["selection"].is_null())
      report_.fault(gf::text("'selection' should be a cell, written as blocks.0.attn.hook_pattern[3,13,1]"));
  } else if (is("highlights")) {
    Json cells = Json::array();
    for (const Json& one : value.is_array() ? value : Json::array({value})) {
      Json cell = cell_json(one);
      if (cell.is_null()) report_.fault(gf::text("unknown hook in 'highlights': {0}", one.dump()));
      else cells.push_back(std::move(cell));
    }
    document_["highlights"] = std::move(cells);
  } else if (is("time")) {
    read_time(value, step);
  } else if (is("docks")) {
    read_docks(value, step);
  } else if (is("question")) {
    read_question(value, step);
  } else if (is("expect")) {
    if (!value.is_array()) return report_.fault(gf::text("'expect' should be a list of expressions"));
    for (const Json& claim : value)
      if (auto e = expression(claim, key)) step.expect.push_back(std::move(*e));
  } else if (std::none_of(kLessonKeys.begin(), kLessonKeys.end(), is)) {
    report_.fault(gf::text("unknown key '{0}'; a step has {1}", key, kAllStepKeys));
  }
}

void StepReader::read_camera(const Json& value) {
  document_.erase("camera");
  camera_.clear();
  if (value.is_string()) {
    camera_ = value.get<std::string>();
    return;
  }
  const bool numbers =
      value.is_array() && value.size() == 6 && std::all_of(value.begin(), value.end(), [](const Json& n) { return n.is_number(); });
  if (!numbers) return report_.fault(gf::text("'camera' should be a name, or x, y, z, distance, yaw and pitch"));
  document_["camera"] = {{"target", {value[0], value[1], value[2]}},
                         {"distance", value[3]},
                         {"yaw", value[4]},
                         {"pitch", value[5]},
                         {"fov_y", render::Camera().fov_y}};
}

std::optional<Moment> StepReader::moment(const Json& value) {
  if (value == "start") return Moment{Moment::Kind::Start, 0, {}};
  if (value == "end") return Moment{Moment::Kind::End, 0, {}};
  if (value.is_object() && value.contains("position") && value["position"].is_number_integer() && value["position"] >= 0 &&
      value["position"] < (1 << 20)) {
    Moment m{Moment::Kind::At, value["position"].get<int>(), {}};
    if (!value.contains("hook")) return m;
    if (value["hook"].is_string()) m.hook = parse_hook(value["hook"].get<std::string>(), kAnyLayer);
    if (m.hook) return m;
    report_.fault(gf::text("unknown hook in 'time': {0}", value["hook"].dump()));
    return std::nullopt;
  }
  report_.fault(
      gf::text("'time' should be \"start\", \"end\", {\"position\": 3, \"hook\": \"blocks.0.attn.hook_z\"}, or a list of two of these"));
  return std::nullopt;
}

void StepReader::read_time(const Json& value, Step& step) {
  const bool range = value.is_array() && value.size() == 2;
  if (range) step.from = moment(value[0]);
  step.to = moment(range ? value[1] : value);
}

void StepReader::read_docks(const Json& value, Step& step) {
  for (const Json& dock : value.is_array() ? value : Json::array({value})) {
    const bool known = std::any_of(kDocks.begin(), kDocks.end(), [&](const char* name) { return dock == name; });
    if (known) step.docks.push_back(dock.get<std::string>());
    else report_.fault(gf::text("there is no dock {0}; there are {1}", dock.dump(), listed(kDocks)));
  }
}

void StepReader::read_question(const Json& value, Step& step) {
  constexpr std::array<std::pair<const char*, Question::Kind>, 4> kKinds{{{"head", Question::Kind::Head},
                                                                          {"token", Question::Kind::Token},
                                                                          {"until", Question::Kind::Until},
                                                                          {"choice", Question::Kind::Choice}}};
  if (!value.is_object()) return report_.fault(gf::text("'question' should be an object with a 'kind'"));
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& k) { return value.value("kind", Json()) == k.first; });
  if (kind == kKinds.end()) return report_.fault(gf::text("'kind' of the question should be head, token, until or choice"));
  Question question;
  question.kind = kind->second;
  const bool choice = question.kind == Question::Kind::Choice;
  for (const auto& [key, part] : value.items()) {
    if (key == "holds" && !choice) {
      if (auto e = expression(part, key)) question.holds.push_back(std::move(*e));
    } else if (key == "options" && choice && part.is_array()) {
      for (const Json& option : part)
        if (auto e = expression(option, key)) question.holds.push_back(std::move(*e));
    } else if (key == "solution" && question.kind == Question::Kind::Until) {
      auto recipe = parse_recipe((part.is_array() ? Json{{"version", 1}, {"edits", part}} : part).dump());
      if (recipe) question.solution = std::move(*recipe);
      else report_.fault(gf::text("the solution is not a recipe: {0}", recipe.error().message));
    } else if (key != "kind") {
      report_.fault(
          gf::text("unknown key '{0}' in a question of this kind; head and token have 'holds', until has 'holds' and 'solution', "
                   "choice has 'options'",
                   key));
    }
  }
  if (question.holds.size() < (choice ? 2U : 1U))
    return report_.fault(gf::text(choice ? "a choice needs two 'options' at least" : "the question needs 'holds', an expression"));
  step.question = std::move(question);
}

}  // namespace gf::lessons

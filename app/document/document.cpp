#include "app/document/document.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "app/document/head_colour.h"
#include "model/base/json_bounds.h"
#include "model/base/text.h"
#include "model/base/whole_file.h"

namespace gf::doc {

namespace {

using Json = nlohmann::json;
constexpr int kVersion = 1;

// One table a type: the names that stand in the file.
template <class E, std::size_t N>
struct DocumentNames {
  std::array<std::pair<E, const char*>, N> rows;
  const char* of(E value) const {
    for (const auto& [v, n] : rows)
      if (v == value) return n;
    return rows[0].second;
  }
};
constexpr DocumentNames<Mode, 2> kModes{{{{Mode::Observe, "observe"}, {Mode::Intervene, "intervene"}}}};
using Unit = scene::Timeline::Unit;
constexpr DocumentNames<Unit, 3> kUnits{{{{Unit::Operation, "operation"}, {Unit::Block, "block"}, {Unit::Token, "token"}}}};
constexpr DocumentNames<render::Theme, 2> kThemes{{{{render::Theme::Dark, "dark"}, {render::Theme::Light, "light"}}}};
constexpr DocumentNames<scene::View, 2> kViews{{{{scene::View::Machine, "machine"}, {scene::View::Stream, "stream"}}}};
constexpr DocumentNames<scene::RibbonWidth, 2> kRibbons{{{{scene::RibbonWidth::Weight, "weight"}, {scene::RibbonWidth::Moved, "norm"}}}};
constexpr DocumentNames<scene::Compare, 3> kCompares{
    {{{scene::Compare::Edited, "edited"}, {scene::Compare::Base, "base"}, {scene::Compare::Difference, "difference"}}}};

Error wrong(const std::string& key, const std::string& expected) {
  return {ErrorCode::InvalidArgument, "The session's '" + key + "' should be " + expected + ".", "document"};
}

/// What the type cannot hold is no number for it.
template <class T>
bool number(const Json& j, T& to) {
  if constexpr (std::is_integral_v<T>) {
    if (!j.is_number_integer()) return false;
    if (j.is_number_unsigned() ? !std::in_range<T>(j.get<std::uint64_t>()) : !std::in_range<T>(j.get<std::int64_t>())) return false;
  } else {
    if (!j.is_number() || !std::isfinite(j.get<T>())) return false;
  }
  to = j.get<T>();
  return true;
}

/// Reads members of one object; the first complaint wins and the rest is left alone.
struct Reader {
  const Json& object;
  std::optional<Error> error;

  const Json* member(const char* key) {
    if (error) return nullptr;
    const auto it = object.find(key);
    return it == object.end() || it->is_null() ? nullptr : &*it;
  }
  void read(const char* key, std::string& to) {
    if (const Json* j = member(key)) {
      if (j->is_string()) to = j->get<std::string>();
      else error = wrong(key, "text");
    }
  }
  void read(const char* key, bool& to) {
    if (const Json* j = member(key)) {
      if (j->is_boolean()) to = j->get<bool>();
      else error = wrong(key, "true or false");
    }
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  void read(const char* key, T& to) {
    if (const Json* j = member(key)) {
      if (!number(*j, to)) error = wrong(key, std::is_integral_v<T> ? "a whole number" : "a number");
    }
  }
  template <class E, std::size_t N>
  void read(const char* key, E& to, const DocumentNames<E, N>& names) {
    if (const Json* j = member(key)) {
      std::string allowed;
      for (const auto& [value, name] : names.rows) {
        if (j->is_string() && *j == name) {
          to = value;
          return;
        }
        allowed += (allowed.empty() ? "" : ", ") + std::string(name);
      }
      error = wrong(key, "one of " + allowed);
    }
  }
  void read(const char* key, std::vector<TokenId>& to) {
    if (const Json* j = member(key)) {
      if (!j->is_array()) error = wrong(key, "a list of token ids");
      else
        for (const Json& id : *j) {
          if (!id.is_number_integer() || id < 0 || id > (1 << 30)) {
            error = wrong(key, "a list of token ids");
            return;
          }
          to.emplace_back(id.get<std::int32_t>());
        }
    }
  }
};

Json ids_json(const std::vector<TokenId>& ids) {
  Json list = Json::array();
  for (const TokenId id : ids) list.push_back(id.v);
  return list;
}

Json cell_json(const scene::CellRef& cell) {
  return {{"tensor", cell.tensor.name()}, {"weight", cell.tensor.is_weight()}, {"index", cell.index}};
}

std::optional<scene::CellRef> read_cell(const Json& j) {
  if (!j.is_object() || !j.contains("tensor") || !j["tensor"].is_string() || !j.contains("index") || !j["index"].is_array() ||
      j["index"].size() != 3)
    return std::nullopt;
  scene::CellRef cell;
  const auto name = j["tensor"].get<std::string>();
  const auto weight = j.find("weight");
  if (weight != j.end() && !weight->is_boolean()) return std::nullopt;
  if (weight != j.end() && weight->get<bool>()) {
    if (name.empty()) return std::nullopt;
    cell.tensor.weight = name;
  } else {
    constexpr int kAnyLayer = 1 << 20;
    const auto hook = parse_hook(name, kAnyLayer);
    if (!hook) return std::nullopt;
    cell.tensor.hook = *hook;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    if (!number(j["index"][i], cell.index[i])) return std::nullopt;
  }
  return cell;
}

Json camera_json(const render::Camera& c) {
  return {
      {"target", {c.target.x, c.target.y, c.target.z}}, {"distance", c.distance}, {"yaw", c.yaw}, {"pitch", c.pitch}, {"fov_y", c.fov_y}};
}

std::optional<render::Camera> read_camera(const Json& j) {
  render::Camera c;
  if (!j.is_object()) return std::nullopt;
  const auto target = j.find("target");
  if (target == j.end() || !target->is_array() || target->size() != 3) return std::nullopt;
  for (int i = 0; i < 3; ++i) {
    const Json& v = (*target)[static_cast<std::size_t>(i)];
    if (!number(v, c.target[i])) return std::nullopt;
  }
  const std::array<std::pair<const char*, float*>, 4> rows{
      {{"distance", &c.distance}, {"yaw", &c.yaw}, {"pitch", &c.pitch}, {"fov_y", &c.fov_y}}};
  for (const auto& [key, to] : rows) {
    const auto it = j.find(key);
    if (it == j.end() || !number(*it, *to)) return std::nullopt;
  }
  return c;
}

void add_subject(const Subject& s, Json& to) {
  to["model"] = s.model;
  to["prompt"] = s.prompt;
  to["bos"] = s.bos;
  to["continuation"] = ids_json(s.continuation);
  to["recipe"] = Json::parse(gf::to_json(s.recipe));
  if (!s.recipe.folder.empty()) to["recipe_folder"] = s.recipe.folder;
}

Result<void> read_subject(Reader& from, Subject& s) {
  from.read("model", s.model);
  from.read("prompt", s.prompt);
  from.read("bos", s.bos);
  from.read("continuation", s.continuation);
  std::string folder;
  from.read("recipe_folder", folder);
  if (const Json* recipe = from.member("recipe")) {
    GF_TRY_ASSIGN(s.recipe, parse_recipe(recipe->dump(), folder));
  }
  return {};
}

}  // namespace

std::string to_json(const Document& d) {
  Json j{{"version", kVersion},
         {"mode", kModes.of(d.mode)},
         {"sampler",
          {{"greedy", d.sampler.greedy},
           {"temperature", d.sampler.temperature},
           {"top_k", d.sampler.top_k},
           {"top_p", d.sampler.top_p},
           {"seed", d.sampler.seed},
           {"ban", ids_json(d.sampler.ban)},
           {"force", ids_json(d.sampler.force)},
           {"no_repeat_ngram", d.sampler.no_repeat_ngram},
           {"beams", d.sampler.beams}}},
         {"target", d.target},
         {"rival", d.rival},
         {"selected_position", d.selected_position},
         {"time", d.time},
         {"speed", d.speed},
         {"unit", kUnits.of(d.unit)},
         {"view", kViews.of(d.view)},
         {"ribbons", kRibbons.of(d.ribbons)},
         {"theme", kThemes.of(d.theme)},
         {"compare", kCompares.of(d.compare)},
         {"head_colour", d.head_colour}};
  add_subject(d, j);
  if (d.other) add_subject(*d.other, j["other"]);
  if (d.selection) j["selection"] = cell_json(*d.selection);
  for (const scene::CellRef& cell : d.highlights) j["highlights"].push_back(cell_json(cell));
  if (d.camera) j["camera"] = camera_json(*d.camera);
  return j.dump(1, ' ', false, Json::error_handler_t::replace);
}

Result<Document> document_from_json(std::string_view json) {
  constexpr std::size_t most_values = 4'000'000;
  GF_TRY(check_json_bounds(json, most_values, text("The session")));
  const Json j = Json::parse(json, nullptr, false);
  if (j.is_discarded() || !j.is_object())
    return fail(ErrorCode::InvalidArgument, text("The session is not a JSON object; choose a file that Glassformer saved."));
  const auto version = j.find("version");
  if (version == j.end() || !version->is_number_integer() || *version != kVersion)
    return fail(ErrorCode::Unsupported, text("The session's version is not {0}, the one that this program reads.", kVersion));
  Document d;
  Reader r{j, {}};
  GF_TRY(read_subject(r, d));
  if (const Json* other = r.member("other")) {
    if (!other->is_object()) return tl::unexpected(wrong("other", text("an object")));
    Reader subject{*other, {}};
    GF_TRY(read_subject(subject, d.other.emplace()));
    if (subject.error) return tl::unexpected(*subject.error);
  }
  r.read("mode", d.mode, kModes);
  r.read("target", d.target);
  r.read("rival", d.rival);
  r.read("selected_position", d.selected_position);
  r.read("time", d.time);
  r.read("speed", d.speed);
  r.read("unit", d.unit, kUnits);
  r.read("view", d.view, kViews);
  r.read("ribbons", d.ribbons, kRibbons);
  r.read("theme", d.theme, kThemes);
  r.read("compare", d.compare, kCompares);
  r.read("head_colour", d.head_colour);
  if (const auto colour = head_colour_named(d.head_colour)) d.head_colour = colour->name();
  else if (!r.error) r.error = wrong("head_colour", text("a part of a question by layer and head, such as heads.induction"));
  if (const Json* s = r.member("sampler")) {
    if (!s->is_object()) return tl::unexpected(wrong("sampler", "an object"));
    Reader sampler{*s, {}};
    sampler.read("greedy", d.sampler.greedy);
    sampler.read("temperature", d.sampler.temperature);
    sampler.read("top_k", d.sampler.top_k);
    sampler.read("top_p", d.sampler.top_p);
    sampler.read("seed", d.sampler.seed);
    sampler.read("ban", d.sampler.ban);
    sampler.read("force", d.sampler.force);
    sampler.read("no_repeat_ngram", d.sampler.no_repeat_ngram);
    sampler.read("beams", d.sampler.beams);
    if (sampler.error) return tl::unexpected(*sampler.error);
    if (!(d.sampler.temperature > 0)) return tl::unexpected(wrong("temperature", "above 0"));
  }
  if (const Json* cell = r.member("selection")) {
    d.selection = read_cell(*cell);
    if (!d.selection) return tl::unexpected(wrong("selection", "a tensor's name with three indices"));
  }
  if (const Json* cells = r.member("highlights")) {
    for (const Json& cell : *cells) {
      const auto read = read_cell(cell);
      if (!read) return tl::unexpected(wrong("highlights", "a list of tensors' names with three indices each"));
      d.highlights.push_back(*read);
    }
  }
  if (const Json* camera = r.member("camera")) {
    d.camera = read_camera(*camera);
    if (!d.camera) return tl::unexpected(wrong("camera", "target, distance, yaw, pitch and fov_y"));
  }
  if (r.error) return tl::unexpected(*r.error);
  return d;
}

Result<void> save_document(const Document& document, const std::string& path) { return write_whole_file(path, to_json(document) + '\n'); }

Result<Document> read_document(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return fail(ErrorCode::Io, text("The session '{0}' cannot be opened; check its name and permissions.", path));
  // A session is a few kilobytes; anything larger is another kind of file.
  constexpr std::streamoff kLargest = std::streamoff{64} << 20;
  if (in.tellg() > kLargest)
    return fail(ErrorCode::InvalidArgument, text("'{0}' is too large to be a session; choose a file that Glassformer saved.", path));
  in.seekg(0);
  std::stringstream json;
  json << in.rdbuf();
  return document_from_json(json.str());
}

}  // namespace gf::doc

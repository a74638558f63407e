#include "app/document/document.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/document/bookmarks.h"
#include "app/document/directions.h"
#include "app/document/head_colour.h"
#include "app/document/head_sets.h"
#include "app/document/json_reader.h"
#include "app/document/sampler_json.h"
#include "app/document/subject_json.h"
#include "app/document/view_json.h"
#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"
#include "model/edits/keys_once.h"
#include "model/sampling/sampler_json.h"

namespace gf::doc {

const char* name_of(Mode mode) { return kModes[static_cast<std::size_t>(mode)].name; }

namespace {

using Json = nlohmann::json;
constexpr int kVersion = 1;

Json directions_json(const std::vector<Direction>& directions) {
  Json list = Json::array();
  for (const Direction& direction : directions) {
    list.push_back({{"name", direction.name}, {"push", Json::parse(push_json(direction.push))}});
    if (!direction.model.empty()) list.back()["model"] = direction.model;
  }
  return list;
}

Result<std::vector<Direction>> read_directions(const Json& list, const std::string& folder) {
  std::vector<Direction> directions;
  const auto wrong = [] {
    return tl::unexpected(session_wrong("directions", text("a list of names with an edit that adds a vector, each name once")));
  };
  if (!list.is_array()) return wrong();
  for (const Json& one : list) {
    if (!one.is_object() || !one.contains("name") || !one["name"].is_string() || !one.contains("push")) return wrong();
    const std::string name = one["name"].get<std::string>();
    if (name.empty() || std::ranges::find(directions, name, &Direction::name) != directions.end()) return wrong();
    GF_TRY_ASSIGN(Edit push, push_of_json(one["push"].dump(), folder));
    directions.push_back({name, std::move(push)});
    if (one.contains("model") && !one["model"].is_string()) return wrong();
    if (one.contains("model")) directions.back().model = one["model"].get<std::string>();
  }
  return directions;
}

Json tries_json(const std::vector<PatchTry>& tries) {
  Json list = Json::array();
  for (const PatchTry& one : tries) {
    Json& j = list.emplace_back();
    j = {{"name", one.name},     {"note", one.note},   {"second", one.second},
         {"target", one.target}, {"rival", one.rival}, {"position", one.position}};
    write_subject(j, one.subject);
  }
  return list;
}

Result<void> read_tries(const Json& list, std::vector<PatchTry>& tries) {
  if (!list.is_array()) return tl::unexpected(session_wrong("tries", text("a list of tries")));
  for (const Json& j : list) {
    if (!j.is_object()) return tl::unexpected(session_wrong("tries", text("a list of tries")));
    PatchTry& one = tries.emplace_back();
    JsonReader r{j, {}};
    r.read("name", one.name);
    r.read("note", one.note);
    r.read("second", one.second);
    r.read("target", one.target);
    r.read("rival", one.rival);
    r.read("position", one.position);
    GF_TRY(read_subject(r, one.subject));
    if (r.error) return tl::unexpected(*r.error);
  }
  return {};
}

}  // namespace

bool same_work(Document a, const Document& b) {
  static_cast<scene::ViewState&>(a) = b;
  a.storage = b.storage;
  a.training = b.training;
  return a == b;
}

std::string to_json(const Document& d) {
  Json j{{"version", kVersion}, {"mode", name_of(d.mode)}, {"sampler", sampler_json(d.sampler)},
         {"target", d.target},  {"rival", d.rival},        {"head_colour", d.head_colour}};
  if (!d.lens.empty()) j["lens"] = d.lens;
  if (!d.directions.empty()) j["directions"] = directions_json(d.directions);
  if (!d.head_sets.empty()) j["head_sets"] = json_of(d.head_sets);
  write_subject(j, d);
  if (d.other) write_subject(j["other"], *d.other);
  if (Json features = json_of(d.features); !features.is_null()) j["features"] = std::move(features);
  if (d.scene_of_both) j["scene_of_both"] = true;
  if (!d.tries.empty()) j["tries"] = tries_json(d.tries);
  if (!d.bookmarks.empty()) j["bookmarks"] = json_of(d.bookmarks);
  write_view(j, d);
  return j.dump(1, ' ', false, Json::error_handler_t::replace);
}

Result<Document> document_from_json(std::string_view json) {
  constexpr std::size_t most_values = 4'000'000;
  GF_TRY(check_json_bounds(json, most_values, text("The session")));
  KeysOnce keys;
  const Json j = Json::parse(json, [&](int, Json::parse_event_t event, const Json& value) { return keys.see(event, value); }, false);
  if (j.is_discarded() || !j.is_object())
    return fail(ErrorCode::InvalidArgument, text("The session is not a JSON object; choose a file that Glassformer saved."));
  if (keys.doubled())
    return fail(ErrorCode::InvalidArgument, text("The session's key '{0}' stands twice; leave one of them out.", *keys.doubled()));
  const auto version = j.find("version");
  if (version == j.end() || !version->is_number_integer() || *version != kVersion)
    return fail(ErrorCode::Unsupported, text("The session's version is not {0}, the one that this program reads.", kVersion));
  Document d;
  JsonReader r{j, {}};
  GF_TRY(read_subject(r, d));
  if (const Json* other = r.member("other")) {
    if (!other->is_object()) return tl::unexpected(session_wrong("other", text("an object")));
    JsonReader subject{*other, {}};
    GF_TRY(read_subject(subject, d.other.emplace()));
    if (subject.error) return tl::unexpected(*subject.error);
  }
  if (const Json* directions = r.member("directions")) {
    GF_TRY_ASSIGN(d.directions, read_directions(*directions, d.recipe.folder));
  }
  if (const Json* sets = r.member("head_sets")) {
    GF_TRY_ASSIGN(d.head_sets, read_head_sets(*sets, d.recipe.folder));
  }
  if (const Json* tries = r.member("tries")) GF_TRY(read_tries(*tries, d.tries));
  if (const Json* bookmarks = r.member("bookmarks")) {
    GF_TRY_ASSIGN(d.bookmarks, read_bookmarks(*bookmarks));
  }
  r.read("scene_of_both", d.scene_of_both);
  r.read("mode", d.mode, kModes);
  r.read("lens", d.lens);
  r.read("target", d.target);
  r.read("rival", d.rival);
  r.read("head_colour", d.head_colour);
  if (const auto colour = head_colour_named(d.head_colour)) d.head_colour = colour->name();
  else if (!r.error) r.error = session_wrong("head_colour", text("a part of a question by layer and head, such as heads.induction"));
  read_sampler(r, d.sampler);
  read_features(r, d.features);
  read_view(r, d);
  if (r.error) return tl::unexpected(*r.error);
  return d;
}

Result<void> save_document(const Document& document, const std::string& path) {
  return write_whole_file(path, to_json(document) + '\n', {.owner_only = true});
}

Result<Document> read_document(const std::string& path) {
  GF_TRY_ASSIGN(const std::string json, read_text_file(path, phrase("session")));
  return document_from_json(json);
}

}  // namespace gf::doc

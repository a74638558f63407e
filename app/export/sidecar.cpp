#include "app/export/sidecar.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/document/request.h"
#include "model/base/files/input_files.h"
#include "model/base/files/json_bounds.h"
#include "model/base/files/text_file.h"
#include "model/base/files/whole_file.h"
#include "model/base/shell_word.h"
#include "model/base/text.h"
#include "model/io/hub.h"

namespace gf::exporting {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMostValues = 4'000'000;

/// Ends in /; empty: there is none.
std::string home_folder() {
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home != '/') return {};
  std::string folder = std::filesystem::path(home).lexically_normal().string();
  if (!folder.ends_with('/')) folder += '/';
  return folder.size() > 1 ? folder : std::string();
}

/// Safe in a POSIX shell, which replaces ~/ outside of the quotes alone.
std::string quoted(const std::string& text) {
  const std::string home = home_folder();
  return !home.empty() && text.starts_with(home) ? "~/" + shell_quoted(text.substr(home.size())) : shell_quoted(text);
}

/// "a/b-again.png" for "a/b.png", "a/b-again/" for the folder "a/b/".
std::string again_beside(const std::string& picture) {
  const bool folder = picture.ends_with('/');
  const std::string name = without_slash(picture);
  const std::size_t slash = name.rfind('/'), dot = name.rfind('.');
  const std::size_t end = folder || dot == std::string::npos || (slash != std::string::npos && dot < slash) ? name.size() : dot;
  return name.substr(0, end) + "-again" + name.substr(end) + (folder ? "/" : "");
}

/// A path that says nothing of the user's name, and is right for others who keep their files alike.
void leave_home(std::string& path) { path = path_from_home(std::move(path)); }
void go_home(std::string& path) {
  if (const std::string home = home_folder(); !home.empty() && path.starts_with("~/")) path = home + path.substr(2);
}

/// "hf:ORG/NAME" of a snapshot in the hub's cache, where that name leads to it.
std::optional<std::string> hub_name_of(const std::string& path) {
  namespace fs = std::filesystem;
  fs::path snapshot = fs::path(path).lexically_normal();
  if (!snapshot.has_filename()) snapshot = snapshot.parent_path();
  if (snapshot.parent_path().filename() != "snapshots") return std::nullopt;
  const std::string name = hub_model_name(snapshot.parent_path().parent_path().filename().string());
  const auto resolved = name.empty() ? Result<std::string>() : resolve_hub_model(name);
  std::error_code error;
  if (name.empty() || !resolved || !fs::equivalent(*resolved, snapshot, error)) return std::nullopt;
  return "hf:" + name;
}

/// A model of the hub's cache by its name there, wherever the cache is; another model or folder by its path from home.
void leave_home_of(doc::Subject& subject) {
  if (const auto name = hub_name_of(subject.model)) subject.model = *name;
  leave_home(subject.model);
  leave_home(subject.recipe.folder);
}
void go_home(doc::Subject& subject) {
  go_home(subject.model);
  go_home(subject.recipe.folder);
}

tl::unexpected<Error> sidecar_wrong(const std::string& path, const std::string& key, const std::string& expected) {
  return fail(ErrorCode::InvalidArgument, text("The sidecar {0} has '{1}' that should be {2}.", path, key, expected), "read_sidecar");
}

/// Reads a number if it is there. False: it is not a number from `low` to `high`.
bool read_bounded(const Json& film, const char* key, double low, double high, double& into) {
  const auto at = film.find(key);
  if (at == film.end()) return true;
  if (!at->is_number() || !(at->get<double>() >= low && at->get<double>() <= high)) return false;
  into = at->get<double>();
  return true;
}

Result<std::optional<FilmRecipe>> read_film(const Json& j, const std::string& path) {
  if (!j.contains("film")) return std::optional<FilmRecipe>{};
  const Json& film = j["film"];
  FilmRecipe r;
  double fps = r.fps, from = -1, to = -1;
  if (!film.is_object() || !read_bounded(film, "seconds", kShortestFilm, kLongestFilm, r.plan.seconds) ||
      !read_bounded(film, "fps", 1, kMostFps, fps) || !read_bounded(film, "from", 0, 1e18, from) ||
      !read_bounded(film, "to", 0, 1e18, to) || (film.contains("captions") && !film["captions"].is_boolean()))
    return sidecar_wrong(path, "film",
                         text("seconds from 0.1 to 3600, fps from 1 to 240, captions true or false, and from and to in operations"));
  r.fps = static_cast<int>(fps);
  if (from >= 0) r.plan.from = from;
  if (to >= 0) r.plan.to = to;
  if (film.contains("captions")) r.captions = film["captions"].get<bool>();
  return std::optional(r);
}

/// The run and the document, as every sidecar has them.
void add_document(Json& j, const doc::Document& document, const scene::SceneInput& input) {
  const Weights& weights = *input.model->weights;
  j["model"] = {{"name", weights.name}, {"format", weights.format}, {"file_bytes", weights.file_bytes}};
  if (input.run) {
    Json ids = Json::array();
    for (const TokenId id : input.run->base->ids()) ids.push_back(id.v);
    j["ids"] = std::move(ids);
    j["n_prompt"] = input.run->base->n_prompt();
  }
  doc::Document named = document;
  named.bookmarks.clear();  // a picture is given away, and the notes of a talk are the speaker's own
  exporting::leave_home(named);
  j["document"] = Json::parse(doc::to_json(named));
}

std::string dumped(const Json& j) { return j.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"; }

/// Errors: InvalidArgument where it is the session's own file, or one that the document names.
Result<void> spare_open_files(const std::string& path, const doc::Document& document) {
  std::vector<std::string> open{document.storage.file, document.model, document.lens};
  for (const doc::DictionaryInUse& one : document.features.dictionaries) open.push_back(one.file);
  std::error_code error;
  for (const std::string& file : open)
    if (!file.empty() && std::filesystem::equivalent(file, path, error) && !error)
      return fail(ErrorCode::InvalidArgument, text("{0} is open in this window; choose another name.", path), "save");
  return check_output(path);
}

/// The JSON in an untrusted file, discarded where it is none. `what` names the file in messages.
Result<Json> json_in(const std::string& path, std::string_view what) {
  GF_TRY_ASSIGN(const std::string content, read_text_file(path, what));
  GF_TRY(check_json_bounds(content, kMostValues, path));
  return Json::parse(content, nullptr, false);
}

/// The document that a sidecar has, with its paths as they are for this user.
Result<doc::Document> document_in(const Json& sidecar) {
  GF_TRY_ASSIGN(doc::Document document, doc::document_from_json(sidecar["document"].dump()));
  go_home(document);
  if (document.other) go_home(*document.other);
  return document;
}

/// The part of the window that a sidecar names; empty: it names none.
Result<WindowPart> part_in(const Json& sidecar, const std::string& path) {
  WindowPart part;
  for (const auto& [key, into] : {std::pair{"dock", &part.dock}, {"part", &part.part}}) {
    const auto at = sidecar.find(key);
    if (at == sidecar.end()) return WindowPart();
    if (!at->is_string()) return sidecar_wrong(path, key, text("a name"));
    *into = at->get<std::string>();
  }
  const auto controls = sidecar.find("controls");
  if (controls == sidecar.end()) return part;
  if (!controls->is_object()) return sidecar_wrong(path, "controls", text("an object of texts"));
  for (const auto& [name, value] : controls->items()) {
    if (!value.is_string()) return sidecar_wrong(path, "controls", text("an object of texts"));
    part.controls.emplace_back(name, value.get<std::string>());
  }
  return part;
}

/// The command that makes a file again from its sidecar.
std::string command_of(const std::string& path, const std::string& sidecar) {
  // Not onto the file itself: its sidecar, which is read, would be written over.
  return std::string("glassformer ") + (path.ends_with(".ipynb") ? "notebook " : "render --from ") + quoted(sidecar) + " -o " +
         quoted(again_beside(path));
}

}  // namespace

std::string path_from_home(std::string path) {
  const std::string home = home_folder();
  return !home.empty() && path.starts_with(home) ? "~/" + path.substr(home.size()) : path;
}

void leave_home(doc::Document& document) {
  leave_home_of(document);
  if (document.other) leave_home_of(*document.other);
}

std::string sidecar_path(std::string path) { return without_slash(std::move(path)) + ".json"; }

Result<void> write_sidecar(const doc::Document& document, const scene::SceneInput& input, const PictureOptions& options,
                           const std::string& picture_path, const std::optional<FilmRecipe>& film) {
  const std::string path = sidecar_path(picture_path);
  Json j;
  j["glassformer"] = GLASSFORMER_VERSION;
  j["command"] = command_of(picture_path, path);
  j["size"] = {options.width, options.height};
  j["dpr"] = options.dpr;
  j["legend"] = options.legend;
  j["caption"] = options.caption;
  if (!options.figure.empty()) j["figure"] = options.figure;
  if (film) {
    j["film"] = {{"seconds", film->plan.seconds}, {"fps", film->fps}, {"captions", film->captions}};
    if (film->plan.from) j["film"]["from"] = *film->plan.from;
    if (film->plan.to) j["film"]["to"] = *film->plan.to;
  }
  add_document(j, document, input);
  return write_whole_file(path, dumped(j));
}

Result<void> save_with_sidecar(const std::string& path, const std::function<Result<void>(const std::string&)>& write,
                               const doc::Document& document, const scene::SceneInput& input, const WindowPart& part) {
  const std::string sidecar = sidecar_path(path);
  for (const std::string& file : {path, sidecar}) GF_TRY(spare_open_files(file, document));
  GF_TRY(write(path));
  if (!input.model) return {};
  Json j;
  j["glassformer"] = GLASSFORMER_VERSION;
  j["command"] = "glassformer --do open-session " + quoted(sidecar);
  j["dock"] = part.dock;
  j["part"] = part.part;
  Json controls = Json::object();
  for (const auto& [name, value] : part.controls) controls[name] = value;
  j["controls"] = std::move(controls);
  add_document(j, document, input);
  return write_whole_file(sidecar, dumped(j));
}

Result<void> save_with_sidecar(const std::string& path, std::string_view bytes, const doc::Document& document,
                               const scene::SceneInput& input, const WindowPart& part) {
  return save_with_sidecar(path, [bytes](const std::string& file) { return write_whole_file(file, bytes); }, document, input, part);
}

Result<std::optional<WindowSidecar>> window_sidecar(const std::string& path) {
  GF_TRY_ASSIGN(const Json j, json_in(path, phrase("session")));
  if (!j.is_object() || !j.contains("document")) return std::optional<WindowSidecar>();
  GF_TRY_ASSIGN(doc::Document document, document_in(j));
  GF_TRY_ASSIGN(WindowPart part, part_in(j, path));
  return std::optional(WindowSidecar{std::move(document), std::move(part)});
}

Result<Sidecar> read_sidecar(const std::string& path) {
  GF_TRY_ASSIGN(const Json j, json_in(path, phrase("sidecar")));
  if (!j.is_object())
    return fail(ErrorCode::InvalidArgument, text("The file {0} is not a sidecar: it is not a JSON object.", path), "read_sidecar");
  Sidecar result;
  const auto size = j.find("size");
  if (size == j.end() || !size->is_array() || size->size() != 2 || !(*size)[0].is_number_integer() || !(*size)[1].is_number_integer())
    return sidecar_wrong(path, "size", text("[width, height]"));
  const auto side = [&](std::size_t i) { return (*size)[i].get<std::int64_t>(); };
  if (side(0) < 1 || side(1) < 1 || side(0) > kLargestSide || side(1) > kLargestSide)
    return sidecar_wrong(path, "size", text("between 1 and 16384 pixels each way"));
  result.options.width = static_cast<int>(side(0));
  result.options.height = static_cast<int>(side(1));
  if (j.contains("dpr")) {
    if (!j["dpr"].is_number() || j["dpr"].get<double>() < 0.25 || j["dpr"].get<double>() > 16)
      return sidecar_wrong(path, "dpr", text("a number from 0.25 to 16"));
    result.options.dpr = j["dpr"].get<float>();
  }
  if (j.contains("legend")) {
    if (!j["legend"].is_boolean()) return sidecar_wrong(path, "legend", text("true or false"));
    result.options.legend = j["legend"].get<bool>();
  }
  if (j.contains("caption")) {
    if (!j["caption"].is_string()) return sidecar_wrong(path, "caption", text("text"));
    result.options.caption = j["caption"].get<std::string>();
  }
  if (j.contains("figure")) {
    if (!j["figure"].is_string()) return sidecar_wrong(path, "figure", text("text"));
    result.options.figure = j["figure"].get<std::string>();
  }
  GF_TRY_ASSIGN(result.film, read_film(j, path));
  if (j.contains("model") && j["model"].is_object() && j["model"].contains("file_bytes") && j["model"]["file_bytes"].is_number_unsigned())
    result.file_bytes = j["model"]["file_bytes"].get<std::uint64_t>();
  if (j.contains("ids") && j.contains("n_prompt")) {
    const Json& ids = j["ids"];
    const bool good = ids.is_array() && std::all_of(ids.begin(), ids.end(), [](const Json& id) {
                        return id.is_number_integer() && id.get<std::int64_t>() >= 0 && id.get<std::int64_t>() < (std::int64_t{1} << 30);
                      });
    if (!good) return sidecar_wrong(path, "ids", text("a list of token ids"));
    const Json& n = j["n_prompt"];
    if (!n.is_number_integer() || n.get<std::int64_t>() < 1 || n.get<std::int64_t>() > static_cast<std::int64_t>(ids.size()))
      return sidecar_wrong(path, "n_prompt", text("a number from 1 to the number of ids"));
    for (const Json& id : ids) result.ids.emplace_back(id.get<std::int32_t>());
    result.n_prompt = n.get<int>();
  }
  if (!j.contains("document")) return sidecar_wrong(path, "document", text("a session"));
  GF_TRY_ASSIGN(result.document, document_in(j));
  return result;
}

Result<Sidecar> read_sidecar_or_session(const std::string& path) {
  GF_TRY_ASSIGN(const std::string content, read_text_file(path, phrase("sidecar")));
  GF_TRY(check_json_bounds(content, kMostValues, path));
  const Json j = Json::parse(content, nullptr, false);
  if (j.is_object() && j.contains("document")) return read_sidecar(path);
  Sidecar session;
  GF_TRY_ASSIGN(session.document, doc::document_from_json(content));
  return session;
}

Result<RunRequest> request_of(const Sidecar& sidecar, const Model& model, const std::string& path) {
  GF_TRY_ASSIGN(RunRequest request, doc::request_of(sidecar.document, model));
  const auto n_prompt = static_cast<std::size_t>(sidecar.n_prompt);
  if (n_prompt == 0 || n_prompt > sidecar.ids.size()) return request;
  for (const TokenId id : sidecar.ids)
    if (id.v >= model.weights->config.n_vocab)
      return fail(ErrorCode::InvalidArgument,
                  text("the sidecar {0} has token {1}, which this model lacks; was it made with another model?", path, id.v));
  request.prompt.assign(sidecar.ids.begin(), sidecar.ids.begin() + sidecar.n_prompt);
  request.forced.assign(sidecar.ids.begin() + sidecar.n_prompt, sidecar.ids.end());
  return request;
}

}  // namespace gf::exporting

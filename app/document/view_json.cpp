#include "app/document/view_json.h"

#include <array>

#include "app/scene/views.h"
#include "model/base/files/json_bounds.h"

namespace gf::doc {
namespace {

using ViewJson = nlohmann::json;

ViewJson json_of(const scene::CellRef& cell) {
  return {{"tensor", cell.tensor.name()}, {"weight", cell.tensor.is_weight()}, {"index", cell.index}};
}

ViewJson json_of(const render::Camera& c) {
  ViewJson j = {
      {"target", {c.target.x, c.target.y, c.target.z}}, {"distance", c.distance}, {"yaw", c.yaw}, {"pitch", c.pitch}, {"fov_y", c.fov_y}};
  if (const render::CameraView& in = c.chosen_in; in.known())
    j["chosen_in"] = {{"size", {in.size.x, in.size.y}}, {"foot", in.foot}, {"letters", in.letters}};
  return j;
}

bool take_value(const ViewJson& j, scene::CellRef& cell) {
  if (!j.is_object() || !j.contains("tensor") || !j["tensor"].is_string() || !j.contains("index") || !j["index"].is_array() ||
      j["index"].size() != 3)
    return false;
  const auto name = j["tensor"].get<std::string>();
  const auto weight = j.find("weight");
  if (weight != j.end() && !weight->is_boolean()) return false;
  if (weight != j.end() && weight->get<bool>()) {
    if (name.empty()) return false;
    cell.tensor.weight = name;
  } else {
    const auto hook = parse_hook(name, kAnyLayer);
    if (!hook) return false;
    cell.tensor.hook = *hook;
  }
  for (std::size_t i = 0; i < 3; ++i)
    if (!read_number(j["index"][i], cell.index[i])) return false;
  return true;
}

bool take_value(const ViewJson& j, render::CameraView& v) {
  if (!j.is_object()) return false;
  const auto size = j.find("size"), foot = j.find("foot"), letters = j.find("letters");
  if (size == j.end() || foot == j.end() || letters == j.end() || !size->is_array() || size->size() != 2) return false;
  if (!read_number((*size)[0], v.size.x) || !read_number((*size)[1], v.size.y) || !read_number(*foot, v.foot) ||
      !read_number(*letters, v.letters))
    return false;
  const auto within = [](float value, float low, float high) { return value >= low && value <= high; };
  return within(v.size.x, 1, 1e5F) && within(v.size.y, 1, 1e5F) && within(v.foot, 0, 0.9F) && within(v.letters, 0.1F, 10);
}

bool take_value(const ViewJson& j, render::Camera& c) {
  if (!j.is_object()) return false;
  const auto target = j.find("target");
  if (target == j.end() || !target->is_array() || target->size() != 3) return false;
  for (int i = 0; i < 3; ++i)
    if (!read_number((*target)[static_cast<std::size_t>(i)], c.target[i])) return false;
  const std::array<std::pair<const char*, float*>, 4> rows{
      {{"distance", &c.distance}, {"yaw", &c.yaw}, {"pitch", &c.pitch}, {"fov_y", &c.fov_y}}};
  for (const auto& [key, to] : rows) {
    const auto it = j.find(key);
    if (it == j.end() || !read_number(*it, *to)) return false;
  }
  const auto in = j.find("chosen_in");
  return in == j.end() || take_value(*in, c.chosen_in);  // files of earlier versions lack it
}

ViewJson json_of(const scene::Cube& cube) {
  ViewJson j = {{"product", scene::cube_name(cube)}, {"order", scene::spelled(cube.order)}, {"time", cube.time}};
  if (cube.before) j["before"] = json_of(*cube.before);
  return j;
}

bool take_value(const ViewJson& j, scene::Cube& cube) {
  if (!j.is_object()) return false;
  const auto product = j.find("product"), order = j.find("order"), time = j.find("time"), before = j.find("before");
  if (product == j.end() || !product->is_string()) return false;
  const auto named = scene::cube_named(product->get<std::string>());
  if (!named) return false;
  cube = *named;
  if (order != j.end()) {
    const auto known = order->is_string() ? scene::named<scene::CubeOrder>(order->get<std::string>()) : std::nullopt;
    if (!known) return false;
    cube.order = *known;
  }
  if (time != j.end() && (!read_number(*time, cube.time) || cube.time < 0)) return false;
  if (before == j.end()) return true;
  return take_value(*before, cube.before.emplace());
}

ViewJson json_of(const scene::OneHead& head) {
  ViewJson j = {{"head", scene::one_head_name(head)}};
  if (head.before) j["before"] = json_of(*head.before);
  return j;
}

bool take_value(const ViewJson& j, scene::OneHead& head) {
  if (!j.is_object()) return false;
  const auto name = j.find("head"), before = j.find("before");
  if (name == j.end() || !name->is_string()) return false;
  const auto named = scene::one_head_named(name->get<std::string>());
  if (!named) return false;
  head = *named;
  return before == j.end() || take_value(*before, head.before.emplace());
}

bool take_value(const ViewJson& j, scene::Circuit& circuit) {
  constexpr std::size_t kMostEdges = 1000, kLongestWords = 400;
  if (!j.is_object()) return false;
  const auto edges = j.find("edges"), in_all = j.find("in_all"), unit = j.find("unit"), about = j.find("about");
  for (const auto& part : {edges, in_all, unit, about})
    if (part == j.end()) return false;
  if (!edges->is_array() || edges->size() > kMostEdges || !unit->is_string() || !about->is_string()) return false;
  if (!read_number(*in_all, circuit.in_all) || circuit.in_all < static_cast<int>(edges->size())) return false;
  circuit.unit = unit->get<std::string>();
  circuit.about = about->get<std::string>();
  if (circuit.unit.size() > kLongestWords || circuit.about.size() > kLongestWords) return false;
  for (const ViewJson& row : *edges) {
    const auto from = row.is_object() ? row.find("from") : row.end(), to = row.is_object() ? row.find("to") : row.end(),
               effect = row.is_object() ? row.find("effect") : row.end();
    if (from == row.end() || to == row.end() || effect == row.end() || !from->is_string() || !to->is_string()) return false;
    scene::CircuitEdge edge{from->get<std::string>(), to->get<std::string>(), 0};
    if (!read_number(*effect, edge.effect) || edge.from.size() > kLongestWords || edge.to.size() > kLongestWords) return false;
    circuit.edges.push_back(std::move(edge));
  }
  return true;
}

ViewJson json_of(const scene::Circuit& circuit) {
  ViewJson edges = ViewJson::array();
  for (const scene::CircuitEdge& edge : circuit.edges) edges.push_back({{"from", edge.from}, {"to", edge.to}, {"effect", edge.effect}});
  return {{"edges", edges}, {"in_all", circuit.in_all}, {"unit", circuit.unit}, {"about", circuit.about}};
}

const char* expected(const scene::Circuit&) { return phrase("edges (from, to, effect), in_all, unit and about"); }
const char* expected(const scene::OneHead&) { return phrase("a head, such as 4.3"); }
const char* expected(const scene::Cube&) { return phrase("a product, an order (dots, rows, columns or outer) and a time from 0 to 1"); }
const char* expected(const scene::CellRef&) { return phrase("a tensor's name with three indices"); }
const char* expected(const render::Camera&) { return phrase("target, distance, yaw, pitch and fov_y, and chosen_in where it is known"); }

/// Writes and reads a field of one type.
template <class T>
struct Member {
  static void write(ViewJson& to, const char* key, const T& value) {
    if constexpr (std::is_enum_v<T>) to[key] = scene::spelled(value);
    else to[key] = value;
  }
  static void read(JsonReader& from, const char* key, T& value) {
    if constexpr (std::is_enum_v<T>) from.read(key, value, scene::names_of(value));
    else from.read(key, value);
  }
};

template <class T>
struct Member<std::optional<T>> {
  static void write(ViewJson& to, const char* key, const std::optional<T>& value) {
    if (value) to[key] = json_of(*value);
  }
  static void read(JsonReader& from, const char* key, std::optional<T>& value) {
    const ViewJson* j = from.member(key);
    if (j == nullptr) return;
    T read;
    if (take_value(*j, read)) value = std::move(read);
    else from.error = session_wrong(key, text(expected(read)));
  }
};

template <class T>
struct Member<std::vector<T>> {
  static void write(ViewJson& to, const char* key, const std::vector<T>& values) {
    for (const T& value : values) to[key].push_back(json_of(value));
  }
  static void read(JsonReader& from, const char* key, std::vector<T>& values) {
    const ViewJson* j = from.member(key);
    if (j == nullptr) return;
    for (const ViewJson& one : *j) {
      T read;
      if (!take_value(one, read)) {
        from.error = session_wrong(key, text("a list, each of them {0}", translated(expected(read))));
        return;
      }
      values.push_back(std::move(read));
    }
  }
};

}  // namespace

std::string circuit_text(const scene::Circuit& circuit) {
  return json_of(circuit).dump(-1, ' ', false, ViewJson::error_handler_t::replace);
}

Result<scene::Circuit> circuit_from_text(std::string_view json) {
  constexpr std::size_t kMostValues = 10'000;
  GF_TRY(check_json_bounds(json, kMostValues, text("The circuit")));
  const ViewJson j = ViewJson::parse(json, nullptr, false);
  scene::Circuit circuit;
  if (j.is_discarded() || !take_value(j, circuit)) return tl::unexpected(session_wrong("circuit", text(expected(circuit))));
  return circuit;
}

void write_view(ViewJson& to, const scene::ViewState& view) {
  scene::each_field(
      [&]<class T>(const char* key, T scene::ViewState::* member, scene::Redraws) { Member<T>::write(to, key, view.*member); });
}

void read_view(JsonReader& from, scene::ViewState& view) {
  scene::each_field(
      [&]<class T>(const char* key, T scene::ViewState::* member, scene::Redraws) { Member<T>::read(from, key, view.*member); });
}

}  // namespace gf::doc

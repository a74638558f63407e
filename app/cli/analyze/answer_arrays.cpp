#include "app/cli/analyze/answer_arrays.h"

#include <algorithm>
#include <limits>

#include "app/cli/options.h"
#include "model/base/listed.h"
#include "model/base/text.h"

namespace gf::cli {
namespace {

constexpr std::string_view kReplyEnding = ".json";
constexpr float kUndefinedCell = std::numeric_limits<float>::quiet_NaN();

/// The arrays of a file, with their numbers.
struct ArrayPile {
  std::vector<NamedArray> arrays;
  std::vector<std::vector<float>> numbers;
  Json units = Json::object(), first_positions = Json::object();
  std::vector<std::string> left_out;  ///< sentences about parts that are no numbers

  void add(const std::string& name, std::vector<ArrayAxis> axes, const std::string& unit, std::vector<float> values) {
    arrays.push_back({name, std::move(axes)});
    numbers.push_back(std::move(values));
    if (!unit.empty()) units[name] = unit;
  }

  void leave_out(const std::string& name) { left_out.push_back(text("{0} is left out, because it is not an array of numbers", name)); }

  [[nodiscard]] Result<void> write(const std::string& path, ArrayMetadata metadata) const {
    for (const std::string& sentence : left_out) say(sentence);
    if (arrays.empty()) return fail(ErrorCode::InvalidArgument, text("nothing of the answer is an array, so {0} is not written", path));
    metadata["units"] = units.dump();
    if (!first_positions.empty()) metadata["first_positions"] = first_positions.dump();
    return write_arrays(path, arrays, metadata, [this](std::size_t i, const ArraySink& sink) { return sink(numbers[i]); });
  }
};

std::vector<ArrayAxis> axes_with(const std::vector<std::string>& names, const std::vector<int>& shape) {
  std::vector<ArrayAxis> axes;
  for (std::size_t i = 0; i < names.size(); ++i) axes.push_back({names[i], shape[i]});
  return axes;
}

/// Adds one part of an answer.
struct PartArrays {
  ArrayPile& pile;
  std::string name;

  void operator()(const Grid& g) const { pile.add(name, axes_with(g.axes, g.shape), g.unit, g.values); }
  void operator()(const Answer::Number& n) const { pile.add(name, {}, n.unit, {static_cast<float>(n.value)}); }
  void operator()(const Answer::Tokens& t) const {
    std::vector<float> ids;
    for (std::size_t i = 0; i < t.ids.size(); ++i) ids.push_back(t.is_undefined(i) ? kUndefinedCell : static_cast<float>(t.ids[i].v));
    pile.add(name + ".id", axes_with(t.axes, t.shape), "", std::move(ids));
    if (!t.of.empty()) pile.add(name + "." + t.of, axes_with(t.axes, t.shape), t.unit, t.values);
  }
  void operator()(const Answer::Words&) const { pile.leave_out(name); }
  void operator()(const Answer::Undefined& u) const { pile.left_out.push_back(text("{0} is left out: {1}", name, u.why)); }
  void operator()(const Answer::Table& t) const {
    const std::vector<ArrayAxis> rows{{"row", static_cast<std::int64_t>(t.rows())}};
    for (const Answer::Table::Column& column : t.columns) {
      const std::string full = name + "." + column.name;
      std::vector<float> values;
      if (const auto* whole = std::get_if<std::vector<int>>(&column.cells))
        for (const int x : *whole) values.push_back(static_cast<float>(x));
      else if (const auto* numbers = std::get_if<std::vector<float>>(&column.cells)) values = *numbers;
      else if (const auto* ids = std::get_if<std::vector<TokenId>>(&column.cells))
        for (const TokenId id : *ids) values.push_back(static_cast<float>(id.v));
      else {
        pile.leave_out(full);
        continue;
      }
      pile.add(full, rows, column.unit, std::move(values));
    }
  }
};

/// The extents of nested lists of so many axes.
std::vector<int> extents_of(const Json& nested, std::size_t axes) {
  std::vector<int> shape;
  const Json* at = &nested;
  for (std::size_t i = 0; i < axes; ++i) {
    shape.push_back(static_cast<int>(at->size()));
    if (at->empty()) break;
    at = &at->front();
  }
  shape.resize(axes);
  return shape;
}

void flatten_cells(const Json& nested, std::vector<float>& into) {
  if (!nested.is_array()) return into.push_back(nested.is_null() ? kUndefinedCell : nested.get<float>());
  for (const Json& one : nested) flatten_cells(one, into);
}

void add_means(ArrayPile& pile, const std::string& name, const Json& json) {
  if (!json.is_object()) return;
  if (json.contains("records") && json.contains("keys")) return pile.leave_out(name);
  if (!json.contains("mean") || !json.contains("axes")) {
    for (const auto& [key, value] : json.items()) add_means(pile, name.empty() ? key : name + "." + key, value);
    return;
  }
  const auto axes = json["axes"].get<std::vector<std::string>>();
  for (const char* key : {"mean", "standard_error", "n"}) {
    std::vector<float> values;
    flatten_cells(json[key], values);
    const std::string unit = std::string_view(key) == "n" ? std::string() : json["unit"].get<std::string>();
    pile.add(name + "." + key, axes_with(axes, extents_of(json[key], axes.size())), unit, std::move(values));
  }
}

}  // namespace

bool is_array_file(const std::string& path) {
  return std::ranges::any_of(array_formats(), [&](const ArrayFormat& f) { return f.ending != kReplyEnding && path.ends_with(f.ending); });
}

std::string array_endings() {
  std::vector<std::string> endings;
  for (const ArrayFormat& format : array_formats())
    if (format.ending != kReplyEnding) endings.emplace_back(format.ending);
  return listed(endings);
}

ArrayMetadata array_metadata(const Json& about, ArrayMetadata first) {
  for (const auto& [key, value] : about.items()) {
    if (value.is_null()) continue;
    const bool version = key == "glassformer";
    const std::string words = value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
    first.emplace(version ? "program" : key, version ? "glassformer " + words : words);
  }
  return first;
}

Result<void> write_answer_arrays(const std::string& path, const std::vector<Answered>& answers, ArrayMetadata metadata) {
  ArrayPile pile;
  for (const Answered& answered : answers)
    for (const Answer::Part& part : answered.answer.parts()) {
      const std::string name = key_of(*answered.question) + (part.name.empty() ? "" : "." + part.name);
      std::visit(PartArrays{pile, name}, part.value);
      const PartInfo* known = part_of(*answered.question, part.name);
      const bool written = !pile.arrays.empty() && pile.arrays.back().name == name;
      if (written && known != nullptr && known->first_position != 0) pile.first_positions[name] = known->first_position;
    }
  return pile.write(path, std::move(metadata));
}

Result<void> write_set_arrays(const std::string& path, const Json& reply, ArrayMetadata metadata) {
  ArrayPile pile;
  for (const auto& [key, value] : reply.items())
    if (key != "options") add_means(pile, key, value);
  return pile.write(path, std::move(metadata));
}

}  // namespace gf::cli

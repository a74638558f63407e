#include "model/io/files/safetensors_table.h"

#include <nlohmann/json.hpp>
#include <set>

#include "model/base/text.h"

namespace gf {

namespace {

// The table is at most {"name": {"shape": [..], ...}}. The reader stops at a value that nests deeper, so a hostile file costs
// no memory beyond its own size.
class SafetensorsTableReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  SafetensorsTable table;
  std::string problem;

  /// Some writers say null for no metadata.
  bool null() override { return (place_ == Place::Top && key_ == "__metadata__") || wrong("null"); }
  bool boolean(bool) override { return wrong(text("true or false")); }
  bool number_float(number_float_t, const string_t& text) override { return wrong(gf::text("the number {0}", text)); }
  bool binary(binary_t&) override { return wrong(text("binary data")); }
  bool number_integer(number_integer_t value) override { return wrong(text("the negative number {0}", value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::Shape && place_ != Place::Offsets) return wrong(text("the number {0}", value));
    if (value > static_cast<std::uint64_t>(INT64_MAX)) return wrong(text("the number {0}", value));
    if (place_ == Place::Shape) {
      if (entry_.shape.size() == kMaxExtents) return say(text("tensor {0} has too many dimensions", entry_.name));
      entry_.shape.push_back(static_cast<std::int64_t>(value));
    } else {
      if (offsets_ == 2) return say(text("tensor {0} has more than two data_offsets", entry_.name));
      (offsets_ == 0 ? entry_.begin : entry_.end) = value;
      ++offsets_;
    }
    return true;
  }
  bool string(string_t& value) override {
    if (place_ == Place::Metadata) {
      table.metadata[key_] = value;
      return true;
    }
    if (place_ != Place::Tensor || key_ != "dtype") return wrong(text("a text"));
    entry_.dtype = value;
    return true;
  }
  bool start_object(std::size_t) override {
    if (place_ == Place::Start) {
      place_ = Place::Top;
    } else if (place_ == Place::Top) {
      place_ = key_ == "__metadata__" ? Place::Metadata : Place::Tensor;
      entry_ = {};
      entry_.name = key_;
      offsets_ = 0;
      fields_.clear();
    } else {
      return wrong(text("an object"));
    }
    return true;
  }
  bool key(string_t& value) override {
    if (place_ == Place::Top && !names_.insert(value).second) return say(text("its table has {0} twice", value));
    if (place_ == Place::Tensor) {
      if (value != "dtype" && value != "shape" && value != "data_offsets")
        return say(text("tensor {0} has an unknown field {1}", entry_.name, value));
      if (!fields_.insert(value).second) return say(text("tensor {0} has {1} twice", entry_.name, value));
    }
    key_ = value;
    return true;
  }
  bool end_object() override {
    if (place_ == Place::Tensor) {
      for (const char* field : {"dtype", "shape", "data_offsets"})
        if (!fields_.contains(field)) return say(text("tensor {0} has no {1}", entry_.name, field));
      if (offsets_ != 2) return say(text("tensor {0} needs two data_offsets", entry_.name));
      table.entries.push_back(std::move(entry_));
    }
    place_ = place_ == Place::Top ? Place::End : Place::Top;
    return true;
  }
  bool start_array(std::size_t) override {
    if (place_ == Place::Tensor && key_ == "shape") {
      place_ = Place::Shape;
    } else if (place_ == Place::Tensor && key_ == "data_offsets") {
      place_ = Place::Offsets;
    } else {
      return wrong(text("a list"));
    }
    return true;
  }
  bool end_array() override {
    place_ = Place::Tensor;
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
    return say(text("its table is not valid JSON at byte {0}", at));
  }

 private:
  static constexpr std::size_t kMaxExtents = 16;
  enum class Place { Start, Top, Metadata, Tensor, Shape, Offsets, End };

  bool say(std::string sentence) {
    if (problem.empty()) problem = std::move(sentence);
    return false;
  }
  bool wrong(const std::string& what) {
    switch (place_) {
      case Place::Metadata: return say(text("its __metadata__ has {0} where a text belongs", what));
      case Place::Shape: return say(text("tensor {0} has {1} in its shape", entry_.name, what));
      case Place::Offsets: return say(text("tensor {0} has {1} in its data_offsets", entry_.name, what));
      case Place::Tensor: return say(text("tensor {0} has {1} as its {2}", entry_.name, what, key_));
      case Place::Top: return say(text("its table has {0} at {1}", what, key_));
      default: return say(text("its table is not an object"));
    }
  }

  Place place_ = Place::Start;
  std::string key_;
  SafetensorsEntry entry_;
  int offsets_ = 0;
  std::set<std::string> names_, fields_;
};

}  // namespace

tl::expected<SafetensorsTable, std::string> parse_safetensors_table(std::string_view json) {
  SafetensorsTableReader reader;
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader))
    return tl::unexpected(reader.problem.empty() ? text("its table is not valid JSON") : reader.problem);
  return std::move(reader.table);
}

}  // namespace gf

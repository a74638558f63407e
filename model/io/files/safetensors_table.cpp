#include "model/io/files/safetensors_table.h"

#include <nlohmann/json.hpp>
#include <set>

namespace gf {

namespace {

// The table is at most {"name": {"shape": [..], ...}}: what nests deeper is refused as it comes, so a hostile file
// costs no memory beyond its own size.
class SafetensorsTableReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  SafetensorsTable table;
  std::string problem;

  /// Some writers say null for no metadata.
  bool null() override { return (place_ == Place::Top && key_ == "__metadata__") || wrong("null"); }
  bool boolean(bool) override { return wrong("true or false"); }
  bool number_float(number_float_t, const string_t& text) override { return wrong("the number " + text); }
  bool binary(binary_t&) override { return wrong("binary data"); }
  bool number_integer(number_integer_t value) override { return wrong("the negative number " + std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::Shape && place_ != Place::Offsets) return wrong("the number " + std::to_string(value));
    if (value > static_cast<std::uint64_t>(INT64_MAX)) return wrong("the number " + std::to_string(value));
    if (place_ == Place::Shape) {
      if (entry_.shape.size() == kMaxExtents) return say("tensor " + entry_.name + " has too many dimensions");
      entry_.shape.push_back(static_cast<std::int64_t>(value));
    } else {
      if (offsets_ == 2) return say("tensor " + entry_.name + " has more than two data_offsets");
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
    if (place_ != Place::Tensor || key_ != "dtype") return wrong("a text");
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
      return wrong("an object");
    }
    return true;
  }
  bool key(string_t& value) override {
    if (place_ == Place::Top && !names_.insert(value).second) return say("its table has " + value + " twice");
    if (place_ == Place::Tensor) {
      if (value != "dtype" && value != "shape" && value != "data_offsets")
        return say("tensor " + entry_.name + " has an unknown field " + value);
      if (!fields_.insert(value).second) return say("tensor " + entry_.name + " has " + value + " twice");
    }
    key_ = value;
    return true;
  }
  bool end_object() override {
    if (place_ == Place::Tensor) {
      for (const char* field : {"dtype", "shape", "data_offsets"})
        if (!fields_.contains(field)) return say("tensor " + entry_.name + " has no " + field);
      if (offsets_ != 2) return say("tensor " + entry_.name + " needs two data_offsets");
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
      return wrong("a list");
    }
    return true;
  }
  bool end_array() override {
    place_ = Place::Tensor;
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
    return say("its table is not valid JSON at byte " + std::to_string(at));
  }

 private:
  static constexpr std::size_t kMaxExtents = 16;
  enum class Place { Start, Top, Metadata, Tensor, Shape, Offsets, End };

  bool say(std::string text) {
    if (problem.empty()) problem = std::move(text);
    return false;
  }
  bool wrong(const std::string& what) {
    switch (place_) {
      case Place::Metadata: return say("its __metadata__ has " + what + " where a text belongs");
      case Place::Shape: return say("tensor " + entry_.name + " has " + what + " in its shape");
      case Place::Offsets: return say("tensor " + entry_.name + " has " + what + " in its data_offsets");
      case Place::Tensor: return say("tensor " + entry_.name + " has " + what + " as its " + key_);
      case Place::Top: return say("its table has " + what + " at " + key_);
      default: return say("its table is no object");
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
    return tl::unexpected(reader.problem.empty() ? std::string("its table is not valid JSON") : reader.problem);
  return std::move(reader.table);
}

}  // namespace gf

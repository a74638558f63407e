#include "model/io/files/gguf_file.h"

#include <array>
#include <bit>
#include <cstring>
#include <set>

#include "model/base/text.h"
#include "model/io/files/gguf_blocks.h"

namespace gf {

namespace {

constexpr std::size_t kGgufMaxRank = 4;
constexpr std::uint64_t kGgufMaxName = 1024;

// Sizes of the value types 0 .. 12; 0: text (8) and array (9).
constexpr std::array<std::uint64_t, 13> kGgufValueBytes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

tl::unexpected<Error> gguf_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, gf::text("Cannot read {0}: {1}.", path, problem), "GgufFile");
}

}  // namespace

class GgufReader {
 public:
  GgufReader(std::span<const std::byte> bytes, const std::string& path) : bytes_(bytes), path_(path) {}

  [[nodiscard]] std::uint64_t left() const { return bytes_.size() - at_; }
  [[nodiscard]] std::uint64_t at() const { return at_; }
  bool skip(std::uint64_t count) {
    if (count > left()) return false;
    at_ += static_cast<std::size_t>(count);
    return true;
  }
  template <class T>
  bool number(T& value) {
    if (left() < sizeof(T)) return false;
    std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return true;
  }
  bool text(std::string_view& value) {
    std::uint64_t count = 0;
    if (!number(count) || count > left()) return false;
    value = {reinterpret_cast<const char*>(bytes_.data()) + at_, static_cast<std::size_t>(count)};
    at_ += static_cast<std::size_t>(count);
    return true;
  }
  tl::unexpected<Error> cut(const std::string& what) const {
    return gguf_corrupt(path_, gf::text("it ends within {0}; the file may be cut short, get it again", what));
  }

  Result<GgufValue> value(const std::string& key) {
    std::uint32_t type = 0;
    if (!number(type)) return cut(gf::text("the value of {0}", key));
    GgufValue result;
    if (type == 9) return array(key);
    if (type >= kGgufValueBytes.size()) return gguf_corrupt(path_, gf::text("the value of {0} has the unknown type {1}", key, type));
    if (type == 8) {
      result.kind = GgufValue::Kind::Text;
      if (!text(result.text)) return cut(gf::text("the value of {0}", key));
      return result;
    }
    if (left() < kGgufValueBytes[type]) return cut(gf::text("the value of {0}", key));
    result.kind = type == 6 || type == 12 ? GgufValue::Kind::Float : GgufValue::Kind::Int;
    switch (type) {
      case 1: result.integer = take<std::int8_t>(); break;
      case 3: result.integer = take<std::int16_t>(); break;
      case 5: result.integer = take<std::int32_t>(); break;
      case 2: result.integer = take<std::uint16_t>(); break;
      case 4: result.integer = take<std::uint32_t>(); break;
      case 6: result.real = static_cast<double>(take<float>()); break;
      case 12: result.real = take<double>(); break;
      case 10:
      case 11: result.integer = take<std::int64_t>(); break;
      default: result.integer = take<std::uint8_t>(); break;
    }
    return result;
  }

 private:
  template <class T>
  T take() {
    T v{};
    number(v);
    return v;
  }
  Result<GgufValue> array(const std::string& key, int depth = 1) {
    std::uint32_t type = 0;
    std::uint64_t count = 0;
    if (!number(type) || !number(count)) return cut(gf::text("the value of {0}", key));
    if (type >= kGgufValueBytes.size())
      return gguf_corrupt(path_, gf::text("the array {0} has elements of the unknown type {1}", key, type));
    const std::uint64_t least = type == 8 ? 8 : type == 9 ? 12 : kGgufValueBytes[type];
    if (count > left() / least)
      return gguf_corrupt(path_, gf::text("the array {0} claims {1} elements, more than the file has room for", key, count));
    GgufValue result;
    if (type == 9) {  // an array of arrays: the program needs none, so its values are skipped
      constexpr int deepest = 16;
      if (depth == deepest) return gguf_corrupt(path_, gf::text("the array {0} nests more than {1} arrays", key, deepest));
      for (std::uint64_t i = 0; i < count; ++i) GF_TRY(array(key, depth + 1));
      return result;
    }
    if (type == 5) {
      result.numbers.resize(static_cast<std::size_t>(count));
      for (auto& each : result.numbers) number(each);
      return result;
    }
    if (type != 8) {
      skip(count * least);
      return result;
    }
    result.kind = GgufValue::Kind::Texts;
    result.texts.resize(static_cast<std::size_t>(count));
    for (auto& each : result.texts)
      if (!text(each)) return cut(gf::text("the array {0}", key));
    return result;
  }

  std::span<const std::byte> bytes_;
  const std::string& path_;
  std::size_t at_ = 0;
};

bool looks_like_gguf(std::span<const std::byte> bytes) { return bytes.size() >= 4 && std::memcmp(bytes.data(), "GGUF", 4) == 0; }

Result<GgufFile> GgufFile::open(const std::string& path) {
  GgufFile result;
  GF_TRY_ASSIGN(result.file_, MappedFile::open(path));
  const auto bytes = result.file_->bytes();
  if (!looks_like_gguf(bytes)) return gguf_corrupt(path, gf::text("it does not begin with GGUF"));
  GgufReader in(bytes, path);
  std::uint32_t version = 0;
  std::uint64_t n_tensors = 0, n_values = 0;
  in.skip(4);
  if (!in.number(version) || !in.number(n_tensors) || !in.number(n_values)) return in.cut(gf::text("its header"));
  if (version == __builtin_bswap32(3))
    return fail(ErrorCode::Unsupported,
                gf::text("Cannot read {0}: its numbers are big-endian; convert the model again for a little-endian machine.", path),
                "GgufFile");
  if (version != 2 && version != 3)
    return fail(ErrorCode::Unsupported, gf::text("Cannot read {0}: it has GGUF's version {1}; supported are 2 and 3.", path, version),
                "GgufFile");
  constexpr std::uint64_t least_value = 13, least_tensor = 24;  // with empty names
  if (n_values > in.left() / least_value || n_tensors > in.left() / least_tensor)
    return gguf_corrupt(path,
                        gf::text("its header claims {0} tensors and {1} values, more than the file has room for", n_tensors, n_values));
  for (std::uint64_t i = 0; i < n_values; ++i) {
    std::string_view key;
    if (!in.text(key)) return in.cut(gf::text("a key"));
    if (key.size() > kGgufMaxName) return gguf_corrupt(path, gf::text("a key has {0} characters", key.size()));
    GF_TRY_ASSIGN(GgufValue value, in.value(std::string(key)));
    result.values_.insert_or_assign(std::string(key), std::move(value));
  }
  std::set<std::string_view> names;
  for (std::uint64_t i = 0; i < n_tensors; ++i) {
    GgufTensor tensor;
    std::string_view name;
    std::uint32_t rank = 0;
    if (!in.text(name) || !in.number(rank)) return in.cut(gf::text("the table of tensors"));
    if (name.size() > kGgufMaxName) return gguf_corrupt(path, gf::text("the name of a tensor has {0} characters", name.size()));
    tensor.name = name;
    if (!names.insert(name).second) return gguf_corrupt(path, gf::text("the tensor {0} stands twice", tensor.name));
    if (rank > kGgufMaxRank) return gguf_corrupt(path, gf::text("tensor {0} has {1} dimensions", tensor.name, rank));
    tensor.extents.resize(rank);
    for (std::size_t k = rank; k-- > 0;)
      if (!in.number(tensor.extents[k])) return in.cut(gf::text("the table of tensors"));
    if (!in.number(tensor.type) || !in.number(tensor.begin)) return in.cut(gf::text("the table of tensors"));
    result.tensors_.push_back(std::move(tensor));
  }
  std::int64_t alignment = 32;
  if (const auto* given = result.find("general.alignment"); given != nullptr) alignment = given->integer;
  if (alignment < 1 || alignment > (1 << 20) || !std::has_single_bit(static_cast<std::uint64_t>(alignment)))
    return gguf_corrupt(path, gf::text("its general.alignment is {0}, which is not a power of two", alignment));
  const auto a = static_cast<std::uint64_t>(alignment);
  const std::uint64_t data = (in.at() + a - 1) / a * a;
  for (GgufTensor& tensor : result.tensors_)
    if (__builtin_add_overflow(tensor.begin, data, &tensor.begin))
      return gguf_corrupt(path, gf::text("tensor {0} begins beyond the file", tensor.name));
  return result;
}

const GgufValue* GgufFile::find(std::string_view key) const {
  const auto it = values_.find(key);
  return it == values_.end() ? nullptr : &it->second;
}

Result<TensorView> GgufFile::view(const GgufTensor& tensor, std::vector<std::shared_ptr<const void>>& storage) const {
  const std::string& path = file_->path();
  const GgufType* type = gguf_type(tensor.type);
  if (type == nullptr)
    return fail(ErrorCode::Unsupported,
                gf::text("Tensor {0} in {1} has the type {2}; supported are {3}.", tensor.name, path, gguf_type_name(tensor.type),
                         gguf_supported_types()),
                "GgufFile");
  std::uint64_t elements = 1;
  for (const std::uint64_t extent : tensor.extents)
    if (extent > static_cast<std::uint64_t>(INT64_MAX) || __builtin_mul_overflow(elements, extent, &elements) ||
        elements > static_cast<std::uint64_t>(INT64_MAX))
      return gguf_corrupt(path, gf::text("the shape of tensor {0} is too large", tensor.name));
  const std::uint64_t row = tensor.extents.empty() ? 1 : tensor.extents.back();
  if (row % type->numbers != 0)
    return gguf_corrupt(path,
                        gf::text("tensor {0} is {1}, but its rows are no multiple of {2} numbers", tensor.name, type->name, type->numbers));
  const std::uint64_t blocks = elements / type->numbers;
  std::uint64_t needed = 0;
  if (__builtin_mul_overflow(blocks, type->bytes, &needed))
    return gguf_corrupt(path, gf::text("the shape of tensor {0} is too large", tensor.name));
  const std::uint64_t size = file_->bytes().size();
  if (tensor.begin > size || needed > size - tensor.begin)
    return gguf_corrupt(
        path, gf::text("tensor {0} needs {1} bytes, which the file does not have; it may be cut short, get it again", tensor.name, needed));
  TensorView view;
  view.dtype = type->dtype;
  view.shape = Shape(std::vector<std::int64_t>(tensor.extents.begin(), tensor.extents.end()));
  view.data = file_->bytes().data() + tensor.begin;
  if (type->widen == nullptr && reinterpret_cast<std::uintptr_t>(view.data) % type->bytes == 0) return view;
  const auto bytes = static_cast<std::size_t>(elements) * size_of(type->dtype);
  const std::shared_ptr<std::byte[]> copy(new std::byte[bytes]);
  if (type->widen != nullptr) type->widen(view.data, static_cast<std::size_t>(blocks), reinterpret_cast<float*>(copy.get()));
  else if (bytes > 0) std::memcpy(copy.get(), view.data, bytes);
  view.data = copy.get();
  storage.push_back(std::shared_ptr<const void>(copy, copy.get()));
  return view;
}

}  // namespace gf

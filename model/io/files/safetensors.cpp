#include "model/io/files/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "model/base/text.h"
#include "model/io/files/safetensors_table.h"
#include "model/io/narrow.h"

static_assert(std::endian::native == std::endian::little, "tensors are used as they lie in the file");

namespace gf {

namespace {

constexpr std::uint64_t kSafetensorsMaxTable = 100'000'000;  // the reference implementation's own limit

struct SafetensorsDType {
  std::string_view name;
  std::uint64_t bytes;
};
// Every type of the format: a table may have mask buffers, whose types weights do not have.
constexpr std::array<SafetensorsDType, 15> kSafetensorsDTypes = {{{"BOOL", 1},
                                                                  {"U8", 1},
                                                                  {"I8", 1},
                                                                  {"F8_E5M2", 1},
                                                                  {"F8_E4M3", 1},
                                                                  {"F8_E8M0", 1},
                                                                  {"I16", 2},
                                                                  {"U16", 2},
                                                                  {"F16", 2},
                                                                  {"BF16", 2},
                                                                  {"I32", 4},
                                                                  {"U32", 4},
                                                                  {"F32", 4},
                                                                  {"F64", 8},
                                                                  {"I64", 8}}};

std::optional<std::uint64_t> safetensors_dtype_bytes(std::string_view name) {
  for (const auto& row : kSafetensorsDTypes)
    if (row.name == name) return row.bytes;
  if (name == "U64" || name == "C64") return 8;
  return {};
}

// nullopt on overflow.
std::optional<std::uint64_t> safetensors_bytes(const SafetensorsEntry& entry, std::uint64_t element) {
  std::uint64_t bytes = element;
  for (const std::int64_t extent : entry.shape)
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent), &bytes)) return {};
  return bytes;
}

std::string safetensors_shape_text(const SafetensorsEntry& entry) {
  std::string s = "[";
  for (std::size_t i = 0; i < entry.shape.size(); ++i) s += (i ? ", " : "") + std::to_string(entry.shape[i]);
  return s + "]";
}

tl::unexpected<Error> safetensors_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, gf::text("Cannot read {0}: {1}.", path, problem), "SafetensorsFile");
}

// Says what else the file is: people give vectors that NumPy or PyTorch saved. Empty: it may be safetensors.
std::string safetensors_other(std::span<const std::byte> bytes) {
  const std::string_view begin(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 8));
  if (begin.starts_with("\x93NUMPY"))
    return text(
        "it is an array of NumPy's (.npy), not safetensors; save it with safetensors.numpy.save_file({\"v\": numpy.load(FILE)}, NEW) and "
        "name the tensor v");
  if (begin.starts_with("PK\x03\x04") || (begin.size() > 1 && begin[0] == '\x80' && begin[1] >= 2 && begin[1] <= 5))
    return text(
        "it is a file of torch.save or numpy.savez, not safetensors; save its tensors with safetensors.torch.save_file({\"v\": "
        "torch.load(FILE)}, NEW) and name the tensor v");
  return {};
}

}  // namespace

bool looks_like_safetensors(std::span<const std::byte> bytes) {
  if (bytes.size() < 9 || bytes[8] != std::byte{'{'}) return false;
  // Headers of llm.c and GGUF may have '{' as their ninth byte too; as a length their first eight bytes are too large.
  std::uint64_t table_bytes = 0;
  std::memcpy(&table_bytes, bytes.data(), 8);
  return table_bytes <= kSafetensorsMaxTable;
}

Result<SafetensorsFile> SafetensorsFile::open(const std::string& path) {
  SafetensorsFile result;
  GF_TRY_ASSIGN(result.file_, MappedFile::open(path));
  const auto bytes = result.file_->bytes();
  const std::uint64_t size = bytes.size();
  if (const std::string other = safetensors_other(bytes); !other.empty())
    return fail(ErrorCode::Unsupported, gf::text("Cannot read {0}: {1}.", path, other), "SafetensorsFile");
  if (size < 8) return safetensors_corrupt(path, gf::text("it has {0} bytes, too few for a safetensors file", size));
  std::uint64_t table_bytes = 0;
  std::memcpy(&table_bytes, bytes.data(), 8);
  if (table_bytes > kSafetensorsMaxTable)
    return safetensors_corrupt(path, gf::text("its table claims {0} bytes, more than the format allows", table_bytes));
  if (table_bytes > size - 8)
    return safetensors_corrupt(
        path, gf::text("its table claims {0} bytes, but only {1} follow; the file may be cut short, get it again", table_bytes, size - 8));
  const std::uint64_t data = 8 + table_bytes;
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + 8;
  auto table = parse_safetensors_table({text, static_cast<std::size_t>(table_bytes)});
  if (!table) return safetensors_corrupt(path, table.error());
  result.metadata_ = std::move(table->metadata);
  result.entries_ = std::move(table->entries);
  for (SafetensorsEntry& entry : result.entries_) {
    const auto element = safetensors_dtype_bytes(entry.dtype);
    if (!element)
      return fail(ErrorCode::Unsupported, gf::text("Cannot read {0}: tensor {1} has the unknown type {2}.", path, entry.name, entry.dtype),
                  "SafetensorsFile");
    const auto needed = safetensors_bytes(entry, *element);
    if (!needed)
      return safetensors_corrupt(path, gf::text("the shape {0} of tensor {1} is too large", safetensors_shape_text(entry), entry.name));
    if (entry.begin > entry.end) return safetensors_corrupt(path, gf::text("tensor {0} ends before it begins", entry.name));
    if (entry.end > size - data)
      return safetensors_corrupt(
          path, gf::text("tensor {0} ends at byte {1} of the data, which has {2}; the file may be cut short, get it again", entry.name,
                         entry.end, size - data));
    if (entry.end - entry.begin != *needed)
      return safetensors_corrupt(path, gf::text("tensor {0} {1} of type {2} needs {3} bytes, but has {4}", entry.name,
                                                safetensors_shape_text(entry), entry.dtype, *needed, entry.end - entry.begin));
    entry.begin += data;
    entry.end += data;
  }
  std::stable_sort(result.entries_.begin(), result.entries_.end(),
                   [](const auto& a, const auto& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  for (std::size_t i = 1; i < result.entries_.size(); ++i) {
    const auto &before = result.entries_[i - 1], &after = result.entries_[i];
    if (after.begin < before.end) return safetensors_corrupt(path, gf::text("tensors {0} and {1} overlap", before.name, after.name));
  }
  for (std::size_t i = 0; i < result.entries_.size(); ++i) result.by_name_.emplace(result.entries_[i].name, i);
  return result;
}

const SafetensorsEntry* SafetensorsFile::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &entries_[it->second];
}

Result<TensorView> SafetensorsFile::view(const SafetensorsEntry& entry, std::vector<std::shared_ptr<const void>>& storage) const {
  TensorView view;
  if (entry.dtype == "F32") view.dtype = DType::F32;
  else if (entry.dtype == "F16") view.dtype = DType::F16;
  else if (entry.dtype == "BF16") view.dtype = DType::BF16;
  else if (entry.dtype != "F64")
    return fail(
        ErrorCode::Unsupported,
        gf::text("Tensor {0} in {1} has the type {2}; supported are F32, F16, BF16 and F64.", entry.name, file_->path(), entry.dtype),
        "SafetensorsFile");
  if (entry.shape.size() > Shape::kMaxRank)
    return fail(
        ErrorCode::Unsupported,
        gf::text("Tensor {0} in {1} has {2} dimensions; at most four are supported.", entry.name, file_->path(), entry.shape.size()),
        "SafetensorsFile");
  view.shape = Shape(entry.shape);
  view.data = file_->bytes().data() + entry.begin;
  const bool narrows = entry.dtype == "F64";
  if (!narrows && reinterpret_cast<std::uintptr_t>(view.data) % size_of(view.dtype) == 0) return view;
  const auto bytes = static_cast<std::size_t>(entry.end - entry.begin);
  const std::shared_ptr<std::byte[]> copy(new std::byte[bytes]);
  if (bytes > 0) std::memcpy(copy.get(), view.data, bytes);
  if (narrows) narrow_f64(copy.get(), bytes / sizeof(double));
  view.data = copy.get();
  storage.push_back(std::shared_ptr<const void>(copy, copy.get()));
  return view;
}

}  // namespace gf

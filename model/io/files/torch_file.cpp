#include "model/io/files/torch_file.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "model/base/text.h"
#include "model/io/files/little_endian.h"
#include "model/io/files/zip.h"
#include "model/io/formats/huggingface.h"
#include "model/io/narrow.h"

namespace gf {

namespace {

constexpr std::string_view kTorchMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);  // torch.serialization.MAGIC_NUMBER
constexpr std::int64_t kTorchProtocol = 1001;
constexpr std::size_t kTorchRepeatedBytes = std::size_t{64} << 10;  // a repeated number may always fill as much

tl::unexpected<Error> torch_corrupt(const std::string& path, const std::string& problem) {
  return fail(ErrorCode::Corrupt, text("Cannot read {0}: {1}.", path, problem), "TorchFile");
}

std::size_t torch_element_bytes(std::string_view type) {
  if (type == "torch.ComplexDoubleStorage") return 16;
  if (type == "torch.DoubleStorage" || type == "torch.LongStorage" || type == "torch.ComplexFloatStorage") return 8;
  if (type == "torch.FloatStorage" || type == "torch.IntStorage" || type == "torch.QInt32Storage") return 4;
  if (type == "torch.HalfStorage" || type == "torch.BFloat16Storage" || type == "torch.ShortStorage") return 2;
  if (type == "torch.CharStorage" || type == "torch.ByteStorage" || type == "torch.BoolStorage" || type == "torch.QInt8Storage" ||
      type == "torch.QUInt8Storage" || type == "torch.storage.UntypedStorage")
    return 1;
  return 0;
}

/// The type of the view that is given, and the bytes of an element in the file. float64 is narrowed.
struct TorchType {
  DType dtype = DType::F32;
  std::size_t bytes = 4;
};
std::optional<TorchType> torch_type(std::string_view type) {
  if (type == "torch.FloatStorage" || type == "torch.float32") return TorchType{DType::F32, 4};
  if (type == "torch.HalfStorage" || type == "torch.float16") return TorchType{DType::F16, 2};
  if (type == "torch.BFloat16Storage" || type == "torch.bfloat16") return TorchType{DType::BF16, 2};
  if (type == "torch.DoubleStorage" || type == "torch.float64") return TorchType{DType::F32, 8};
  return {};
}

// Sizes and strides as numbers, with what follows from them.
struct TorchLayout {
  std::array<std::int64_t, Shape::kMaxRank> sizes{}, strides{};
  std::size_t rank = 0;
  std::int64_t elements = 1;
  std::uint64_t last = 0;  ///< the highest element, from the offset on
  bool dense = true;
};

std::optional<TorchLayout> torch_layout(const Pickle& pickle, const PickleNode& sizes, const PickleNode& strides) {
  TorchLayout layout;
  layout.rank = sizes.items.size();
  for (std::size_t i = layout.rank; i-- > 0;) {
    const std::int64_t size = pickle.at(sizes.items[i]).integer, stride = pickle.at(strides.items[i]).integer;
    if (size < 0 || stride < 0) return {};
    layout.sizes[i] = size;
    layout.strides[i] = stride;
    layout.dense = layout.dense && (size == 1 || stride == layout.elements);
    std::uint64_t reach = 0;
    if (size > 1 && (__builtin_mul_overflow(static_cast<std::uint64_t>(size - 1), static_cast<std::uint64_t>(stride), &reach) ||
                     __builtin_add_overflow(layout.last, reach, &layout.last)))
      return {};
    if (__builtin_mul_overflow(layout.elements, size, &layout.elements)) return {};
  }
  return layout;
}

/// An .npz: its first entry is an array.
bool is_numpy_archive(std::span<const std::byte> zip) {
  constexpr std::size_t header = 30, length_at = 26;
  if (zip.size() < header) return false;
  const auto length = static_cast<std::size_t>(little_endian(zip.subspan(length_at, 2)));
  if (length > zip.size() - header) return false;
  return std::string_view(reinterpret_cast<const char*>(zip.data()) + header, length).ends_with(".npy");
}

void torch_gather(const TorchLayout& l, const std::byte* from, std::size_t element, std::byte* to) {
  std::array<std::int64_t, Shape::kMaxRank> index{};
  for (std::int64_t n = 0; n < l.elements; ++n) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < l.rank; ++i) at += index[i] * l.strides[i];
    std::memcpy(to + static_cast<std::size_t>(n) * element, from + static_cast<std::size_t>(at) * element, element);
    for (std::size_t i = l.rank; i-- > 0;) {
      if (++index[i] < l.sizes[i]) break;
      index[i] = 0;
    }
  }
}

}  // namespace

bool looks_like_torch(std::span<const std::byte> bytes) {
  if (bytes.size() >= 4 && std::memcmp(bytes.data(), "PK\x03\x04", 4) == 0) return true;
  return bytes.size() >= 2 && bytes[0] == std::byte{0x80} && bytes[1] >= std::byte{2} && bytes[1] <= std::byte{5};
}

std::string torch_path(const std::string& path) {
  return weight_file(path, {"pytorch_model.bin", "ckpt.pt", "model.pt", "model.pth"}, {".pt", ".pth", ".bin", ".ckpt", ".tar"},
                     looks_like_torch);
}

Result<void> TorchFile::open_zip() {
  const std::string& path = file_->path();
  if (is_numpy_archive(file_->bytes()))
    return fail(
        ErrorCode::Unsupported,
        text("{0} holds arrays of NumPy's; save the weights as safetensors: safetensors.numpy.save_file({NAME: array}, FILE).", path),
        "TorchFile");
  GF_TRY_ASSIGN(const auto entries, read_stored_zip(file_->bytes(), path));
  constexpr std::string_view table = "/data.pkl";
  const auto found = std::ranges::find_if(entries, [&](const ZipEntry& e) { return e.name.ends_with(table); });
  if (found == entries.end()) return torch_corrupt(path, text("it is a zip file without data.pkl, so no checkpoint of PyTorch"));
  const std::string folder = found->name.substr(0, found->name.size() - table.size()) + "/";
  for (const ZipEntry& e : entries) {
    if (e.name == folder + "byteorder" && std::string_view(reinterpret_cast<const char*>(e.bytes.data()), e.bytes.size()) != "little")
      return fail(ErrorCode::Unsupported,
                  text("Cannot read {0}: its numbers are big-endian; save it again on a little-endian machine.", path), "TorchFile");
    if (e.name.starts_with(folder + "data/")) storages_.emplace(e.name.substr(folder.size() + 5), e.bytes);
  }
  GF_TRY_ASSIGN(pickle_, Pickle::read(found->bytes, path));
  return {};
}

// Five pickles (magic number, protocol, system, state, keys), then each key's elements: an int64 count and the numbers.
Result<void> TorchFile::open_legacy() {
  const std::string& path = file_->path();
  auto rest = file_->bytes();
  const auto next = [&]() -> Result<Pickle> {
    auto pickle = Pickle::read(rest, path);
    if (pickle) rest = rest.subspan(pickle->bytes_used());
    return pickle;
  };
  GF_TRY_ASSIGN(const Pickle magic, next());
  if (magic.at(magic.root()).kind != PickleKind::Big || magic.at(magic.root()).text != kTorchMagic)
    return torch_corrupt(path,
                         text("it is a pickle that PyTorch did not write; save the weights with torch.save(model.state_dict(), ...)"));
  GF_TRY_ASSIGN(const Pickle protocol, next());
  if (protocol.at(protocol.root()).integer != kTorchProtocol)
    return torch_corrupt(path, text("it has another protocol than PyTorch's 1001"));
  GF_TRY_ASSIGN(const Pickle system, next());
  if (const auto* little = system.find(system.at(system.root()), "little_endian"); little == nullptr || little->integer != 1)
    return fail(ErrorCode::Unsupported,
                text("Cannot read {0}: its numbers are big-endian; save it again on a little-endian machine.", path), "TorchFile");
  GF_TRY_ASSIGN(pickle_, next());
  GF_TRY_ASSIGN(const Pickle keys, next());
  std::map<std::string_view, std::size_t> element_bytes;
  for (const PickleNode& node : pickle_.nodes())
    if (node.kind == PickleKind::Storage) element_bytes[node.text] = torch_element_bytes(pickle_.at(node.items[0]).text);
  for (const PickleId id : keys.at(keys.root()).items) {
    const std::string key(keys.at(id).text);
    const auto element = element_bytes.find(key);
    if (element == element_bytes.end() || element->second == 0)
      return torch_corrupt(path, text("it lists the storage {0}, which no tensor has", key));
    if (rest.size() < 8) return torch_corrupt(path, text("the storage {0} is missing; the file may be cut short, get it again", key));
    std::uint64_t count = 0;
    std::memcpy(&count, rest.data(), 8);
    rest = rest.subspan(8);
    if (count > rest.size() / element->second)
      return torch_corrupt(
          path, text("the storage {0} claims {1} elements, but only {2} bytes follow; the file may be cut short, get it again", key, count,
                     rest.size()));
    const auto bytes = static_cast<std::size_t>(count) * element->second;
    storages_.emplace(key, rest.first(bytes));
    rest = rest.subspan(bytes);
  }
  return {};
}

Result<TorchFile> TorchFile::open(const std::string& path) {
  TorchFile result;
  GF_TRY_ASSIGN(result.file_, MappedFile::open(path));
  const auto bytes = result.file_->bytes();
  if (!looks_like_torch(bytes)) return torch_corrupt(path, text("it is neither a zip file nor a pickle, so no checkpoint of PyTorch"));
  if (bytes[0] == std::byte{'P'}) {
    GF_TRY(result.open_zip());
  } else {
    GF_TRY(result.open_legacy());
  }
  return result;
}

bool TorchFile::is_f64(const PickleNode& tensor) const {
  const PickleNode& type = pickle_.at(tensor.items.size() > 4 ? tensor.items[4] : pickle_.at(tensor.items[0]).items[0]);
  return type.text == "torch.DoubleStorage" || type.text == "torch.float64";
}

Result<TensorView> TorchFile::view(const std::string& name, const PickleNode& tensor,
                                   std::vector<std::shared_ptr<const void>>& storage) const {
  const std::string& path = file_->path();
  const auto part = [&](std::size_t i) -> const PickleNode& { return pickle_.at(tensor.items[i]); };
  const std::string_view type = tensor.items.size() > 4 ? part(4).text : pickle_.at(part(0).items[0]).text;
  const auto known = torch_type(type);
  if (!known)
    return fail(ErrorCode::Unsupported,
                text("Tensor {0} in {1} is a {2}; supported are float32, float16, bfloat16 and float64.", name, path, type), "TorchFile");
  if (part(2).items.size() > Shape::kMaxRank)
    return fail(ErrorCode::Unsupported,
                text("Tensor {0} in {1} has {2} dimensions; at most four are supported.", name, path, part(2).items.size()), "TorchFile");
  const auto layout = torch_layout(pickle_, part(2), part(3));
  if (!layout) return torch_corrupt(path, text("tensor {0} has sizes or strides that no tensor can have", name));
  const auto bytes = storages_.find(part(0).text);
  if (bytes == storages_.end()) return torch_corrupt(path, text("the storage {0} of tensor {1} is missing", part(0).text, name));
  const std::size_t element = known->bytes;
  const std::uint64_t available = bytes->second.size() / element;
  const std::int64_t offset = part(1).integer;
  const auto begin = static_cast<std::uint64_t>(offset);
  if (offset < 0 || (layout->elements > 0 && (begin >= available || layout->last >= available - begin)))
    return torch_corrupt(path, text("tensor {0} reaches beyond its storage of {1} elements", name, available));
  TensorView view{bytes->second.data(), known->dtype, Shape(std::span(layout->sizes).first(layout->rank))};
  if (layout->elements == 0) return view;
  // Strides of 0 repeat numbers, and could claim any size.
  const std::uint64_t most = std::max<std::uint64_t>(available, std::max(file_->bytes().size(), kTorchRepeatedBytes) / element);
  if (static_cast<std::uint64_t>(layout->elements) > most)
    return torch_corrupt(path, text("tensor {0} repeats its storage of {1} elements too often", name, available));
  view.data += static_cast<std::size_t>(begin) * element;
  const bool narrows = element == sizeof(double);
  if (!narrows && layout->dense && reinterpret_cast<std::uintptr_t>(view.data) % element == 0) return view;
  const auto count = static_cast<std::size_t>(layout->elements);
  const std::shared_ptr<std::byte[]> copy(new std::byte[count * element]);
  torch_gather(*layout, view.data, element, copy.get());
  if (narrows) narrow_f64(copy.get(), count);
  view.data = copy.get();
  storage.push_back(std::shared_ptr<const void>(copy, copy.get()));
  return view;
}

}  // namespace gf

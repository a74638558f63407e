#include "model/io/files/torch_write.h"

#include "model/io/files/zip_write.h"

namespace gf {

namespace {

/// What pickle's machine is told, in protocol 2. Source: Lib/pickletools.py of Python.
class PickleWriter {
 public:
  PickleWriter() { bytes_ = "\x80\x02"; }
  void op(char code) { bytes_ += code; }
  void word(const std::string& text) {
    op('X');
    put_little_endian(bytes_, static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  void number(std::int64_t value) {
    if (value >= 0 && value < std::int64_t{1} << 31) {
      op('J');
      put_little_endian(bytes_, static_cast<std::uint32_t>(value));
      return;
    }
    op('\x8a');  // LONG1: so many bytes
    op('\x08');
    put_little_endian(bytes_, static_cast<std::uint64_t>(value));
  }
  void global(const char* module, const char* name) { bytes_ += std::string("c") + module + "\n" + name + "\n"; }
  void numbers(const std::vector<std::int64_t>& values) {
    op('(');
    for (const std::int64_t value : values) number(value);
    op('t');
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

std::vector<std::int64_t> dense_strides(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

/// torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())
void write_tensor(PickleWriter& pickle, const TorchTensor& tensor, std::size_t key) {
  pickle.word(tensor.name);
  pickle.global("torch._utils", "_rebuild_tensor_v2");
  pickle.op('(');
  pickle.op('(');
  pickle.word("storage");
  pickle.global("torch", "FloatStorage");
  pickle.word(std::to_string(key));
  pickle.word("cpu");
  pickle.number(static_cast<std::int64_t>(tensor.values.size()));
  pickle.op('t');
  pickle.op('Q');  // the storage, by this tuple
  pickle.number(0);
  pickle.numbers(tensor.shape);
  pickle.numbers(dense_strides(tensor.shape));
  pickle.op('\x89');  // False
  pickle.global("collections", "OrderedDict");
  pickle.op(')');
  pickle.op('R');
  pickle.op('t');
  pickle.op('R');
}

}  // namespace

Result<void> write_torch_tensors(const std::string& path, std::span<const TorchTensor> tensors) {
  PickleWriter pickle;
  pickle.op('}');
  pickle.op('(');
  for (std::size_t i = 0; i < tensors.size(); ++i) write_tensor(pickle, tensors[i], i);
  pickle.op('u');
  pickle.op('.');
  GF_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
  ZipWriter zip(file);
  const auto add = [&](const std::string& name, std::string_view bytes) {
    return zip.add("archive/" + name, bytes.size(), [&](const auto& write) { return write(bytes); });
  };
  GF_TRY(add("data.pkl", pickle.bytes()));
  GF_TRY(add("byteorder", "little"));
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& values = tensors[i].values;
    GF_TRY(add("data/" + std::to_string(i), std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes())));
  }
  GF_TRY(add("version", "3\n"));
  GF_TRY(zip.finish());
  return file.keep();
}

}  // namespace gf

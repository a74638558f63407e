// The types of GGUF's tensors: blocks of numbers that share a scale, and their widening to float32.
// Source: github.com/ggml-org/ggml, src/ggml-common.h and ggml-quants.c (dequantize_row_*).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/tensor.h"

namespace gf {

struct GgufType {
  std::uint32_t id;     ///< ggml_type
  const char* name;     ///< as ggml calls it
  std::size_t numbers;  ///< of a block
  std::size_t bytes;    ///< of a block
  DType dtype;          ///< of the view that the reader gives
  /// `count` blocks from any address to float32, to the same bits as ggml; nullptr: the bytes are used as they lie.
  void (*widen)(const std::byte* from, std::size_t count, float* to);
};

/// nullptr: not supported.
[[nodiscard]] const GgufType* gguf_type(std::uint32_t id);
/// ggml's name of any type, or its number.
[[nodiscard]] std::string gguf_type_name(std::uint32_t id);
/// "F32, F16, ..."
[[nodiscard]] std::string gguf_supported_types();

}  // namespace gf

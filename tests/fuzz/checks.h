// The checks that every fuzz target makes of an answer: it is a model whose numbers can all be read, or a sentence.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/base/error.h"
#include "model/weights.h"

namespace gf::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

/// Cuts the next part off, up to a zero byte: targets of several files have them one after the other.
inline std::string_view next_part(std::string_view& rest) {
  const auto end = rest.find('\0');
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Keeps the compiler from leaving out what computed the value.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

/// The sanitizers look on while the ends and a place in the middle are read.
inline void read_view(const TensorView& view) {
  const std::int64_t count = view.elements();
  EXPECTS(count >= 0, "a tensor has no negative number of elements");
  if (count == 0) return;
  for (const std::int64_t at : {std::int64_t{0}, count / 2, count - 1}) keep(view.at(at));
}

inline void read_weights(const Weights& weights) {
  for (const NamedTensor& tensor : weights.table()) read_view(tensor.view);
  const ModelConfig& c = weights.config;
  EXPECTS(c.n_layer > 0 && c.n_head > 0 && c.d_model == c.n_head * c.d_head && c.n_ctx > 0 && c.n_vocab > 0, "sizes of a model");
  EXPECTS(weights.blocks.size() == static_cast<std::size_t>(c.n_layer), "a block for each layer");
}

/// Of files: one sentence, with an end.
inline void read_error(const Error& error) { EXPECTS(!error.message.empty() && error.message.back() == '.', "an error is a sentence"); }

template <class T>
bool answered(const Result<T>& result) {
  if (!result) read_error(result.error());
  return result.has_value();
}

}  // namespace gf::fuzz

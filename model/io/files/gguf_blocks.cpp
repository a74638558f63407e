#include "model/io/files/gguf_blocks.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "model/base/listed.h"
#include "model/io/narrow.h"

namespace gf {

namespace {

// The names are ggml's: x is a block, y the widened numbers, d the block's scale, m its minimum, q its quantised numbers.
using Byte = std::uint8_t;
constexpr std::size_t kSmallBlock = 32, kLargeBlock = 256;

float half_at(const Byte* x) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, x, sizeof bits);
  return f16_to_f32(bits);
}

/// The low halves of 16 bytes are numbers 0 to 15 of a small block, the high halves 16 to 31.
template <class Number>
void each_nibble(const Byte* q, float* y, const Number& number) {
  for (std::size_t j = 0; j < kSmallBlock / 2; ++j) {
    y[j] = number(q[j] & 0xF, j);
    y[j + kSmallBlock / 2] = number(q[j] >> 4, j + kSmallBlock / 2);
  }
}

void dequantize_q4_0(const Byte* x, float* y) {
  const float d = half_at(x);
  each_nibble(x + 2, y, [d](int q, std::size_t) { return static_cast<float>(q - 8) * d; });
}

void dequantize_q4_1(const Byte* x, float* y) {
  const float d = half_at(x), m = half_at(x + 2);
  each_nibble(x + 4, y, [d, m](int q, std::size_t) { return static_cast<float>(q) * d + m; });
}

std::uint32_t fifth_bits(const Byte* x) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, x, sizeof bits);
  return bits;
}
int with_fifth(int q, std::uint32_t bits, std::size_t j) { return q | static_cast<int>(((bits >> j) & 1U) << 4); }

void dequantize_q5_0(const Byte* x, float* y) {
  const float d = half_at(x);
  const std::uint32_t bits = fifth_bits(x + 2);
  each_nibble(x + 6, y, [d, bits](int q, std::size_t j) { return static_cast<float>(with_fifth(q, bits, j) - 16) * d; });
}

void dequantize_q5_1(const Byte* x, float* y) {
  const float d = half_at(x), m = half_at(x + 2);
  const std::uint32_t bits = fifth_bits(x + 4);
  each_nibble(x + 8, y, [d, m, bits](int q, std::size_t j) { return static_cast<float>(with_fifth(q, bits, j)) * d + m; });
}

void dequantize_q8_0(const Byte* x, float* y) {
  const float d = half_at(x);
  for (std::size_t j = 0; j < kSmallBlock; ++j) y[j] = static_cast<float>(static_cast<std::int8_t>(x[2 + j])) * d;
}

void dequantize_iq4_nl(const Byte* x, float* y) {
  constexpr std::array<int, 16> values = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
  const float d = half_at(x);
  each_nibble(x + 2, y, [&](int q, std::size_t) { return d * static_cast<float>(values[static_cast<std::size_t>(q)]); });
}

void dequantize_q2_k(const Byte* x, float* y) {
  const Byte *scales = x, *q = x + 16;
  const float d = half_at(x + 80), m = half_at(x + 82);
  for (std::size_t n = 0; n < kLargeBlock; n += 128, q += 32)
    for (int shift = 0; shift < 8; shift += 2)
      for (std::size_t half = 0; half < 32; half += 16) {
        const Byte scale = *scales++;
        const float dl = d * static_cast<float>(scale & 0xF), ml = m * static_cast<float>(scale >> 4);
        for (std::size_t l = 0; l < 16; ++l) *y++ = dl * static_cast<float>((q[half + l] >> shift) & 3) - ml;
      }
}

void dequantize_q3_k(const Byte* x, float* y) {
  const Byte *high = x, *q = x + 32;
  const float d = half_at(x + 108);
  std::array<std::uint32_t, 4> packed{};  // 16 scales of 6 bits: their low 4 bits first, then their high 2
  std::memcpy(packed.data(), x + 96, 12);
  constexpr std::uint32_t low = 0x0F0F0F0F, two = 0x03030303;
  const std::uint32_t top = packed[2];
  packed[2] = ((packed[0] >> 4) & low) | (((top >> 4) & two) << 4);
  packed[3] = ((packed[1] >> 4) & low) | (((top >> 6) & two) << 4);
  packed[0] = (packed[0] & low) | ((top & two) << 4);
  packed[1] = (packed[1] & low) | (((top >> 2) & two) << 4);
  std::array<std::int8_t, 16> scales{};
  std::memcpy(scales.data(), packed.data(), scales.size());
  std::size_t is = 0;
  unsigned mask = 1;
  for (std::size_t n = 0; n < kLargeBlock; n += 128, q += 32)
    for (int shift = 0; shift < 8; shift += 2, mask <<= 1)
      for (std::size_t half = 0; half < 32; half += 16) {
        const float dl = d * static_cast<float>(scales[is++] - 32);
        for (std::size_t l = half; l < half + 16; ++l)
          *y++ = dl * static_cast<float>(((q[l] >> shift) & 3) - ((high[l] & mask) != 0 ? 0 : 4));
      }
}

/// Eight scales and eight minima of 6 bits each in 12 bytes.
struct ScaleAndMin {
  Byte scale, min;
};
ScaleAndMin scale_and_min(std::size_t j, const Byte* q) {
  if (j < 4) return {static_cast<Byte>(q[j] & 63), static_cast<Byte>(q[j + 4] & 63)};
  return {static_cast<Byte>((q[j + 4] & 0xF) | ((q[j - 4] >> 6) << 4)), static_cast<Byte>((q[j + 4] >> 4) | ((q[j] >> 6) << 4))};
}

/// Q4_K and Q5_K: `high` has a fifth bit for each number, or is nullptr.
void dequantize_45_k(const Byte* x, const Byte* high, const Byte* q, float* y) {
  const float d = half_at(x), m = half_at(x + 2);
  for (std::size_t j = 0; j < 4; ++j, q += 32)
    for (std::size_t half = 0; half < 2; ++half) {
      const auto [scale, min] = scale_and_min(2 * j + half, x + 4);
      const float dl = d * static_cast<float>(scale), ml = m * static_cast<float>(min);
      for (std::size_t l = 0; l < 32; ++l) {
        const int nibble = half == 0 ? q[l] & 0xF : q[l] >> 4;
        const int fifth = high != nullptr && ((high[l] >> (2 * j + half)) & 1) != 0 ? 16 : 0;
        *y++ = dl * static_cast<float>(nibble + fifth) - ml;
      }
    }
}
void dequantize_q4_k(const Byte* x, float* y) { dequantize_45_k(x, nullptr, x + 16, y); }
void dequantize_q5_k(const Byte* x, float* y) { dequantize_45_k(x, x + 16, x + 48, y); }

void dequantize_q6_k(const Byte* x, float* y) {
  const Byte *low = x, *high = x + 128, *scales = x + 192;
  const float d = half_at(x + 208);
  for (std::size_t n = 0; n < kLargeBlock; n += 128, y += 128, low += 64, high += 32, scales += 8)
    for (std::size_t quarter = 0; quarter < 4; ++quarter)
      for (std::size_t l = 0; l < 32; ++l) {
        const Byte bits = low[l + 32 * (quarter % 2)];
        const int nibble = quarter < 2 ? bits & 0xF : bits >> 4;
        const int q = (nibble | (((high[l] >> (2 * quarter)) & 3) << 4)) - 32;
        const auto scale = static_cast<std::int8_t>(scales[l / 16 + 2 * quarter]);
        y[l + 32 * quarter] = d * static_cast<float>(scale) * static_cast<float>(q);
      }
}

template <void (*Widen)(const Byte*, float*), std::size_t Numbers, std::size_t Bytes>
void dequantize_blocks(const std::byte* from, std::size_t count, float* to) {
  for (std::size_t b = 0; b < count; ++b, from += Bytes, to += Numbers) Widen(reinterpret_cast<const Byte*>(from), to);
}

void widen_f64(const std::byte* from, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) {
    double wide = 0;
    std::memcpy(&wide, from + i * sizeof wide, sizeof wide);
    to[i] = static_cast<float>(wide);
  }
}

constexpr std::array<GgufType, 15> kGgufTypes = {{
    {0, "F32", 1, 4, DType::F32, nullptr},
    {1, "F16", 1, 2, DType::F16, nullptr},
    {30, "BF16", 1, 2, DType::BF16, nullptr},
    {28, "F64", 1, 8, DType::F32, widen_f64},
    {8, "Q8_0", 32, 34, DType::F32, dequantize_blocks<dequantize_q8_0, 32, 34>},
    {6, "Q5_0", 32, 22, DType::F32, dequantize_blocks<dequantize_q5_0, 32, 22>},
    {7, "Q5_1", 32, 24, DType::F32, dequantize_blocks<dequantize_q5_1, 32, 24>},
    {2, "Q4_0", 32, 18, DType::F32, dequantize_blocks<dequantize_q4_0, 32, 18>},
    {3, "Q4_1", 32, 20, DType::F32, dequantize_blocks<dequantize_q4_1, 32, 20>},
    {20, "IQ4_NL", 32, 18, DType::F32, dequantize_blocks<dequantize_iq4_nl, 32, 18>},
    {14, "Q6_K", 256, 210, DType::F32, dequantize_blocks<dequantize_q6_k, 256, 210>},
    {13, "Q5_K", 256, 176, DType::F32, dequantize_blocks<dequantize_q5_k, 256, 176>},
    {12, "Q4_K", 256, 144, DType::F32, dequantize_blocks<dequantize_q4_k, 256, 144>},
    {11, "Q3_K", 256, 110, DType::F32, dequantize_blocks<dequantize_q3_k, 256, 110>},
    {10, "Q2_K", 256, 84, DType::F32, dequantize_blocks<dequantize_q2_k, 256, 84>},
}};

}  // namespace

const GgufType* gguf_type(std::uint32_t id) {
  const auto* const found = std::ranges::find(kGgufTypes, id, &GgufType::id);
  return found == kGgufTypes.end() ? nullptr : found;
}

std::string gguf_type_name(std::uint32_t id) {
  constexpr std::array<const char*, 40> names = {
      "F32",  "F16",   "Q4_0",    "Q4_1",   nullptr,   nullptr, "Q5_0",   "Q5_1",  "Q8_0",  "Q8_1",   "Q2_K",  "Q3_K", "Q4_K", "Q5_K",
      "Q6_K", "Q8_K",  "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8",    "I16",  "I32",  "I64",
      "F64",  "IQ1_M", "BF16",    nullptr,  nullptr,   nullptr, "TQ1_0",  "TQ2_0", nullptr, nullptr,  nullptr, "MXFP4"};
  return id < names.size() && names[id] != nullptr ? names[id] : std::to_string(id);
}

std::string gguf_supported_types() { return listed(kGgufTypes, &GgufType::name); }

}  // namespace gf

#include "model/sampling/philox.h"

#include <cmath>

namespace gf {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return c;
}

double gumbel(std::uint64_t seed, int position, TokenId id) {
  const std::array key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  const auto block = philox4x32({static_cast<std::uint32_t>(id.v), static_cast<std::uint32_t>(position), 0, 0}, key);
  const double uniform = (static_cast<double>(block[0]) + 0.5) * 0x1p-32;  // never 0 or 1
  return -std::log(-std::log(uniform));
}

}  // namespace gf

// Why there is no device to compute on, in a sentence. No CUDA in here: what the runtime answers comes in as numbers, so
// that every sentence can be had on a machine with neither driver nor GPU.
#pragma once

#include <cstddef>
#include <cstdio>

namespace gf::cuda {

/// What the CUDA runtime said when it was asked for devices.
struct DeviceSearch {
  enum class Answer { Devices, InsufficientDriver, NoDevice, Error };
  Answer answer = Answer::Devices;
  int count = 0;           ///< of devices
  int driver = 0;          ///< the CUDA version that the driver knows, 13000 is 13.0; 0: no driver
  int needed = 0;          ///< the version that the plugin was built with
  const char* error = "";  ///< the runtime's own words, where it failed otherwise
};

inline constexpr int kLeastCapability = 75;  ///< Turing

/// Writes the sentence where there is nothing to compute on; false: there are devices.
inline bool refuse(const DeviceSearch& search, char* message, std::size_t bytes) {
  using Answer = DeviceSearch::Answer;
  const auto major = [](int version) { return version / 1000; };
  const auto minor = [](int version) { return version % 1000 / 10; };
  if (search.answer == Answer::InsufficientDriver && search.driver == 0)
    std::snprintf(message, bytes, "there is no NVIDIA driver on this machine");
  else if (search.answer == Answer::InsufficientDriver)
    std::snprintf(message, bytes, "the NVIDIA driver is too old: it knows CUDA %d.%d and %d.%d is needed; update the driver",
                  major(search.driver), minor(search.driver), major(search.needed), minor(search.needed));
  else if (search.answer == Answer::NoDevice || (search.answer == Answer::Devices && search.count == 0))
    std::snprintf(message, bytes, "there is no NVIDIA GPU on this machine");
  else if (search.answer == Answer::Error) std::snprintf(message, bytes, "the NVIDIA driver does not answer: %s", search.error);
  else return false;
  return true;
}

/// Writes the sentence where a GPU is older than what the plugin was built for; false: it is not.
inline bool refuse_capability(int major, int minor, char* message, std::size_t bytes) {
  if (10 * major + minor >= kLeastCapability) return false;
  std::snprintf(message, bytes, "the GPU's compute capability %d.%d is too old; %d.%d (Turing) is needed", major, minor,
                kLeastCapability / 10, kLeastCapability % 10);
  return true;
}

}  // namespace gf::cuda

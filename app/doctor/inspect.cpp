#include "app/doctor/inspect.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <thread>

#include "app/doctor/display.h"
#include "cuda/cuda_backend.h"
#include "cuda/open_backend.h"
#include "model/base/environment.h"
#include "model/base/files/own_folders.h"
#include "model/base/files/search_path.h"
#include "model/base/numbers.h"
#include "model/base/text.h"
#include "model/cpu/kernels.h"
#include "model/io/hub.h"
#include "model/io/loaders.h"
#include "renderer/graphics_devices.h"
#include "renderer/text/font.h"

namespace gf::doctor {
namespace {

namespace fs = std::filesystem;

/// The value of "KEY : value" in a file of /proc; empty: there is none.
std::string proc_value(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) {
      const auto from = line.find_first_not_of(" \t", line.find(':') + 1);
      return from == std::string::npos ? std::string() : line.substr(from);
    }
  return {};
}

double memory_bytes(const std::string& key) { return std::strtod(proc_value("/proc/meminfo", key + ":").c_str(), nullptr) * 1024; }

/// What a container leaves to its processes; infinite: it sets no bound.
double container_bytes() {
  double bytes = std::numeric_limits<double>::infinity();
  std::ifstream("/sys/fs/cgroup/memory.max") >> bytes;  // "max" is not a number
  return bytes > 0 ? bytes : std::numeric_limits<double>::infinity();
}

Row program_row() {
  Row row{.id = "program", .title = text("program"), .found = text("Glassformer {0}", GLASSFORMER_VERSION)};
  if (const auto assets = asset_path("models")) {
    row.found += " · " + text("its files are in {0}", fs::path(*assets).parent_path().string());
  } else {
    row.state = State::Missing;
    row.advice = assets.error().message;
  }
  return row;
}

Row processor_row() {
  const std::string name = proc_value("/proc/cpuinfo", "model name");
  return {.id = "processor",
          .title = text("processor"),
          .found = text("{0}, {1} threads", name.empty() ? text("unknown") : name, std::thread::hardware_concurrency())};
}

Row instructions_row() {
  const cpu::Kernels& best = cpu::best_kernels();
  std::string names;
  for (const cpu::Kernels* kernels : {cpu::kernels_avx512(), cpu::kernels_avx2()})
    if (kernels != nullptr) names += (names.empty() ? "" : ", ") + std::string(kernels->name);
  Row row{.id = "instructions",
          .title = text("instruction sets"),
          .found = names.empty() ? text("neither AVX2 nor AVX-512") : text("{0}; used: {1}", names, best.name)};
  if (names.empty()) {
    row.state = State::Missing;
    row.advice = text("Models run, but slowly. In a virtual machine, let the guest have the host's processor.");
  } else if (const char* asked = std::getenv("GLASSFORMER_ISA"); asked != nullptr && *asked != '\0') {
    row.advice = text("GLASSFORMER_ISA={0} is set; unset it to use the best.", asked);
  }
  return row;
}

Row memory_row() {
  const double total = std::min(memory_bytes("MemTotal"), container_bytes()), free = std::min(memory_bytes("MemAvailable"), total);
  Row row{
      .id = "memory", .title = text("memory"), .found = text("{0}, of which {1} are free", numbers::bytes(total), numbers::bytes(free))};
  constexpr double kMediumBytes = 1.5e9;  // gpt2-medium in float32
  if (free < kMediumBytes)
    row.advice = text("A model takes four bytes a parameter in float32: close other programs before you open a large one.");
  return row;
}

std::vector<Row> graphics_rows() {
  const auto row_of = [](const render::GraphicsDevice& device) {
    Row row{.id = "vulkan", .title = text("graphics"), .found = device.name, .state = device.chosen ? State::Used : State::Idle};
    row.found += " · Vulkan " + device.vulkan;
    if (!device.driver.empty()) row.found += " · " + device.driver;
    if (!device.usable) {
      row.state = State::Missing;
      row.advice = text("The program needs Vulkan 1.3; update this device's driver.");
    } else if (device.chosen && device.software) {
      row.advice = text("Pictures are computed by the processor. Where there is a graphics card, install its Vulkan driver.");
    }
    return row;
  };
  const auto devices = render::graphics_devices();
  if (!devices)
    return {{.id = "vulkan", .title = text("graphics"), .found = text("none"), .state = State::Missing, .advice = devices.error().message}};
  std::vector<Row> rows;
  for (const render::GraphicsDevice& device : *devices) rows.push_back(row_of(device));
  if (rows.empty())
    rows.push_back({.id = "vulkan",
                    .title = text("graphics"),
                    .found = text("none"),
                    .state = State::Missing,
                    .advice = text("Nothing can be drawn; install a Vulkan driver (mesa-vulkan-drivers draws on any processor).")});
  return rows;
}

Row cuda_row() {
  Row row{.id = "cuda", .title = text("CUDA")};
  if (const auto device = cuda::open_device(cuda::plugin_path())) {
    row.found = cuda::text_of(device->card);
  } else {
    const std::string driver = proc_value("/proc/driver/nvidia/version", "NVRM version");
    row.found = driver.empty() ? text("none") : driver;
    row.state = State::Missing;
    row.advice = text("Models run on the processor: {0}", device.error().message);
  }
  return row;
}

Row display_row() {
  Row row{.id = "display", .title = text("display")};
  for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
    if (const std::string value = environment_value(name); !value.empty())
      row.found += (row.found.empty() ? "" : " · ") + std::string(name) + "=" + value;
  if (row.found.empty()) row.found = text("none");
  if (const std::string why = no_display(); !why.empty()) {
    row.state = State::Missing;
    row.advice = text("No window can open: {0}", why);
  }
  return row;
}

Row fonts_row() {
  Row row{.id = "fonts", .title = text("typefaces")};
  const std::string folder = render::font_directory(), cjk = render::cjk_font_file();
  row.found = folder.empty() ? text("not the program's own") : text("the program's own");
  if (!cjk.empty()) row.found += " · " + cjk;
  if (folder.empty()) {
    row.state = State::Missing;
    row.advice = text("Install the program again.");
  } else if (cjk.empty()) {
    row.advice = text("Japanese, Korean and rare Chinese characters are drawn as boxes; install Noto Sans CJK (Debian: fonts-noto-cjk).");
  }
  return row;
}

Row ffmpeg_row() {
  Row row{.id = "ffmpeg", .title = "ffmpeg", .found = program_in_path("ffmpeg")};
  if (row.found.empty()) {
    row.found = text("none");
    row.state = State::Missing;
    row.advice = text("MP4 and GIF films need it: install ffmpeg. Films as PNG frames work without.");
  }
  return row;
}

Row models_row() {
  const std::string folder = hub_folder();
  const auto cached = static_cast<long long>(hub_models().size());
  return {.id = "models",
          .title = text("models"),
          .found = text("{0} bundled, {1} in the Hugging Face cache {2}", bundled_models().size(), cached, folder)};
}

}  // namespace

const char* name_of(State state) {
  switch (state) {
    case State::Used: return "used";
    case State::Idle: return "idle";
    case State::Missing: return "missing";
  }
  return "";
}

std::vector<Row> inspect() {
  std::vector<Row> rows{program_row(), processor_row(), instructions_row(), memory_row()};
  for (Row& row : graphics_rows()) rows.push_back(std::move(row));
  for (const auto look : {cuda_row, display_row, fonts_row, ffmpeg_row, models_row}) rows.push_back(look());
  return rows;
}

std::string to_text(const std::vector<Row>& rows) {
  std::string all;
  for (const Row& row : rows) {
    const char* mark = row.state == State::Used ? "+ " : row.state == State::Idle ? "o " : "- ";
    all += mark + text("{0}: {1}", row.title, row.found) + "\n";
    if (!row.advice.empty()) all += "    " + row.advice + "\n";
  }
  return all;
}

}  // namespace gf::doctor

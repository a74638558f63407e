// The dependency rules of the house, read off the #include lines.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <string>
#include <vector>

namespace gf {
namespace {

namespace fs = std::filesystem;

struct Include {
  std::string from, to;
  int line;
  bool quoted;
};

std::vector<Include> includes_of(const fs::path& root, const fs::path& file) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
  std::vector<Include> found;
  std::ifstream in(file);
  std::string text;
  for (int line = 1; std::getline(in, text); ++line)
    if (std::smatch m; std::regex_search(text, m, kInclude))
      found.push_back({fs::relative(file, root).generic_string(), m[2], line, m[1] == "\""});
  return found;
}

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

/// A room of the house, the project's own headers that it may include, and library headers that it must not.
struct Room {
  std::string folder;
  std::vector<std::string> may;
  std::string never;  ///< regular expression over <...> headers; empty: anything
};

const std::vector<Room>& rooms() {
  static const std::string kQt = "^(Q[A-Z].*|Qt[A-Z].*/.*)$", kVulkan = "^vulkan/.*$",
                           kWidgets = "^(QtWidgets/.*|QWidget|QMainWindow|QDockWidget|QApplication)$";
  static const std::vector<Room> kRooms = {
      {"model/base/", {"model/base/"}, "(" + kQt + "|" + kVulkan + "|^cuda.*$|^nlohmann/.*$)"},
      {"model/", {"model/"}, "(" + kQt + "|" + kVulkan + "|^cuda.*$)"},
      {"cuda/",
       {"cuda/", "model/base/", "model/backend.h", "model/tensor.h", "model/hooks.h", "model/weights.h", "model/config.h",
        "model/edits/compiled.h", "model/pass_times.h", "model/trace.h",
        "model/trace_writer.h"},  // a backend fills a trace through its writer
       kQt},
      {"renderer/", {"renderer/", "model/base/", "shaders/shared.h"}, kQt},
      {"app/scene/",
       {"app/scene/", "model/", "renderer/scene.h", "renderer/camera.h", "renderer/colormap.h", "renderer/labels.h",
        "renderer/line_pieces.h", "renderer/pick.h", "renderer/momentary.h", "renderer/tile_source.h", "renderer/visible_panels.h"},
       "(" + kQt + "|" + kVulkan + "|^imgui.*$)"},
      {"app/document/",
       {"app/document/", "app/scene/", "model/", "renderer/camera.h", "renderer/colormap.h"},
       "(" + kQt + "|" + kVulkan + ")"},
      // Claims are expressions over analyses, and a camera has to frame something.
      {"app/lessons/", {"app/lessons/", "app/document/", "app/scene/", "model/", "renderer/camera.h"}, "(" + kQt + "|" + kVulkan + ")"},
      {"app/story/", {"app/story/", "app/document/", "app/scene/", "model/", "renderer/camera.h"}, "(" + kQt + "|" + kVulkan + ")"},
      {"app/hub/", {"app/hub/", "model/"}, kWidgets + "|" + kVulkan},
      {"app/doctor/", {"app/doctor/", "model/", "renderer/", "cuda/"}, "(" + kQt + "|" + kVulkan + ")"},
      {"app/export/", {"app/export/", "app/scene/", "app/document/", "renderer/", "model/"}, kWidgets},
      {"app/cli/",
       {"app/cli/", "app/export/", "app/hub/", "app/doctor/", "app/scene/", "app/document/", "app/lessons/", "app/story/", "renderer/",
        "model/", "cuda/"},
       kWidgets},
      {"app/ui/", {"app/", "renderer/", "model/"}, ""},
  };
  return kRooms;
}

/// The rule that an include breaks, or an empty string.
std::string breach(const Include& include) {
  for (const Room& room : rooms()) {
    if (!starts(include.from, room.folder)) continue;
    if (include.quoted) {
      const bool ours = include.to.find('/') != std::string::npos;
      const bool allowed = std::any_of(room.may.begin(), room.may.end(), [&](const std::string& m) { return starts(include.to, m); });
      if (ours && !allowed) return room.folder + " may not include \"" + include.to + "\"";
    } else if (!room.never.empty() && std::regex_match(include.to, std::regex(room.never))) {
      return room.folder + " may not include <" + include.to + ">";
    }
    return {};
  }
  return {};
}

TEST(Dependencies, every_include_keeps_the_rules_of_the_house) {
  const fs::path root = GLASSFORMER_SOURCE_DIR;
  int seen = 0;
  for (const char* top : {"model", "cuda", "renderer", "app"}) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp" && extension != ".cu" && extension != ".cuh") continue;
      for (const Include& include : includes_of(root, entry.path())) {
        ++seen;
        EXPECT_EQ(breach(include), "") << include.from << ":" << include.line;
      }
    }
  }
  EXPECT_GT(seen, 200) << "the test found too few includes to mean anything";
}

TEST(Dependencies, the_rules_catch_what_they_are_for) {
  EXPECT_NE(breach({"model/trace.cpp", "QString", 1, false}), "");
  EXPECT_NE(breach({"model/base/error.h", "model/trace.h", 1, true}), "");
  EXPECT_NE(breach({"renderer/scene.h", "model/trace.h", 1, true}), "");
  EXPECT_NE(breach({"app/scene/scene_builder.cpp", "renderer/renderer.h", 1, true}), "");
  EXPECT_NE(breach({"app/scene/scene_builder.cpp", "vulkan/vulkan.h", 1, false}), "");
  EXPECT_NE(breach({"app/export/picture.cpp", "QApplication", 1, false}), "");
  EXPECT_NE(breach({"app/lessons/check.cpp", "app/export/picture.h", 1, true}), "");
  EXPECT_NE(breach({"app/cli/run.cpp", "app/ui/shell/main_window.h", 1, true}), "");
  EXPECT_EQ(breach({"app/ui/shell/main_window.cpp", "app/document/lab.h", 1, true}), "");
  EXPECT_EQ(breach({"renderer/scene.h", "model/base/error.h", 1, true}), "");
}

}  // namespace
}  // namespace gf

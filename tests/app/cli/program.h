// Runs the program and keeps what it says.
#pragma once

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace gf::testing {

using Json = nlohmann::json;

struct Outcome {
  int code = -1;
  double peak_bytes = 0;  ///< resident, at most
  std::string out, err;
  [[nodiscard]] Json json() const {
    Json j = Json::parse(out, nullptr, false);
    EXPECT_FALSE(j.is_discarded()) << out << err;
    return j;
  }
};

inline std::filesystem::path scratch_file(const std::string& name) {
  static const auto folder = [] {
    auto f = std::filesystem::temp_directory_path() / ("glassformer_cli_" + std::to_string(getpid()));
    std::filesystem::create_directories(f);
    return f;
  }();
  return folder / name;
}

inline std::string recipe_file(const std::string& edits) {
  const auto path = scratch_file("recipe.json");
  std::ofstream(path) << R"({"version": 1, "edits": [)" << edits << "]}";
  return path.string();
}

inline std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Whether a process catches SIGINT and has mapped a model's weights, which is to say that it computes or is about to.
inline bool is_at_work(pid_t process) {
  const std::filesystem::path about = "/proc/" + std::to_string(process);
  const std::string status = content(about / "status"), key = "SigCgt:";
  const auto at = status.find(key);
  if (at == std::string::npos || content(about / "maps").find("model.safetensors") == std::string::npos) return false;
  return (std::stoull(status.substr(at + key.size()), nullptr, 16) >> (SIGINT - 1) & 1U) != 0;
}

enum class Interrupted { No, AtWork };

/// Without a display, as on a server. `interrupted`: whether SIGINT is sent once the program is at work on fable's weights.
inline Outcome program(std::vector<std::string> arguments, Interrupted interrupted = Interrupted::No) {
  const auto out = scratch_file("out"), err = scratch_file("err");
  arguments.insert(arguments.begin(), std::string(GLASSFORMER_BUILD_DIR) + "/glassformer");
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);  // a shell's background job ignores it
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
    dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  if (interrupted == Interrupted::AtWork) {
    const auto ended = [&] {
      siginfo_t info{};
      return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
    };
    while (!is_at_work(child) && !ended()) std::this_thread::yield();
    kill(child, SIGINT);
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, 1024.0 * static_cast<double>(used.ru_maxrss), content(out), content(err)};
}

inline std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : object.items()) keys.push_back(key);
  return keys;
}

}  // namespace gf::testing

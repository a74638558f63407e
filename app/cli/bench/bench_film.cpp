#include "app/cli/bench/bench_film.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <unistd.h>

#include "app/export/film/film_plan.h"
#include "model/base/text.h"

namespace gf::cli {

Result<double> film_ms_per_frame(render::Offscreen& target, scene::SceneBuilder& builder, const scene::SceneInput& input) {
  constexpr double kSeconds = 2;
  const exporting::FilmOptions options;
  const auto shots = exporting::plan_film({}, input, {.seconds = kSeconds, .from = {}, .to = {}});
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  if (error) return fail(ErrorCode::Io, text("There is no folder for temporary files: {0}.", error.message()), "bench");
  const std::string path = (folder / ("glassformer-bench-" + std::to_string(getpid()) + ".mp4")).string();
  std::array<double, 3> times{};
  for (double& ms : times) {
    const auto report = exporting::write_film(target, builder, shots, options, path);
    std::filesystem::remove(path, error);
    if (!report) return tl::unexpected(report.error());
    ms = report->wall_ms / report->frames;
  }
  std::ranges::sort(times);
  return times[1];
}

}  // namespace gf::cli

#include "app/cli/bench/bench_frames.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <numbers>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "app/cli/bench/bench_film.h"
#include "app/document/request.h"
#include "app/export/picture.h"
#include "app/scene/compose.h"
#include "app/scene/scene_builder.h"
#include "app/scene/stream/stream_reading.h"
#include "model/base/text.h"
#include "renderer/renderer.h"

extern char** environ;

namespace gf::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kFrames = 60, kStarts = 3, kCutsEach = 4, kWidth = 1280, kHeight = 720;

double ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v.size() % 2 == 1 ? v[v.size() / 2] : (v[v.size() / 2 - 1] + v[v.size() / 2]) / 2;
}

/// Starts this program anew and waits until it says that its first picture is drawn.
Result<double> one_start(const std::string& model) {
  int ends[2];
  if (pipe(ends) != 0) return fail(ErrorCode::Io, text("cannot open a pipe to a fresh process"));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  std::vector<std::string> words{"glassformer", "render"};
  if (!model.empty()) words.push_back(model);
  words.emplace_back("--until-drawn");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const auto start = Clock::now();
  const int error = posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string said;
  char buffer[64];
  double ms = 0;
  for (ssize_t n = 0; error == 0 && (n = read(ends[0], buffer, sizeof buffer)) > 0;) {
    said.append(buffer, static_cast<std::size_t>(n));
    if (ms == 0 && said.find("drawn") != std::string::npos) ms = ms_since(start);
  }
  close(ends[0]);
  int status = 0;
  if (error == 0) waitpid(child, &status, 0);
  if (ms == 0) return fail(ErrorCode::Device, text("a fresh process did not draw its first picture; try `glassformer render {0}`", model));
  return ms;
}

/// Builds scenes until every weight has been read; scenes before that show less.
void settle(scene::SceneBuilder& builder, const scene::SceneInput& input, const scene::ViewState& view) {
  for ((void)builder.build(input, view); !builder.settled(); (void)builder.build(input, view))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

/// The time of a picture of known cost. The speed of a machine drifts, with what else it does too, so the reference is taken
/// between the frames that are compared with it.
class RasterReference {
 public:
  explicit RasterReference(render::Offscreen& target) : target_(target) {}
  /// Before frame n.
  Result<void> take(int n) {
    constexpr int kEach = 15;
    if (n < 0 || n % kEach != 0) return {};
    GF_TRY_ASSIGN(const double ms, target_.raster_reference_ms(kWidth, kHeight));
    times_.push_back(ms);
    return {};
  }
  [[nodiscard]] double ms() const { return median(times_); }

 private:
  render::Offscreen& target_;
  std::vector<double> times_;
};

/// Median over one turn about what `center` shows. The turn before it is not counted: pipelines are compiled and tiles are
/// read when they are first seen, which a window does in the background.
Result<double> orbit(render::Offscreen& target, scene::SceneBuilder& builder, const scene::SceneInput& input, const scene::ViewState& view,
                     const render::Camera& center, RasterReference& reference) {
  std::vector<double> times;
  for (int i = -kFrames; i < kFrames; ++i) {
    GF_TRY(reference.take(i));
    const double turn = 2 * std::numbers::pi * i / kFrames;
    render::Camera camera = center;
    camera.yaw += 0.5F * static_cast<float>(std::sin(turn));
    camera.pitch += 0.25F * static_cast<float>(1 - std::cos(turn));
    const auto start = Clock::now();
    const scene::ViewScene built = builder.build(input, view);
    built.scene->labels_fade = true;  // as in a window while it moves
    GF_TRY(target.time_frame(*built.scene, camera, kWidth, kHeight));
    if (i >= 0) times.push_back(ms_since(start));
  }
  return median(std::move(times));
}

/// Sets the moment of a frame in the view: `share` of the work that is shown, above 0 and below 1.
using SetMoment = std::function<void(scene::ViewState& view, double share)>;

/// Median over frames that play some work, composed as the window does it. A turn before it is not counted, as in orbit().
Result<double> played(render::Offscreen& target, scene::SceneBuilder& builder, const scene::SceneInput& input, scene::ViewState view,
                      RasterReference& reference, const SetMoment& set_moment) {
  scene::Composer composer(builder);
  std::vector<double> times;
  for (int i = -kFrames; i < kFrames; ++i) {
    GF_TRY(reference.take(i));
    set_moment(view, (std::abs(i) + 0.5) / (kFrames + 1));
    const auto began = Clock::now();
    composer.build(input, view, {});
    const scene::Frame& frame = composer.frame();
    GF_TRY(target.time_frame(*frame.scene.scene, frame.camera, kWidth, kHeight));
    if (i >= 0) times.push_back(ms_since(began));
  }
  return median(std::move(times));
}

/// The time of a frame in which a block's scores are at work, with the numbers on the board and in cells. See played().
Result<double> operation(render::Offscreen& target, scene::SceneBuilder& builder, const scene::SceneInput& input, scene::ViewState view,
                         int block, RasterReference& reference) {
  const scene::Timeline timeline(input.model->weights->config, input.run->base->length());
  const double start = timeline.start_of(timeline.positions() - 1, timeline.op_of({HookKind::AttnScores, block}));
  GF_TRY_ASSIGN(view.camera, builder.camera("attention " + std::to_string(block), input, view));
  return played(target, builder, input, view, reference, [&](scene::ViewState& at, double share) { at.time = start + share; });
}

/// The time of a frame in which the terms of an open product are added up, as the window shows it. See played().
Result<double> product(render::Offscreen& target, scene::SceneBuilder& builder, const scene::SceneInput& input, scene::ViewState view,
                       scene::Cube cube, RasterReference& reference) {
  view.cube = cube;
  settle(builder, input, view);
  return played(target, builder, input, view, reference,
                [](scene::ViewState& at, double share) { at.cube->time = scene::Cube::kEnd * share; });
}

/// From a new Trace to the picture that shows it, in frames: the time of the first frame after a cut of a head (from the
/// scene update to the fence), divided by that of the frames before it. Median over cuts of four heads in each block.
Result<double> toggle_in_frames(render::Offscreen& target, const std::shared_ptr<const Model>& model) {
  const ModelConfig& config = model->weights->config;
  RunRequest request;
  for (int i = 0; i < std::min(32, config.n_ctx); ++i) request.prompt.emplace_back(i * 7 % config.n_vocab);
  GF_TRY_ASSIGN(const auto session, Session::create(model, {}));
  scene::SceneBuilder builder;
  const scene::ViewState view;
  const auto input_of = [&](const RunRequest& asked) -> Result<scene::SceneInput> {
    GF_TRY_ASSIGN(Run run, session->run(asked));
    return scene::SceneInput{model, std::make_shared<const Run>(std::move(run))};
  };
  GF_TRY_ASSIGN(const scene::SceneInput base, input_of(request));
  settle(builder, base, view);
  const render::Camera home = builder.home(base, view);
  const auto frame = [&](const scene::SceneInput& input) -> Result<double> {
    const auto start = Clock::now();
    const scene::ViewScene built = builder.build(input, view);
    GF_TRY(target.time_frame(*built.scene, home, kWidth, kHeight));
    return ms_since(start);
  };
  std::vector<double> frames;
  for (int i = 0; i < config.n_layer * kCutsEach; ++i) {
    const int block = i % config.n_layer, head = i / config.n_layer % config.n_head;
    RunRequest cut = request;
    cut.recipe.edits.push_back(edit_of_head(block, head));
    GF_TRY_ASSIGN(const scene::SceneInput edited, input_of(cut));
    GF_TRY(frame(base));  // shows the base again after the last cut
    std::vector<double> still;
    for (int k = 0; k < 3; ++k) {
      GF_TRY_ASSIGN(const double ms, frame(base));
      still.push_back(ms);
    }
    GF_TRY_ASSIGN(const double ms, frame(edited));
    frames.push_back(ms / median(std::move(still)));
  }
  return median(std::move(frames));
}

Result<scene::SceneInput> default_run(const std::shared_ptr<const Model>& model) {
  doc::Document document;
  document.prompt = doc::prompt_for(*model, document.prompt);
  GF_TRY_ASSIGN(const RunRequest request, doc::request_of(document, *model));
  if (!model->weights->has_values()) return scene::SceneInput{.model = model, .run = nullptr, .tokens = request.prompt};
  GF_TRY_ASSIGN(const auto session, Session::create(model, {}));
  GF_TRY_ASSIGN(Run run, session->run(request));
  return scene::SceneInput{model, std::make_shared<const Run>(std::move(run))};
}

}  // namespace

Result<FrameBench> measure_frames(const std::shared_ptr<const Model>& model, const std::string& model_argument) {
  FrameBench result;
  GF_TRY_ASSIGN(const auto device, render::Device::create({}));
  result.device = device->name();
  std::vector<double> starts;
  for (int i = 0; i < kStarts; ++i) {
    GF_TRY_ASSIGN(const double ms, one_start(model_argument));
    starts.push_back(ms);
  }
  result.start_ms = median(std::move(starts));
  GF_TRY_ASSIGN(const scene::SceneInput input, default_run(model));
  GF_TRY_ASSIGN(const auto target, render::Offscreen::create(device));
  scene::SceneBuilder builder;
  scene::ViewState view;
  settle(builder, input, view);
  const render::Camera whole = builder.home(input, view);
  GF_TRY_ASSIGN(render::Camera close, builder.camera("block " + std::to_string(model->weights->config.n_layer / 2), input, view));
  close.distance *= 0.35F;
  RasterReference reference(*target);
  GF_TRY_ASSIGN(result.whole_ms, orbit(*target, builder, input, view, whole, reference));
  GF_TRY_ASSIGN(result.close_ms, orbit(*target, builder, input, view, close, reference));
  if (!input.run) {
    result.raster_ref_ms = reference.ms();
    result.film_note = model->weights->no_values_error().message;
    return result;
  }
  FrameBench::OfRun& of_run = result.of_run.emplace();
  GF_TRY_ASSIGN(of_run.operation_ms, operation(*target, builder, input, view, model->weights->config.n_layer / 2, reference));
  scene::Cube cube;
  cube.order = scene::CubeOrder::Outer;
  cube.product = {HookKind::MlpPre, model->weights->config.n_layer / 2};
  GF_TRY_ASSIGN(of_run.product_ms, product(*target, builder, input, view, cube, reference));
  cube.product = {HookKind::Logits, -1};
  GF_TRY_ASSIGN(of_run.product_logits_ms, product(*target, builder, input, view, cube, reference));
  GF_TRY_ASSIGN(const scene::SceneInput read, scene::with_readings(input));
  view.view = scene::View::Stream;
  GF_TRY_ASSIGN(of_run.stream_ms, orbit(*target, builder, read, view, builder.home(read, view), reference));
  result.raster_ref_ms = reference.ms();
  if (const auto film = film_ms_per_frame(*target, builder, input)) result.film_ms_per_frame = *film;
  else if (film.error().code == ErrorCode::NotFound) result.film_note = film.error().message;
  else return tl::unexpected(film.error());
  GF_TRY_ASSIGN(of_run.toggle_frames, toggle_in_frames(*target, model));
  return result;
}

}  // namespace gf::cli

// Draws the Machine to a PNG, to look at it while its looks are worked on. Not installed.
// scene_shot MODEL OUT.png CAMERA [theme=light] [time=OPS|F%] [cut=B.H,...] [compare=base|difference] [size=WxH]
//            [prompt=TEXT] [generate=N] [random=T] [yaw=R pitch=R zoom=F]
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <thread>

#include "app/scene/cards/cell_numbers.h"
#include "app/scene/machine.h"
#include "model/io/loaders.h"
#include "model/session.h"
#include "renderer/renderer.h"

namespace {

template <class T>
T need(gf::Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(*result);
}

double ms_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  std::map<std::string, std::string> options;
  for (int i = 4; i < argc; ++i) {
    const std::string arg = argv[i];
    const auto eq = arg.find('=');
    options[arg.substr(0, eq)] = eq == std::string::npos ? "1" : arg.substr(eq + 1);
  }
  gf::scene::SceneInput input;
  input.model = need(gf::open_model(argv[1]));
  gf::RunRequest request;
  const std::string prompt = options.contains("prompt") ? options["prompt"] : "When Mary and John went to the garden, John gave a ring to";
  if (options.contains("random"))
    for (int i = 0; i < std::atoi(options["random"].c_str()); ++i)
      request.prompt.push_back(gf::TokenId(std::int32_t{(i * 7919 + 13) % input.model->weights->config.n_vocab}));
  else request.prompt = need(input.model->tokenizer->ids_of(prompt));
  if (options.contains("generate")) request.n_generate = std::atoi(options["generate"].c_str());
  if (options.contains("scores")) request.plan = gf::CapturePlan::full();
  std::stringstream cuts(options["cut"]);
  for (std::string cut; std::getline(cuts, cut, ',');) {
    gf::Edit edit;
    edit.hook = "blocks." + cut.substr(0, cut.find('.')) + ".attn.hook_z";
    edit.heads = gf::Selector{gf::Selector::Kind::List, {std::atoi(cut.substr(cut.find('.') + 1).c_str())}, {}, {}};
    request.recipe.edits.push_back(edit);
  }
  auto session = need(gf::Session::create(input.model, {}));
  input.run = std::make_shared<gf::Run>(need(session->run(request)));

  gf::scene::ViewState view;
  int width = 1280, height = 720;
  if (options.contains("size")) std::sscanf(options["size"].c_str(), "%dx%d", &width, &height);
  view.aspect = static_cast<float>(width) / static_cast<float>(height);
  if (options["theme"] == "light") view.theme = gf::render::Theme::Light;
  if (options["compare"] == "base") view.compare = gf::scene::Compare::Base;
  if (options["compare"] == "difference") view.compare = gf::scene::Compare::Difference;
  const gf::scene::Timeline timeline(input.model->weights->config, input.run->base->length());
  if (options.contains("time")) {
    view.time = std::atof(options["time"].c_str());
    if (options["time"].ends_with('%')) view.time *= timeline.end() / 100;
  }
  gf::scene::Machine machine;
  const auto first = std::chrono::steady_clock::now();
  (void)machine.build(input, view);
  std::printf("first build %.1f ms\n", ms_since(first));
  while (!machine.settled() && !options.contains("unread")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    (void)machine.build(input, view);
  }
  gf::render::Camera camera = need(machine.camera(argv[3], input, view));
  if (options.contains("yaw")) camera.yaw = std::strtof(options["yaw"].c_str(), nullptr);
  if (options.contains("pitch")) camera.pitch = std::strtof(options["pitch"].c_str(), nullptr);
  if (options.contains("zoom")) camera.distance /= std::strtof(options["zoom"].c_str(), nullptr);
  double best = 1e9;
  gf::scene::MachineScene scene;
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    scene = machine.build(input, view);
    best = std::min(best, ms_since(begin));
  }
  gf::scene::ViewState other = view;
  other.presentation = 1.01F;
  double whole = 1e9;
  for (int i = 0; i < 6; ++i) {
    const auto started = std::chrono::steady_clock::now();
    (void)machine.build(input, i % 2 == 0 ? other : view);
    whole = std::min(whole, ms_since(started));
  }
  std::printf("all but layout anew: %.2f ms\n", whole);
  const auto begin = std::chrono::steady_clock::now();
  const auto drawn = gf::scene::with_cell_labels(scene, camera, {width, height});
  std::printf("%zu panels, %zu ribbons, %zu labels (%zu near), %zu lines; build %.3f ms, near labels %.3f ms\n", drawn->panels.size(),
              drawn->ribbons.size(), scene.scene->labels.size(), drawn->labels.size() - scene.scene->labels.size(), drawn->lines.size(),
              best, ms_since(begin));
  if (const auto& size = drawn->high - drawn->low; true) std::printf("world %.1f x %.1f x %.1f\n", size.x, size.y, size.z);
  auto device = need(gf::render::Device::create({}));
  auto target = need(gf::render::Offscreen::create(device));
  const auto image = need(target->draw(*drawn, camera, width, height));
  if (const auto stats = target->time_frame(*drawn, camera, width, height))
    std::printf("frame cpu %.1f gpu %.1f ms, drawn %d culled %d\n", stats->cpu_ms, stats->gpu_ms, stats->panels_drawn,
                stats->panels_culled);
  return stbi_write_png(argv[2], image.width, image.height, 4, image.pixels.data(), image.width * 4) != 0 ? 0 : 1;
}

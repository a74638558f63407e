#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/render/render_lesson.h"
#include "app/cli/render/render_options.h"
#include "app/cli/render/render_output.h"
#include "app/cli/render/render_story.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "app/document/circuit_edges.h"
#include "app/document/command.h"
#include "app/document/comparison.h"
#include "app/document/request.h"
#include "app/export/figure/figure.h"
#include "app/export/formats.h"
#include "app/export/qt_fonts.h"
#include "app/scene/cards/explain.h"
#include "app/scene/cube/cube_product.h"
#include "app/scene/views.h"
#include "model/base/text.h"

namespace gf::cli {

namespace {

constexpr int kFilmTokens = 5;  ///< generated in a film without -n

struct RenderOptions {
  ModelOptions model;
  PromptOptions prompt;
  std::string recipe, view, ribbons, pace, camera, size, theme, select, output, compare, from, caption, range, lesson, figure, cube,
      one_head, order, circuit, language;
  std::vector<std::string> chapters;
  std::optional<double> time, seconds, moment;
  std::optional<int> n, fps;
  float dpr = 1;
  bool story = false, follow = false, no_legend = false, no_captions = false, json = false, has_model = false, has_prompt = false,
       has_dpr = false;
  bool until_drawn = false;  ///< for `bench`: print "drawn" and stop before anything is written
};

/// The names of an enumeration's values, for an option.
template <class E>
std::vector<std::string> spellings() {
  std::vector<std::string> all;
  for (const auto& row : scene::names_of(E{})) all.emplace_back(row.name);
  return all;
}

bool asks_for_film(const RenderOptions& o) { return exporting::film_format(o.output) != nullptr; }

Result<Run> compute_run(const std::shared_ptr<const Model>& model, const RunRequest& request) {
  GF_TRY_ASSIGN(const auto session, Session::create(model, {}));
  ProgressBar bar("running");
  return session->run(request, {}, [&bar](const RunProgress& p) {
    bar.set((p.positions_done + static_cast<double>(p.block) / std::max(p.n_layer, 1)) / std::max(p.positions_total, 1));
  });
}

/// The run to compute: the sidecar's tokens, or the prompt of the command line.
Result<RunRequest> request_for(const RenderOptions& o, const Model& model, const std::optional<exporting::Sidecar>& sidecar,
                               doc::Document& document) {
  if (sidecar) return exporting::request_of(*sidecar, model, o.from);
  PromptOptions prompt = o.prompt;
  if (!o.has_prompt) prompt.text = doc::prompt_for(model, document.prompt);
  RunRequest request;
  GF_TRY_ASSIGN(request.prompt, prompt_ids(prompt, model));
  document.prompt = prompt.ids.empty() ? prompt.text : model.tokenizer->decode(request.prompt);
  document.bos = prompt.bos;
  // Without generated tokens a film would end before the model has chosen one.
  const int room = model.weights->config.n_ctx - static_cast<int>(request.prompt.size());
  request.n_generate = o.n.value_or(asks_for_film(o) && !o.story ? std::clamp(room, 0, kFilmTokens) : 0);
  request.sampler.greedy = true;
  if (!o.recipe.empty()) {
    GF_TRY_ASSIGN(request.recipe, read_recipe(o.recipe));
  }
  document.recipe = request.recipe;
  return request;
}

/// The page of a structure: it has rows for the prompt, and nothing that a run would have made.
Result<void> show_structure(const RenderOptions& o, const RunRequest& request, Shown& shown) {
  const Model& model = *shown.input.model;
  const bool needs_run = asks_for_film(o) || o.story || !o.compare.empty() || request.n_generate > 0 || !request.recipe.empty() ||
                         !o.select.empty() || !o.figure.empty() || !o.circuit.empty() || !o.cube.empty() || !o.one_head.empty() ||
                         !scene::alone_name(shown.document).empty();
  if (needs_run) return tl::unexpected(model.weights->no_values_error());
  shown.input.tokens = request.prompt;
  shown.input.tokens.insert(shown.input.tokens.end(), request.forced.begin(), request.forced.end());
  return doc::check_context(shown.input.tokens.size(), model);
}

/// The command line's options of the view. They replace those of the sidecar.
Result<void> apply_view(const RenderOptions& o, Shown& shown) {
  if (!o.size.empty()) {
    GF_TRY_ASSIGN(const PictureSize size, parse_size(o.size));
    shown.picture.width = size.width;
    shown.picture.height = size.height;
  }
  if (o.has_dpr) shown.picture.dpr = o.dpr;
  if (o.no_legend) shown.picture.legend = false;
  if (!o.caption.empty()) shown.picture.caption = o.caption;
  if (!o.figure.empty()) shown.picture.figure = o.figure;
  if (o.seconds) shown.film.plan.seconds = *o.seconds;
  if (o.no_captions) shown.film.captions = false;
  if (o.fps) shown.film.fps = *o.fps;
  if (!o.range.empty()) {
    GF_TRY_ASSIGN(const TimeRange range, parse_range(o.range));
    shown.film.plan.from = range.from;
    shown.film.plan.to = range.to;
  }
  if (const auto view = scene::named<scene::View>(o.view)) doc::show_view(*view).apply(shown.document);
  if (!o.circuit.empty()) {
    GF_TRY_ASSIGN(const CircuitGraph graph, read_circuit_graph(o.circuit));
    GF_TRY_ASSIGN(auto circuit, doc::circuit_of(graph, shown.input.model->weights->config));
    doc::show_circuit(std::move(circuit)).apply(shown.document);
  }
  if (!o.ribbons.empty() && !scene::info_of(shown.document.view).ribbons)
    return fail(ErrorCode::InvalidArgument, text("--ribbons has no effect on this view; add --view stream, or leave it out"));
  shown.document.ribbons = scene::named<scene::RibbonWidth>(o.ribbons).value_or(shown.document.ribbons);
  shown.document.pace = scene::named<scene::Pace>(o.pace).value_or(shown.document.pace);
  shown.document.theme = scene::named<render::Theme>(o.theme).value_or(shown.document.theme);
  if (!o.one_head.empty()) {
    GF_TRY_ASSIGN(const scene::OneHead head, scene::one_head_named(o.one_head, &shown.input.model->weights->config));
    doc::open_one_head(head).apply(shown.document);
  }
  if (!o.cube.empty()) {
    const ModelConfig& config = shown.input.model->weights->config;
    GF_TRY_ASSIGN(const scene::Cube cube, scene::cube_named(o.cube, &config));
    shown.document.cube.reset();
    doc::open_cube(cube).apply(shown.document);
  }
  if (shown.document.cube) {
    scene::Cube& cube = *shown.document.cube;
    if (const auto order = scene::named<scene::CubeOrder>(o.order)) cube.order = *order;
    if (o.time) cube.time = *o.time;
    const std::string problem = scene::why_not_open(shown.input, shown.document, cube);
    if (!problem.empty()) return fail(ErrorCode::InvalidArgument, text("cannot open {0}: {1}", scene::cube_name(cube), problem));
  } else if (!o.order.empty()) {
    return fail(ErrorCode::InvalidArgument, text("--order is that of a product; add --cube HOOK, or leave it out"));
  } else if (o.time) {
    shown.document.time = *o.time;
  }
  if (o.follow) shown.document.follow = true;
  if (!o.compare.empty()) {
    GF_TRY_ASSIGN(const Comparison comparison, parse_comparison(o.compare));
    shown.document.compare = comparison.what;
    shown.document.split = comparison.split.value_or(shown.document.split);
  }
  if (!o.select.empty()) {
    GF_TRY_ASSIGN(shown.document.selection, parse_cell(o.select, shown.input.model->weights->config.n_layer));
    const scene::Card card = scene::explain(*shown.document.selection, shown.input, {});
    if (!card.value) return fail(ErrorCode::InvalidArgument, text("cannot select {0}: {1}", o.select, card.note));
  }
  return {};
}

Result<void> apply_camera(const RenderOptions& o, Shown& shown, scene::SceneBuilder& builder) {
  if (o.camera.empty()) return {};
  GF_TRY_ASSIGN(shown.document.camera, parse_camera(o.camera));
  if (shown.document.camera) return {};
  const scene::Pane pane = exporting::pane_of(shown.picture, 1, scene::is_halved(shown.document, shown.input.run != nullptr));
  GF_TRY_ASSIGN(shown.document.camera, builder.camera(o.camera, shown.input, shown.document, pane));
  return {};
}

/// The other subject of a sidecar's document, which stands beside its own.
Result<void> add_beside(Shown& shown) {
  const auto other = doc::compared_subject(shown.document);
  if (!other || !shown.document.scene_of_both || !scene::is_halved(shown.document, shown.input.run != nullptr)) return {};
  scene::RunBeside beside{shown.input.model, nullptr, nullptr};
  if (other->model != shown.document.model) {
    ModelOptions which;
    which.model = other->model;
    GF_TRY_ASSIGN(beside.model, open(which));
  }
  GF_TRY_ASSIGN(const RunRequest request, doc::request_of(*other, doc::RunSettings{}, *beside.model));
  GF_TRY_ASSIGN(Run run, compute_run(beside.model, request));
  beside.run = std::make_shared<const Run>(std::move(run));
  shown.input.beside = std::move(beside);
  shown.input.side_names = doc::names_of_both(shown.document);
  return {};
}

Result<Shown> shown_of(const RenderOptions& o) {
  Shown shown;
  if (const auto* format = exporting::film_format(o.output)) shown.film.fps = format->fps;
  std::optional<exporting::Sidecar> sidecar;
  ModelOptions which = o.model;
  if (!o.from.empty()) {
    GF_TRY_ASSIGN(sidecar, exporting::read_sidecar(o.from));
    shown.document = sidecar->document;
    shown.picture = sidecar->options;
    if (sidecar->film) shown.film = *sidecar->film;
    if (!o.has_model) which.model = shown.document.model;
  }
  GF_TRY_ASSIGN(const auto model, open(which));
  shown.document.model = which.model;
  if (sidecar && sidecar->file_bytes != model->weights->file_bytes)
    say(text("the weights have {0} bytes, those of the sidecar's picture had {1}: the picture may differ", model->weights->file_bytes,
             sidecar->file_bytes));
  GF_TRY_ASSIGN(const RunRequest request, request_for(o, *model, sidecar, shown.document));
  shown.input = {model, nullptr};
  doc::read_as_document_says(shown.document, shown.input);
  if (!model->weights->has_values()) {
    GF_TRY(show_structure(o, request, shown));
  } else {
    GF_TRY_ASSIGN(Run run, compute_run(model, request));
    const auto ids = run.edited->ids();
    shown.document.continuation.assign(ids.begin() + static_cast<std::ptrdiff_t>(request.prompt.size()), ids.end());
    shown.input.run = std::make_shared<const Run>(std::move(run));
  }
  GF_TRY(apply_view(o, shown));
  GF_TRY(add_beside(shown));
  return shown;
}

std::string default_output(const Shown& shown) {
  std::string name = std::filesystem::path(shown.input.model->weights->name).filename().string();
  return (name.empty() ? "glassformer" : name) + exporting::picture_formats().front().ending;
}

Result<LessonFilm> lesson_film(const RenderOptions& o) {
  LessonFilm film;
  film.lesson = o.lesson;
  film.language = o.language;
  film.path = o.output.empty() ? std::filesystem::path(o.lesson).lexically_normal().filename().string() + ".mp4" : o.output;
  if (!o.size.empty()) {
    GF_TRY_ASSIGN(const PictureSize size, parse_size(o.size));
    film.options.width = size.width;
    film.options.height = size.height;
  }
  if (const auto* format = exporting::film_format(film.path)) film.options.fps = o.fps.value_or(format->fps);
  film.options.dpr = o.dpr;
  film.options.legend = !o.no_legend;
  film.options.captions = !o.no_captions;
  film.theme = scene::named<render::Theme>(o.theme);
  return film;
}

Result<void> run_render(const RenderOptions& o) {
  if (!o.lesson.empty()) {
    GF_TRY_ASSIGN(const LessonFilm film, lesson_film(o));
    GF_TRY_ASSIGN(const Json reply, write_lesson_film(film));
    if (o.json) print(reply);
    else print_line(film.path);
    return {};
  }
  std::future<Target> target;
  const exporting::PictureFormat* format = o.output.empty() ? &exporting::picture_formats().front() : exporting::picture_format(o.output);
  if (format != nullptr && format->by_device && o.figure.empty() && !o.story) target = begin_target();
  GF_TRY_ASSIGN(Shown shown, shown_of(o));
  if (!shown.picture.figure.empty() && asks_for_film(o))
    return fail(ErrorCode::InvalidArgument, text("a figure is a picture: its name ends in {0}", exporting::picture_endings(true)));
  scene::SceneBuilder builder;
  GF_TRY(apply_camera(o, shown, builder));
  if (o.story) {
    const std::string path = o.output.empty() ? std::filesystem::path(default_output(shown)).stem().string() + ".mp4" : o.output;
    GF_TRY_ASSIGN(const Json reply, write_story(shown, builder, {path, o.moment, o.chapters}));
    if (o.json) print(reply);
    else print_line(path);
    return {};
  }
  const std::string path = o.output.empty() ? default_output(shown) : o.output;
  if (format != nullptr && exporting::needs_fonts(*format, shown.picture)) exporting::begin_fonts();
  GF_TRY_ASSIGN(const Json reply, write_output(shown, builder, {path, o.until_drawn, std::move(target)}));
  if (o.json) print(reply);
  else if (!o.until_drawn) print_line(path);
  return {};
}

/// The checks of the command line that need no model.
void check_usage(RenderOptions& o, const CLI::App& app) {
  const auto given = [&app](const char* name) { return app.get_option(name)->count() > 0; };
  o.has_model = given("MODEL") || given("--config");
  o.has_prompt = given("--prompt") || given("--ids");
  o.has_dpr = given("--dpr");
  if (!o.lesson.empty() && !o.output.empty() && !asks_for_film(o))
    throw CLI::ValidationError("--lesson", text("a lesson is a film; name one with -o, such as -o lesson.mp4"));
  if (!o.output.empty())
    if (const auto fine = check_format(o.output); !fine) throw CLI::ValidationError("-o", fine.error().message);
  if (!o.size.empty())
    if (const auto size = parse_size(o.size); !size) throw CLI::ValidationError("--size", size.error().message);
  if (!o.range.empty())
    if (const auto range = parse_range(o.range); !range) throw CLI::ValidationError("--range", range.error().message);
  if (o.moment && (o.output.empty() || !o.output.ends_with(".png")))
    throw CLI::ValidationError("--moment", text("a moment of a story is a PNG; name one with -o, such as -o moment.png"));
  if (o.story && !o.moment && !o.output.empty() && !asks_for_film(o))
    throw CLI::ValidationError("--story", text("a story is a film; name one with -o, such as -o story.mp4, or give a --moment of it"));
  for (const char* name : {"--seconds", "--fps", "--range", "--no-captions", "--pace", "--follow"})
    if (given(name) && !asks_for_film(o) && o.lesson.empty() && !o.story)
      throw CLI::ValidationError(name, text("only films have it; name one with -o, such as -o film.mp4"));
  if (given("--one-head") && !o.view.empty() && o.view != scene::info_of(scene::View::Machine).name)
    throw CLI::ValidationError("--one-head", text("a head stands alone in the machine; leave --view out"));
  if (given("--circuit") && !o.view.empty() && o.view != scene::info_of(scene::View::Stream).name)
    throw CLI::ValidationError("--circuit", text("circuits are arcs over the stream; leave --view out"));
  if (given("--time") && asks_for_film(o))
    throw CLI::ValidationError("--time", text("a film shows all moments; give a part of the pass with --range"));
  if (given("--cube") && !o.view.empty() && o.view != scene::info_of(scene::View::Machine).name)
    throw CLI::ValidationError("--cube", text("products open in the machine; leave --view out"));
  if (!o.compare.empty())
    if (const auto comparison = parse_comparison(o.compare); !comparison)
      throw CLI::ValidationError("--compare", comparison.error().message);
  if (!o.camera.empty())
    if (const auto camera = parse_camera(o.camera); !camera) throw CLI::ValidationError("--camera", camera.error().message);
}

}  // namespace

Runner setup_render(CLI::App& app) {
  auto o = std::make_shared<RenderOptions>();
  add_model_options(app, o->model);
  add_config_option(app, o->model.model);
  add_prompt_options(app, o->prompt);
  app.add_option("-n", o->n, text("tokens to generate first (default: none; for a film 5)"))->check(whole(0));
  app.add_option("--recipe", o->recipe, text("a JSON file of interventions"))->check(named());
  app.add_flag("--compare{difference}", o->compare,
               text("paint the difference, edited - base; --compare=WHAT: base, edited, difference, split (base left, edited right of a "
                    "line), split:0.4 for the line's place as a share of the width, or side (two whole scenes beside each other)"));
  std::string views;
  for (const scene::ViewInfo& v : scene::views()) {
    std::string doc = text(v.doc);
    doc.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(doc.front())));
    views += (views.empty() ? "" : text(", ")) +
             (v.value == scene::View{} ? text("{0} (default: {1})", v.name, doc) : text("{0} ({1})", v.name, doc));
  }
  app.add_option("--view", o->view, views)->check(CLI::IsMember(spellings<scene::View>()));
  app.add_option("--ribbons", o->ribbons, text("what the width of the stream's ribbons says: weight (default) or norm (of what is moved)"))
      ->check(CLI::IsMember(spellings<scene::RibbonWidth>()));
  app.add_option("--camera", o->camera,
                 text("a name (whole, front, 'block 2', 'head 2.3', with --time work, ...) or x,y,z,distance,yaw,pitch"));
  app.add_option("--size", o->size, text("WIDTHxHEIGHT in pixels (default 1280x720)"));
  app.add_option("--dpr", o->dpr, text("pixels per logical pixel: scales text and lines"))
      ->check(between(0.25F, 16.0F, text("from 0.25 to 16")));
  app.add_option("--theme", o->theme, text("dark (default) or light"))->check(CLI::IsMember(spellings<render::Theme>()));
  app.add_option("--cube", o->cube,
                 text("a product opened as a cube: the hook that it makes, as blocks.0.mlp.hook_pre, or one head of it, as "
                      "blocks.0.attn.hook_z.2"))
      ->check(named());
  app.add_option("--one-head", o->one_head, text("a head alone, as 4.3: its q, k, scores, pattern, v and z side by side"))
      ->check(named())
      ->excludes(app.get_option("--cube"));
  app.add_option(
         "--circuit", o->circuit,
         text("the edges of a circuit as arcs over the stream: the graph that analyze --what edges -o F.json or the Sweep dock wrote"))
      ->check(named())
      ->excludes(app.get_option("--cube"))
      ->excludes(app.get_option("--one-head"));
  app.add_option("--order", o->order, text("in which its terms are added up: dots (default), rows, columns or outer"))
      ->check(CLI::IsMember(spellings<scene::CubeOrder>()));
  app.add_option("--time", o->time, text("the moment of the pass, in operations, or of a cube, from 0 to 1 (default: its end)"))
      ->check(between(0.0, std::numeric_limits<double>::max(), text("from 0")));
  app.add_option("--select", o->select, text("a cell whose sources are shown: blocks.4.attn.hook_pattern[3,13,1] (head, query, key)"));
  app.add_option("--caption", o->caption, text("text for the lower left corner"));
  app.add_option("--figure", o->figure,
                 text("in place of the scene a flat figure on white, with names on both axes: {0}", exporting::figure_names()))
      ->check(named());
  app.add_flag("--no-legend", o->no_legend, text("leave the legend out"));
  app.add_option("-o,--output", o->output,
                 text("a picture, whose name ends in {0}, or a film, in {1} (default: the model's name with {2})",
                      exporting::picture_endings(false), exporting::film_endings(), exporting::picture_formats().front().ending))
      ->check(named());
  app.add_option("--seconds", o->seconds, text("a film's length (default 12)"))
      ->check(between(exporting::kShortestFilm, exporting::kLongestFilm, text("from 0.1 to 3600")));
  app.add_option("--fps", o->fps, text("a film's frames a second (default 30, a GIF's 20)"))->check(whole(1, exporting::kMostFps));
  app.add_option("--range", o->range,
                 text("FROM,TO: the part of the pass that a film shows, in operations, or of a cube, from 0 to 1 (default: all of it)"));
  app.add_option("--pace", o->pace,
                 text("the tempo of a film: term and operation are slow where an operation is new; token (default); pass is even"))
      ->check(CLI::IsMember(spellings<scene::Pace>()));
  app.add_flag("--follow", o->follow, text("a film whose camera goes where the work of the pass is"))->excludes(app.get_option("--camera"));
  app.add_flag("--no-captions", o->no_captions, text("films without words on what is computed"));
  auto* story = app.add_flag("--story", o->story, text("the film of what mattered in the run, told in sentences, in about a minute"));
  app.add_option("--moment", o->moment, text("with --story: the picture of this second of it, a PNG"))
      ->check(between(0.0, exporting::kLongestFilm, text("from 0 to 3600")))
      ->needs(story);
  std::string chapters;
  for (const std::string& name : story::chapter_names()) chapters += (chapters.empty() ? "" : ",") + name;
  app.add_option("--chapters", o->chapters, text("with --story: only these of its chapters, of {0} (default: all)", chapters))
      ->delimiter(',')
      ->check(CLI::IsMember(story::chapter_names()))
      ->needs(story);
  for (const char* name : {"--view", "--ribbons", "--camera", "--compare", "--time", "--select", "--caption", "--figure", "--seconds",
                           "--range", "--pace", "--no-captions", "--follow", "--one-head", "--circuit"})
    story->excludes(app.get_option(name));
  auto* from = app.add_option("--from", o->from, text("make the picture or film of this sidecar again; options of the view override it"))
                   ->check(named());
  for (const char* name : {"--prompt", "--ids", "--bos", "--special", "-n", "--recipe"}) from->excludes(app.get_option(name));
  auto* lesson = app.add_option("--lesson", o->lesson, text("the film of a lesson, with its text; its name or folder"))->check(named());
  app.add_option("--language", o->language, text("of a lesson's text (default: as the program speaks, or en)"))->needs(lesson);
  for (const char* name : {"MODEL",     "--prompt", "--ids",    "-n",        "--recipe",  "--from",    "--camera",   "--view",
                           "--ribbons", "--time",   "--select", "--caption", "--compare", "--seconds", "--range",    "--figure",
                           "--pace",    "--cube",   "--order",  "--story",   "--follow",  "--config",  "--one-head", "--circuit"})
    lesson->excludes(app.get_option(name));
  for (const char* name : {"--camera", "--view", "--ribbons", "--select", "--theme", "--time", "--pace", "--no-legend", "--cube", "--order",
                           "--one-head", "--circuit"})
    app.get_option("--figure")->excludes(app.get_option(name));
  app.add_flag("--json", o->json, text("print JSON"));
  app.add_flag("--until-drawn", o->until_drawn)->group("");
  app.footer(
      text("Example: glassformer render fable --prompt \"The capital of France is\" --camera front -o france.png\n"
           "  a film: glassformer render fable --prompt \"The capital of France is\" -n 8 --seconds 20 -o france.mp4\n"
           "  for a slide: glassformer render fable --camera \"block 4\" --theme light --size 1920x1080 --dpr 1.5 -o slide.svg\n"
           "  for a paper: glassformer render fable --figure \"pattern 4.7\" -o pattern.pdf\n"
           "  a product in 3D: glassformer render fable --cube blocks.0.attn.hook_attn_scores.1 --order outer --time 0.5 -o scores.png\n"
           "  a circuit: glassformer render fable --circuit circuit.json -o circuit.png\n"
           "  the story of a pass: glassformer render fable --story -o story.mp4\n"
           "  a part of it for a page: glassformer render fable --story --chapters head,choice --size 960x540 --fps 8 -o story.gif\n"
           "  a lesson: glassformer render --lesson first-look -o first-look.mp4\n"
           "  the other view: glassformer render fable --view stream --theme light -o stream.png\n"
           "  a size without weights: glassformer render --config gpt3-175b -o gpt3.png"));
  app.callback([o, &app] { check_usage(*o, app); });
  return [o] { return exit_code(run_render(*o)); };
}

}  // namespace gf::cli

#include "app/ui/dialogs/film_maker.h"

#include <utility>

#include "app/export/film/film_plan.h"
#include "model/base/text.h"

namespace gf::ui {

doc::Job make_film(doc::Jobs& jobs, std::shared_ptr<render::Device> device, scene::SceneInput input, doc::Document document, FilmJob film,
                   std::function<void(Result<std::string>)> done) {
  return jobs.start<std::string>(
      gf::text("making the film"), jobs.own_thread(),
      [device = std::move(device), input = std::move(input), document = std::move(document),
       film = std::move(film)](const doc::JobWork& work) -> Result<std::string> {
        GF_TRY_ASSIGN(auto target, render::Offscreen::create(device));
        scene::SceneBuilder machine;
        auto shots = exporting::plan_film(document, input, film.film.plan, film.options.caption);
        if (document.follow) GF_TRY(exporting::let_follow(shots, machine, exporting::film_options(film.options, film.film)));
        const auto progress = [&](int frame, int frames) { work.progress(static_cast<double>(frame) / frames); };
        GF_TRY(exporting::write_film(*target, machine, shots, exporting::film_options(film.options, film.film), film.path, progress,
                                     work.stop()));
        GF_TRY(exporting::write_sidecar(document, input, film.options, film.path, film.film));
        return film.path;
      },
      std::move(done));
}

}  // namespace gf::ui

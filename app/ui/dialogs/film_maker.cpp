#include "app/ui/dialogs/film_maker.h"

#include <utility>

namespace gf::ui {

FilmMaker::FilmMaker(Callbacks callbacks) : callbacks_(std::move(callbacks)), receiver_(std::make_unique<QObject>()) {}

FilmMaker::~FilmMaker() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void FilmMaker::cancel() { thread_.request_stop(); }

void FilmMaker::start(std::shared_ptr<render::Device> device, scene::SceneInput input, doc::Document document, FilmJob job) {
  EXPECTS(!busy_, "one film at a time");
  busy_ = true;
  thread_ = std::jthread([this, device = std::move(device), input = std::move(input), document = std::move(document),
                          job = std::move(job)](const std::stop_token& stop) {
    const auto post = [this](std::function<void()> act) {
      QMetaObject::invokeMethod(receiver_.get(), std::move(act), Qt::QueuedConnection);
    };
    const auto make = [&]() -> Result<std::string> {
      GF_TRY_ASSIGN(auto target, render::Offscreen::create(device));
      scene::Machine machine;
      const auto& o = job.options;
      const exporting::FilmOptions options{o.width, o.height, job.film.fps, o.dpr, o.legend, job.film.captions};
      const auto shots = exporting::plan_film(document, input, job.film.plan, o.caption);
      const auto progress = [&](int done, int frames) {
        post([this, fraction = static_cast<double>(done) / frames] { callbacks_.progress(fraction); });
      };
      GF_TRY(exporting::write_film(*target, machine, shots, options, job.path, progress, stop));
      GF_TRY(exporting::write_sidecar(document, input, o, job.path, job.film));
      return job.path;
    };
    post([this, result = make()] {
      busy_ = false;
      callbacks_.done(result);
    });
  });
}

}  // namespace gf::ui

// Actions about time and about what is generated: the transport and the sampler.
#include "app/document/lab.h"
#include "app/ui/actions/acts.h"
#include "app/ui/actions/acts_parts.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/widgets/prompt_bar.h"
#include "app/ui/widgets/transport.h"
#include "model/base/text.h"

namespace gf::ui::acts {
namespace {

/// `drawn`: it has no effect on the likeliest token, so that from here on tokens are drawn.
Result<void> set_sampler(C c, A a, const char* what, double low, double high, void (*set)(SamplerOptions&, double), bool drawn = true) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A number")));
  GF_TRY_ASSIGN(const double value, number(word, low, high));
  const auto apply = [value, set, drawn](doc::Document& d) {
    if (drawn) d.sampler.greedy = false;
    set(d.sampler, value);
  };
  return change(c, gf::text("change {0}", gf::text(what)), apply, what);
}

}  // namespace

Result<void> time(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("start, end or a position")));
  GF_TRY_ASSIGN(const auto run, run_of(c));
  GF_TRY_ASSIGN(const auto model, model_of(c));
  const scene::Timeline timeline(model->weights->config, run->base->length());
  lessons::Moment moment{word == "start" ? lessons::Moment::Kind::Start : lessons::Moment::Kind::End, 0, {}};
  if (word != "start" && word != "end") {
    moment.kind = lessons::Moment::Kind::At;
    GF_TRY_ASSIGN(const long long position, whole_number(word, 0, run->base->length() - 1));
    moment.position = static_cast<int>(position);
    if (a.size() > 1) {
      moment.hook = parse_hook(a[1], model->weights->config.n_layer);
      if (!moment.hook) return fail(ErrorCode::InvalidArgument, gf::text("There is no hook \"{0}\" in this model.", a[1]), "action");
    }
  }
  c.window.transport().pause();
  GF_TRY_ASSIGN(const double time, lessons::time_of(moment, timeline));
  c.lab.set_time(time);
  return {};
}

Result<void> speed(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A factor")));
  GF_TRY_ASSIGN(const double factor, number(word, 0.01, 100));
  c.lab.execute(doc::set_speed(c.lab.document().pace, factor));
  return {};
}

Result<void> pace(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A tempo")));
  GF_TRY_ASSIGN(const auto which, value_named<scene::Pace>(word));
  c.lab.execute(doc::set_speed(which, c.lab.document().speed));
  return {};
}

Result<void> generate(C c, A a) {
  long long n = c.window.prompt().generate_count();
  if (!a.empty()) {
    GF_TRY_ASSIGN(n, whole_number(a[0], 1, 100000));
  }
  c.lab.generate(static_cast<int>(n));
  return {};
}

Result<void> temperature(C c, A a) {
  return set_sampler(c, a, phrase("the temperature"), 0, 100, [](SamplerOptions& s, double t) {
    s.greedy = t == 0;
    if (t > 0) s.temperature = static_cast<float>(t);
  });
}

Result<void> top_k(C c, A a) {
  return set_sampler(c, a, phrase("top k"), 0, 1e6, [](SamplerOptions& s, double k) { s.top_k = static_cast<int>(k); });
}

Result<void> top_p(C c, A a) {
  return set_sampler(c, a, phrase("top p"), 1e-6, 1, [](SamplerOptions& s, double p) { s.top_p = static_cast<float>(p); });
}

Result<void> min_p(C c, A a) {
  return set_sampler(c, a, phrase("min p"), 0, 1, [](SamplerOptions& s, double p) { s.min_p = static_cast<float>(p); });
}

Result<void> typical_p(C c, A a) {
  return set_sampler(c, a, phrase("typical p"), 1e-6, 1, [](SamplerOptions& s, double p) { s.typical_p = static_cast<float>(p); });
}

Result<void> repetition_penalty(C c, A a) {
  const auto set = [](SamplerOptions& s, double penalty) { s.repetition_penalty = static_cast<float>(penalty); };
  return set_sampler(c, a, phrase("the repetition penalty"), 0.01, 100, set, false);
}

Result<void> presence_penalty(C c, A a) {
  const auto set = [](SamplerOptions& s, double penalty) { s.presence_penalty = static_cast<float>(penalty); };
  return set_sampler(c, a, phrase("the presence penalty"), -100, 100, set, false);
}

Result<void> stop_text(C c, A a) {
  for (const std::string& stop : a)
    if (stop.empty()) return fail(ErrorCode::InvalidArgument, gf::text("a text to stop at is empty; leave it out"), "action");
  return change(c, gf::text("change where generation stops"), [a](doc::Document& d) { d.sampler.stop = a; });
}

Result<void> seed(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A seed")));
  GF_TRY_ASSIGN(const long long seed, whole_number(word, 0, (1LL << 53)));
  const auto apply = [seed](doc::Document& d) {
    d.sampler.greedy = false;
    d.sampler.seed = static_cast<std::uint64_t>(seed);
  };
  return change(c, gf::text("change the seed"), apply, "seed");
}

}  // namespace gf::ui::acts

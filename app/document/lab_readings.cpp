// The readings of the Stream, which are watched while the Stream shows.
#include "app/document/comparison.h"
#include "app/document/lab.h"
#include "app/document/request.h"
#include "app/scene/views.h"
#include "model/base/text.h"

namespace gf::doc {
namespace {

Inquiry<scene::StreamReading> stream_reading(Side side, const scene::ReadingThrough& through) {
  const std::string key = "stream reading\n" + through.lens + "\n" + through.dictionary + "\n" + through.dictionary_hook;
  return {{.key = key, .title = text("reading the stream"), .side = side, .in_view = true},
          [through](const Asking& asking) -> Result<scene::StreamReading> {
            GF_TRY_ASSIGN(const auto reading, scene::read_stream(asking.model(), asking.trace(), through, asking.stop));
            return *reading;
          }};
}

/// Of another subject's run, which is not the one that the studies are asked about.
Inquiry<scene::StreamReading> reading_beside(std::shared_ptr<const Model> model, std::shared_ptr<const Run> run, int which) {
  return {{.key = "stream reading beside " + std::to_string(which), .title = text("reading the stream"), .in_view = true},
          [model = std::move(model), run = std::move(run)](const Asking& asking) -> Result<scene::StreamReading> {
            GF_TRY_ASSIGN(const auto reading, scene::read_stream(*model, *run->edited, {}, asking.stop));
            return *reading;
          }};
}

}  // namespace

std::shared_ptr<const Run> Lab::run_of_both() const {
  const auto own = run(), other = second_->run();
  if (!document().scene_of_both) both_ = {};
  if (!document().scene_of_both || !own || !other) return nullptr;
  const ModelConfig &a = own->edited->config(), &b = other->edited->config();
  const bool same_shapes =
      a.n_layer == b.n_layer && a.d_model == b.d_model && a.n_head == b.n_head && a.n_vocab == b.n_vocab && a.d_mlp == b.d_mlp;
  if (!same_shapes || own->edited->length() != other->edited->length()) return nullptr;
  if (both_.own.lock() == own && both_.other.lock() == other && both_.run) return both_.run;
  auto made = std::make_shared<Run>(*own);
  made->base = other->edited;
  both_ = {own, other, made};
  return both_.run;
}

scene::SceneInput Lab::scene_input() const {
  scene::SceneInput input{model(), run()};
  read_as_document_says(document(), input);
  if (model() && !model()->weights->has_values()) {
    // Nothing runs; the page has the rows of the prompt that the tokenizer can read.
    if (auto request = request_of(document(), *model())) {
      input.tokens = std::move(request->prompt);
      input.tokens.insert(input.tokens.end(), request->forced.begin(), request->forced.end());
    }
  }
  if (const auto base = base_reading_.now(); base.state == StudyState::Ready) input.base_reading = base.answer;
  if (const auto edited = edited_reading_.now(); edited.state == StudyState::Ready) input.edited_reading = edited.answer;
  if (auto both = run_of_both()) {
    input.run = std::move(both);
    input.base_reading = nullptr;  // it is of the own base run
  }
  add_beside(input);
  if (const OpenModel* open = pipeline_.open(); open && weights_shown_ != WeightsShown::Value) {
    const bool gradient = weights_shown_ == WeightsShown::Gradient;
    input.in_place = gradient ? open->gradient : open->update;
    if (input.in_place) input.in_place_name = gradient ? phrase("gradient of the loss") : phrase("change by the last step");
  }
  return input;
}

void Lab::add_beside(scene::SceneInput& input) const {
  if (document().compare != scene::Compare::Side || !document().scene_of_both) return;
  const auto model = second_->model();
  const auto run = second_->run();
  if (!model || !run || run->edited->length() == 0) return;
  input.beside = {model, run, nullptr};
  if (const auto reading = beside_reading_.now(); reading.state == StudyState::Ready && beside_.lock() == run)
    input.beside->reading = reading.answer;
  input.side_names = names_of_both(document());
}

bool Lab::follow_readings() {
  const bool shown = scene::info_of(document().view).needs_reading;
  const bool both = shown && document().scene_of_both && document().compare == scene::Compare::Side;
  const auto beside = both ? second_->run() : nullptr;
  if (beside_.lock() != beside) {
    beside_ = beside;
    beside_reading_ = beside ? studies_.watch(reading_beside(second_->model(), beside, ++besides_)) : Watch<scene::StreamReading>();
  }
  const auto through = shown ? std::optional(reading_through(document())) : std::nullopt;
  if (through == reading_) return false;
  reading_ = through;
  errors_.clear(Errors::Cause::Study);  // the Machine shows no readings, and the Stream asks for them again
  base_reading_ = shown ? studies_.watch(stream_reading(Side::Base, *through)) : Watch<scene::StreamReading>();
  edited_reading_ = shown ? studies_.watch(stream_reading(Side::Edited, *through)) : Watch<scene::StreamReading>();
  return true;
}

void Lab::note_reading_errors() {
  // It is not an error when the plan did not capture what a reading needs: the tiles then show no words.
  for (const auto& reading : {base_reading_.now(), edited_reading_.now(), beside_reading_.now()})
    if (reading.error && reading.error->code != ErrorCode::Cancelled && reading.error->code != ErrorCode::NotCaptured)
      errors_.tell(Errors::Cause::Study, *reading.error);
}

}  // namespace gf::doc

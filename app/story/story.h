// The story of a pass: steps that explain one run of any model by what mattered in it, each with a sentence. Every number of a
// sentence is that of a Question, so that it can be asked again.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "app/scene/scene_builder.h"
#include "model/analysis/question.h"

namespace gf::story {

/// A number of a sentence: a value of an answer, or the extent of one of its axes.
struct Fact {
  const Question* question = nullptr;
  Params params;
  std::string part;             ///< empty: the answer itself
  std::vector<int> index;       ///< of the value; of the row of a table
  std::string column;           ///< of a table
  std::optional<int> axis;      ///< the extent of this axis, in place of a value
  std::optional<TokenId> a, b;  ///< that the question is asked about
  int position = 0;
  enum class Form : std::uint8_t {
    Count,    ///< "14"
    Logit,    ///< "3.0"
    Share,    ///< of one: "72 %"
    Logprob,  ///< said as a share: "98.7 %"
    Loss,     ///< logits that are lost: of −1.6 "1.6"
    Value,    ///< "2.04"
  } form = Form::Value;
  double value = 0;
  std::string said;  ///< as it stands in the sentence
};
/// A number as its form has it.
[[nodiscard]] std::string said_as(Fact::Form form, double value);
/// Asks again for the number of a fact. `about`: the run, as tell() got it. Errors: those of ask(), InvalidArgument.
[[nodiscard]] Result<double> value_of(const Fact& fact, const Asking& about);

/// What a step looks at: a camera by its name, or parts of the Machine.
struct Look {
  std::string camera;                 ///< a name of scene/cameras.cpp; empty: the parts
  std::vector<scene::CellRef> parts;  ///< panels of these cells; of a pattern that of the cell's head
  std::optional<int> board;           ///< the step of the time line whose board is in view too
  bool tokens = false;                ///< the list of the run's tokens is in view too
  friend bool operator==(const Look&, const Look&) = default;
};

struct Step {
  std::string sentence;
  std::vector<Fact> facts;
  scene::View view = scene::View::Machine;
  std::optional<scene::OneHead> one_head = {};  ///< that the Machine shows alone
  Look look;
  double from = 0, to = 0;  ///< operations of scene::Timeline
  double work = 0;          ///< seconds in which the time of the pass goes from `from` to `to`
  double seconds = 0;       ///< that the step takes without the way to it; at least those of its work
  /// What the animations tell of: the head and key, or the neuron.
  std::optional<scene::CellRef> selection;
  std::vector<scene::CellRef> marked;
  int row = -1;  ///< of this position is marked wherever it stands; -1: of none
};

struct Story {
  int position = 0;  ///< whose prediction is explained
  std::vector<Step> steps;
};

/// Tells the story of a run. `about`: the run; its a and b, where there are none, are the likeliest token and the likeliest of its
/// rivals that stands in the text, else the second; its position is the one that is explained. Blocks; call it on a worker.
/// What the run has not captured is left out of the story. Errors: Cancelled, those of Session::run().
/// `chapters`: the names of those that are told; empty: all. Precondition: they are of chapter_names().
[[nodiscard]] Result<Story> tell(const Asking& about, std::span<const std::string> chapters = {});
/// Of all chapters, in the order in which they usually come.
[[nodiscard]] std::vector<std::string> chapter_names();

/// Seconds that a sentence needs to be read by someone who also looks at the picture.
[[nodiscard]] double reading_seconds(const std::string& sentence);
/// Where a step is seen from.
struct Place {
  render::Camera camera;
  std::optional<render::Camera> door = {};  ///< of a head that is shown alone: the camera on the page that looks at where it stands
  friend bool operator==(const Place&, const Place&) = default;
};
/// Seconds that a story takes with its ways (way.h). `places`: one for each step.
[[nodiscard]] double seconds_of(const Story& story, std::span<const Place> places);

/// How the view shows a step, at `share` of its work.
[[nodiscard]] scene::ViewState view_of(const Step& step, double share, scene::ViewState view);

/// The share of a pane's height that a sentence takes from below; the camera leaves it free.
[[nodiscard]] float foot_of(const std::string& sentence, const scene::Pane& pane);

/// The place of a step in a pane, with the foot kept free. Errors: those of SceneBuilder::camera().
[[nodiscard]] Result<Place> place_of(const Step& step, scene::SceneBuilder& builder, const scene::SceneInput& input,
                                     const scene::ViewState& view, const scene::Pane& pane);

}  // namespace gf::story

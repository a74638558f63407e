// The state that the builders of the Machine and of the Stream keep between frames. Internal to app/scene.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "app/scene/cube/cube_scene.h"
#include "app/scene/machine/layout.h"
#include "app/scene/palette.h"
#include "app/scene/scene_builder.h"
#include "app/scene/sources/largest.h"
#include "app/scene/sources/scales.h"
#include "app/scene/sources/sources.h"
#include "app/scene/sources/weight_reader.h"
#include "app/scene/stream/stream.h"
#include "app/scene/views.h"

namespace gf::scene {

/// An edit that acts on a hook, as the scene shows it.
struct ShownEdit {
  HookId hook;
  std::vector<int> heads;  ///< those picked; empty: the whole hook
  bool cuts = false;       ///< the heads are removed at every position
  std::string text;        ///< "cut", "patch": as words_of() gives it where that is short, else as tag_of() does
  std::string part;        ///< "position 9", "query 9, key 4"; empty: all positions of the hook or of the heads
};
/// Bounds of a block's attention or of its MLP, with the stream beside it.
[[nodiscard]] ViewScene::Box part_of_block(const ViewScene& scene, int block, bool attention);
/// The trace that a comparison shows; null without a run.
[[nodiscard]] const Trace* shown_trace(const SceneInput& input, Compare compare);
/// Whether both traces of a run keep a hook. They may have been made under different plans.
[[nodiscard]] bool captured(const SceneInput& input, HookId hook);
/// The tokens that a scene has rows for: the trace's, or those of a page without a run.
[[nodiscard]] std::span<const TokenId> tokens_of(const SceneInput& input, const Trace* trace);
/// How many positions a scene has rows for: as many as tokens_of(), or a few where there are none.
[[nodiscard]] int rows_of(const SceneInput& input, const Trace* trace, const ModelConfig& config);
/// Gives LayoutInput::aspect, ::letters and ::lines of the page that suits a pane.
[[nodiscard]] float page_aspect(const Pane& pane);
[[nodiscard]] float page_letters(const Pane& pane);
[[nodiscard]] float page_lines(const Pane& pane);
/// An upright rectangle: its outline, or one filled with a colour.
[[nodiscard]] render::Line outline(glm::vec3 low, glm::vec3 high, render::Color color, float width_px);
[[nodiscard]] render::Ribbon bar_of(glm::vec3 low, glm::vec3 high, render::Color color);
/// Highlights a cell if the scene shows it.
void mark_cell(ViewScene& scene, const CellRef& cell, const ModelConfig& config);
/// Outlines a position's vector in a Stacked panel, and in it the cell at `place` unless the whole is meant.
void mark_vector(ViewScene& scene, const ViewScene::Place& place, bool whole);
/// Draws a frame in the accent colour round the tensors that a lesson highlights.
void frame_highlights(ViewScene& scene, const ViewState& view);
/// The frame that tells what kind of tensor a panel is.
void style_frame(render::Panel& panel, const PanelInfo& info, const Palette& colors);
/// Says in words what the numbers of a hook are.
[[nodiscard]] std::string unit_text(HookUnit unit);
/// As unit_text() of a hook, of a difference where one is shown.
[[nodiscard]] std::string shown_unit(HookId hook, const ViewState& view);
/// The row, of T, that the selected position or cell means; -1: none.
[[nodiscard]] int selected_row(const ViewState& view, int T);
/// Whether a highlight means this panel.
[[nodiscard]] bool is_marked(const PanelInfo& info, const CellRef& highlight);
inline constexpr float kFramePx = 3;  ///< its width
/// A token as visible text; its id where the model has no tokenizer.
[[nodiscard]] std::string token_text(const SceneInput& input, TokenId id);
[[nodiscard]] std::vector<ShownEdit> shown_edits(const SceneInput& input, const ModelConfig& config);

/// The inputs of a still frame.
struct MachineKey {
  std::shared_ptr<const Model> model;
  std::shared_ptr<const Run> run;
  std::vector<TokenId> tokens;
  std::shared_ptr<const Scales> scales;
  ViewState view;  ///< compared by the fields that redraw all
  float aspect = 0, letters = 0, lines = 0, presentation = 0;
  std::size_t tensors_read = 0;
  friend bool operator==(const MachineKey& a, const MachineKey& b) {
    return a.model == b.model && a.run == b.run && a.tokens == b.tokens && a.scales == b.scales &&
           same_scene(a.view, b.view, Redraws::All) && a.aspect == b.aspect && a.letters == b.letters && a.lines == b.lines &&
           a.presentation == b.presentation && a.tensors_read == b.tensors_read;
  }
};

/// The parts of a frame that do not depend on time and pointer.
struct MachineFrame {
  MachineKey key;
  ViewScene scene;  ///< its scene is never handed out
  std::shared_ptr<const Layout> layout;
  std::shared_ptr<const Trace> shown;             ///< whose words and tokens stand there; null without a run
  std::vector<int> panel_ops;                     ///< parallel to panels; -1: always there
  std::vector<int> ribbon_ops;                    ///< parallel to the first ribbons
  std::vector<int> listed;                        ///< positions whose tokens the list has: all, or one in so many, the last one too
  std::size_t token_labels = 0, token_lines = 0;  ///< where the list of tokens begins in labels and lines
  std::size_t row_labels = 0;                     ///< where the names of each line's rows begin in labels, line after line
  Timeline timeline{ModelConfig{}, 0};
  float presentation = 1;  ///< scales labels
};

/// The two newest frames of a view, each under its key. A split shows two runs, and both stay while only time and pointer change.
template <class Frame>
class KeptFrames {
 public:
  /// The frame that was made of these inputs, which is the newest from here on; null: none.
  template <class Key>
  std::shared_ptr<const Frame> find(const Key& key) {
    for (std::size_t i = 0; i < frames_.size(); ++i)
      if (frames_[i] && frames_[i]->key == key) {
        std::swap(frames_[0], frames_[i]);
        return frames_[0];
      }
    return nullptr;
  }
  const std::shared_ptr<const Frame>& keep(std::shared_ptr<const Frame> frame) {
    frames_[1] = std::exchange(frames_[0], std::move(frame));
    return frames_[0];
  }
  [[nodiscard]] const Frame* newest() const { return frames_[0].get(); }
  void clear() { frames_ = {}; }

 private:
  std::array<std::shared_ptr<const Frame>, 2> frames_;
};

struct BuilderState {
  KeptFrames<MachineFrame> stills;

  std::shared_ptr<const Weights> weights;
  std::shared_ptr<const Weights> shown_weights;  ///< what the panels of weights show: `weights`, or SceneInput::in_place
  std::unique_ptr<WeightReader> reader;          ///< of shown_weights; made when the Machine is first shown: the Stream has no weights
  KeptFrames<StreamFrame> streams;
  std::shared_ptr<CubeKept> cube;
  View shown_view = View::Machine;  ///< of the newest scene
  std::size_t translations = 0;     ///< translations_set() when the frames above were made
  ScaleBook scales;
  LargestBook largest;
  /// Of each hook of an edited run: how far its edits reach, and the scale of its differences.
  std::map<HookId, float> changes, differences;
  std::shared_ptr<const Run> changes_of;  ///< that run
  LayoutInput layout_input;
  std::shared_ptr<const Layout> layout;

  /// The newest sources of a place in the scene, newest first: toggling an edit finds both again.
  using SourceName = std::tuple<PanelInfo::Mapping, HookId, int, int, int>;
  struct KnownSource {
    ActivationKey key;
    std::shared_ptr<const render::TileSource> source;
  };
  std::map<SourceName, std::vector<KnownSource>> sources;
  struct KnownVector {
    std::vector<float> values;
    std::shared_ptr<const render::TileSource> source;
  };
  std::vector<KnownVector> folded;
  /// By tensor and window (first row, first column, rows, columns): a new layout finds them again.
  std::map<std::tuple<std::size_t, int, int, int, int>, std::shared_ptr<const render::TileSource>> weight_sources;

  [[nodiscard]] std::shared_ptr<const Layout> layout_for(const SceneInput& input, const MachineKey& key);
  [[nodiscard]] std::shared_ptr<const MachineFrame> machine_for(const SceneInput& input, const ViewState& view, const Pane& pane);
  [[nodiscard]] std::shared_ptr<const StreamFrame> stream_for(const SceneInput& input, const ViewState& view, const Pane& pane);
  [[nodiscard]] std::shared_ptr<const render::TileSource> activation(const PanelInfo& info, const Trace& shown, const Trace* minus);
  [[nodiscard]] std::shared_ptr<const render::TileSource> folded_values(std::vector<float> values, int cols);
  /// The scale of a hook in what is compared: that of its values, or of their differences. Precondition: a run.
  [[nodiscard]] float shown_scale(const SceneInput& input, const ViewState& view, HookId hook);
  /// Forgets what is known of another run's edits.
  void keep_changes_of(const std::shared_ptr<const Run>& run);
  /// The largest |value| of a hook in what is compared: base, edited, or their difference. Precondition: a run.
  [[nodiscard]] float shown_largest(const SceneInput& input, const ViewState& view, HookId hook);
  /// Of a head alone: scores that the run did not keep, worked out again from q and k. Returns the largest of them; nullopt: it kept
  /// them, or these are no scores.
  [[nodiscard]] std::optional<float> attach_scores(render::Panel& panel, const PanelInfo& info, const SceneInput& input,
                                                   const ViewState& view);
  void attach_values(render::Panel& panel, const PanelInfo& info, const SceneInput& input, const ViewState& view);
};

// The functions that views.cpp lists.
[[nodiscard]] ViewScene build_machine(BuilderState& state, const SceneInput& input, const ViewState& view, const Pane& pane);
[[nodiscard]] ViewScene build_stream(BuilderState& state, const SceneInput& input, const ViewState& view, const Pane& pane);
[[nodiscard]] bool machine_settled(const BuilderState& state);
[[nodiscard]] bool stream_settled(const BuilderState& state);
[[nodiscard]] render::Camera machine_camera(const CameraName& name, const ViewScene& scene, const Pane& pane);
[[nodiscard]] render::Camera stream_camera(const CameraName& name, const ViewScene& scene, const Pane& pane);

/// From where a word of the list of tokens ends to the row of a position in the embedding; empty where that is not shown.
[[nodiscard]] std::vector<glm::vec3> way_to_row(const MachineFrame& frame, glm::vec3 word_end, int position);
/// Name tags, the list of tokens, the names of rows left of each line, edits' marks. Appends to the scene.
void add_tags(MachineFrame& frame, const SceneInput& input, const ViewState& view);
void add_tokens(MachineFrame& frame, const SceneInput& input, const ViewState& view);
void add_row_names(MachineFrame& frame, const ViewState& view);
void add_edit_marks(MachineFrame& frame, const SceneInput& input, const ViewState& view);
void add_ribbons(MachineFrame& frame, const ViewState& view);
/// Adds the parts that depend on the moment: computed rows, moving ribbons, words, the token that flies up.
void apply_time(ViewScene& scene, const MachineFrame& frame, const SceneInput& input, const ViewState& view);

}  // namespace gf::scene

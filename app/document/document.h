// Everything that a user has decided, as one value: undo keeps these, the session file is one of these as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/document/open_dictionaries.h"
#include "app/scene/view.h"
#include "model/edits/recipe.h"
#include "model/sampling/sampler.h"

namespace gf::doc {

/// Observe: edits are kept but off. WhatIf: they are on, and the Probe writes on from the prompt with and without them.
enum class Mode : std::uint8_t { Observe, Intervene, WhatIf };
[[nodiscard]] inline bool edits_act(Mode mode) { return mode != Mode::Observe; }
[[nodiscard]] const char* name_of(Mode mode);  ///< "observe", "intervene", "what-if": in files, and the id of its action
inline constexpr const char* kDefaultPrompt = "When Mary and John went to the garden, John gave a ring to";

/// The endings under which the window saves: a desktop tells these files from other JSON by them.
inline constexpr const char *kSessionEnding = ".glassformer.json", *kRecipeEnding = ".glassformer-recipe.json";

/// What is run: a text in a model, with the edits that act there.
struct Subject {
  std::string model;  ///< MODEL as the user named it; empty: the default
  std::string prompt = kDefaultPrompt;
  bool bos = false;
  std::vector<TokenId> continuation;  ///< the tokens generated so far; a new prompt clears them
  Recipe recipe;
  friend bool operator==(const Subject&, const Subject&) = default;
};

/// A direction that the user keeps, as the edit that adds it once to the last row of its hook.
struct Direction {
  std::string name;
  Edit push;
  std::string model = {};  ///< that it was found in; empty: not known, as in sessions of earlier versions
  friend bool operator==(const Direction&, const Direction&) = default;
};

/// Heads with the edits that were fitted to a task: each scales the z of one head, or adds to it.
struct HeadSet {
  std::string name;
  std::vector<Edit> edits;
  friend bool operator==(const HeadSet&, const HeadSet&) = default;
};

/// Where a document stands on the disk. Undo goes back to the storage of the document that it goes back to.
struct Storage {
  std::string file;  ///< the session file that it was opened from or saved to; empty: none
  std::string kept;  ///< its id among the kept sessions (kept_sessions.h); empty: it has none yet
  friend bool operator==(const Storage&, const Storage&) = default;
};

/// One state of two prompts, kept to be named, compared and gone back to.
struct PatchTry {
  std::string name, note;  ///< the user's; may be empty
  Subject subject;         ///< its recipe has the edits that were tried
  std::string second;      ///< the prompt that these edits copy from
  std::string target, rival;
  int position = -1;  ///< the selected position, as in Document
  friend bool operator==(const PatchTry&, const PatchTry&) = default;
};

/// A named view with a note: what is run, and how it is shown. See bookmarks.h.
struct Bookmark {
  std::string name, note;        ///< the user's; may be empty
  Subject subject;               ///< with its edits and the tokens that were generated
  std::optional<Subject> other;  ///< as the document's
  bool scene_of_both = false;
  Mode mode = Mode::Intervene;
  scene::ViewState view;
  std::string target, rival;
  friend bool operator==(const Bookmark&, const Bookmark&) = default;
};

/// A subject, and how the user looks at it.
struct Document : Subject, scene::ViewState {
  /// The subject that the document is compared with, and whose prompt patches copy from. If it has no prompt, it gets the document's
  /// text.
  std::optional<Subject> other;
  bool scene_of_both = false;  ///< the scene's base run is that of `other`, where both have the same shapes
  Mode mode = Mode::Intervene;
  SamplerOptions sampler;
  std::vector<Direction> directions;               ///< names are unique
  std::vector<HeadSet> head_sets;                  ///< names are unique
  std::string lens;                                ///< the file or folder that the Lens dock reads through; empty: none
  std::string target, rival;                       ///< A and B as text or "#id"; empty: the likeliest and the second
  std::string head_colour = "ablate-sweep.delta";  ///< a part of a question by layer and head, see head_colour.h
  FeatureView features;                            ///< what the Features dock shows
  std::vector<PatchTry> tries;                     ///< the run history of the Two prompts dock
  std::vector<Bookmark> bookmarks;                 ///< in the order in which a talk shows them
  Storage storage;                                 ///< not part of the JSON
  std::vector<std::string> training;               ///< the action that trains the model, with its arguments; not part of the JSON
  friend bool operator==(const Document&, const Document&) = default;
};

/// For commands that add edits: what is added acts.
inline void let_edits_act(Document& document) {
  if (!edits_act(document.mode)) document.mode = Mode::Intervene;
}

/// Whether two documents differ in nothing that was decided about a subject; how the user looks at it does not count.
[[nodiscard]] bool same_work(Document a, const Document& b);

/// JSON and back. Untrusted: errors are InvalidArgument, naming the key and what was expected.
[[nodiscard]] std::string to_json(const Document& document);
[[nodiscard]] Result<Document> document_from_json(std::string_view json);
/// Whole or not at all, as write_whole_file(). A new file can be read by the user alone.
[[nodiscard]] Result<void> save_document(const Document& document, const std::string& path);
[[nodiscard]] Result<Document> read_document(const std::string& path);

}  // namespace gf::doc

// A lesson: steps that set up the window, and texts by language. Format: README.md in assets/lessons.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/document/document.h"
#include "app/lessons/expression.h"
#include "app/scene/operations/timeline.h"

namespace gf::lessons {

/// What is wrong with a lesson, and where; empty fields where it is not one step's or one language's.
struct Fault {
  std::string step, language, message;
  [[nodiscard]] std::string sentence() const;  ///< "step 'copy', zh: its text is missing"
};

/// A moment of the pass: the start, the end, or once a position (and there a hook) has been computed.
struct Moment {
  enum class Kind : std::uint8_t { Start, End, At } kind = Kind::End;
  int position = 0;
  std::optional<HookId> hook;
};
/// Its time. Errors: InvalidArgument, where the model has no such hook. Safe to use for untrusted input.
[[nodiscard]] Result<double> time_of(const Moment& moment, const scene::Timeline& timeline);

/// Whether a play between two times is of no more operations than a token has in one block. Such a play goes along with the step's
/// text, as slowly as it is read; a longer one has the speed that the viewer has chosen.
[[nodiscard]] bool goes_with_text(double from, double to, const scene::Timeline& timeline);

struct Question {
  enum class Kind : std::uint8_t {
    Head,    ///< choose a head for which `holds` is true; it sees `layer` and `head`
    Token,   ///< name a token for which `holds` is true; it sees `token`
    Until,   ///< change the recipe until `holds` is true
    Choice,  ///< choose the one of `options` that is true
  } kind = Kind::Choice;
  std::vector<Expression> holds;  ///< one, or one for each option
  Recipe solution;                ///< Until: one that answers it
};

struct Step {
  std::string id;
  doc::Document document;  ///< all that is decided at this step, what earlier steps said included
  bool themed = false;     ///< whether the theme is the lesson's; otherwise the viewer's own stays
  std::string camera;      ///< a name of the Machine's; empty: document.camera
  std::optional<Moment> from, to;
  std::vector<std::string> docks;  ///< those that show; empty: as they are
  std::optional<Question> question;
  std::vector<Expression> expect;
};

struct StepText {
  std::string text;  ///< Markdown with formulas, see markdown.h
  std::string question, hint, right;
  std::vector<std::string> options;
};
struct LessonText {
  std::string title, about;
  std::map<std::string, StepText> steps;
};

struct Lesson {
  std::string name, folder;
  int minutes = 0, order = 0;
  std::vector<Step> steps;
  std::map<std::string, LessonText> texts;  ///< by language; "en" is always there
  /// In that language, or in English where it lacks.
  [[nodiscard]] const LessonText& text(const std::string& language) const;
  /// In that language alone; empty: in that of the environment, or in English. Errors: NotFound, naming those that there are.
  [[nodiscard]] Result<const LessonText*> text_in(const std::string& language) const;
};

/// The docks that show at a step: those of the newest step up to it that names some; empty: none does, so that the viewer's own show.
[[nodiscard]] const std::vector<std::string>& docks_at(const Lesson& lesson, int step);

/// The step's document with what remains the viewer's own: theme and speed.
[[nodiscard]] doc::Document document_for(const Step& step, const doc::Document& own);

/// The docks that a step may show, by their ids.
inline constexpr auto kDocks = std::to_array<const char*>({
#define GF_DOCK(id, title, about, place, needs) #id,
#include "app/document/docks.def"
#undef GF_DOCK
});

/// What could be read, with what could not.
struct Reading {
  Lesson lesson;
  std::vector<Fault> faults;
};
/// Reads all files of a lesson's folder, untrusted. Errors: NotFound, Io, Corrupt or InvalidArgument where lesson.json
/// or en.json is nothing to go on with; all else is a fault.
[[nodiscard]] Result<Reading> examine_lesson(const std::string& folder);
/// The same from the files' texts: lesson.json, and each language's. Errors: as above, without NotFound and Io.
[[nodiscard]] Result<Reading> examine_lesson_texts(std::string_view lesson, const std::map<std::string, std::string>& languages);
/// A lesson without faults of format; the first one is an error.
[[nodiscard]] Result<Lesson> read_lesson(const std::string& folder);

/// Names of the lessons that come with the program, in the order of the contents.
[[nodiscard]] std::vector<std::string> bundled_lessons();
/// The folder of a bundled lesson, or of a path. Errors: NotFound, listing what there is.
[[nodiscard]] Result<std::string> resolve_lesson(const std::string& name);

}  // namespace gf::lessons

// A lesson as a film: each step's view with its text, paragraph by paragraph.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/json.h"
#include "app/document/document.h"
#include "app/export/film/film.h"
#include "app/lessons/lesson.h"

namespace gf::cli {

struct LessonFilm {
  std::string lesson, language, path;  ///< language empty: as the program speaks
  exporting::FilmOptions options;
  std::optional<render::Theme> theme;  ///< none: the lesson's, else dark
};
/// Writes the film and gives the reply of --json. Errors: those of the lesson, its models and write_film().
[[nodiscard]] Result<Json> write_lesson_film(const LessonFilm& film);

/// Its shots. A question's shots don't show the prediction that is asked for; the shot with the answer does, in a frame. Errors:
/// those of the lesson and its models.
[[nodiscard]] Result<std::vector<exporting::Shot>> lesson_shots(const lessons::Lesson& lesson, const LessonFilm& film,
                                                                scene::SceneBuilder& builder);

/// The paragraphs of a plain text, each of them a caption. A list stays with the paragraph before it.
[[nodiscard]] std::vector<std::string> captions_of(const std::string& plain);

}  // namespace gf::cli

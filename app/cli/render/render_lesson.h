// A lesson as a film: each step's view with its text, paragraph by paragraph.
#pragma once

#include <optional>
#include <string>

#include "app/cli/json.h"
#include "app/document/document.h"
#include "app/export/film/film.h"

namespace gf::cli {

struct LessonFilm {
  std::string lesson, language = "en", path;
  exporting::FilmOptions options;
  std::optional<render::Theme> theme;  ///< none: the lesson's, else dark
};
/// Writes the film and gives the reply of --json. Errors: those of the lesson, its models and write_film().
[[nodiscard]] Result<Json> write_lesson_film(const LessonFilm& film);

/// Seconds that a text needs to be read aloud, or to be read for the first time.
[[nodiscard]] double reading_seconds(const std::string& text);

}  // namespace gf::cli

// The film that the program makes by itself: a run from its first token to its last.
#pragma once

#include <optional>
#include <vector>

#include "app/export/film/film.h"

namespace gf::exporting {

inline constexpr double kShortestFilm = 0.1, kLongestFilm = 3600;  ///< seconds
inline constexpr int kMostFps = 240;

struct FilmPlan {
  double seconds = 12;             ///< of the whole, the hold at its end included
  std::optional<double> from, to;  ///< operations of scene::Timeline; none: the run's start and end
  friend bool operator==(const FilmPlan&, const FilmPlan&) = default;
};

/// Plays the document's run: the first token slowly, the others faster, the flight of each chosen token long enough to be
/// seen. The last picture is held. Without a run, or with from == to, a still. Every shot tells its moment.
[[nodiscard]] std::vector<Shot> plan_film(const doc::Document& document, const scene::SceneInput& input, const FilmPlan& plan,
                                          const std::string& caption = {});

/// Lets the camera follow the work in a film of one run. Precondition: shots of plan_film(). Without a run it changes nothing. Errors:
/// those of read_for().
[[nodiscard]] Result<void> let_follow(std::vector<Shot>& shots, scene::SceneBuilder& builder, const FilmOptions& options);

}  // namespace gf::exporting

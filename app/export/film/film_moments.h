// The part of a film's caption that tells its moment: the token and the part of the model at work. Internal to app/export.
#pragma once

#include <string>
#include <vector>

#include "app/scene/scene_builder.h"

namespace gf::exporting {

class FilmMoments {
 public:
  explicit FilmMoments(const scene::SceneInput& input);
  /// Two lines; empty without a run.
  [[nodiscard]] std::string text(double time) const;
  /// The widest text of the film. Its box has this size in every frame.
  [[nodiscard]] const std::string& widest() const { return widest_; }

 private:
  [[nodiscard]] std::string part_of(int op) const;
  [[nodiscard]] std::string token_text(int position, const std::string& word) const;

  scene::Timeline timeline_;
  std::vector<std::string> tokens_;  ///< visible texts
  std::string widest_;
};

}  // namespace gf::exporting

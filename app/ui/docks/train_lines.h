// What the plots of a training show.
#pragma once

#include <span>

#include "app/document/training/head_series.h"
#include "app/document/training/live_training.h"
#include "app/ui/plots/lines_plot.h"

namespace gf::ui {

/// Loss of the training and of the held-out part, nats over steps.
[[nodiscard]] LinesOf loss_lines(const doc::TrainingState& state);

/// A part of the question "heads" by layer and head.
struct HeadScore {
  const char *part, *title, *doc;  ///< phrases
};
[[nodiscard]] std::span<const HeadScore> head_scores_to_plot();

struct HeadLinesOf {
  LinesOf lines;        ///< one for each head; those are named that reach most
  QString words;        ///< which head has it most, and from which step on
  bool formed = false;  ///< one gives more than half of its attention there
};
[[nodiscard]] HeadLinesOf head_lines(const doc::HeadSeries::Steps& steps, const std::string& part, std::int64_t last_step);

}  // namespace gf::ui

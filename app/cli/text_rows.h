// Rows of a model's hooks over a text, batch after batch: what dictionaries and lenses are trained on.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "model/session.h"
#include "model/training/training_data.h"

namespace gf::cli {

class TextRows {
 public:
  struct From {
    std::string model, corpus;  ///< as the user named them; corpus: a file's path
    int batch = 8, context = 128;
    std::uint64_t seed = 0;
  };
  /// Opens the model and reads the text, the last 5 % of which are held out. Errors: those of the files; InvalidArgument (the
  /// context is longer than the model's, or the text too short).
  [[nodiscard]] static Result<TextRows> make(const From& from, int threads);

  /// [hook][row, numbers of the hook's row], the rows of one sequence after the other. Each is what a pass over its own sequence
  /// gives. The batch of a step, counted from 0, is drawn by the seed. Errors: Cancelled, those of Session::pass().
  [[nodiscard]] Result<std::vector<std::vector<float>>> of_step(std::span<const HookId> hooks, std::int64_t step,
                                                                const std::stop_token& stop);
  /// The i-th held-out batch; empty: there is none.
  [[nodiscard]] Result<std::vector<std::vector<float>>> held_out(std::span<const HookId> hooks, int i, const std::stop_token& stop);

  [[nodiscard]] const Model& model() const { return *model_; }
  [[nodiscard]] const training::TrainingData& data() const { return *data_; }

 private:
  TextRows() = default;
  Result<std::vector<std::vector<float>>> rows(std::span<const HookId> hooks, const std::stop_token& stop);

  From from_;
  std::shared_ptr<const Model> model_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<training::TrainingData> data_;
  training::Batch batch_;
};

}  // namespace gf::cli

// Time of a pass: its unit is one operation of one position.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/config.h"
#include "model/hooks.h"

namespace gf::scene {

/// A step of the time line: a hook with a `step` in hooks.def, at one position. An Operation of model/hooks.h, by which
/// times are listed, may fill several hooks.
struct Op {
  HookId hook;
  std::string name;     ///< "scores", "softmax", ... with its block
  int block = -1;       ///< -1: embedding; n_layer: final LayerNorm, logits and the choice of the token
  bool choose = false;  ///< the last op: the next token is chosen and flies up
};

/// Position p of a run of T takes the ops of ops() in turn, from time p * ops().size().
/// Everything is a pure function of the time.
class Timeline {
 public:
  Timeline(const ModelConfig& config, int positions);
  struct Moment {
    int position = 0;
    int op = 0;          ///< index into ops()
    float fraction = 0;  ///< of that op
  };
  [[nodiscard]] const std::vector<Op>& ops() const { return ops_; }
  [[nodiscard]] int positions() const { return positions_; }
  [[nodiscard]] double end() const;
  [[nodiscard]] Moment at(double time) const;
  [[nodiscard]] double start_of(int position, int op = 0) const;
  /// Rows of a hook that are there at `time`; the fraction is the share of the row in the making.
  [[nodiscard]] float rows_shown(HookId hook, double time) const;
  /// The op that fills a hook; nullopt if the model does not have the hook.
  [[nodiscard]] std::optional<int> find_op(HookId hook) const;
  /// rows_shown() in two steps, for frames: the op that fills a hook of the model is looked up once, its rows for each moment.
  [[nodiscard]] int op_of(HookId hook) const;
  [[nodiscard]] float rows_shown(int op, const Moment& now) const;

  enum class Unit { Operation, Block, Token };
  /// The next or previous boundary of a unit, within [0, end()].
  [[nodiscard]] double step(double time, Unit unit, int direction) const;

 private:
  std::vector<Op> ops_;
  int positions_ = 0;
};

}  // namespace gf::scene

// What the backend makes of Weights when it loads them, and the memory that steps share.
#include <algorithm>

#include "model/cpu/forward.h"

namespace gf::cpu {
namespace {

// Small 16-bit models are kept in float32 as well: widening panels anew costs as much as multiplying few rows.
constexpr std::size_t kWidenedBudget = std::size_t{128} << 20;

std::vector<float> widened_vector(const TensorView& view) {
  if (view.empty()) return {};
  std::vector<float> values(static_cast<std::size_t>(view.elements()));
  widen(view.data, view.dtype, values.data(), values.size());
  return values;
}

PreparedNorm prepared_norm(const LayerNormWeights& norm) { return {widened_vector(norm.gamma), widened_vector(norm.beta)}; }

}  // namespace

PreparedModel::PreparedModel(std::shared_ptr<const Weights> source) : weights(std::move(source)) {
  blocks.reserve(weights->blocks.size());
  for (const BlockWeights& b : weights->blocks)
    blocks.push_back({prepared_norm(b.ln1), prepared_norm(b.ln2), PreparedMatrix::of(b.qkv), PreparedMatrix::of(b.o),
                      PreparedMatrix::of(b.in), PreparedMatrix::of(b.out), widened_vector(b.b_qkv), widened_vector(b.b_o),
                      widened_vector(b.b_in), widened_vector(b.b_out)});
  ln_f = prepared_norm(weights->ln_f);
  unembed = PreparedMatrix::of(weights->unembed);

  std::vector<PreparedMatrix*> narrow;
  for (PreparedBlock& b : blocks)
    for (PreparedMatrix* m : {&b.qkv, &b.o, &b.in, &b.out}) narrow.push_back(m);
  narrow.push_back(&unembed);
  std::erase_if(narrow, [](const PreparedMatrix* m) { return m->f32 != nullptr; });
  std::size_t bytes = 0;
  for (const PreparedMatrix* m : narrow) bytes += m->n_in * m->n_out * sizeof(float);
  if (bytes >= kWidenedBudget) return;
  for (PreparedMatrix* m : narrow) {
    std::vector<float>& copy = widened.emplace_back(m->n_in * m->n_out);
    widen(m->data, m->dtype, copy.data(), copy.size());
    m->f32 = copy.data();
  }
}

StepRows ScratchRows::rows(int key, std::span<const Segment> segments, std::size_t width) {
  const auto last = segments.back();
  const std::size_t floats = static_cast<std::size_t>(last.offset + last.rows) * width;
  std::shared_ptr<Chunk>& memory = memory_[key];
  if (!memory || memory->size() < floats) {
    memory.reset();
    memory = Chunk::make(floats);
    EXPECTS(memory != nullptr, "there is memory for one step");
  }
  StepRows rows;
  rows.stride = width;
  for (const Segment& segment : segments) rows.segments.push_back(memory->data() + static_cast<std::size_t>(segment.offset) * width);
  return rows;
}

StepRows ScratchRows::causal(HookKind kind, const ModelConfig& config, std::span<const Segment> segments) {
  auto& memory = causal_[static_cast<int>(kind)];
  memory.resize(std::max(memory.size(), segments.size()));
  StepRows rows;
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const std::size_t floats = chunk_floats(RowShape::Causal, config, segments[s].position / kChunkRows);
    if (!memory[s] || memory[s]->size() < floats) {
      memory[s].reset();
      memory[s] = Chunk::make(floats);
      EXPECTS(memory[s] != nullptr, "there is memory for one step");
    }
    rows.segments.push_back(memory[s]->data() + chunk_offset(RowShape::Causal, config, segments[s].position));
  }
  return rows;
}

std::shared_ptr<std::vector<float>> ScratchRows::logits(std::size_t n_vocab) {
  constexpr std::size_t kMostIdle = 4;
  std::unique_ptr<std::vector<float>> row;
  {
    const std::lock_guard lock(idle_logits_->mutex);
    if (!idle_logits_->rows.empty()) {
      row = std::move(idle_logits_->rows.back());
      idle_logits_->rows.pop_back();
    }
  }
  if (!row) row = std::make_unique<std::vector<float>>();
  row->resize(n_vocab);
  return {row.release(), [idle = idle_logits_](std::vector<float>* done) {
            std::unique_ptr<std::vector<float>> back(done);
            const std::lock_guard lock(idle->mutex);
            if (idle->rows.size() < kMostIdle) idle->rows.push_back(std::move(back));
          }};
}

}  // namespace gf::cpu

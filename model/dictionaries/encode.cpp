// Many rows at once.
#include <algorithm>

#include "model/base/text.h"
#include "model/cpu/matrix.h"
#include "model/dictionaries/coding.h"
#include "model/trace.h"

namespace gf {

namespace {
constexpr int kCodedRows = kChunkRows;  // rows whose pre-activations are in memory at a time
}  // namespace

struct RowEncoder::Tools {
  ThreadPool pool{0};
  const cpu::Kernels& kernels = cpu::best_kernels();
  cpu::PreparedMatrix encoder;
  std::vector<float> input, p;
};

RowEncoder::RowEncoder(const FittedDictionary& fitted) : fitted_(fitted), tools_(std::make_unique<Tools>()) {
  tools_->encoder = cpu::PreparedMatrix::of(fitted.dictionary->encoder);
}

RowEncoder::~RowEncoder() = default;

Result<ActiveFeatures> RowEncoder::encode(const RowsRead& read, int rows, const std::stop_token& stop) {
  const Dictionary& dictionary = *fitted_.dictionary;
  const auto d_in = static_cast<std::size_t>(dictionary.d_in()), n = static_cast<std::size_t>(dictionary.features());
  const auto at_once = static_cast<std::size_t>(std::min(rows, kCodedRows));
  std::vector<float>&input = tools_->input, &p = tools_->p;
  input.resize(std::max(input.size(), at_once * d_in));
  p.resize(std::max(p.size(), at_once * n));
  ActiveFeatures active;
  RowFrame frame;
  for (int first = 0; first < rows; first += kCodedRows) {
    if (stop.stop_requested()) return fail(ErrorCode::Cancelled, text("reading the features was cancelled"));
    const int count = std::min(kCodedRows, rows - first);
    for (int r = 0; r < count; ++r)
      input_of(fitted_, read(first + r), std::span(input).subspan(static_cast<std::size_t>(r) * d_in, d_in), frame);
    const StepRows x{{input.data()}, d_in}, y{{p.data()}, n};
    const Segment segment{0, count, 0};
    const cpu::Product product{.x = &x, .w = &tools_->encoder, .n = n, .y = &y};
    cpu::multiply(tools_->pool, tools_->kernels, {&segment, 1}, {&product, 1});
    tools_->pool.parallel_for(static_cast<std::size_t>(count),
                              [&](std::size_t r) { activate(dictionary, std::span(p).subspan(r * n, n)); });
    for (std::size_t r = 0; r < static_cast<std::size_t>(count); ++r) {
      for (std::size_t i = 0; i < n; ++i)
        if (p[r * n + i] != 0) active.features.push_back(static_cast<int>(i)), active.activations.push_back(p[r * n + i]);
      active.ends.push_back(active.features.size());
    }
  }
  if (dictionary.truncated())
    return fail(ErrorCode::Io, text("The file {0} was cut short while it was open; get it again.", dictionary.config.path));
  return active;
}

Result<ActiveFeatures> encode(const FittedDictionary& fitted, const RowsRead& read, int rows, std::stop_token stop) {
  return RowEncoder(fitted).encode(read, rows, stop);
}

}  // namespace gf

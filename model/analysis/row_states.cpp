#include "model/analysis/row_states.h"

#include <algorithm>
#include <numeric>

#include "model/base/text.h"
#include "model/sampling/philox.h"
#include "model/training/parameters.h"

namespace gf {

Result<std::vector<RowMatrix>> states_of(Session& session, std::span<const TaggedPrompt* const> rows, HookKind kind,
                                         const std::stop_token& stop, const std::function<void(double)>& progress) {
  const ModelConfig& c = session.model().weights->config;
  CapturePlan plan = CapturePlan::none();
  plan.want(kind);
  std::vector<RowMatrix> states;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    GF_TRY_ASSIGN(const Trace trace, session.pass(rows[i]->ids, static_cast<int>(rows[i]->ids.size()), plan, nullptr, stop));
    for (int layer = 0; layer < c.n_layer; ++layer) {
      const auto row = trace.row({kind, layer}, trace.length() - 1);
      if (i == 0) states.emplace_back(rows.size(), row.size());
      std::ranges::copy(row, states[static_cast<std::size_t>(layer)].row(i).begin());
    }
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(rows.size()));
  }
  return states;
}

Result<std::unique_ptr<Session>> untrained_session(const Model& model, std::uint64_t seed) {
  GF_TRY_ASSIGN(const auto parameters, training::Parameters::fresh(model.weights->config, seed));
  auto untrained = std::make_shared<Model>();
  GF_TRY_ASSIGN(untrained->weights, parameters.snapshot());
  untrained->tokenizer = model.tokenizer;
  Session::Options options;
  options.backend = "cpu";
  return Session::create(std::move(untrained), options);
}

RowMatrix head_columns(const RowMatrix& all, int head, int d_head) {
  const auto width = static_cast<std::size_t>(d_head);
  RowMatrix own(all.n, width);
  for (std::size_t i = 0; i < all.n; ++i)
    std::ranges::copy(all.row(i).subspan(static_cast<std::size_t>(head) * width, width), own.row(i).begin());
  return own;
}

RowMatrix position_rows(const Weights& weights, std::span<const TaggedPrompt* const> rows) {
  RowMatrix all(rows.size(), static_cast<std::size_t>(weights.config.d_model));
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < all.d; ++j)
      all.row(i)[j] =
          weights.wpe.at((static_cast<std::int64_t>(rows[i]->ids.size()) - 1) * weights.config.d_model + static_cast<std::int64_t>(j));
  return all;
}

RowMatrix length_rows(std::span<const TaggedPrompt* const> rows) {
  RowMatrix all(rows.size(), 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string& said = rows[i]->text;
    const auto characters = std::ranges::count_if(said, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    all.row(i)[0] = static_cast<float>(said.empty() ? static_cast<std::ptrdiff_t>(rows[i]->ids.size()) : characters);
  }
  return all;
}

std::vector<std::size_t> shuffled_order(std::size_t n, std::uint64_t seed, std::uint32_t number) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = n; i-- > 1;) {
    const auto bits = philox4x32({static_cast<std::uint32_t>(i), number, 0, 0},
                                 {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)});
    std::swap(order[i], order[static_cast<std::size_t>((static_cast<std::uint64_t>(bits[0]) * (i + 1)) >> 32U)]);
  }
  return order;
}

}  // namespace gf

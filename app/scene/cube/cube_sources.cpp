#include "app/scene/cube/cube_sources.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/scene/sources/sources.h"
#include "renderer/momentary.h"

namespace gf::scene {
namespace {

constexpr float kNothing = std::numeric_limits<float>::quiet_NaN();
using ProductRef = std::shared_ptr<const CubeProduct>;

class LeftCells final : public RowSource, public render::Momentary {
 public:
  LeftCells(ProductRef product, FactorPart part) : RowSource(part.rows, part.cols), product_(std::move(product)), part_(part) {}

 protected:
  void read(int row, int col, std::span<float> out) const override {
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k] = static_cast<float>(product_->left(part_.row0 + row, part_.col0 + col + static_cast<int>(k)));
  }

 private:
  ProductRef product_;
  FactorPart part_;
};

class RightCells final : public RowSource, public render::Momentary {
 public:
  RightCells(ProductRef product, FactorPart part, bool turned)
      : RowSource(turned ? part.cols : part.rows, turned ? part.rows : part.cols),
        product_(std::move(product)),
        part_(part),
        turned_(turned) {}

 protected:
  void read(int row, int col, std::span<float> out) const override {
    // A single row is that of an outer product.
    if (!turned_ && part_.rows == 1) return product_->read_whole_row(part_.row0, part_.col0 + col, out);
    if (turned_ && part_.rows == 1) return product_->read_whole_row(part_.row0, part_.col0 + row, out);
    if (!turned_) return product_->read_right(part_.row0 + row, part_.col0 + col, out);
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k] = static_cast<float>(product_->right(part_.row0 + col + static_cast<int>(k), part_.col0 + row));
  }

 private:
  ProductRef product_;
  FactorPart part_;
  bool turned_;
};

class SumCells final : public RowSource, public render::Momentary {
 public:
  SumCells(ProductRef product, CubeOrder order, const CubeMoment& now)
      : RowSource(product->rows(), product->cols()), product_(std::move(product)), order_(order), now_(now) {
    if (now_.done || !now_.working) return;
    const CubeProduct& p = *product_;
    if (order_ == CubeOrder::Rows) {
      const int i = static_cast<int>(now_.step);
      making_ = p.sums(i, i + 1, now_.terms);
    } else if (order_ == CubeOrder::Outer) {
      making_ = p.sums(0, p.rows(), static_cast<int>(now_.step) + now_.terms);
    } else if (order_ == CubeOrder::Columns) {
      for (int i = 0; i < p.rows(); ++i) making_.push_back(value_of(i, static_cast<int>(now_.step), now_.terms));
    } else {
      const auto [i, j] = p.cell_at(now_.step);
      making_.push_back(value_of(i, j, now_.terms));
    }
  }

 protected:
  void read(int row, int col, std::span<float> out) const override {
    const CubeProduct& p = *product_;
    const auto n = static_cast<int>(out.size());
    std::ranges::fill(out, kNothing);
    if (!now_.done && !now_.working) return;
    // Which columns of the row are done, and which are in the making.
    int done = 0, making_from = 0, making_to = 0;
    const float* making = nullptr;
    if (now_.done) {
      done = p.cols();
    } else if (order_ == CubeOrder::Rows) {
      done = row < now_.step ? p.cols() : 0;
      if (row == now_.step && now_.terms > 0) making_to = p.cols(), making = making_.data();
    } else if (order_ == CubeOrder::Outer) {
      if (now_.step + now_.terms > 0) making_to = p.cols(), making = making_.data() + static_cast<std::ptrdiff_t>(row) * p.cols();
    } else if (order_ == CubeOrder::Columns) {
      done = static_cast<int>(now_.step);
      if (now_.terms > 0) making_from = done, making_to = done + 1, making = making_.data() + row;
    } else {
      const auto [i, j] = p.cell_at(now_.step);
      done = row < i ? p.cols() : row == i ? j : 0;
      if (row == i && now_.terms > 0) making_from = j, making_to = j + 1, making = making_.data();
    }
    const int count = std::clamp(done - col, 0, n);
    if (count > 0) p.read_result(row, col, out.first(static_cast<std::size_t>(count)));
    for (int j = std::max(making_from, col); j < std::min(making_to, col + n); ++j)
      out[static_cast<std::size_t>(j - col)] = making[j - making_from];
    for (int j = 0; j < n; ++j)
      if (!p.there(row, col + j)) out[static_cast<std::size_t>(j)] = kNothing;
  }

 private:
  [[nodiscard]] float value_of(int i, int j, int terms) const {
    if (!product_->there(i, j)) return kNothing;
    return terms >= product_->terms() ? product_->result(i, j) : static_cast<float>(product_->sum(i, j, terms));
  }

  ProductRef product_;
  CubeOrder order_;
  CubeMoment now_;
  std::vector<float> making_;
};

class TermCells final : public RowSource, public render::Momentary {
 public:
  TermCells(ProductRef product, CubeOrder order, long long step, int rows, int cols, int shown)
      : RowSource(rows, cols), product_(std::move(product)), order_(order), step_(step), shown_(shown) {
    if (order_ == CubeOrder::Dots) cell_ = product_->cell_at(step_);
  }

 protected:
  void read(int row, int col, std::span<float> out) const override {
    const CubeProduct& p = *product_;
    const int step = static_cast<int>(step_);
    if (order_ == CubeOrder::Rows) {
      p.read_right(row, col, out);
      const double x = row < p.depth_of(step) ? p.left(step, row) * p.scale() : std::numeric_limits<double>::quiet_NaN();
      for (std::size_t j = 0; j < out.size(); ++j)
        out[j] = p.there(step, col + static_cast<int>(j)) ? static_cast<float>(x * static_cast<double>(out[j])) : kNothing;
      return;
    }
    if (order_ == CubeOrder::Outer) {
      p.read_whole_row(step, col, out);
      const double x = step < p.depth_of(row) ? p.left(row, step) * p.scale() : std::numeric_limits<double>::quiet_NaN();
      for (std::size_t j = 0; j < out.size(); ++j)
        out[j] = p.there(row, col + static_cast<int>(j)) ? static_cast<float>(x * static_cast<double>(out[j])) : kNothing;
      return;
    }
    for (std::size_t k = 0; k < out.size(); ++k) {
      const int at = col + static_cast<int>(k);
      const auto [i, j] = order_ == CubeOrder::Dots ? cell_ : std::pair{row, step};
      out[k] = at < shown_ ? static_cast<float>(p.term(i, at, j)) : kNothing;
    }
  }

 private:
  ProductRef product_;
  CubeOrder order_;
  long long step_;
  int shown_;
  std::pair<int, int> cell_{0, 0};
};

}  // namespace

std::shared_ptr<const render::TileSource> left_source(ProductRef product, FactorPart part) {
  return std::make_shared<LeftCells>(std::move(product), part);
}

std::shared_ptr<const render::TileSource> right_source(ProductRef product, FactorPart part, bool turned) {
  return std::make_shared<RightCells>(std::move(product), part, turned);
}

std::shared_ptr<const render::TileSource> sums_source(ProductRef product, CubeOrder order, const CubeMoment& now) {
  return std::make_shared<SumCells>(std::move(product), order, now);
}

std::shared_ptr<const render::TileSource> terms_source(ProductRef product, CubeOrder order, long long step, int shown) {
  const CubeProduct& p = *product;
  const int rows = order == CubeOrder::Dots ? 1 : order == CubeOrder::Rows ? p.depth() : p.rows();
  const int cols = order == CubeOrder::Dots || order == CubeOrder::Columns ? p.depth() : p.cols();
  return std::make_shared<TermCells>(std::move(product), order, step, rows, cols, shown);
}

}  // namespace gf::scene

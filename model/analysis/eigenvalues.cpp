#include <cmath>

#include "model/analysis/circuits.h"

namespace gf {

namespace {

using Complex = std::complex<double>;

struct SquareMatrix {
  std::size_t n;
  std::vector<Complex> a;
  Complex& at(std::size_t i, std::size_t j) { return a[i * n + j]; }
};

/// Householder reflections until only one diagonal stands below the main one.
void to_hessenberg(SquareMatrix& m) {
  for (std::size_t k = 0; k + 2 < m.n; ++k) {
    double norm = 0;
    for (std::size_t i = k + 1; i < m.n; ++i) norm += std::norm(m.at(i, k));
    norm = std::sqrt(norm);
    if (norm == 0) continue;
    std::vector<Complex> v(m.n);
    for (std::size_t i = k + 1; i < m.n; ++i) v[i] = m.at(i, k);
    const double first = std::abs(v[k + 1]);
    v[k + 1] += first == 0 ? Complex(norm) : v[k + 1] / first * norm;
    double squares = 0;
    for (const Complex& x : v) squares += std::norm(x);
    for (std::size_t j = 0; j < m.n; ++j) {
      Complex sum = 0;
      for (std::size_t i = k + 1; i < m.n; ++i) sum += std::conj(v[i]) * m.at(i, j);
      for (std::size_t i = k + 1; i < m.n; ++i) m.at(i, j) -= 2.0 / squares * sum * v[i];
    }
    for (std::size_t i = 0; i < m.n; ++i) {
      Complex sum = 0;
      for (std::size_t j = k + 1; j < m.n; ++j) sum += m.at(i, j) * v[j];
      for (std::size_t j = k + 1; j < m.n; ++j) m.at(i, j) -= 2.0 / squares * sum * std::conj(v[j]);
    }
  }
}

/// The eigenvalue of the 2 x 2 corner ending at `end` that is nearer to its last element.
Complex shift_at(SquareMatrix& m, std::size_t end) {
  const Complex a = m.at(end - 1, end - 1), b = m.at(end - 1, end), c = m.at(end, end - 1), d = m.at(end, end);
  const Complex middle = (a + d) / 2.0, root = std::sqrt((a - d) * (a - d) / 4.0 + b * c);
  return std::abs(middle + root - d) < std::abs(middle - root - d) ? middle + root : middle - root;
}

/// One QR step on rows and columns begin..end: H - s = Q R becomes R Q + s.
void qr_step(SquareMatrix& m, std::size_t begin, std::size_t end, Complex s) {
  std::vector<std::pair<Complex, Complex>> rotations;
  for (std::size_t i = begin; i <= end; ++i) m.at(i, i) -= s;
  for (std::size_t k = begin; k < end; ++k) {
    const Complex x = m.at(k, k), y = m.at(k + 1, k);
    const double r = std::hypot(std::abs(x), std::abs(y));
    const Complex c = r == 0 ? Complex(1) : x / r, t = r == 0 ? Complex(0) : y / r;
    for (std::size_t j = k; j <= end; ++j) {
      const Complex p = m.at(k, j), q = m.at(k + 1, j);
      m.at(k, j) = std::conj(c) * p + std::conj(t) * q;
      m.at(k + 1, j) = c * q - t * p;
    }
    rotations.emplace_back(c, t);
  }
  for (std::size_t k = begin; k < end; ++k) {
    const auto [c, t] = rotations[k - begin];
    for (std::size_t i = begin; i <= std::min(k + 1, end); ++i) {
      const Complex p = m.at(i, k), q = m.at(i, k + 1);
      m.at(i, k) = p * c + q * t;
      m.at(i, k + 1) = q * std::conj(c) - p * std::conj(t);
    }
  }
  for (std::size_t i = begin; i <= end; ++i) m.at(i, i) += s;
}

}  // namespace

std::vector<std::complex<double>> eigenvalues(std::vector<double> matrix, std::size_t n) {
  EXPECTS(matrix.size() == n * n && n > 0, "a square matrix");
  SquareMatrix m{n, {matrix.begin(), matrix.end()}};
  to_hessenberg(m);
  int stuck = 0;
  for (std::size_t end = n - 1; end > 0;) {
    std::size_t begin = end;
    while (begin > 0 && std::abs(m.at(begin, begin - 1)) > 1e-15 * (std::abs(m.at(begin, begin)) + std::abs(m.at(begin - 1, begin - 1))))
      --begin;
    if (begin > 0) m.at(begin, begin - 1) = 0;
    if (begin == end) {
      --end;
      stuck = 0;
      continue;
    }
    // An unusual shift now and then breaks cycles; the bound is far beyond what any matrix needs.
    qr_step(m, begin, end, ++stuck % 11 == 0 ? std::complex<double>(std::abs(m.at(end, end - 1))) + m.at(end, end) : shift_at(m, end));
    if (stuck > 400) m.at(end, end - 1) = 0;
  }
  std::vector<std::complex<double>> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(m.at(i, i));
  return values;
}

}  // namespace gf

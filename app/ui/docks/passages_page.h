// What the question "examples" says of a neuron, a head or a feature: a sentence, a histogram, and passages of the text.
#pragma once

#include <QWidget>
#include <functional>
#include <string>

#include "model/analysis/answer.h"
#include "model/base/error.h"
#include "model/session.h"

class QLabel;

namespace gf::ui {

class CurvePlot;
class PassageList;

/// Its parts are named PREFIX_unit, PREFIX_histogram and PREFIX_list.
class PassagesPage : public QWidget {
 public:
  PassagesPage(QWidget* parent, const QString& prefix);
  /// `words`: what the histogram counts, a sentence.
  void show_answer(const Answer& answer, const Model& model, const QString& words);
  [[nodiscard]] PassageList& list() const { return *passages_; }

  std::function<void(const std::string& passage)> on_passage;  ///< the user chose it
  std::function<void(const Error& error)> on_error;

 private:
  QLabel* words_;
  CurvePlot* histogram_;
  PassageList* passages_;
  std::vector<std::string> texts_;
};

}  // namespace gf::ui

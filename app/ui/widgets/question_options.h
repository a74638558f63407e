// The parameters of a question as controls: what the command line takes as options.
#pragma once

#include <QWidget>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/analysis/params.h"

class QFormLayout;
class QLabel;
class QToolButton;

namespace gf {
struct Question;
}

namespace gf::ui {

/// A row for each parameter, folded away at first. What was said of a question is kept while another one shows. A second prompt is no row:
/// docks have a field of their own for it.
class QuestionOptions : public QWidget {
 public:
  QuestionOptions(const QString& name, QWidget* parent);
  /// `left_out`: parameters that the dock sets itself. The widget hides where there is no other.
  void show_question(const Question& question, std::span<const std::string_view> left_out = {});
  /// Those of the question that shows; what was left out has its fallback.
  [[nodiscard]] const Params& params() const;
  /// What was said of every question in another one of these.
  void take_over(const QuestionOptions& before);

  std::function<void()> on_change;  ///< another value was set

 private:
  void add_row(const Param& row);
  [[nodiscard]] QWidget* control_of(const Param& row);
  /// Takes a value as Params::set() reads it; where it cannot be read the old one stays and the reason shows.
  void take(const char* param, const std::string& value);
  void show_head();

  QToolButton* head_;
  QLabel* wrong_;
  QWidget* rows_;
  QFormLayout* form_;
  const Question* question_ = nullptr;
  std::vector<std::string_view> left_out_;
  std::map<const Question*, Params> said_;
};

}  // namespace gf::ui

// Answers as tables for people.
#include <algorithm>
#include <cstdio>

#include "app/cli/analyze/analyze.h"
#include "model/analysis/objective.h"
#include "model/base/numbers.h"
#include "model/base/printable.h"
#include "model/base/text.h"
#include "model/tokenizer/token_words.h"

namespace gf::cli {

namespace {

std::string cell_text(float value) { return numbers::fixed(static_cast<double>(value), 4); }

struct AnswerText {
  const Model& model;
  const Explained& about;
  const Answer* answer = nullptr;  ///< whose part it is
  std::string name;                ///< of the part at hand
  const PartInfo* part = nullptr;  ///< the same
  std::string subject;             ///< what is explained, for the docs of parts

  void operator()(const Grid& g) const {
    print_array(g.axes, g.shape, g.unit, [&g](std::size_t i) { return cell_text(g.values[i]); });
  }
  void operator()(const Answer::Number& n) const { std::printf("%s  %s\n", name.c_str(), numbers::fixed(n.value, 4).c_str()); }
  void operator()(const Answer::Tokens& t) const {
    const auto cell = [&](std::size_t i) {
      return t.is_undefined(i) ? "NaN" : quoted(t.ids[i]) + (t.of.empty() ? "" : " " + cell_text(t.values[i]));
    };
    if (t.axes == std::vector<std::string>{"depth", "position", "k"} && about.position >= 0) print_lens(t, cell);
    else print_array(t.axes, t.shape, t.unit, cell);
  }
  void operator()(const Answer::Words& w) const {
    if (w.axes.empty()) std::printf("%s  %s\n", name.c_str(), w.words.front().c_str());
    else print_array(w.axes, w.shape, "", [&w](std::size_t i) { return printable_line(w.words[i]); });
  }
  void operator()(const Answer::Table& t) const {
    if (t.rows() == 0) return;
    std::vector<std::vector<std::string>> rows(t.rows() + 1);
    for (const auto& column : t.columns) print_column(column, rows);
    std::printf("\n%s\n", name.c_str());
    print_table(rows);
  }
  void operator()(const Answer::Undefined& u) const { std::printf("%s  - (%s)\n", name.c_str(), u.why.c_str()); }

 private:
  [[nodiscard]] std::string quoted(TokenId id) const { return named_token(model, id); }

  void print_heading(const std::vector<std::string>& axes, const std::string& unit) const {
    const std::string doc = part != nullptr && *part->doc != '\0' ? ": " + text(part->doc, subject) : "";
    std::string names;  // as the reply in JSON writes them
    for (const std::string& axis : axes) names += (names.empty() ? "" : ", ") + axis;
    std::printf("\n%s [%s]%s%s\n", name.c_str(), names.c_str(), unit.empty() ? "" : (", " + unit).c_str(), doc.c_str());
  }

  template <class Cell>
  void print_array(const std::vector<std::string>& axes, const std::vector<int>& shape, const std::string& unit, const Cell& cell) const {
    print_heading(axes, unit);
    if (axes.size() > 2 || axes.back() == "row") {
      print_line(text("(--json has the numbers)"));
      return;
    }
    const auto n_rows = static_cast<std::size_t>(shape[0]), columns = axes.size() < 2 ? 1 : static_cast<std::size_t>(shape[1]);
    const bool by_token = axes == std::vector<std::string>{"position"};
    const std::size_t first = by_token && part != nullptr ? static_cast<std::size_t>(part->first_position) : 0;
    if (n_rows == 0 && first > 0) {
      print_line(text("(none: the prompt has one token, and nothing stands before it)"));
      return;
    }
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < n_rows; ++i) {
      rows.push_back({name_of_place(axes.front(), first + i)});
      if (by_token && first + i < about.ids.size()) rows.back().push_back(quoted(about.ids[first + i]));
      for (std::size_t j = 0; j < columns; ++j) rows.back().push_back(cell(i * columns + j));
    }
    print_table(rows);
  }

  /// An axis "rate" has its values in a part "rates"; other axes count.
  [[nodiscard]] std::string name_of_place(const std::string& axis, std::size_t place) const {
    const Grid* values = answer->get<Grid>(axis + "s");
    return values != nullptr && values->axes == std::vector<std::string>{axis}
               ? numbers::significant(static_cast<double>(values->values[place]), 4)
               : std::to_string(place);
  }

  /// The likeliest tokens of each depth at one position.
  template <class Cell>
  void print_lens(const Answer::Tokens& t, const Cell& cell) const {
    std::vector<std::vector<std::string>> rows{{"depth", text("likeliest at position {0}", about.position)}};
    const int k = t.shape[2];
    for (int depth = 0; depth < t.shape[0]; ++depth) {
      rows.push_back({std::to_string(depth)});
      for (int i = 0; i < k; ++i) rows.back().push_back(cell(flat_index(t.shape, {depth, about.position, i})));
      rows[0].resize(std::max(rows[0].size(), rows.back().size()));
    }
    std::printf("\n%s [depth, k], %s\n", name.c_str(), t.unit.c_str());
    print_table(rows);
  }

  void print_column(const Answer::Table::Column& column, std::vector<std::vector<std::string>>& rows) const {
    if (const auto* ids = std::get_if<std::vector<TokenId>>(&column.cells)) {
      const bool alone = column.name == "token";
      rows[0].insert(rows[0].end(), {alone ? "id" : column.name, alone ? "text" : ""});
      for (std::size_t i = 0; i < ids->size(); ++i)
        rows[i + 1].insert(rows[i + 1].end(), {std::to_string((*ids)[i].v), token_words(model.tokenizer.get(), (*ids)[i])});
      return;
    }
    rows[0].push_back(column.name);
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
      if (const auto* whole = std::get_if<std::vector<int>>(&column.cells)) rows[i + 1].push_back(std::to_string((*whole)[i]));
      else if (const auto* values = std::get_if<std::vector<float>>(&column.cells)) rows[i + 1].push_back(cell_text((*values)[i]));
      else if (const auto* places = std::get_if<std::vector<std::vector<int>>>(&column.cells))
        rows[i + 1].push_back(written_place((*places)[i]));
      else rows[i + 1].push_back(printable_line(std::get<std::vector<std::string>>(column.cells)[i]));  // a row of a table is one line
    }
  }
};

/// "the logit of ' Mary' minus that of ' John'"
std::string subject_of(const Explained& about, const Params& params, const Model& model) {
  if (!about.a) return text("the likeliest token");
  const std::string a = named_token(model, *about.a);
  if (is_of_logprob(params)) return text("the log-probability of {0}", a);
  return about.b ? text("the logit of {0} minus that of {1}", a, named_token(model, *about.b)) : text("the logit of {0}", a);
}

}  // namespace

std::string named_token(const Model& model, TokenId id) {
  const auto bytes = model.tokenizer->bytes_of(id);
  return bytes.empty() ? token_words(model.tokenizer.get(), id) : "'" + text_of(model, id) + "'";
}

void print_text(const std::vector<Answered>& answers, const Model& model, const Explained& about) {
  AnswerText printer{.model = model, .about = about, .answer = nullptr, .name = {}, .subject = {}};
  for (const Answered& answered : answers)
    for (const Answer::Part& part : answered.answer.parts()) {
      printer.answer = &answered.answer;
      printer.subject = subject_of(about, answered.params, model);
      printer.part = part_of(*answered.question, part.name);
      printer.name = key_of(*answered.question) + (part.name.empty() ? "" : "." + part.name);
      std::visit(printer, part.value);
    }
}

}  // namespace gf::cli

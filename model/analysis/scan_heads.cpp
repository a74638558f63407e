// Heads and MLPs that matter for A rather than B: by cutting them, and by what they write themselves.
#include <algorithm>
#include <cmath>

#include "model/analysis/components.h"
#include "model/analysis/scan.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::scan {

namespace {

std::vector<double> numbers_of(const Grid& grid) { return {grid.values.begin(), grid.values.end()}; }

/// Where a head looks, and where it matters.
struct HeadLook {
  int query = 0, key = 0;
  double attention = 0;
};
HeadLook look_of(const Trace& trace, int layer, int head, int query) {
  const auto row = trace.causal_row({HookKind::Pattern, layer}, head, query);
  const auto key = static_cast<int>(std::ranges::max_element(row) - row.begin());
  return {query, key, static_cast<double>(row[static_cast<std::size_t>(key)])};
}
FoundNumber number_of_look(const HeadLook& look, int layer, int head) {
  return {"run", {}, name_of(HookId{HookKind::Pattern, layer}), {head, look.query, look.key}, look.attention};
}

/// What the heads do for A rather than B.
class HeadsThatMatter {
 public:
  HeadsThatMatter(Answers& answers, Findings& findings, const Answer& cuts, const Answer& direct, const Answer& gradient)
      : answers_(answers),
        findings_(findings),
        cuts_(cuts),
        direct_(direct),
        gradient_(gradient),
        a_(answers.words(*answers.asking().a)),
        b_(answers.words(*answers.asking().b)),
        lead_(direct.number("total")) {}

  void find() {
    const Grid& delta = cuts_.grid("delta");
    const Grid& writes = direct_.grid("heads");
    const double by_cut = std::max(kOdds, largest_by_chance(numbers_of(delta), Tail::Normal));
    const double by_writing = std::max(kOdds, largest_by_chance(numbers_of(writes), Tail::Normal));
    for (int layer = 0; layer < delta.shape[0]; ++layer) {
      for (int head = 0; head < delta.shape[1]; ++head) {
        if (std::abs(static_cast<double>(delta.at(layer, head))) >= by_cut) matters(layer, head);
        if (std::abs(static_cast<double>(writes.at(layer, head))) < by_writing) continue;
        writes_it(layer, head);
        repaired(layer, head);
      }
      if (std::abs(static_cast<double>(cuts_.grid("mlp_delta").at(layer))) >= by_cut) mlp(layer);
    }
  }

 private:
  [[nodiscard]] FoundNumber lead() const { return {"dla", {}, "total", {}, lead_}; }
  [[nodiscard]] double share(double x) const { return std::abs(x) / (std::abs(x) + std::abs(lead_ - std::abs(x))); }

  void matters(int layer, int head) {
    const double delta = static_cast<double>(cuts_.grid("delta").at(layer, head));
    const Grid& by_position = gradient_.grid("heads_by_position");
    int query = 0;
    for (int p = 1; p < by_position.shape[2]; ++p)
      if (std::abs(by_position.at(layer, head, p)) > std::abs(by_position.at(layer, head, query))) query = p;
    const HeadLook look = look_of(answers_.asking().trace(), layer, head, query);
    Finding f;
    f.kind = "matters";
    f.sentence = text(
        "Head {0} matters: cutting it changes the lead of {1} over {2}, {3}, by {4}. It matters most at {5}, where it looks at {7} "
        "with {6} of its attention.",
        head_name(layer, head), a_, b_, numbers::fixed(lead_, 2), numbers::with_sign(delta, 2), answers_.place_of(query),
        numbers::percent(look.attention), answers_.place_of(look.key));
    f.main = {"ablate-sweep", {}, "delta", {layer, head}, delta};
    f.beside = {lead(),
                number_of_look(look, layer, head),
                {"act-grad", {}, "heads_by_position", {layer, head, query}, static_cast<double>(by_position.at(layer, head, query))}};
    f.strength = share(delta);
    findings_.push_back(std::move(f));
  }

  void writes_it(int layer, int head) {
    const double part = static_cast<double>(direct_.grid("heads").at(layer, head));
    const HeadLook look = look_of(answers_.asking().trace(), layer, head, answers_.asking().at());
    Finding f;
    f.kind = "writes";
    f.sentence = part > 0 ? text(
                                "Head {0} writes {1}: {2} of its lead of {3} over {4} is what this head adds itself, looking at {5} with "
                                "{6} of its attention.",
                                head_name(layer, head), a_, numbers::fixed(part, 2), numbers::fixed(lead_, 2), b_,
                                answers_.place_of(look.key), numbers::percent(look.attention))
                          : text(
                                "Head {0} writes against {1}: it adds {2} to its lead of {3} over {4}, looking at {5} with {6} of its "
                                "attention.",
                                head_name(layer, head), a_, numbers::with_sign(part, 2), numbers::fixed(lead_, 2), b_,
                                answers_.place_of(look.key), numbers::percent(look.attention));
    f.main = {"dla", {}, "heads", {layer, head}, part};
    f.beside = {lead(), number_of_look(look, layer, head)};
    f.strength = share(part);
    findings_.push_back(std::move(f));
  }

  /// Later blocks make up for a cut where they take back a part of what it costs directly.
  void repaired(int layer, int head) {
    const Answer::Value* there = cuts_.find("repair");
    if (there == nullptr) return;
    const double repair = static_cast<double>(cuts_.grid("repair").at(layer, head)),
                 direct = static_cast<double>(cuts_.grid("direct").at(layer, head)),
                 delta = static_cast<double>(cuts_.grid("delta").at(layer, head));
    if (repair * direct >= 0 || std::abs(repair) < kOdds || std::abs(repair) > 2 * std::abs(direct)) return;
    Finding f;
    f.kind = "repair";
    f.sentence = text(
        "Later blocks make up for head {0}: without what it writes the lead of {1} over {2} would change by {3}, and when it "
        "is cut it changes by {4}; {5} is repaired.",
        head_name(layer, head), a_, b_, numbers::with_sign(direct, 2), numbers::with_sign(delta, 2), numbers::fixed(std::abs(repair), 2));
    f.main = {"ablate-sweep", {}, "repair", {layer, head}, repair};
    f.beside = {{"ablate-sweep", {}, "direct", {layer, head}, direct},
                {"ablate-sweep", {}, "delta", {layer, head}, delta},
                number_of_look(look_of(answers_.asking().trace(), layer, head, answers_.asking().at()), layer, head)};
    f.strength = share(repair);
    findings_.push_back(std::move(f));
  }

  void mlp(int layer) {
    const double delta = static_cast<double>(cuts_.grid("mlp_delta").at(layer));
    Finding f;
    f.kind = "mlp";
    f.sentence = text("The MLP of block {0} matters: cutting it changes the lead of {1} over {2}, {3}, by {4}.", layer, a_, b_,
                      numbers::fixed(lead_, 2), numbers::with_sign(delta, 2));
    f.main = {"ablate-sweep", {}, "mlp_delta", {layer}, delta};
    f.beside = {lead()};
    f.strength = share(delta);
    findings_.push_back(std::move(f));
  }

  Answers& answers_;
  Findings& findings_;
  const Answer &cuts_, &direct_, &gradient_;
  std::string a_, b_;
  double lead_;
};

}  // namespace

Result<void> find_heads_that_matter(Answers& answers, Findings& findings) {
  GF_TRY_ASSIGN(const bool decided, answers.decided());
  if (!decided) return {};
  GF_TRY_ASSIGN(const Answer* cuts, answers.ask("ablate-sweep", 0.75));
  GF_TRY_ASSIGN(const Answer* direct, answers.ask("dla", 0.02));
  GF_TRY_ASSIGN(const Answer* gradient, answers.ask("act-grad", 0.08));
  HeadsThatMatter(answers, findings, *cuts, *direct, *gradient).find();
  return {};
}

}  // namespace gf::scan

#include "app/document/training.h"

#include <charconv>

#include "model/base/text.h"
#include "model/io/loaders.h"

namespace gf::doc {
namespace {

struct NameAtStep {
  std::string name;
  std::optional<int> step;
};

NameAtStep parts_of(const std::string& model) {
  const auto at = model.rfind('@');
  if (at == std::string::npos) return {model, std::nullopt};
  int step = -1;
  const char* end = model.data() + model.size();
  const auto read = std::from_chars(model.data() + at + 1, end, step);
  if (read.ec != std::errc{} || read.ptr != end || step < 0) return {model, std::nullopt};
  return {model.substr(0, at), step};
}

}  // namespace

std::optional<int> training_step_of(const std::string& model) { return parts_of(model).step; }

std::string training_name_of(const std::string& model) { return parts_of(model).name; }

std::vector<int> training_steps_of(const std::string& model) {
  const auto path = resolve_model(parts_of(model).name);
  return path ? training_steps(*path) : std::vector<int>();
}

Command show_training_step(std::optional<int> step) {
  return {step ? gf::text("show training step {0}", *step) : gf::text("show the trained model"),
          [step](Document& d) {
            const std::string before = d.model;
            d.model = parts_of(d.model).name;
            if (step) d.model += "@" + std::to_string(*step);
            if (d.other && !d.other->prompt.empty() && d.other->model == before) d.other->model = d.model;
          },
          "training step"};
}

}  // namespace gf::doc

#include "app/document/command.h"

#include <algorithm>
#include <utility>

#include "app/scene/views.h"
#include "model/base/text.h"

namespace gf::doc {
namespace {

/// A command has led from `before` to `failed`. What it changed, and nothing has changed since, gets its old value.
void give_back(const Document& before, const Document& failed, Document& later) {
  const auto field = [&](auto member) {
    if (later.*member == failed.*member) later.*member = before.*member;
  };
  const auto fields = [&](auto... members) { (field(members), ...); };
  fields(&Document::model, &Document::prompt, &Document::bos, &Document::continuation, &Document::recipe, &Document::other,
         &Document::scene_of_both, &Document::mode, &Document::sampler, &Document::directions, &Document::head_sets, &Document::lens,
         &Document::target, &Document::rival, &Document::head_colour, &Document::features, &Document::tries, &Document::bookmarks,
         &Document::storage, &Document::training);
  scene::each_field([&](const char*, auto member, scene::Redraws) { field(member); });
}

}  // namespace

History::History(Document start) : now_(std::move(start)) {}

bool History::execute(const Command& command) {
  Document next = now_;
  command.apply(next);
  if (next == now_) return false;
  const bool merges = !sealed_ && !command.merge_key.empty() && !past_.empty() && past_.back().merge_key == command.merge_key;
  if (!merges) past_.push_back({command.name, command.merge_key, now_});
  else past_.back().name = command.name;
  // A long session must not grow without end, and no user goes a thousand steps back.
  constexpr std::size_t kDepth = 1000;
  if (past_.size() > kDepth) past_.erase(past_.begin());
  future_.clear();
  now_ = std::move(next);
  sealed_ = false;
  return true;
}

void History::seal() { sealed_ = true; }

bool History::undo() {
  if (past_.empty()) return false;
  Entry entry = std::move(past_.back());
  past_.pop_back();
  std::swap(entry.document, now_);
  future_.push_back(std::move(entry));
  sealed_ = true;
  return true;
}

bool History::redo() {
  if (future_.empty()) return false;
  Entry entry = std::move(future_.back());
  future_.pop_back();
  std::swap(entry.document, now_);
  past_.push_back(std::move(entry));
  sealed_ = true;
  return true;
}

bool History::forget_model(const std::string& model) {
  std::size_t after = past_.size();
  while (after > 0 && past_[after - 1].document.model == model) --after;
  if (after == 0 || now_.model != model) return false;
  const Document before = std::move(past_[after - 1].document);
  past_.erase(past_.begin() + static_cast<std::ptrdiff_t>(after - 1));
  const Document failed = after - 1 < past_.size() ? past_[after - 1].document : now_;
  for (std::size_t i = after - 1; i < past_.size(); ++i) give_back(before, failed, past_[i].document);
  give_back(before, failed, now_);
  future_.clear();
  sealed_ = true;
  return true;
}

void History::begin_here() {
  past_.clear();
  future_.clear();
  sealed_ = true;
}

void History::begin_aside(Document document) {
  if (!own_) own_ = Own{std::move(now_), std::move(past_), std::move(future_)};
  now_ = std::move(document);
  past_.clear();
  future_.clear();
  sealed_ = true;
}

void History::end_aside() {
  if (!own_) return;
  now_ = std::move(own_->now);
  past_ = std::move(own_->past);
  future_ = std::move(own_->future);
  own_.reset();
  sealed_ = true;
}

std::string History::undo_name() const { return past_.empty() ? std::string() : past_.back().name; }
std::string History::redo_name() const { return future_.empty() ? std::string() : future_.back().name; }

std::vector<std::string> History::past_names() const {
  std::vector<std::string> names;
  for (const Entry& entry : past_) names.push_back(entry.name);
  return names;
}

std::vector<std::string> History::future_names() const {
  std::vector<std::string> names;
  for (std::size_t i = future_.size(); i-- > 0;) names.push_back(future_[i].name);
  return names;
}

std::vector<Document> History::documents() const {
  std::vector<Document> all;
  for (const Entry& entry : past_) all.push_back(entry.document);
  all.push_back(now_);
  return all;
}

Command set_prompt(std::string prompt) {
  return {text("change the prompt"),
          [prompt = std::move(prompt)](Document& d) {
            if (d.prompt == prompt && d.continuation.empty()) return;
            if (d.prompt != prompt) d.rival.clear();  // it was set for the prompt before
            d.prompt = prompt;
            d.continuation.clear();
            d.selected_position = -1;
            d.selection.reset();
            d.circuit.reset();  // its effects are those of the prompt before
            d.time = 1e18;
          },
          {}};
}

Command enable_edit(std::size_t index, bool on) {
  return {text(on ? "switch an edit on" : "switch an edit off"),
          [=](Document& d) {
            if (index < d.recipe.edits.size()) d.recipe.edits[index].enabled = on;
          },
          {}};
}

Command remove_edit(std::size_t index) {
  return {text("remove an edit"),
          [=](Document& d) {
            if (index < d.recipe.edits.size()) d.recipe.edits.erase(d.recipe.edits.begin() + static_cast<std::ptrdiff_t>(index));
          },
          {}};
}

Command move_edit(std::size_t from, std::size_t to) {
  return {text("move an edit"),
          [=](Document& d) {
            auto& edits = d.recipe.edits;
            if (from >= edits.size() || to >= edits.size()) return;
            const auto at = [&](std::size_t index) { return edits.begin() + static_cast<std::ptrdiff_t>(index); };
            if (from < to) std::rotate(at(from), at(from + 1), at(to + 1));
            else std::rotate(at(to), at(from), at(from + 1));
          },
          {}};
}

Command clear_edits() {
  return {text("remove all edits"), [](Document& d) { d.recipe = {}; }, {}};
}

Command select_cell(std::optional<scene::CellRef> cell) {
  return {text(cell ? "select a cell" : "select nothing"), [cell = std::move(cell)](Document& d) { d.selection = cell; }, {}};
}

Command select_position(int position) {
  return {text("select position {0}", position), [=](Document& d) { d.selected_position = position; }, {}};
}

Command set_mode(Mode mode) {
  return {text(mode == Mode::Observe     ? "observe"
               : mode == Mode::Intervene ? "intervene"
                                         : "what if"),
          [=](Document& d) { d.mode = mode; },
          {}};
}

Command show_view(scene::View view) {
  return {text("show the {0}", text(scene::info_of(view).title)),
          [=](Document& d) {
            if (d.view == view) return;
            d.view = view;
            d.cube.reset();
            d.one_head.reset();
            d.camera.reset();
          },
          {}};
}

namespace {

/// The camera that the whole Machine comes back to: the present one, or that from before something was shown alone.
std::optional<render::Camera> camera_of_whole(const Document& d) {
  if (d.cube) return d.cube->before;
  if (d.one_head) return d.one_head->before;
  return d.view == scene::View::Machine ? d.camera : std::nullopt;
}

/// Shows the whole Machine again.
void show_whole(Document& d) {
  d.camera = camera_of_whole(d);
  d.cube.reset();
  d.one_head.reset();
}

}  // namespace

Command open_cube(scene::Cube cube) {
  return {text("open {0}", scene::title_of(cube)),
          [cube = std::move(cube)](Document& d) {
            if (d.cube && d.cube->product == cube.product && d.cube->head == cube.head) return;
            scene::Cube opened = cube;
            opened.before = camera_of_whole(d);
            if (d.cube) opened.order = d.cube->order;
            show_whole(d);
            d.view = scene::View::Machine;
            d.cube = std::move(opened);
            d.camera.reset();
          },
          {}};
}

Command open_one_head(scene::OneHead head) {
  return {text("see head {0} alone", scene::one_head_name(head)),
          [head](Document& d) {
            if (d.one_head && d.one_head->same_place(head)) return;
            scene::OneHead opened = head;
            opened.before = camera_of_whole(d);
            show_whole(d);
            d.view = scene::View::Machine;
            d.one_head = opened;
            d.camera.reset();
          },
          {}};
}

Command close_one_head() {
  return {text("see the whole Machine"),
          [](Document& d) {
            if (d.one_head) show_whole(d);
          },
          {}};
}

Command set_split(double share) {
  return {text("move the line between base and edited"),
          [share](Document& d) {
            d.compare = scene::Compare::Split;
            d.split = std::clamp(share, 0.0, 1.0);
          },
          "split"};
}

Command close_cube() {
  return {text("close the product"),
          [](Document& d) {
            if (d.cube) show_whole(d);
          },
          {}};
}

Command set_cube_order(scene::CubeOrder order) {
  return {text("order of the product: {0}", scene::words_of(order)),
          [=](Document& d) {
            if (!d.cube || d.cube->order == order) return;
            d.cube->order = order;
            d.cube->time = 0;
          },
          {}};
}

Command set_ribbons(scene::RibbonWidth width) {
  return {text(width == scene::RibbonWidth::Moved ? "ribbons by what is moved" : "ribbons by weight"),
          [=](Document& d) { d.ribbons = width; },
          {}};
}

Command show_circuit(std::optional<scene::Circuit> circuit) {
  const bool on = circuit.has_value();
  return {text(on ? "show a circuit in the Stream" : "show no circuit"),
          [circuit = std::move(circuit)](Document& d) {
            d.circuit = circuit;
            if (circuit) show_view(scene::View::Stream).apply(d);
          },
          on ? "circuit" : ""};
}

Command set_map(bool on) {
  return {text(on ? "show map and path" : "hide map and path"), [=](Document& d) { d.map = on; }, {}};
}

Command set_follow(bool on) {
  return {text(on ? "let the camera follow" : "let the camera stand"), [=](Document& d) { d.follow = on; }, {}};
}

Command set_bos(bool on) {
  return {text(on ? "begin with BOS" : "begin without BOS"), [=](Document& d) { d.bos = on; }, {}};
}

Command set_unit(scene::Timeline::Unit unit) {
  constexpr const char* kNames[] = {phrase("step by operation"), phrase("step by block"), phrase("step by token")};
  return {text(kNames[static_cast<std::size_t>(unit)]), [=](Document& d) { d.unit = unit; }, {}};
}

Command set_speed(scene::Pace pace, double speed) {
  return {text("change the speed"),
          [=](Document& d) {
            d.pace = pace;
            d.speed = speed;
          },
          {}};
}

Command set_target(std::string token) {
  return {text("choose token A"), [token = std::move(token)](Document& d) { d.target = token; }, {}};
}

Command set_rival(std::string token) {
  return {text("choose token B"), [token = std::move(token)](Document& d) { d.rival = token; }, {}};
}

Command set_lens(std::string path) {
  return {path.empty() ? text("read without a lens") : text("read through a lens"),
          [path = std::move(path)](Document& d) { d.lens = path; },
          {}};
}

}  // namespace gf::doc

// Actions about what the scene shows: view, camera, theme, cells, cards and products.
#include "app/document/head_colour.h"
#include "app/document/lab.h"
#include "app/document/view_json.h"
#include "app/scene/legend.h"
#include "app/scene/views.h"
#include "app/ui/actions/acts.h"
#include "app/ui/actions/acts_parts.h"
#include "app/ui/shell/cell_menu.h"
#include "app/ui/shell/main_window.h"
#include "app/ui/viewport/viewport.h"
#include "app/ui/widgets/transport.h"
#include "model/base/text.h"

namespace gf::ui::acts {
namespace {

Result<scene::CellRef> cell_at(C c, A a, std::size_t at) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  GF_TRY_ASSIGN(const auto run, run_of(c));
  return cell_named(a, at, model->weights->config, run->base->length());
}

}  // namespace

Result<void> view(C c, A a) {
  scene::View which = scene::next_view(c.lab.document().view);
  if (!a.empty()) {
    GF_TRY_ASSIGN(which, value_named<scene::View>(a[0]));
  }
  c.lab.execute(doc::show_view(which));
  return {};
}

Result<void> camera(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("A part of the model, such as \"block 4\",")));
  constexpr std::string_view kOfHead = "head ";
  if (c.lab.model() && name.starts_with(kOfHead))
    if (const auto head = head_named(name.substr(kOfHead.size()), c.lab.model()->weights->config))
      c.window.select_head(head->layer, head->head);  // so that X cuts what the camera shows
  c.window.viewport().fly_to(name);
  return {};
}

Result<void> compare(C c, A a) {
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("edited, base, difference, split or side")));
  GF_TRY_ASSIGN(const scene::Compare which, value_named<scene::Compare>(word));
  constexpr const char* kNames[] = {phrase("show the edited run"), phrase("show the base run"), phrase("show the difference"),
                                    phrase("show base and edited at a line"), phrase("show both side by side")};
  return change(c, gf::text(kNames[static_cast<std::size_t>(which)]), [which](doc::Document& d) { d.compare = which; });
}

Result<void> split(C c, A a) {
  if (a.empty()) return compare(c, {c.lab.document().compare == scene::Compare::Split ? "edited" : "split"});
  GF_TRY_ASSIGN(const double share, number(a[0], 0, 1));
  c.lab.execute(doc::set_split(share));
  return {};
}

Result<void> move_split(C c, double by) {
  const doc::Document& now = c.lab.document();
  c.lab.execute(doc::set_split(now.compare == scene::Compare::Split ? now.split + by : now.split));
  return {};
}

Result<void> theme(C c, A a) {
  render::Theme which = c.lab.document().theme == render::Theme::Light ? render::Theme::Dark : render::Theme::Light;
  if (!a.empty()) {
    GF_TRY_ASSIGN(which, value_named<render::Theme>(a[0]));
  }
  return change(c, gf::text("change the theme"), [which](doc::Document& d) { d.theme = which; });
}

Result<void> language(C c, A a) {
  GF_TRY_ASSIGN(const std::string id, word_at(a, 0, gf::text("A language, en or zh,")));
  return c.window.speak(id);
}

Result<void> ribbons(C c, A a) {
  using scene::RibbonWidth;
  RibbonWidth which = c.lab.document().ribbons == RibbonWidth::Moved ? RibbonWidth::Weight : RibbonWidth::Moved;
  if (!a.empty()) {
    GF_TRY_ASSIGN(which, value_named<RibbonWidth>(a[0]));
  }
  c.lab.execute(doc::set_ribbons(which));
  return {};
}

Result<void> show_circuit(C c, A a) {
  std::optional<scene::Circuit> circuit;
  if (!a.empty()) {
    GF_TRY_ASSIGN(circuit, doc::circuit_from_text(a[0]));
  }
  c.lab.execute(doc::show_circuit(std::move(circuit)));
  return {};
}

Result<void> open_product(C c, A a) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  const ModelConfig& config = model->weights->config;
  std::optional<scene::Cube> cube;
  if (!a.empty()) {
    GF_TRY_ASSIGN(cube, scene::cube_named(a[0], &config));
  } else if (const auto cell = c.window.viewport().cell_to_pin()) {
    cube = scene::cube_of(*cell, config);
    if (!cube) {
      c.window.say(QString::fromStdString(gf::text("{0} is not made by a product.", scene::plain_name(cell->tensor))));
      return {};
    }
  } else {
    c.window.say(QString::fromStdString(gf::text("Point at a cell, or select one, to open the product that makes it.")));
    return {};
  }
  return c.window.open_product(*cube);
}

Result<void> one_head(C c, A a) {
  GF_TRY_ASSIGN(const auto model, model_of(c));
  std::string name = a.empty() ? std::string() : a[0];
  if (const auto& selection = c.lab.document().selection; name.empty() && selection)
    if (const auto head = scene::head_in(*selection)) name = scene::one_head_name({selection->tensor.hook.layer, *head});
  if (name.empty()) {
    c.window.say(QString::fromStdString(gf::text("Select a cell of a head, or a head of the grid, to see it alone.")));
    return {};
  }
  GF_TRY_ASSIGN(const scene::OneHead head, scene::one_head_named(name, &model->weights->config));
  c.lab.execute(doc::open_one_head(head));
  return {};
}

Result<void> product_order(C c, A a) {
  if (!c.lab.document().cube) return fail(ErrorCode::InvalidArgument, gf::text("No product is open."), "action");
  scene::CubeOrder order = scene::next_order(c.lab.document().cube->order);
  if (!a.empty()) {
    GF_TRY_ASSIGN(order, value_named<scene::CubeOrder>(a[0]));
  }
  c.lab.execute(doc::set_cube_order(order));
  c.window.transport().play_from(0);
  return {};
}

Result<void> product_time(C c, A a) {
  if (!c.lab.document().cube) return fail(ErrorCode::InvalidArgument, gf::text("No product is open."), "action");
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A share of the animation")));
  GF_TRY_ASSIGN(const double share, number(word, 0, 1));
  c.window.transport().pause();
  c.lab.set_cube_time(share);
  return {};
}

Result<void> select(C c, A a) {
  GF_TRY_ASSIGN(const scene::CellRef cell, cell_at(c, a, 0));
  c.lab.execute(doc::select_cell(cell));
  return {};
}

Result<void> look_at(C c, A a) {
  GF_TRY(select(c, a));
  c.window.viewport().fly_to_cell(*c.lab.document().selection);
  return {};
}

Result<void> pin_card(C c, A a) {
  if (a.empty()) {
    if (const auto cell = c.window.viewport().cell_to_pin()) c.window.viewport().pin_card(*cell);
    else c.window.say(QString::fromStdString(gf::text("Point at a cell, or select one, to pin its card.")));
    return {};
  }
  GF_TRY_ASSIGN(const scene::CellRef cell, cell_at(c, a, 0));
  c.window.viewport().pin_card(cell);
  return {};
}

Result<void> card_depth(C c, A a) {
  const auto next = [](scene::CardDepth now) {
    return static_cast<scene::CardDepth>((static_cast<std::size_t>(now) + 1) % std::size(scene::kCardDepthNames));
  };
  scene::CardDepth depth = next(c.window.viewport().card_depth());
  if (!a.empty()) {
    GF_TRY_ASSIGN(depth, value_named<scene::CardDepth>(a[0]));
  }
  c.window.set_card_depth(depth);
  return {};
}

Result<void> copy_code(C c, A a) {
  std::optional<scene::CellRef> cell = c.window.viewport().cell_to_pin();
  if (!a.empty()) {
    GF_TRY_ASSIGN(cell, cell_at(c, a, 0));
  }
  if (cell) copy_code_of(c.window, c.lab, *cell);
  else c.window.say(QString::fromStdString(gf::text("Point at a cell, or select one, to copy its code.")));
  return {};
}

Result<void> select_position(C c, A a) {
  GF_TRY_ASSIGN(const auto run, run_of(c));
  GF_TRY_ASSIGN(const std::string word, word_at(a, 0, gf::text("A position")));
  GF_TRY_ASSIGN(const long long position, whole_number(word, 0, run->base->length() - 1));
  c.lab.execute(doc::select_position(static_cast<int>(position)));
  return {};
}

Result<void> head_colour(C c, A a) {
  GF_TRY_ASSIGN(const std::string name, word_at(a, 0, gf::text("A part of a question, such as heads.induction,")));
  const auto part = doc::head_colour_named(name);
  if (!part)
    return fail(ErrorCode::InvalidArgument, gf::text("No question has a part \"{0}\" by layer and head; heads.induction is one.", name),
                "action");
  return change(c, gf::text("colour the heads by {0}", gf::text(part->part->title)),
                [part](doc::Document& d) { d.head_colour = part->name(); });
}

}  // namespace gf::ui::acts

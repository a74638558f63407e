// Describes the contents of a picture as JSON, for tests and for people who want its numbers.
#include <map>
#include <nlohmann/json.hpp>

#include "app/export/picture.h"
#include "model/edits/recipe.h"
#include "model/tokenizer/token_words.h"

namespace gf::exporting {
namespace {

using Json = nlohmann::ordered_json;

Json json_point(glm::vec3 p) { return Json::array({p.x, p.y, p.z}); }
Json json_color(render::Color c) { return Json::array({c.r, c.g, c.b, c.a}); }

const char* role_name(scene::PanelInfo::Role role) {
  switch (role) {
    case scene::PanelInfo::Role::Activation: return "activation";
    case scene::PanelInfo::Role::Statistic: return "statistic";
    case scene::PanelInfo::Role::Weight: return "weight";
    case scene::PanelInfo::Role::Lit: return "lit";
  }
  return "";
}
const char* role_name(scene::PanelInfo::Mapping mapping) {
  switch (mapping) {
    case scene::PanelInfo::Mapping::Rows: return "rows";
    case scene::PanelInfo::Mapping::Causal: return "causal";
    case scene::PanelInfo::Mapping::Matrix: return "matrix";
    case scene::PanelInfo::Mapping::Folded: return "folded";
    case scene::PanelInfo::Mapping::Stacked: return "stacked";
    case scene::PanelInfo::Mapping::Terms: return "terms";
  }
  return "";
}

/// Shape of the whole tensor: a hook's as RowShape in model/hooks.h says, a weight's as in the checkpoint.
Json shape_of(const scene::TensorRef& tensor, const scene::SceneInput& input) {
  const ModelConfig& c = input.model->weights->config;
  if (tensor.is_weight()) {
    for (const NamedTensor& row : input.model->weights->table()) {
      if (row.name != tensor.weight) continue;
      Json shape = Json::array();
      for (std::size_t i = 0; i < row.view.shape.rank(); ++i) shape.push_back(row.view.shape[i]);
      return shape;
    }
    return nullptr;
  }
  const int T = input.run ? input.run->base->length() : static_cast<int>(input.tokens.size());
  switch (info_of(tensor.hook.kind).shape) {
    case RowShape::One: return {T, 1};
    case RowShape::PerHead: return {T, c.n_head};
    case RowShape::DModel: return {T, c.d_model};
    case RowShape::DMlp: return {T, c.d_mlp};
    case RowShape::NVocab: return {T, c.n_vocab};
    case RowShape::Heads: return {T, c.n_head, c.d_head};
    case RowShape::HeadsDModel: return {T, c.n_head, c.d_model};
    case RowShape::Causal: return {c.n_head, T, T};
  }
  return nullptr;
}

Json panel_json(const scene::PanelInfo& info, const render::Panel& panel, const render::PanelView* view) {
  Json j;
  j["mapping"] = role_name(info.mapping);
  j["rows"] = info.rows;
  j["cols"] = info.cols;
  j["row0"] = info.row0;
  j["col0"] = info.col0;
  if (info.head >= 0) j["head"] = info.head;
  if (info.position >= 0) j["position"] = info.position;
  if (info.pitch > 0) j["pitch"] = info.pitch, j["fold_rows"] = info.fold_rows;
  j["world"] = {{"origin", json_point(panel.origin)}, {"across", json_point(panel.across)}, {"down", json_point(panel.down)}};
  // Outside the view, or under a pixel: no rectangle and no level.
  j["screen"] = view ? Json::array({view->low.x, view->low.y, view->high.x, view->high.y}) : Json();
  j["level"] = view ? Json::array({view->lx, view->ly}) : Json();
  j["map"] = render::name_of(panel.map);
  j["scale"] = panel.scale;
  j["offset"] = panel.offset;
  j["rows_shown"] = std::min(panel.rows_shown, static_cast<float>(info.rows));
  if (panel.hatched) j["edited"] = true;
  if (panel.glow > 0) j["glow"] = panel.glow;
  return j;
}

Json blocks_json(const scene::ViewScene& built, const render::Camera& camera, glm::vec2 size, const scene::SceneInput& input) {
  std::map<int, render::PanelView> views;
  for (const render::PanelView& view : render::visible_panels(*built.scene, camera, size)) views.emplace(view.panel, view);
  std::map<scene::TensorRef, std::size_t> index;
  Json blocks = Json::array();
  for (std::size_t i = 0; i < built.panels.size(); ++i) {
    const scene::PanelInfo& info = built.panels[i];
    const auto [it, fresh] = index.emplace(info.tensor, blocks.size());
    if (fresh) {
      Json block;
      block["tensor"] = info.tensor.name();
      block["kind"] = info.tensor.is_weight() ? "weight" : "hook";
      block["role"] = role_name(info.role);
      block["shape"] = shape_of(info.tensor, input);
      block["panels"] = Json::array();
      blocks.push_back(std::move(block));
    }
    const auto view = views.find(static_cast<int>(i));
    blocks[it->second]["panels"].push_back(panel_json(info, built.scene->panels[i], view == views.end() ? nullptr : &view->second));
  }
  return blocks;
}

}  // namespace

std::string scene_json(const scene::ViewScene& built, const render::Camera& camera, int width, int height, const scene::SceneInput& input,
                       const scene::ViewState& view) {
  const render::Scene& scene = *built.scene;
  // Of two scenes beside each other it tells what is in the right one, in its own half of the picture.
  const bool half = scene.left_camera.has_value();
  const int wide = half ? render::half_of(width) : width;
  const glm::vec2 size(static_cast<float>(wide), static_cast<float>(height));
  Json j;
  j["glassformer"] = GLASSFORMER_VERSION;
  j["model"] = input.model->weights->name;
  if (input.run) {
    const Trace& trace = view.compare == scene::Compare::Base ? *input.run->base : *input.run->edited;
    j["ids"] = Json::array();
    j["tokens"] = Json::array();
    for (const TokenId id : trace.ids()) {
      j["ids"].push_back(id.v);
      j["tokens"].push_back(token_words(input.model->tokenizer.get(), id));
    }
    j["n_prompt"] = trace.n_prompt();
    j["recipe"] = input.run->request.recipe.empty() ? Json() : Json::parse(to_json(input.run->request.recipe));
    j["compare"] = scene::spelled(view.compare);
  }
  j["size"] = {wide, height};
  if (half) j["half"] = "right";
  j["theme"] = scene::spelled(built.scene->theme);
  j["camera"] = {{"target", json_point(camera.target)},
                 {"distance", camera.distance},
                 {"yaw", camera.yaw},
                 {"pitch", camera.pitch},
                 {"fov_y", camera.fov_y}};
  j["blocks"] = blocks_json(built, camera, size, input);
  j["ribbons"] = Json::array();
  for (const render::Ribbon& r : scene.ribbons)
    j["ribbons"].push_back({{"from", {json_point(r.a0), json_point(r.a1)}},
                            {"to", {json_point(r.b0), json_point(r.b1)}},
                            {"color", json_color(r.color)},
                            {"shown", r.shown},
                            {"cut", r.cut}});
  j["labels"] = Json::array();
  for (const render::PlacedLabel& l : render::place_labels(scene, camera, size))
    j["labels"].push_back({{"text", scene.labels[static_cast<std::size_t>(l.index)].text},
                           {"box", {l.low.x, l.low.y, l.high.x, l.high.y}},
                           {"size_px", l.size_px},
                           {"alpha", l.alpha}});
  j["scales"] = Json::array();
  for (const auto& s : built.scales)
    j["scales"].push_back(
        {{"tensor", s.tensor.name()}, {"map", render::name_of(s.map)}, {"unit", s.unit}, {"scale", s.scale}, {"maximum", s.maximum}});
  return j.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace gf::exporting

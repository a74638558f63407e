#include "model/edits/compiled.h"

#include <algorithm>
#include <cmath>

#include "model/edits/axes.h"
#include "model/trace.h"

namespace gf {

namespace edit_compiling {

/// One edit bound to sizes. `elements` are the selected places within a row (not for Causal hooks).
struct Bound {
  const Edit* edit = nullptr;
  std::size_t number = 0;  ///< index in the recipe
  HookId hook;
  RowShape shape = RowShape::One;
  std::vector<std::uint32_t> elements;
  /// One for each of `elements`: what mean sets, or the vector that add adds. Causal hooks: one for each key that a
  /// step's selector picks, in their order.
  std::vector<float> values;
  std::shared_ptr<const Trace> source;  ///< what patch copies from
  HookId source_hook;
  std::vector<int> source_rows;  ///< by position of this run; -1: not copied to
  std::vector<bool> heads;       ///< Causal hooks
};

struct Sum {
  long long fired = 0;
  double squares = 0;
  bool changed = false;
  long long empty_rows = 0;
  void add(float before, float after) {
    ++fired;
    changed = changed || before != after;
    const double d = static_cast<double>(after) - static_cast<double>(before);
    if (std::isfinite(d)) squares += d * d;
  }
};

/// `other` is what the edit has for this very place: of its vector, its mean or its source.
float edited_value(const Bound& b, float x, float other) {
  const Edit& e = *b.edit;
  switch (e.op) {
    case EditOp::Zero: return 0.0F;
    case EditOp::Set: return *e.value;
    case EditOp::Scale: return x * *e.factor;
    case EditOp::Add: return x + e.factor.value_or(1.0F) * (e.value ? *e.value : other);
    case EditOp::Mean:
    case EditOp::Patch: break;
  }
  return other;
}

class Edits final : public CompiledEdits {
 public:
  Edits(Recipe recipe, int n_prompt, int n_head, int n_layer)
      : recipe_(std::move(recipe)), n_prompt_(n_prompt), n_head_(n_head), n_layer_(n_layer), sums_(recipe_.edits.size()) {}

  const Recipe& recipe() const { return recipe_; }
  void push(Bound bound) { bound_.push_back(std::move(bound)); }

  bool touches(HookId hook) const override {
    return std::ranges::any_of(bound_, [hook](const Bound& b) { return b.hook == hook; });
  }

  int first_block() const override {
    int first = n_layer_;
    for (const Bound& b : bound_) first = std::min(first, block_of(b.hook, n_layer_));
    return first;
  }

  int first_row(int rows) const override {
    for (int position = 0; position < rows; ++position)
      for (const Bound& b : bound_)
        if (selects(b.shape == RowShape::Causal ? b.edit->queries : b.edit->positions, position, step_length(position, n_prompt_),
                    n_prompt_))
          return position;
    return rows;
  }

  void begin_step(int first_position, int rows, int length) override {
    EXPECTS(first_position >= 0 && rows > 0 && first_position + rows <= length, "a step's rows lie in the sequence");
  }

  void apply(HookId hook, int first_position, int rows, float* data, std::size_t stride) override {
    for (const Bound& b : bound_) {
      if (b.hook != hook) continue;
      EXPECTS(b.shape != RowShape::Causal, "causal hooks go through apply_causal");
      for (int r = 0; r < rows; ++r) {
        const int position = first_position + r;
        if (!selects(b.edit->positions, position, step_length(position, n_prompt_), n_prompt_)) continue;
        float* row = data + static_cast<std::size_t>(r) * stride;
        std::span<const float> from;
        if (b.source) from = b.source->row(b.source_hook, b.source_rows[static_cast<std::size_t>(position)]);
        for (std::size_t i = 0; i < b.elements.size(); ++i) {
          float& x = row[b.elements[i]];
          const float before = x;
          x = edited_value(b, before, b.source ? from[b.elements[i]] : b.values.empty() ? 0.0F : b.values[i]);
          sums_[b.number].add(before, x);
        }
      }
    }
  }

  void apply_causal(HookId hook, int query, float* row) override {
    const int length = step_length(query, n_prompt_);
    const std::size_t keys = static_cast<std::size_t>(query) + 1;
    for (const Bound& b : bound_) {
      if (b.hook != hook || !selects(b.edit->queries, query, length, n_prompt_)) continue;
      for (std::size_t head = 0; head < static_cast<std::size_t>(n_head_); ++head)
        if (b.heads[head]) causal_head(b, static_cast<int>(head), query, length, std::span(row + head * keys, keys));
    }
  }

  std::optional<std::vector<ElementEdit>> elements_at(HookId hook, int first_position, int rows) const override {
    std::vector<ElementEdit> found;
    for (const Bound& b : bound_) {
      if (b.hook != hook) continue;
      ElementEdit e = b.shape == RowShape::Causal ? causal_elements(b, first_position, rows) : row_elements(b, first_position, rows);
      if (!e.rows.empty()) found.push_back(std::move(e));
    }
    return found;
  }

  void add_to_receipt(const ElementEdit& edit, double squares, bool changed, long long empty_rows) override {
    Sum& s = sums_[edit.number];
    s.fired += edit.fired;
    s.squares += squares;
    s.changed = s.changed || changed;
    s.empty_rows += empty_rows;
  }

  std::vector<Receipt> receipts() const override {
    std::vector<Receipt> all;
    for (const Sum& s : sums_) all.push_back({s.fired, std::sqrt(s.squares), s.changed, s.empty_rows});
    return all;
  }

  static int block_of(HookId hook, int n_layer) {
    if (hook.layer >= 0) return hook.layer;
    return hook.kind == HookKind::Embed || hook.kind == HookKind::PosEmbed ? 0 : n_layer;
  }

 private:
  static ElementEdit plain(const Bound& b) {
    const Edit& e = *b.edit;
    ElementEdit plain;
    plain.number = b.number;
    plain.renormalize = e.renormalize;
    if (e.op == EditOp::Scale) plain.kind = ElementEdit::Kind::Scale;
    if (e.op == EditOp::Add) plain.kind = ElementEdit::Kind::Add;
    plain.factor = e.factor.value_or(1.0F);
    if (e.value && (e.op == EditOp::Set || e.op == EditOp::Add)) plain.value = *e.value;
    return plain;
  }

  ElementEdit row_elements(const Bound& b, int first_position, int rows) const {
    ElementEdit e = plain(b);
    e.elements.assign(b.elements.begin(), b.elements.end());
    const bool one_value = b.edit->op == EditOp::Set || (b.edit->op == EditOp::Add && b.edit->value);
    e.values_by_row = b.source != nullptr;
    if (!one_value && !e.values_by_row) e.values = b.values;
    for (int r = 0; r < rows; ++r) {
      const int position = first_position + r;
      if (!selects(b.edit->positions, position, step_length(position, n_prompt_), n_prompt_)) continue;
      e.rows.push_back(r);
      if (!b.source) continue;
      const auto from = b.source->row(b.source_hook, b.source_rows[static_cast<std::size_t>(position)]);
      for (const std::uint32_t i : b.elements) e.values.push_back(from[i]);
    }
    e.fired = static_cast<long long>(e.rows.size() * e.elements.size());
    return e;
  }

  ElementEdit causal_elements(const Bound& b, int first_position, int rows) const {
    ElementEdit e = plain(b);
    e.keys = first_position + rows;
    for (std::size_t h = 0; h < b.heads.size(); ++h)
      if (b.heads[h]) e.heads.push_back(static_cast<int>(h));
    for (int r = 0; r < rows; ++r) {
      const int query = first_position + r, length = step_length(query, n_prompt_);
      if (!selects(b.edit->queries, query, length, n_prompt_)) continue;
      e.rows.push_back(r);
      for (int key = 0; key < e.keys; ++key) {
        const bool writes = key <= query && selects(b.edit->keys, key, length, n_prompt_);
        e.written.push_back(writes ? 1 : 0);
        if (writes) e.fired += static_cast<long long>(e.heads.size());
      }
      if (!b.values.empty()) add_by_key(b, query, e);
      if (!b.source) continue;
      for (const int head : e.heads) {
        const auto from = b.source->causal_row(b.source_hook, head, query);
        e.values.insert(e.values.end(), from.begin(), from.end());
        e.values.resize(e.values.size() + static_cast<std::size_t>(e.keys - query - 1));
      }
    }
    return e;
  }

  /// The vector of one query's row, spread over its keys, for each head.
  static void add_by_key(const Bound& b, int query, ElementEdit& e) {
    const auto width = static_cast<std::size_t>(e.keys);
    std::vector<float> line(width);
    const auto written = std::span(e.written).last(width);
    for (std::size_t key = 0, place = 0; key <= static_cast<std::size_t>(query); ++key)
      if (written[key] != 0) line[key] = b.values[place++];
    for (std::size_t h = 0; h < e.heads.size(); ++h) e.values.insert(e.values.end(), line.begin(), line.end());
  }

  void causal_head(const Bound& b, int head, int query, int length, std::span<float> scores) {
    const std::vector<float> before(scores.begin(), scores.end());
    std::vector<bool> written(scores.size());
    Sum& total = sums_[b.number];
    std::span<const float> from;
    if (b.source) from = b.source->causal_row(b.source_hook, head, query);
    for (std::size_t k = 0, place = 0; k < scores.size(); ++k) {
      written[k] = selects(b.edit->keys, static_cast<int>(k), length, n_prompt_);
      if (!written[k]) continue;
      scores[k] = edited_value(b, scores[k], b.source ? from[k] : b.values.empty() ? 0.0F : b.values[place]);
      ++place;
    }
    if (b.edit->renormalize && std::ranges::find(written, true) != written.end()) {
      double sum = 0;
      for (const float p : scores) sum += static_cast<double>(p);
      if (sum == 0) ++total.empty_rows;
      else
        for (float& p : scores) p = static_cast<float>(static_cast<double>(p) / sum);
    }
    for (std::size_t k = 0; k < scores.size(); ++k) {
      const long long fired = total.fired;
      if (written[k] || scores[k] != before[k]) total.add(before[k], scores[k]);
      if (!written[k]) total.fired = fired;  // renormalising changes entries that the edit did not write
    }
  }

  Recipe recipe_;
  int n_prompt_, n_head_, n_layer_;
  std::vector<Bound> bound_;
  std::vector<Sum> sums_;
};

/// Checks one edit against the run and finds its places.
class Binder {
 public:
  Binder(const Edit& edit, std::size_t number, const CompileContext& context)
      : edit_(edit), context_(context), where_("edit " + std::to_string(number + 1)) {
    bound_.edit = &edit;
    bound_.number = number;
  }

  Result<Bound> bind() {
    const int n_layer = context_.config.n_layer;
    const auto hook = parse_hook(edit_.hook, n_layer);
    if (!hook) return wrong("there is no hook '" + edit_.hook + "' in this model; its blocks are 0 to " + std::to_string(n_layer - 1));
    bound_.hook = *hook;
    bound_.shape = info_of(hook->kind).shape;
    for (const Axis axis : axes_of(bound_.shape)) GF_TRY(check_axis(axis));
    if (bound_.shape == RowShape::Causal) GF_TRY(check_causal());
    places();
    GF_TRY(values());
    return std::move(bound_);
  }

 private:
  tl::unexpected<Error> wrong(const std::string& what) const { return fail(ErrorCode::InvalidArgument, where_ + ": " + what); }

  Result<void> check_axis(Axis axis) const {
    const auto& s = selector_of(edit_, axis);
    if (!s) return {};
    const std::string name = name_of(axis);
    const bool rows = axis == Axis::Positions || axis == Axis::Queries;
    const int length = rows || axis == Axis::Keys ? context_.n_total : extent_of(axis, bound_.shape, context_.config);
    if (s->kind == Selector::Kind::List) {
      // A negative row counts from the end of its own step: only the prompt's step holds more rows than the last.
      const int lowest = rows ? -std::max(context_.n_prompt, 1) : -length;
      for (const int i : s->list)
        if (i >= length || i < lowest)
          return wrong("index " + std::to_string(i) + " of '" + name + "' is out of reach; " + edit_.hook + " has " + name + " 0 to " +
                       std::to_string(length - 1) + (lowest < 0 ? " (or " + std::to_string(lowest) + " to -1 from the end)" : "") +
                       " in this run");
    }
    for (int i = 0; i < length; ++i) {
      const int step = rows ? step_length(i, context_.n_prompt) : length;
      if (selects(s, i, step, context_.n_prompt)) return {};
    }
    return wrong("'" + name + "' " + text_of(*s) + " selects nothing; there are " + std::to_string(length) + " " + name + " in this run");
  }

  Result<void> check_causal() const {
    for (int q = 0; q < context_.n_total; ++q) {
      const int step = step_length(q, context_.n_prompt);
      if (!selects(edit_.queries, q, step, context_.n_prompt)) continue;
      for (int k = 0; k <= q; ++k)
        if (selects(edit_.keys, k, step, context_.n_prompt)) return {};
    }
    return wrong("'queries' and 'keys' together select nothing; a key must not stand after its query");
  }

  void places() {
    const ModelConfig& c = context_.config;
    const auto chosen = [&](Axis axis) {
      const int extent = extent_of(axis, bound_.shape, c);
      std::vector<std::uint32_t> indices;
      for (int i = 0; i < extent; ++i)
        if (selects(selector_of(edit_, axis), i, extent, extent)) indices.push_back(static_cast<std::uint32_t>(i));
      return indices;
    };
    if (bound_.shape == RowShape::Causal) {
      bound_.heads.resize(static_cast<std::size_t>(c.n_head));
      for (const auto h : chosen(Axis::Heads)) bound_.heads[h] = true;
      return;
    }
    last_axis_ = chosen(bound_.shape == RowShape::DMlp ? Axis::Neurons : Axis::Dims);
    if (bound_.shape != RowShape::Heads && bound_.shape != RowShape::HeadsDModel) {
      bound_.elements = last_axis_;
      return;
    }
    const auto width = static_cast<std::uint32_t>(extent_of(Axis::Dims, bound_.shape, c));
    for (const auto h : chosen(Axis::Heads))
      for (const auto d : last_axis_) bound_.elements.push_back(h * width + d);
  }

  /// How many keys the step that selects most of them selects: the sequence grows, and with it what a selector picks.
  std::size_t most_keys() const {
    std::size_t most = 0;
    for (int step = context_.n_prompt; step <= context_.n_total; ++step) {
      std::size_t n = 0;
      for (int k = 0; k < step; ++k) n += selects(edit_.keys, k, step, context_.n_prompt) ? 1 : 0;
      most = std::max(most, n);
    }
    return most;
  }

  Result<void> values() {
    if (edit_.op == EditOp::Add && edit_.vector) {
      const auto& v = edit_.vector->values;
      EXPECTS(edit_.vector->file.empty(), "the vector's file was read");
      const bool causal = bound_.shape == RowShape::Causal;
      const std::size_t selected = causal ? most_keys() : last_axis_.size();
      if (v.size() != selected)
        return wrong("the vector has " + std::to_string(v.size()) + " numbers, but the last axis of " + edit_.hook + " has " +
                     std::to_string(selected) + " selected entries");
      if (causal) bound_.values = v;
      for (std::size_t i = 0; i < bound_.elements.size(); ++i) bound_.values.push_back(v[i % v.size()]);
    }
    if (edit_.op == EditOp::Mean) mean();
    if (edit_.op == EditOp::Patch) GF_TRY(patch());
    return {};
  }

  std::span<const std::shared_ptr<const Trace>> sources() const {
    if (context_.sources.empty()) return {};
    EXPECTS(bound_.number < context_.sources.size(), "sources for each edit of the recipe");
    return context_.sources[bound_.number];
  }

  void mean() {
    std::vector<double> sums(bound_.elements.size());
    int count = 0;
    const auto add_rows = [&](const Trace& run, int rows) {
      EXPECTS(run.has(bound_.hook) && run.length() >= rows, "the run has the hook that its mean is taken of");
      for (int p = 0; p < rows; ++p, ++count) {
        const auto row = run.row(bound_.hook, p);
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(row[bound_.elements[i]]);
      }
    };
    if (edit_.over.empty() && context_.base != nullptr) add_rows(*context_.base, context_.n_prompt);
    if (!edit_.over.empty())
      for (const auto& run : sources()) add_rows(*run, run->length());
    if (count == 0) return;  // there is no run yet
    for (const double s : sums) bound_.values.push_back(static_cast<float>(s / count));
  }

  Result<void> patch() {
    const auto hook = source_hook(edit_, context_.config);
    if (!hook)
      return wrong("there is no hook '" + edit_.source->hook + "' in this model to take values from; its blocks are 0 to " +
                   std::to_string(context_.config.n_layer - 1));
    bound_.source_hook = *hook;
    const auto length = static_cast<int>(edit_.source->ids.size());
    EXPECTS(length > 0, "the source's prompt was made into ids");
    if (bound_.shape == RowShape::Causal) {
      if (length != context_.n_total)
        return wrong("at " + edit_.hook + " the same query and key are copied, so the source must have as many tokens as this run, " +
                     std::to_string(context_.n_total) + ", and it has " + std::to_string(length));
    } else {
      GF_TRY(pair_rows(length));
    }
    if (!sources().empty()) bound_.source = sources().front();
    return {};
  }

  /// Which row of the source goes to which position.
  Result<void> pair_rows(int length) {
    std::vector<int> to, from;
    for (int p = 0; p < context_.n_total; ++p)
      if (selects(edit_.positions, p, step_length(p, context_.n_prompt), context_.n_prompt)) to.push_back(p);
    const std::string has = "the source has " + std::to_string(length) + " tokens";
    const auto& wanted = edit_.source->positions;
    if (wanted) {
      if (wanted->kind == Selector::Kind::List)
        for (const int i : wanted->list)
          if (i >= length || i < -length)
            return wrong("index " + std::to_string(i) + " of the source's 'positions' is out of reach; " + has);
      for (int p = 0; p < length; ++p)
        if (selects(wanted, p, length, length)) from.push_back(p);
      if (from.size() != 1 && from.size() != to.size())
        return wrong("the source's 'positions' name " + std::to_string(from.size()) + " rows, but there are " + std::to_string(to.size()) +
                     " to copy to; name one row or as many");
    } else if (to.back() >= length) {
      return wrong(has + ", so it has no position " + std::to_string(to.back()) + " to copy; name 'positions' that both runs have");
    }
    bound_.source_rows.assign(static_cast<std::size_t>(context_.n_total), -1);
    for (std::size_t i = 0; i < to.size(); ++i)
      bound_.source_rows[static_cast<std::size_t>(to[i])] = !wanted ? to[i] : from[from.size() == 1 ? 0 : i];
    return {};
  }

  const Edit& edit_;
  const CompileContext& context_;
  std::string where_;
  Bound bound_;
  std::vector<std::uint32_t> last_axis_;
};

}  // namespace edit_compiling

std::optional<std::vector<ElementEdit>> CompiledEdits::elements_at(HookId /*hook*/, int /*first_position*/, int /*rows*/) const {
  return std::nullopt;
}
void CompiledEdits::add_to_receipt(const ElementEdit& /*edit*/, double /*squares*/, bool /*changed*/, long long /*empty_rows*/) {}

std::optional<HookId> source_hook(const Edit& edit, const ModelConfig& config) {
  if (edit.op == EditOp::Patch && edit.source) return parse_hook(edit.source->hook.empty() ? edit.hook : edit.source->hook, config.n_layer);
  if (edit.op == EditOp::Mean && !edit.over.empty()) return parse_hook(edit.hook, config.n_layer);
  return std::nullopt;
}

std::vector<HookId> base_hooks(const Recipe& recipe, const ModelConfig& config) {
  std::vector<HookId> hooks;
  for (const Edit& e : recipe.edits)
    if (e.enabled && e.op == EditOp::Mean && e.over.empty())
      if (const auto hook = parse_hook(e.hook, config.n_layer)) hooks.push_back(*hook);
  return hooks;
}

Result<std::unique_ptr<CompiledEdits>> compile(const Recipe& recipe, const CompileContext& context) {
  EXPECTS(context.n_prompt > 0 && context.n_total >= context.n_prompt, "a run has a prompt");
  auto edits = std::make_unique<edit_compiling::Edits>(recipe, context.n_prompt, context.config.n_head, context.config.n_layer);
  const auto& all = edits->recipe().edits;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].enabled) continue;
    GF_TRY_ASSIGN(auto bound, edit_compiling::Binder(all[i], i, context).bind());
    const bool waits = (all[i].op == EditOp::Mean && bound.values.empty()) || (all[i].op == EditOp::Patch && bound.source == nullptr);
    if (!waits) edits->push(std::move(bound));
  }
  return edits;
}

}  // namespace gf

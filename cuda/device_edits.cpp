#include "cuda/device_edits.h"

namespace gf::cuda {

namespace {
constexpr unsigned kEditThreads = 128;
constexpr std::size_t kEditShared = kEditThreads / 32 * sizeof(double);

std::size_t causal_floats(CausalRows rows, int row) {
  const auto position = static_cast<std::size_t>(rows.first + row), first = static_cast<std::size_t>(rows.first);
  return static_cast<std::size_t>(rows.n_head) * (position * (position + 1) / 2 - first * (first + 1) / 2);
}
/// The number of a kind in the kernels, which are compiled without ElementEdit.
int edit_kind_of(ElementEdit::Kind kind) {
  using Kind = ElementEdit::Kind;
  static_assert(static_cast<int>(Kind::Assign) == kAssign && static_cast<int>(Kind::Scale) == kScale &&
                static_cast<int>(Kind::Add) == kAdd && static_cast<int>(Kind::Along) == kAlong &&
                static_cast<int>(Kind::AddNorm) == kAddNorm && static_cast<int>(Kind::Round) == kRound);
  return static_cast<int>(kind);
}

std::size_t groups_of(const ElementEdit& edit) { return edit.elements.size() / static_cast<std::size_t>(edit.group); }
}  // namespace

void DeviceEdits::apply(const EditSite& site) {
  if (!touches(site.hook) || site.data == nullptr) return;
  auto edits = edits_->elements_at(site.hook, site.first_position, site.rows);
  if (!edits) return on_the_host(site);
  const bool is_causal = info_of(site.hook.kind).shape == RowShape::Causal;
  for (ElementEdit& edit : *edits) is_causal ? causal(std::move(edit), site) : rows(std::move(edit), site);
}

template <class Args>
void DeviceEdits::launch(Kernel kernel, ElementEdit edit, std::size_t per_row, const Args& args) {
  const std::size_t count = edit.rows.size();
  queue_.launch(kernel, {static_cast<unsigned>(count), static_cast<unsigned>(per_row)}, kEditThreads, kEditShared, args);
  pending_.push_back({std::move(edit), args.tally, std::vector<EditTally>(count * per_row)});
}

void DeviceEdits::along(ElementEdit edit, const EditSite& site) {
  const std::size_t groups = groups_of(edit);
  const EditAlongArgs args{.data = site.data,
                           .stride = static_cast<std::int64_t>(site.stride),
                           .rows = memory_.put<int>(queue_, edit.rows),
                           .elements = memory_.put<int>(queue_, edit.elements),
                           .values = memory_.put<float>(queue_, edit.values),
                           .tally = tallies(edit, groups),
                           .group = edit.group,
                           .groups = static_cast<int>(groups),
                           .kind = edit_kind_of(edit.kind),
                           .value = edit.kind == ElementEdit::Kind::AddNorm ? edit.factor : edit.value};
  launch(Kernel::edit_along, std::move(edit), groups, args);
}

void DeviceEdits::round(ElementEdit edit, const EditSite& site) {
  const std::size_t groups = groups_of(edit);
  const EditRoundArgs args{.data = site.data,
                           .stride = static_cast<std::int64_t>(site.stride),
                           .rows = memory_.put<int>(queue_, edit.rows),
                           .elements = memory_.put<int>(queue_, edit.elements),
                           .tally = tallies(edit, groups),
                           .group = edit.group,
                           .groups = static_cast<int>(groups),
                           .levels = edit.levels,
                           .outliers = edit.outliers};
  launch(Kernel::edit_round, std::move(edit), groups, args);
}

void DeviceEdits::rows(ElementEdit edit, const EditSite& site) {
  if (edit.elements.empty()) return;
  if (edit.kind == ElementEdit::Kind::Round) return round(std::move(edit), site);
  if (edit.kind == ElementEdit::Kind::Along || edit.kind == ElementEdit::Kind::AddNorm) return along(std::move(edit), site);
  const EditRowsArgs args{.data = site.data,
                          .stride = static_cast<std::int64_t>(site.stride),
                          .rows = memory_.put<int>(queue_, edit.rows),
                          .elements = memory_.put<int>(queue_, edit.elements),
                          .values = memory_.put<float>(queue_, edit.values),
                          .tally = tallies(edit, 1),
                          .n_elements = static_cast<int>(edit.elements.size()),
                          .kind = edit_kind_of(edit.kind),
                          .by_row = edit.values_by_row ? 1 : 0,
                          .factor = edit.factor,
                          .value = edit.value};
  launch(Kernel::edit_rows, std::move(edit), 1, args);
}

void DeviceEdits::causal(ElementEdit edit, const EditSite& site) {
  if (edit.heads.empty()) return;
  const std::size_t heads = edit.heads.size();
  const EditCausalArgs args{.data = site.data,
                            .packed = site.causal,
                            .rows = memory_.put<int>(queue_, edit.rows),
                            .heads = memory_.put<int>(queue_, edit.heads),
                            .written = memory_.put<unsigned char>(queue_, edit.written),
                            .values = memory_.put<float>(queue_, edit.values),
                            .tally = tallies(edit, heads),
                            .n_heads = static_cast<int>(heads),
                            .keys = edit.keys,
                            .kind = edit_kind_of(edit.kind),
                            .renormalize = edit.renormalize ? 1 : 0,
                            .attention = edit.moves_attention ? 1 : 0,
                            .factor = edit.factor,
                            .value = edit.value};
  launch(Kernel::edit_causal, std::move(edit), heads, args);
}

void DeviceEdits::on_the_host(const EditSite& site) {
  const bool is_causal = info_of(site.hook.kind).shape == RowShape::Causal;
  const std::size_t floats = is_causal ? causal_floats(site.causal, site.rows) : static_cast<std::size_t>(site.rows) * site.stride;
  std::vector<float> values(floats);
  memory_.download(queue_, values.data(), site.data, floats * sizeof(float));
  if (!queue_.result()) return;
  if (is_causal) {
    for (int r = 0; r < site.rows; ++r)
      edits_->apply_causal(site.hook, site.first_position + r, values.data() + causal_floats(site.causal, r));
  } else {
    edits_->apply(site.hook, site.first_position, site.rows, values.data(), site.stride);
  }
  memory_.upload(queue_, site.data, values.data(), floats * sizeof(float));
}

void DeviceEdits::keep_tallies(Captures& captures, int set) {
  for (Pending& p : pending_) captures.keep(set, p.on_device, p.tallies.size() * sizeof(EditTally), p.tallies.data());
}

void DeviceEdits::report() {
  for (const Pending& p : pending_) {
    double squares = 0, attention = 0;
    bool changed = false;
    long long empty = 0;
    for (const EditTally& t : p.tallies) {
      squares += t.squares;
      attention += t.attention;
      changed = changed || t.changed > 0;
      empty += t.empty;
    }
    edits_->add_to_receipt(p.edit, squares, changed, empty, attention);
  }
}

}  // namespace gf::cuda

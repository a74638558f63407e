#include "app/document/patching.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "model/base/listed.h"
#include "model/base/text.h"
#include "model/edits/axes.h"
#include "model/hooks.h"

namespace gf::doc {
namespace {

constexpr std::array<const char*, 4> kPatchSiteNames{"resid_pre", "head_z", "mlp_out", "head_pattern"};

HookId hook_of_site(PatchSite site, int layer, int n_layer) {
  switch (site) {
    case PatchSite::Residual: return stream_hook(layer, n_layer);
    case PatchSite::HeadZ: return {HookKind::Z, layer};
    case PatchSite::MlpOut: return {HookKind::MlpOut, layer};
    case PatchSite::Pattern: return {HookKind::Pattern, layer};
  }
  return {};
}

Result<void> check_patch_place(const PatchOf& patch, const PatchPlace& place, std::size_t T, const ModelConfig& config) {
  const bool stream = patch.site == PatchSite::Residual;
  const int last = stream ? config.n_layer : config.n_layer - 1;
  if (place.layer < 0 || place.layer > last)
    return fail(ErrorCode::InvalidArgument, stream ? text("There is no depth {0}; the stream has the depths 0 to {1}.", place.layer, last)
                                                   : text("There is no block {0}; the blocks are 0 to {1}.", place.layer, last));
  if (place.position < -1 || place.position >= static_cast<int>(T))
    return fail(ErrorCode::InvalidArgument, text("There is no position {0}; the positions are 0 to {1}.", place.position, T - 1));
  return {};
}

/// Whether what an edit changes at a position is read at the same depth by later positions too.
bool is_read_at_once(HookKind kind) { return kind == HookKind::K || kind == HookKind::V; }

Selector list_of_positions(std::vector<int> positions) { return {Selector::Kind::List, std::move(positions), {}, {}}; }

/// A part of both prompts, from these positions on.
struct Stretch {
  int from, from_end, to, to_end;
};

/// Reads one place, and the head with it.
Result<PatchPlace> place_of_word(PatchOf& patch, const std::string& word) {
  PatchPlace place;
  const char *at = word.data(), *end = at + word.size();
  const auto whole = [&](int& number) {
    const auto read = std::from_chars(at, end, number);
    at = read.ptr;
    return read.ec == std::errc() && number >= 0;
  };
  const auto passes = [&](char mark) { return at != end && *at == mark ? (++at, true) : false; };
  bool right = whole(place.layer);
  if (right && is_of_a_head(patch.site)) right = passes('.') && whole(patch.head);
  if (right && passes(',')) right = whole(place.position);
  if (right && at == end) return place;
  return fail(ErrorCode::InvalidArgument, is_of_a_head(patch.site)
                                              ? text("\"{0}\" is not a head; write BLOCK.HEAD, or BLOCK.HEAD,POSITION.", word)
                                              : text("\"{0}\" is not a place; write LAYER,POSITION, or LAYER for all positions.", word));
}

void add_stretch(std::vector<AlignedRow>& rows, const Stretch& s) {
  const int n_from = s.from_end - s.from, n_to = s.to_end - s.to, alone = std::abs(n_from - n_to);
  for (int i = 0; i < alone; ++i) rows.push_back(n_from > n_to ? AlignedRow{s.from + i, -1} : AlignedRow{-1, s.to + i});
  const int first_from = s.from + (n_from > n_to ? alone : 0), first_to = s.to + (n_to > n_from ? alone : 0);
  for (int i = 0; i < std::min(n_from, n_to); ++i) rows.push_back({first_from + i, first_to + i});
}

}  // namespace

std::vector<AlignedRow> align_tokens(std::span<const TokenId> from, std::span<const TokenId> to) {
  const auto n = static_cast<int>(from.size()), m = static_cast<int>(to.size());
  std::vector<AlignedRow> rows;
  if (n == m) {
    for (int i = 0; i < n; ++i) rows.push_back({i, i});
    return rows;
  }
  // common[i][j]: length of the longest common subsequence of from[i..] and to[j..].
  const auto wide = static_cast<std::size_t>(m) + 1;
  std::vector<int> common((static_cast<std::size_t>(n) + 1) * wide, 0);
  const auto at = [&](int i, int j) -> int& { return common[static_cast<std::size_t>(i) * wide + static_cast<std::size_t>(j)]; };
  const auto same = [&](int i, int j) { return from[static_cast<std::size_t>(i)] == to[static_cast<std::size_t>(j)]; };
  for (int i = n - 1; i >= 0; --i)
    for (int j = m - 1; j >= 0; --j) at(i, j) = same(i, j) ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
  Stretch open{0, 0, 0, 0};
  int i = 0, j = 0;
  while (i < n && j < m) {
    if (same(i, j)) {
      open.from_end = i, open.to_end = j;
      add_stretch(rows, open);
      rows.push_back({i++, j++});
      open = {i, i, j, j};
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      ++i;
    } else {
      ++j;
    }
  }
  add_stretch(rows, {open.from, n, open.to, m});
  return rows;
}

std::span<const char* const> patch_site_names() { return kPatchSiteNames; }

Result<std::vector<TokenId>> second_prompt(const Subject& own, const std::string& second, const Model& model) {
  if (second.empty()) return fail(ErrorCode::InvalidArgument, text("Type a prompt to copy from, and press Enter."));
  GF_TRY_ASSIGN(std::vector<TokenId> ids, model.tokenizer->ids_of(second));
  const ModelConfig& config = model.weights->config;
  if (own.bos && config.bos_token_id >= 0) ids.insert(ids.begin(), TokenId(config.bos_token_id));
  if (ids.size() > static_cast<std::size_t>(config.n_ctx))
    return fail(ErrorCode::InvalidArgument, text("The prompt to copy from has {0} tokens, but the context of '{1}' holds {2}; shorten it.",
                                                 ids.size(), model.weights->name, config.n_ctx));
  return ids;
}

RunSource second_source(const Subject& own, const std::string& second, const std::vector<TokenId>& ids) {
  RunSource source;
  if (own.bos) source.ids = ids;
  else source.prompt = second;
  return source;
}

Result<PatchOf> patch_named(const std::string& site, const std::string& from, const std::string& to, std::span<const TokenId> from_ids,
                            std::span<const TokenId> to_ids) {
  const auto named = std::ranges::find(kPatchSiteNames, std::string_view(site));
  if (named == kPatchSiteNames.end())
    return fail(ErrorCode::InvalidArgument, text("'{0}' is no site to copy; the sites are {1}.", site, listed(kPatchSiteNames)));
  PatchOf patch;
  patch.site = static_cast<PatchSite>(named - kPatchSiteNames.begin());
  for (const auto& [word, place] : {std::pair{&from, &patch.from}, std::pair{&to, &patch.to}}) {
    if (word->empty()) continue;
    GF_TRY_ASSIGN(*place, place_of_word(patch, *word));
  }
  if (!to.empty()) return patch;
  patch.to = patch.from;
  if (patch.from.position < 0) return patch;
  for (const AlignedRow& row : align_tokens(from_ids, to_ids))
    if (row.from == patch.from.position && row.to >= 0) {
      patch.to.position = row.to;
      return patch;
    }
  return fail(ErrorCode::InvalidArgument,
              text("Position {0} of the second prompt stands beside no token; say where it goes.", patch.from.position));
}

std::string word_of(const PatchOf& patch, const PatchPlace& place) {
  return std::to_string(place.layer) + (is_of_a_head(patch.site) ? "." + std::to_string(patch.head) : std::string()) +
         (place.position >= 0 ? "," + std::to_string(place.position) : std::string());
}

Result<Edit> patch_edit(const PatchOf& patch, const RunSource& source, std::span<const TokenId> from, std::span<const TokenId> to,
                        const ModelConfig& config) {
  GF_TRY(check_patch_place(patch, patch.from, from.size(), config));
  GF_TRY(check_patch_place(patch, patch.to, to.size(), config));
  if (is_of_a_head(patch.site) && (patch.head < 0 || patch.head >= config.n_head))
    return fail(ErrorCode::InvalidArgument, text("There is no head {0}; the heads are 0 to {1}.", patch.head, config.n_head - 1));
  const HookId hook = hook_of_site(patch.site, patch.to.layer, config.n_layer);
  Edit edit;
  edit.hook = name_of(hook);
  edit.op = EditOp::Patch;
  if (is_of_a_head(patch.site)) edit.heads = Selector::only(patch.head);
  edit.source = source;
  if (const HookId origin = hook_of_site(patch.site, patch.from.layer, config.n_layer); origin != hook) edit.source->hook = name_of(origin);
  if (patch.site == PatchSite::Pattern) {
    if (from.size() != to.size())
      return fail(ErrorCode::InvalidArgument,
                  text("A pattern goes from each query and key to the same ones, so both texts need as many tokens; they have {0} and {1}.",
                       from.size(), to.size()));
    return edit;
  }
  if ((patch.from.position < 0) != (patch.to.position < 0))
    return fail(ErrorCode::InvalidArgument, text("One position goes to one position, and all go to all."));
  if (patch.to.position >= 0) {
    edit.positions = Selector::only(patch.to.position);
    if (patch.from.position != patch.to.position) edit.source->positions = Selector::only(patch.from.position);
    return edit;
  }
  if (from.size() == to.size()) return edit;
  std::vector<int> own, theirs;
  for (const AlignedRow& row : align_tokens(from, to)) {
    if (row.from < 0 || row.to < 0) continue;
    own.push_back(row.to);
    theirs.push_back(row.from);
  }
  if (own.empty()) return fail(ErrorCode::InvalidArgument, text("No token of the one prompt stands beside one of the other."));
  edit.positions = list_of_positions(own);
  if (theirs != own) edit.source->positions = list_of_positions(theirs);
  return edit;
}

std::string patch_place(const Edit& edit) {
  if (!edit.source || (edit.source->hook.empty() && !edit.source->positions)) return place_of(edit);
  Edit origin = edit;
  if (!edit.source->hook.empty()) origin.hook = edit.source->hook;
  if (edit.source->positions) origin.positions = edit.source->positions;
  return text("{0} → {1}", place_of(origin), place_of(edit));
}

std::vector<char> reach_of(const Recipe& recipe, int n_layer, int n_prompt, int T) {
  std::vector<char> reach((static_cast<std::size_t>(n_layer) + 1) * static_cast<std::size_t>(T), 0);
  const auto mark = [&](int depth, int position) {
    if (depth <= n_layer) reach[static_cast<std::size_t>(depth) * static_cast<std::size_t>(T) + static_cast<std::size_t>(position)] = 1;
  };
  for (const Edit& general : recipe.edits) {
    if (!general.enabled) continue;
    for (const Edit& edit : at_each_hook(general, n_layer)) {
      const auto hook = parse_hook(edit.hook, n_layer);
      if (!hook) continue;
      const int first = hook->layer < 0                    ? (block_of(*hook, n_layer) == 0 ? 0 : n_layer + 1)
                        : hook->kind == HookKind::ResidPre ? hook->layer
                                                           : hook->layer + 1;
      const bool causal = info_of(hook->kind).shape == RowShape::Causal;
      const auto& rows = causal ? edit.queries : edit.positions;
      int earliest = T;
      for (int p = 0; p < T; ++p) {
        if (!selects(rows, p, step_length(p, n_prompt), n_prompt)) continue;
        earliest = std::min(earliest, p);
        for (int depth = first; depth <= n_layer; ++depth) mark(depth, p);
      }
      for (int p = earliest; p < T; ++p)
        for (int depth = first + (p == earliest || is_read_at_once(hook->kind) ? 0 : 1); depth <= n_layer; ++depth) mark(depth, p);
    }
  }
  return reach;
}

}  // namespace gf::doc

// `run --trace`: what the file holds, and which hooks a glob names.
#include "app/cli/trace_file.h"

#include <cmath>

#include "model/io/files/safetensors.h"
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

TEST(Globs, match_any_letters_and_one_letter) {
  EXPECT_TRUE(cli::glob_matches("*", "blocks.0.attn.hook_z"));
  EXPECT_TRUE(cli::glob_matches("blocks.*.hook_z", "blocks.0.attn.hook_z"));
  EXPECT_TRUE(cli::glob_matches("blocks.?.attn.hook_?", "blocks.0.attn.hook_z"));
  EXPECT_TRUE(cli::glob_matches("*a*a*", "banana"));
  EXPECT_FALSE(cli::glob_matches("*a*b", "banana"));
  EXPECT_FALSE(cli::glob_matches("hook_z", "blocks.0.attn.hook_z"));
  EXPECT_FALSE(cli::glob_matches("", "a"));
}

TEST(Globs, choose_hooks_and_their_plan) {
  const auto choice = cli::choose_hooks("logits,blocks.1.*pattern", 3);
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->hooks, (std::vector<HookId>{{HookKind::Pattern, 1}, {HookKind::Logits, -1}}));
  EXPECT_TRUE(choice->plan.all_logits);
  EXPECT_TRUE(choice->plan.wants(HookKind::Pattern));
  EXPECT_FALSE(choice->plan.wants(HookKind::Z));
  std::vector<HookId> usual = all_hooks(2);
  std::erase_if(usual, [](HookId hook) { return is_split_input(hook.kind); });
  EXPECT_EQ(cli::choose_hooks("*", 2)->hooks, usual) << "copies of the stream are asked for by name";
  EXPECT_EQ(cli::choose_hooks("blocks.1.hook_?_input,*.hook_mlp_in", 2)->hooks.size(), 5U);
  EXPECT_EQ(cli::choose_hooks("none", 2)->hooks.size(), 6U) << "resid_pre, k and v of both blocks";
  EXPECT_EQ(cli::choose_hooks("", 2)->hooks, cli::choose_hooks("default", 2)->hooks);
  EXPECT_EQ(cli::choose_hooks("full,*result", 2)->hooks, usual);
  EXPECT_FALSE(cli::choose_hooks("logits,nothing", 2));
  EXPECT_EQ(cli::choose_hooks("blocks.?.hook_out,unembed.hook_out", 2)->hooks,
            (std::vector<HookId>{{HookKind::ResidPost, 0}, {HookKind::ResidPost, 1}, {HookKind::Logits, -1}}));
  EXPECT_EQ(cli::choose_hooks("blocks.0.mlp.*", 2)->hooks, (std::vector<HookId>{{HookKind::MlpPre, 0}, {HookKind::MlpPost, 0}}));
}

TEST(TraceFile, holds_every_hook_of_the_reference) {
  const std::string golden = std::string(GLASSFORMER_SOURCE_DIR) + "/tests/golden/trained/sort/";
  const Json wanted = Json::parse(content(golden + "case.json"));
  std::string ids;
  for (const Json& id : wanted["ids"]) ids += (ids.empty() ? "" : ",") + id.dump();
  const std::string path = scratch_file("trace.safetensors").string();
  const Outcome o = program({"run", "sort-nano", "--ids", ids, "--trace", path, "--hooks", "*", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const auto got = SafetensorsFile::open(path), want = SafetensorsFile::open(golden + "trace.safetensors");
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_TRUE(want) << want.error().message;
  std::vector<std::shared_ptr<const void>> storage;
  for (const SafetensorsEntry& entry : want->entries()) {
    const auto* mine = got->find(entry.name);
    ASSERT_NE(mine, nullptr) << entry.name;
    EXPECT_EQ(mine->shape, entry.shape) << entry.name;
    const auto a = got->view(*mine, storage), b = want->view(entry, storage);
    ASSERT_TRUE(a && b);
    for (std::int64_t i = 0; i < b->elements(); ++i) {
      if (std::isinf(b->at(i))) ASSERT_EQ(a->at(i), b->at(i)) << entry.name;
      else ASSERT_NEAR(a->at(i), b->at(i), 2e-4 + 1e-4 * std::abs(b->at(i))) << entry.name << " " << i;
    }
  }
  EXPECT_NE(got->find("blocks.0.attn.hook_result"), nullptr);
}

TEST(TraceFile, records_the_edited_run_with_its_generated_tokens) {
  const auto recipe = scratch_file("edit.json");
  std::ofstream(recipe)
      << R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [1], "positions": "generated"}]})";
  const std::string path = scratch_file("edited.safetensors").string();
  const Outcome o = program({"run", "sort-nano", "--prompt", "CBA", "-n", "3", "--recipe", recipe.string(), "--trace", path, "--hooks",
                             "blocks.1.attn.hook_z", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file);
  ASSERT_EQ(file->entries().size(), 1U);
  EXPECT_EQ(file->entries()[0].shape, (std::vector<std::int64_t>{6, 3, 16}));
  std::vector<std::shared_ptr<const void>> storage;
  const auto z = file->view(file->entries()[0], storage);
  ASSERT_TRUE(z);
  for (int row = 0; row < 6; ++row)
    for (int d = 0; d < 16; ++d) EXPECT_EQ(z->at((row * 3 + 1) * 16 + d) == 0.0F, row >= 3) << row;
}

TEST(TraceFile, stands_in_memory_once) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers keep memory of their own beside the program's";
#endif
  const double captured = program({"info", "fable", "--tokens", "256", "--json"}).json()["memory"]["capture_bytes"]["full"].get<double>();
  std::string ids = "1";
  for (int id = 2; id <= 256; ++id) ids += "," + std::to_string(id);
  const auto peak = [&](const char* hooks) {
    const Outcome o = program({"run", "fable", "--ids", ids, "--trace", scratch_file("large.safetensors").string(), "--hooks", hooks});
    EXPECT_EQ(o.code, 0) << o.err;
    return o.peak_bytes;
  };
  EXPECT_LT(peak("full") - peak("hook_embed"), 1.2 * captured);
}

}  // namespace
}  // namespace gf::testing

// --config: sizes without weights on the command line.
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

TEST(StructureCli, info_counts_parameters_flops_and_memory) {
  const Json r = program({"info", "--config", "gpt3-175b", "--tokens", "2048", "--json"}).json();
  EXPECT_EQ(r["name"], "gpt3-175b");
  EXPECT_EQ(r["weights"], false);
  EXPECT_EQ(r["parameters"], 174604259328);
  EXPECT_EQ(r["n_layer"], 96);
  EXPECT_EQ(r["n_ctx"], 2048);
  EXPECT_EQ(r["memory"]["weights_bytes"], 4 * 174604259328);
  EXPECT_EQ(r["memory"]["kv_bytes"], 2LL * 96 * 12288 * 2048 * 4);
  const double d = 12288, T = 2048;
  EXPECT_EQ(r["flops"].get<double>(), 2 * T * (96 * 12 * d * d + d * 50257) + 2 * 96 * d * T * (T + 1));
  const Outcome words = program({"info", "--config", "gpt3"});
  EXPECT_NE(words.out.find("none are there; as float32 they take"), std::string::npos) << words.out;
  EXPECT_NE(words.out.find("in each of 96 blocks"), std::string::npos) << words.out;
}

TEST(StructureCli, info_counts_the_parts_of_any_model) {
  const Json r = program({"info", "fable", "--json"}).json();
  EXPECT_EQ(r["weights"], true);
  long long sum = 0;
  for (const Json& part : r["parts"]) sum += part["copies"].get<long long>() * part["parameters"].get<long long>();
  EXPECT_EQ(sum, r["parameters"]);
  EXPECT_NE(program({"info", "fable"}).out.find("263,168 in each of 6 blocks, 1,579,008 in all"), std::string::npos);
}

TEST(StructureCli, what_needs_values_says_so_in_one_sentence) {
  const std::vector<std::vector<std::string>> all = {{"run", "--config", "gpt2", "--prompt", "x"},
                                                     {"run", "config:gpt2", "--prompt", "x"},
                                                     {"analyze", "--config", "gpt2", "--prompt", "x", "--what", "entropy"},
                                                     {"render", "--config", "gpt2", "-o", "x.mp4"},
                                                     {"render", "--config", "gpt2", "--compare", "-o", "x.png"},
                                                     {"render", "--config", "gpt2", "--figure", "pattern 1.2", "-o", "x.png"},
                                                     {"render", "--config", "gpt2", "--cube", "blocks.0.mlp.hook_pre", "-o", "x.png"},
                                                     {"convert", "config:gpt2", scratch_file("converted").string()},
                                                     {"bench", "--config", "gpt2", "--only", "prefill"}};
  for (const auto& words : all) {
    const Outcome o = program(words);
    EXPECT_EQ(o.code, 1) << words[0];
    EXPECT_EQ(o.out, "") << words[0];
    EXPECT_EQ(o.err,
              "glassformer: gpt2 is a structure without weights, so it has no values: its shapes and counts are all there is; open a model "
              "that has weights to run it.\n")
        << words[0];
  }
}

TEST(StructureCli, bad_configs_get_one_line) {
  const auto file = scratch_file("config.json");
  for (const char* json : {R"({"n_layer": 1000000, "n_head": 2, "n_embd": 8, "vocab_size": 5})",
                           R"({"n_layer": 2, "n_head": 0, "n_embd": 8, "vocab_size": 5})", "{", "[]"}) {
    std::ofstream(file) << json;
    for (const auto& words : {std::vector<std::string>{"info", file.string()}, {"info", "--config", file.string()}}) {
      const Outcome o = program(words);
      EXPECT_EQ(o.code, 1) << json;
      EXPECT_NE(o.err.find("config.json"), std::string::npos) << o.err;
      EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
    }
  }
  EXPECT_EQ(program({"info", "--config", "gpt5"}).code, 1);
  EXPECT_EQ(program({"info", "fable", "--config", "gpt2"}).code, 2) << "a model or a config";
  EXPECT_EQ(program({"info", "--config", "gpt2", "--tokens", "2000"}).code, 1) << "the context of GPT-2 is 1024";
}

TEST(StructureCli, a_picture_of_a_structure_has_a_row_for_each_token) {
  const auto file = scratch_file("page.scene.json");
  const Outcome o = program({"render", "--config", "gpt3-125m", "--ids", "1,2,3,4,5", "-o", file.string()});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json scene = Json::parse(content(file));
  bool found = false;
  for (const Json& block : scene["blocks"]) {
    if (block.value("tensor", "") != "blocks.3.attn.hook_q") continue;
    found = true;
    EXPECT_EQ(block["shape"][0], 5) << block;
  }
  EXPECT_TRUE(found) << "block 3 has a q";
  EXPECT_TRUE(scene["scales"].empty()) << scene["scales"];
}

}  // namespace
}  // namespace gf::testing

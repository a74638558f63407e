// The subcommand tokenize.
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

TEST(Cli, tokenize_gives_ids_texts_and_bytes_and_reads_them_back) {
  const Json r = program({"tokenize", "gpt2", "Hello w\xC3\xB6rld", "--json"}).json();
  EXPECT_EQ(r["ids"], Json({15496, 266, 30570, 335}));
  EXPECT_EQ(r["tokens"], Json({"Hello", " w", "\xC3\xB6r", "ld"}));
  EXPECT_EQ(r["bytes"][1], Json({32, 119}));
  EXPECT_EQ(r["offsets"][2], Json({7, 10}));
  const Json back = program({"tokenize", "gpt2", "--decode", "15496, 266", "--json"}).json();
  EXPECT_EQ(back["text"], "Hello w");
  EXPECT_EQ(back["bytes"].size(), 7U);
  const Json broken = program({"tokenize", "gpt2", "--decode", "127", "--json"}).json();
  EXPECT_EQ(broken["text"], "\xEF\xBF\xBD") << "half a character";
  EXPECT_EQ(program({"tokenize", "fable", "", "--json"}).json()["ids"], Json::array()) << "an empty text has no tokens";
}

TEST(Cli, bos_and_special_tokens_are_read_where_they_are_asked_for) {
  const auto ids = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"run", "fable", "--json"});
    return program(more).json()["ids"];
  };
  const Json plain = ids({"--prompt", "Once"});
  Json with_bos = plain;
  with_bos.insert(with_bos.begin(), 0);
  EXPECT_EQ(ids({"--prompt", "Once", "--bos"}), with_bos);
  EXPECT_EQ(ids({"--ids", "7", "--bos"}), Json({0, 7}));
  EXPECT_EQ(ids({"--prompt", "<|endoftext|>Once", "--special"}), with_bos);
  EXPECT_GT(ids({"--prompt", "<|endoftext|>Once"}).size(), with_bos.size()) << "else it is text like any other";
  EXPECT_EQ(program({"tokenize", "fable", "<|endoftext|>", "--special", "--json"}).json()["ids"], Json::array({0}));
  const auto notices = [](std::vector<std::string> arguments) {
    const std::string err = program(std::move(arguments)).err;
    std::size_t count = 0;
    for (auto at = err.find("--special reads it"); at != std::string::npos; at = err.find("--special reads it", at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(notices({"run", "fable", "--prompt", "<|endoftext|>Once<|endoftext|>"}), 1U) << "once";
  EXPECT_EQ(notices({"tokenize", "gpt2", "a<|endoftext|>"}), 1U);
  EXPECT_EQ(notices({"run", "fable", "--prompt", "<|endoftext|>Once", "--special"}), 0U);
  EXPECT_EQ(notices({"run", "fable", "--prompt", "Once <| upon |>"}), 0U);
  const Outcome none = program({"run", "sort-nano", "--prompt", "A", "--bos"});
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.err.find("this model has no BOS token"), std::string::npos) << none.err;
}

TEST(Cli, tokenizes_files_line_by_line) {
  const auto path = scratch_file("texts.jsonl");
  std::ofstream(path) << "\"Hello\"\n\"\"\n\" \\u00f6\"\n";
  const Outcome o = program({"tokenize", "gpt2", "--jsonl", path.string()});
  EXPECT_EQ(o.code, 0) << o.err;
  std::istringstream lines(o.out);
  std::vector<Json> replies;
  for (std::string line; std::getline(lines, line);) replies.push_back(Json::parse(line));
  ASSERT_EQ(replies.size(), 3U);
  EXPECT_EQ(replies[0]["ids"], Json({15496}));
  EXPECT_EQ(replies[1]["ids"], Json::array());
  EXPECT_EQ(replies[2]["offsets"].back()[1], 3);
  std::ofstream(path) << "\"Hello\"\nHello\n";
  const Outcome bad = program({"tokenize", "gpt2", "--jsonl", path.string()});
  EXPECT_EQ(bad.code, 1);
  EXPECT_NE(bad.err.find("line 2: each line must be one JSON string"), std::string::npos) << bad.err;
}

}  // namespace
}  // namespace gf::testing

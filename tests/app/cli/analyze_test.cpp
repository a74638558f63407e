// What `analyze` prints.
#include <cmath>

#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

const std::string kAsked = "When Mary and John went to the garden, John gave a ring to";

TEST(Analyze, AnswersInOneObject) {
  const Outcome o = program({"analyze", "fable", "--prompt", kAsked, "--what", "entropy,logit-lens,dla,neurons,heads,tokens", "--target",
                             " Mary", "--against", " John", "--top", "3", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json r = o.json();
  EXPECT_EQ(r["ids"].size(), 14U);
  EXPECT_EQ(r["tokens"]["text"].size(), 14U) << "the analysis of that name holds the texts";
  EXPECT_EQ(r["entropy"]["attention"]["axes"], (Json{"layer", "head", "query"}));
  EXPECT_EQ(r["entropy"]["attention"]["unit"], "nats");
  EXPECT_EQ(r["entropy"]["lens"]["values"].size(), 7U);
  EXPECT_EQ(r["logit_lens"]["top"]["values"][6][13][0]["text"], " Mary");
  EXPECT_EQ(r["logit_lens"]["logprob_of_target"]["values"].size(), 7U);
  double sum = r["dla"]["embed"].get<double>() + r["dla"]["pos_embed"].get<double>() + r["dla"]["constant"].get<double>();
  for (const Json& layer : r["dla"]["heads"]["values"])
    for (const Json& head : layer) sum += head.get<double>();
  for (const char* part : {"attn_bias", "mlp"})
    for (const Json& layer : r["dla"][part]["values"]) sum += layer.get<double>();
  EXPECT_NEAR(sum, r["dla"]["total"].get<double>(), 1e-3);
  EXPECT_EQ(r["neurons"].size(), 3U);
  EXPECT_EQ(r["heads"]["induction"]["values"].size(), 6U);
  EXPECT_NEAR(std::log(r["tokens"]["perplexity"].get<double>()), -r["tokens"]["mean_logprob"].get<double>(), 1e-9);
}

TEST(Analyze, SweepsAndCircuits) {
  const Outcome o = program({"analyze", "sort-nano", "--ids", "2,1,0,2,1,2,0", "--clean-ids", "2,1,0,1,1,2,0", "--corrupt-ids",
                             "2,1,0,2,1,2,0", "--what", "patch-sweep,ablate-sweep,importance,circuits,neuron-vocab", "--site",
                             "head_z,resid_pre", "--target", "#1", "--against", "#0", "--neuron", "2.5", "--json"});
  ASSERT_EQ(o.code, 0) << o.err;
  const Json r = o.json();
  EXPECT_EQ(r["patch_sweep"]["head_z"]["axes"], (Json{"layer", "head"}));
  EXPECT_EQ(r["patch_sweep"]["resid_pre"]["values"][0].size(), 7U);
  EXPECT_NEAR(r["patch_sweep"]["resid_pre"]["values"][0][3].get<double>(), 1, 1e-3) << "the only token that differs";
  EXPECT_EQ(r["ablate_sweep"]["mlp_delta"]["values"].size(), 3U);
  EXPECT_EQ(r["tokens"].size(), 7U);
  EXPECT_EQ(r["importance"]["values"].size(), 7U);
  EXPECT_TRUE(r["circuits"]["composition"]["q"]["values"][2][0][0][0].is_null());
  EXPECT_TRUE(r["circuits"]["composition"]["q"]["values"][0][0][2][0].is_number());
  EXPECT_EQ(r["neuron_vocab"]["for"].size(), 3U);
  EXPECT_EQ(program({"analyze", "induction-nano", "--what", "heads", "--repeat-random", "12", "--seed", "3"}).code, 0);
}

TEST(Analyze, SaysWhatIsMissing) {
  const auto says = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "analyze");
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 1);
    EXPECT_EQ(o.out, "");
    return o.err;
  };
  EXPECT_NE(says({"fable", "--what", "dla"}).find("dla needs a prompt"), std::string::npos);
  EXPECT_NE(says({"fable", "--prompt", "a", "--what", "dla"}).find("dla needs a token; give it with --target"), std::string::npos);
  EXPECT_NE(says({"fable", "--prompt", "a", "--what", "nose"}).find("there is no analysis 'nose'; there are entropy, "), std::string::npos);
  EXPECT_NE(says({"fable", "--prompt", "a", "--what", "tokens", "--position", "5"}).find("position 5 is not in the prompt"),
            std::string::npos);
  EXPECT_EQ(program({"analyze", "fable", "--prompt", "a"}).code, 2);
}

}  // namespace
}  // namespace gf::testing

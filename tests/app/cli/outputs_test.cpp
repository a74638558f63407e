// Outputs whose paths lead to files that the call reads.
#include "tests/app/cli/program.h"

namespace gf::testing {
namespace {

namespace fs = std::filesystem;

/// A copy of a model, which a fault of the program may destroy.
fs::path model_copy(const std::string& name) {
  const fs::path folder = scratch_file(name);
  fs::remove_all(folder);
  fs::copy(GLASSFORMER_SOURCE_DIR "/assets/models/sort-nano", folder, fs::copy_options::recursive);
  return folder;
}

void refuses(const std::vector<std::string>& arguments, const fs::path& unharmed) {
  const std::string before = content(unharmed);
  const Outcome o = program(arguments);
  EXPECT_EQ(o.code, 1) << arguments.front() << " " << arguments.back();
  EXPECT_NE(o.err.find("name another"), std::string::npos) << o.err;
  EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
  EXPECT_TRUE(content(unharmed) == before) << unharmed << " was written over";
}

TEST(Outputs, never_land_on_the_model_that_is_open) {
  const fs::path model = model_copy("open-model"), weights = model / "model.safetensors";
  const std::string m = model.string();
  fs::create_symlink(weights, model / "link.safetensors");
  fs::create_hard_link(weights, model / "hard.safetensors");
  for (const char* name : {"model.safetensors", "link.safetensors", "hard.safetensors"})
    refuses({"run", m, "--prompt", "CBA", "--trace", (model / name).string()}, weights);
  for (const char* ending : {".png", ".svg", ".mp4", ".gif", ".scene.json"}) {
    fs::create_hard_link(weights, model / (std::string("w") + ending));
    refuses({"render", m, "--prompt", "CBA", "-o", (model / (std::string("w") + ending)).string()}, weights);
  }
  fs::create_directory(model / "frames");
  fs::create_hard_link(weights, model / "frames" / "frame_000001.png");
  refuses({"render", m, "--prompt", "CBA", "-o", (model / "frames").string() + "/"}, weights);
  // A sidecar goes beside its picture.
  fs::rename(model / "config.json", model / "p.png.json");
  fs::create_symlink("p.png.json", model / "config.json");
  refuses({"render", m, "--prompt", "CBA", "-o", (model / "p.png").string()}, model / "p.png.json");
}

TEST(Outputs, never_land_on_a_file_that_the_call_names) {
  const fs::path recipe = scratch_file("cut.json");
  std::ofstream(recipe) << R"({"version": 1, "edits": []})";
  refuses({"run", "sort-nano", "--prompt", "CBA", "--recipe", recipe.string(), "--trace", recipe.string()}, recipe);
}

// A recipe names files too.
TEST(Outputs, never_land_on_a_vector_of_the_recipe) {
  const fs::path vector = scratch_file("direction.safetensors"), recipe = scratch_file("steer.json");
  ASSERT_EQ(program({"run", "sort-nano", "--prompt", "C", "--trace", vector.string(), "--hooks", "hook_embed"}).code, 0);
  std::ofstream(recipe) << R"({"version": 1, "edits": [{"hook": "blocks.0.hook_resid_post", "op": "add",
    "vector": {"file": "direction.safetensors", "tensor": "hook_embed"}}]})";
  refuses({"run", "sort-nano", "--prompt", "CBA", "--recipe", recipe.string(), "--trace", vector.string()}, vector);
}

// Whichever step of a training is open, all of them are the model's.
TEST(Outputs, never_land_on_another_step_of_the_training) {
  const fs::path model = model_copy("series"), weights = model / "model.safetensors";
  fs::remove_all(model / "checkpoints");
  fs::create_directory(model / "checkpoints");
  for (const char* step : {"step-1.safetensors", "step-2.safetensors"}) fs::copy_file(weights, model / "checkpoints" / step);
  for (const fs::path& other : {weights, model / "checkpoints" / "step-2.safetensors"})
    refuses({"run", model.string() + "@1", "--prompt", "CBA", "--trace", other.string()}, other);
  const std::string own = (model / "trace.safetensors").string();
  for (int again = 0; again < 2; ++again) EXPECT_EQ(program({"run", model.string(), "--prompt", "CBA", "--trace", own}).code, 0);
}

// The folder to write holds the weights to which the model's folder links.
TEST(Outputs, of_convert_never_remove_the_model) {
  const fs::path model = model_copy("linked-model"), out = scratch_file("real");
  fs::remove_all(out);
  fs::create_directory(out);
  fs::rename(model / "model.safetensors", out / "model.safetensors");
  fs::create_symlink(out / "model.safetensors", model / "model.safetensors");
  refuses({"convert", model.string(), out.string(), "--overwrite"}, out / "model.safetensors");
}

TEST(Outputs, are_what_their_names_say) {
  const auto recipe = scratch_file("cut_head.json");
  std::ofstream(recipe) << R"({"version": 1, "edits": [{"hook": "blocks.1.attn.hook_z", "op": "zero", "heads": [1]}]})";
  const auto write = [&](const std::string& name, const std::vector<std::string>& more = {}) {
    const std::string path = scratch_file(name).string();
    std::vector<std::string> arguments = {"run", "sort-nano", "--prompt", "CBA", "--trace", path, "--hooks", "logits,blocks.0.attn.hook_z"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome o = program(arguments);
    EXPECT_EQ(o.code, 0) << o.err;
    return path;
  };
  const Json json = Json::parse(content(write("t.json")));
  EXPECT_EQ(json["metadata"]["model"], "sort-nano");
  EXPECT_EQ(json["metadata"]["ids"], Json({2, 1, 0}));
  EXPECT_EQ(json["metadata"]["tokens"], Json({"C", "B", "A"}));
  EXPECT_EQ(json["metadata"]["run"], "base");
  EXPECT_TRUE(json["metadata"]["program"].get<std::string>().starts_with("glassformer "));
  EXPECT_EQ(json["metadata"]["recipe"]["edits"], Json::array());
  EXPECT_EQ(json["arrays"]["blocks.0.attn.hook_z"]["axes"], Json({"position", "head", "dim"}));
  const Json edited = Json::parse(content(write("e.json", {"--recipe", recipe.string()})))["metadata"];
  EXPECT_EQ(edited["run"], "edited");
  EXPECT_EQ(edited["recipe"]["edits"].size(), 1U);
  std::istringstream csv(content(write("t.csv")));
  std::string head, first;
  std::getline(csv, head);
  std::getline(csv, first);
  EXPECT_EQ(head, "name,position,head,dim,token,value");
  EXPECT_TRUE(first.starts_with("blocks.0.attn.hook_z,0,0,0,,")) << first;
  EXPECT_EQ(Json::parse(content(scratch_file("t.csv.json")))["model"], "sort-nano");
  const std::string npz = write("t.npz");
  EXPECT_EQ(content(npz).substr(0, 2), "PK");
  const std::string numpy =
      "python3 -c 'import json, numpy; z = numpy.load(\"" + npz +
      "\"); assert z[\"logits\"].shape == (3, 3); assert json.loads(str(z[\"metadata\"]))[\"model\"] == \"sort-nano\"'";
  if (std::system("python3 -c 'import numpy' 2>/dev/null") == 0) {
    EXPECT_EQ(std::system(numpy.c_str()), 0);
  }
  const Outcome other = program({"run", "sort-nano", "--prompt", "CBA", "--trace", scratch_file("t.txt").string()});
  EXPECT_EQ(other.code, 1);
  EXPECT_NE(other.err.find(".safetensors, .npz, .csv, .json"), std::string::npos) << other.err;
  EXPECT_FALSE(fs::exists(scratch_file("t.txt")));
}

TEST(Outputs, of_an_analysis_are_refused_before_it_begins) {
  const fs::path recipe = scratch_file("cut-first.json"), set = scratch_file("first.jsonl");
  std::ofstream(recipe) << R"({"version": 1, "edits": []})";
  std::ofstream(set) << R"({"prompt": "CBA"})" << "\n";
  // The sentence of a question that lacks its token would come first if the question had been asked.
  const std::vector<std::string> asked{"analyze", "sort-nano", "--what", "ablate-sweep"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> all = asked;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  refuses(with({"--prompt", "CBA", "--recipe", recipe.string(), "-o", recipe.string()}), recipe);
  refuses(with({"--prompts", set.string(), "--shard", "1/1", "-o", set.string()}), set);
  const fs::path link = scratch_file("reply-of-shards.json");
  fs::remove(link);
  fs::create_symlink(set, link);
  refuses({"merge", set.string(), "-o", link.string()}, set);
}

}  // namespace
}  // namespace gf::testing

#include "model/io/loaders.h"

#include <gtest/gtest.h>

#include "model/io/hub.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

TEST(Bundled, all_open_and_fable_is_first) {
  const auto models = bundled_models();
  ASSERT_GE(models.size(), 3U);
  EXPECT_EQ(models[0].name, "fable");
  for (const auto& model : models) {
    EXPECT_FALSE(model.description.empty()) << model.name;
    const auto weights = load_weights(model.path);
    ASSERT_TRUE(weights) << weights.error().message;
    EXPECT_EQ((*weights)->name, model.name);
    EXPECT_TRUE((*weights)->warnings.empty()) << model.name << ": " << (*weights)->warnings[0];
  }
  const auto fable = *load_weights(*resolve_model(""));
  EXPECT_EQ(fable->parameters(), 5853184);
  EXPECT_EQ(fable->dtype, DType::F16);
  EXPECT_EQ(fable->config.bos_token_id, 0);
}

TEST(ResolveModel, takes_paths_names_and_training_steps) {
  EXPECT_EQ(*resolve_model("sort-nano"), *asset_path("models/sort-nano"));
  EXPECT_EQ(*resolve_model(*asset_path("models/sort-nano")), *asset_path("models/sort-nano"));
  const auto step = resolve_model("sort-nano@150");
  ASSERT_TRUE(step) << step.error().message;
  EXPECT_TRUE(step->ends_with("sort-nano/checkpoints/step-00150.safetensors")) << *step;
  const auto weights = load_weights(*step);
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_EQ((*weights)->name, "sort-nano@150");
  EXPECT_EQ((*weights)->config.n_head, 3) << "the config of the model's own folder";
  EXPECT_TRUE((*weights)->warnings.empty());
  EXPECT_EQ((*load_weights(*resolve_model("sort-nano@0")))->name, "sort-nano@0");
  EXPECT_EQ(*resolve_model(*asset_path("models/sort-nano") + "@150"), *step);
}

TEST(ResolveModel, errors_say_what_there_is) {
  EXPECT_EQ(resolve_model("gpt5").error().message,
            "There is no file, folder or bundled model gpt5; the bundled models are fable, induction-nano, sort-nano.");
  EXPECT_EQ(resolve_model("sort-nano@7").error().message,
            "sort-nano has no checkpoint at step 7; its steps are 0, 10, 25, 50, 75, 100, 150, 200, 300, 500, 800, 1200, 2000, 3000.");
  EXPECT_EQ(resolve_model("fable@7").error().message, "fable has no training checkpoints; leave out @7.");
  EXPECT_EQ(resolve_model("gpt5@7").error().code, ErrorCode::NotFound);
}

TEST(TrainingSteps, are_listed_in_ascending_order) {
  const auto steps = training_steps(*asset_path("models/induction-nano"));
  EXPECT_EQ(steps.size(), 19U);
  EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
  EXPECT_TRUE(training_steps(*asset_path("models/fable")).empty());
}

TEST(LoadWeights, other_formats_are_refused_by_name) {
  const auto folder = test::fresh_folder();
  const std::string supported =
      "supported are Hugging Face's safetensors and pytorch_model.bin, nanoGPT, minGPT and other state dicts of PyTorch, llm.c, GGUF and "
      "llm-viz's JSON.";
  const auto message = [&](const std::string& name, const std::string& bytes) {
    test::write_text(folder / name, bytes);
    const auto weights = load_weights((folder / name).string());
    return weights ? std::string("opened") : weights.error().message;
  };
  const auto path = [&](const std::string& name) { return (folder / name).string(); };
  EXPECT_EQ(message("a.bin", std::string("PK\x03\x04") + std::string(50, ' ')),
            "Cannot read " + path("a.bin") + ": the table at the end of the zip file is missing; the file may be cut short, get it again.");
  EXPECT_EQ(message("b.bin", "\x80\x02\x8a\x0a" + std::string(50, ' ')),
            "Cannot read " + path("b.bin") + ": the pickle has the operation 0x20 at byte 14, which checkpoints of PyTorch do not use.");
  EXPECT_EQ(message("c.gguf", "GGUF"),
            "Cannot read " + path("c.gguf") + ": it ends within its header; the file may be cut short, get it again.");
  EXPECT_EQ(message("d.bin", std::string("\xc6\xd7\x34\x01", 4)),
            "Cannot read " + path("d.bin") + ": it has 4 bytes, too few for llm.c's header.");
  EXPECT_EQ(message("e.json", R"({"a":1})"), path("e.json") + " is a JSON file, but not llm-viz's; " + supported);
  EXPECT_EQ(
      message("e.h5", "\x89HDF\r\n and more"),
      path("e.h5") +
          " is a TensorFlow checkpoint; transformers 4 converts it: GPT2LMHeadModel.from_pretrained(FOLDER, "
          "from_tf=True).save_pretrained(NEW), and OpenAI's own models are on the hub as openai-community/gpt2, gpt2-medium, gpt2-large "
          "and gpt2-xl; " +
          supported);
  EXPECT_EQ(message("f.txt", "hello, this is text"), path("f.txt") + " is not a checkpoint that is known; " + supported);
  EXPECT_EQ(message("g", ""), path("g") + " is empty.");
  EXPECT_EQ(message("h.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n"),
            path("h.safetensors") + " is only a pointer of Git LFS to the real file; fetch it with: git lfs pull.");
  EXPECT_EQ(message("i.safetensors", "junk"), "Cannot read " + path("i.safetensors") + ": it has 4 bytes, too few for a safetensors file.");
}

TEST(LoadWeights, folders_without_safetensors_get_their_sentence) {
  const auto folder = test::fresh_folder();
  EXPECT_EQ(
      load_weights(folder.string()).error().message,
      "There are no weights in the folder " + folder.string() +
          ", which is empty; supported are Hugging Face's safetensors and pytorch_model.bin, nanoGPT, minGPT and other state dicts of "
          "PyTorch, llm.c, GGUF and llm-viz's JSON.");
  test::write_text(folder / "x.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n");
  EXPECT_EQ(load_weights(folder.string()).error().message,
            (folder / "x.bin").string() + " is only a pointer of Git LFS to the real file; fetch it with: git lfs pull.");
  test::write_text(folder / "pytorch_model.bin", std::string("PK\x03\x04") + std::string(50, ' '));
  EXPECT_EQ(load_weights(folder.string()).error().message,
            "Cannot read " + (folder / "pytorch_model.bin").string() +
                ": the table at the end of the zip file is missing; the file may be cut short, get it again.");
  EXPECT_EQ(load_weights("/nowhere").error().message,
            "There is no file or folder /nowhere; give a model's folder, a file, or a bundled name.");
}

TEST(HubModels, are_found_in_the_cache) {
  const auto folder = test::fresh_folder();
  ::setenv("HF_HUB_CACHE", folder.c_str(), 1);
  const auto main = folder / "models--openai-community--gpt2" / "snapshots" / "abc";
  const auto tiny = test::TinyModel().write(main);
  test::write_text(main.parent_path().parent_path() / "refs" / "main", "abc\n");
  std::filesystem::create_directories(main.parent_path() / "other");
  test::write_text(folder / "models--someone--llama" / "snapshots" / "x" / "config.json", R"({"model_type":"llama"})");
  EXPECT_EQ(*resolve_model("hf:openai-community/gpt2"), main.string());
  EXPECT_EQ(*resolve_model("hf:gpt2"), main.string());
  const auto weights = load_weights(*resolve_model("hf:gpt2"));
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_EQ((*weights)->name, "openai-community/gpt2");
  ASSERT_EQ(hub_models().size(), 1U);
  EXPECT_EQ(hub_models()[0].name, "hf:openai-community/gpt2");
  EXPECT_EQ(resolve_model("hf:nobody/gpt3").error().message,
            "The model hf:nobody/gpt3 is not in Hugging Face's cache " + folder.string() + "; there are hf:openai-community/gpt2.");
  for (const char* bad : {"hf:", "hf:../x", "hf:a/b/c", "hf:/x", "hf:x/", "hf:a b"}) {
    const auto resolved = resolve_model(bad);
    ASSERT_FALSE(resolved) << bad;
    EXPECT_TRUE(resolved.error().code == ErrorCode::InvalidArgument || resolved.error().code == ErrorCode::NotFound) << bad;
  }
  EXPECT_EQ(resolve_model("hf:a/b/c").error().message, "hf:a/b/c is not a model's name; write hf:NAME or hf:ORG/NAME.");
  // What fetched the tokenizer alone under the old name does not hide the weights under the new one.
  const auto old = folder / "models--gpt2" / "snapshots";
  test::write_text(old / "one" / "config.json", "{}");
  test::write_text(old.parent_path() / "refs" / "main", "one");
  EXPECT_EQ(*resolve_model("hf:gpt2"), main.string());
  // Nor does a revision without weights hide one that has them.
  EXPECT_EQ(test::TinyModel().write(old / "two"), (old / "two").string());
  EXPECT_EQ(*resolve_model("hf:gpt2"), (old / "two").string());
  std::filesystem::remove_all(old / "two");
  std::filesystem::remove_all(folder / "models--openai-community--gpt2");
  EXPECT_EQ(*resolve_model("hf:gpt2"), (old / "one").string()) << "whose refusal says what is missing";
  ::unsetenv("HF_HUB_CACHE");
}

}  // namespace
}  // namespace gf

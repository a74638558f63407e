#include "app/document/lab.h"

#include <cmath>

#include "app/document/head_colour.h"
#include "tests/app/document/lab_fixture.h"

namespace gf::doc {
namespace {

class LabTest : public LabFixture {
 protected:
  static double probability(const Trace& trace, int rank) {
    return std::exp(static_cast<double>(trace.stats(trace.length() - 1).top[static_cast<std::size_t>(rank)].logprob));
  }
};

TEST_F(LabTest, cutting_three_heads_of_fable_changes_the_prediction_and_undo_restores_it) {
  Lab lab(loop.post());
  lab.open_model("");
  ASSERT_TRUE(settle(lab));
  ASSERT_FALSE(lab.error()) << lab.error()->message;
  ASSERT_TRUE(lab.run());
  const TokenId mary = lab.run()->base->stats(lab.run()->base->length() - 1).top.front().id;
  EXPECT_EQ(lab.model()->tokenizer->bytes_of(mary), " Mary");
  EXPECT_NEAR(probability(*lab.run()->base, 0), 0.987, 0.001);
  const Watch<Answer> effects = lab.studies().watch(scores_of(*head_colour_named("effect")));
  ASSERT_TRUE(settle(lab));
  ASSERT_EQ(effects.now().state, StudyState::Ready);
  const auto before = effects.now().answer;
  EXPECT_EQ(before->grid("delta").shape, (std::vector{6, 8}));

  for (const auto& [layer, head] : {std::pair{0, 0}, {0, 5}, {4, 3}}) lab.set_cut({layer, head}, true);
  ASSERT_TRUE(settle(lab));
  ASSERT_TRUE(lab.run()->has_edits());
  double edited = 0;
  for (const auto& t : lab.run()->edited->stats(lab.run()->edited->length() - 1).top)
    if (t.id == mary) edited = std::exp(static_cast<double>(t.logprob));
  EXPECT_NEAR(edited, 0.015, 0.001);
  EXPECT_NEAR(lab.run()->kl.value_or(0), 4.11, 0.01);
  EXPECT_EQ(lab.run()->receipts.size(), 3U);
  // Effects are those of the base run: a head that is cut keeps what its cutting does.
  EXPECT_EQ(effects.now().state, StudyState::Ready);
  EXPECT_EQ(effects.now().answer, before);
  EXPECT_NEAR(before->grid("delta").at(0, 0), -2.9, 0.1);

  for (int i = 0; i < 3; ++i) lab.undo();
  ASSERT_TRUE(settle(lab));
  EXPECT_FALSE(lab.run()->has_edits());
  lab.redo();
  ASSERT_TRUE(settle(lab));
  EXPECT_TRUE(lab.run()->has_edits());
}

TEST_F(LabTest, generating_is_one_command_and_keeps_its_tokens_when_an_edit_is_toggled) {
  Lab lab(loop.post());
  lab.open_model("fable");
  ASSERT_TRUE(settle(lab));
  lab.generate(4);
  ASSERT_TRUE(settle(lab));
  ASSERT_EQ(lab.document().continuation.size(), 4U);
  const auto kept = lab.document().continuation;
  lab.set_cut({4, 3}, true);
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.document().continuation, kept);
  EXPECT_EQ(lab.run()->edited->length(), lab.run()->base->length());
  lab.undo();
  lab.undo();
  EXPECT_TRUE(lab.document().continuation.empty());
}

TEST_F(LabTest, the_stream_is_read_while_it_is_shown_and_the_base_only_once) {
  Lab lab(loop.post());
  lab.open_model("");
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.scene_input().base_reading, nullptr);
  lab.set_camera(render::Camera{{1, 2, 3}, 4, 0, 0, 0.6F});
  lab.execute(show_view(scene::View::Stream));
  EXPECT_FALSE(lab.document().camera.has_value()) << "the other view has other places";
  ASSERT_TRUE(settle(lab));
  const auto base = lab.scene_input().base_reading;
  ASSERT_NE(base, nullptr);
  EXPECT_EQ(lab.scene_input().edited_reading, base);
  lab.set_cut({4, 3}, true);
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.scene_input().base_reading, base);
  EXPECT_NE(lab.scene_input().edited_reading, base);
  EXPECT_NE(lab.scene_input().edited_reading, nullptr);
  lab.undo();
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.scene_input().edited_reading, lab.scene_input().base_reading);
  lab.undo();
  EXPECT_EQ(lab.document().view, scene::View::Machine);
  EXPECT_EQ(lab.history().redo_name(), "show the Stream");
}

TEST_F(LabTest, another_model_is_opened_and_undone) {
  Lab lab(loop.post());
  lab.open_model("fable");
  ASSERT_TRUE(settle(lab));
  lab.open_model("sort-nano");
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.model()->weights->config.n_layer, 3);
  EXPECT_EQ(lab.document().prompt, "CBABBCA");
  lab.undo();
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.model()->weights->config.n_layer, 6);
  EXPECT_EQ(lab.document().prompt, kDefaultPrompt);
  EXPECT_EQ(lab.recent_models().front(), "sort-nano");
}

TEST_F(LabTest, a_model_without_a_vocabulary_opens_on_ids) {
  Lab lab(loop.post());
  lab.open_model(GLASSFORMER_SOURCE_DIR "/tests/golden/models/mingpt-sort");
  ASSERT_TRUE(settle(lab));
  EXPECT_FALSE(lab.error()) << lab.error()->message;
  EXPECT_EQ(lab.document().prompt, "0 1 2");
  EXPECT_EQ(lab.run()->base->length(), 3);
}

TEST_F(LabTest, each_bundled_model_opens_with_a_prompt_of_its_own) {
  Lab lab(loop.post());
  const auto prompt_of = [&](const char* model) {
    lab.open_model(model);
    EXPECT_TRUE(settle(lab));
    EXPECT_EQ(lab.model()->weights->name, model);
    return lab.document().prompt;
  };
  EXPECT_EQ(prompt_of("fable"), kDefaultPrompt);
  EXPECT_EQ(prompt_of("induction-nano"), "kQ7mZx2WkQ7mZx2WkQ7m") << "a string said twice";
  EXPECT_EQ(prompt_of("sort-nano"), "CBABBCA");
  EXPECT_EQ(prompt_of("induction-nano"), "kQ7mZx2WkQ7mZx2WkQ7m");
  EXPECT_EQ(prompt_of("fable"), kDefaultPrompt);
  lab.execute(set_prompt("Once upon"));
  ASSERT_TRUE(settle(lab));
  lab.open_model("fable");
  lab.undo();
  lab.redo();
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.document().prompt, "Once upon") << "the user's own stays";
}

TEST_F(LabTest, a_model_that_is_not_there_leaves_everything_as_it_was) {
  Lab lab(loop.post());
  lab.open_model("fable");
  ASSERT_TRUE(settle(lab));
  const auto before = lab.run();
  lab.open_model("/no/such/model");
  ASSERT_TRUE(loop.pump_until([&] { return lab.error().has_value(); }));
  EXPECT_NE(lab.error()->message.find("/no/such/model"), std::string::npos);
  EXPECT_EQ(lab.document().model, "fable");
  EXPECT_EQ(lab.run(), before);
}

TEST_F(LabTest, what_was_done_while_a_model_could_not_be_opened_stays) {
  Lab lab(loop.post());
  lab.open_model("fable");
  ASSERT_TRUE(settle(lab));
  lab.set_cut({4, 3}, true);
  ASSERT_TRUE(settle(lab));
  lab.open_model("/no/such/model");
  lab.execute(set_target(" Mary"));
  lab.execute(set_map(false));
  ASSERT_TRUE(loop.pump_until([&] { return lab.error().has_value(); }));
  EXPECT_EQ(lab.document().model, "fable");
  EXPECT_TRUE(lab.is_cut({4, 3})) << "the edits before it";
  EXPECT_EQ(lab.document().target, " Mary");
  EXPECT_FALSE(lab.document().map);
  EXPECT_EQ(lab.history().done(), 3U) << "the cut and the two commands after the failed one";
  lab.undo();
  EXPECT_TRUE(lab.document().map);
  EXPECT_EQ(lab.document().model, "fable");
  lab.undo();
  EXPECT_EQ(lab.document().target, "");
  EXPECT_TRUE(lab.is_cut({4, 3}));
  lab.undo();
  EXPECT_FALSE(lab.is_cut({4, 3}));
  EXPECT_EQ(lab.document().model, "fable");
}

TEST_F(LabTest, an_error_goes_when_its_cause_is_mended) {
  Lab lab(loop.post());
  lab.open_model("sort-nano");
  ASSERT_TRUE(settle(lab));
  lab.execute(set_prompt("ABCABCABCABCABCABC"));
  ASSERT_TRUE(lab.error());
  lab.undo();
  EXPECT_FALSE(lab.error()) << "the prompt is what it was";
  lab.execute({"", [](Document& d) { d.target = "AB"; }, {}});
  ASSERT_TRUE(lab.error());
  EXPECT_EQ(lab.error()->message, "\"AB\" is 2 tokens (\"A\", \"B\"); give one token, or its number as #id.");
  lab.execute({"", [](Document& d) { d.target = "A"; }, {}});
  EXPECT_FALSE(lab.error());
  lab.open_model("/no/such/model");
  ASSERT_TRUE(loop.pump_until([&] { return lab.error().has_value(); }));
  lab.execute(set_prompt("CBA"));
  ASSERT_TRUE(loop.pump_until([&] { return lab.up_to_date(); }));
  EXPECT_FALSE(lab.error()) << "one works on with the model that is there";
}

TEST_F(LabTest, an_error_that_stands_is_told_once) {
  Lab lab(loop.post());
  lab.open_model("sort-nano");
  ASSERT_TRUE(settle(lab));
  int told = 0;
  lab.on_change([&](const Changes& changes) { told += changes.error ? 1 : 0; });
  lab.execute(set_prompt("ABCABCABCABCABCABC"));
  EXPECT_EQ(told, 1);
  lab.execute({"", [](Document& d) { d.theme = render::Theme::Light; }, {}});
  EXPECT_EQ(told, 1) << "the prompt is refused in the same words";
  EXPECT_TRUE(lab.error());
  lab.undo();
  lab.undo();
  EXPECT_EQ(told, 2) << "the error is gone";
  EXPECT_FALSE(lab.error());
}

TEST_F(LabTest, a_session_that_is_restored_at_the_start_cannot_be_undone) {
  Document restored;
  restored.model = "sort-nano";
  restored.prompt = "BCA";
  const std::string path = (folder_ / "left.json").string();
  ASSERT_TRUE(save_document(restored, path));
  Lab lab(loop.post());
  lab.execute({"light theme", [](Document& d) { d.theme = render::Theme::Light; }, {}});
  ASSERT_TRUE(lab.load(path));
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.document().prompt, "BCA");
  EXPECT_EQ(lab.model()->weights->name, "sort-nano");
  EXPECT_FALSE(lab.history().can_undo());
  lab.execute(set_prompt("CBA"));
  ASSERT_TRUE(lab.load(path));
  EXPECT_EQ(lab.history().undo_name(), "open a session") << "later it is a step like any other";
}

TEST_F(LabTest, what_is_explained_is_the_prediction_at_the_selected_position) {
  Lab lab(loop.post());
  lab.open_model("fable");
  ASSERT_TRUE(settle(lab));
  const Watch<Answer> direct = lab.studies().watch({.question = find_question("dla")});
  ASSERT_TRUE(settle(lab));
  const auto last = direct.now().answer;
  lab.execute(select_position(3));
  ASSERT_TRUE(settle(lab));
  ASSERT_EQ(direct.now().state, StudyState::Ready);
  EXPECT_NE(direct.now().answer, last);
  EXPECT_EQ(lab.target(), lab.run()->base->stats(3).top.front().id);
  lab.undo();
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(direct.now().answer->number("total"), last->number("total"));
}

TEST_F(LabTest, a_prompt_that_is_too_long_says_so_and_the_old_run_stays) {
  Lab lab(loop.post());
  lab.open_model("sort-nano");
  ASSERT_TRUE(settle(lab));
  const auto before = lab.run();
  lab.execute(set_prompt("ABCABCABCABCABCABC"));
  ASSERT_TRUE(lab.error());
  EXPECT_EQ(lab.run(), before);
  lab.undo();
  ASSERT_TRUE(settle(lab));
  EXPECT_EQ(lab.document().prompt, "CBABBCA");
}

TEST_F(LabTest, a_given_prompt_that_the_first_model_cannot_read_stands_with_the_reason) {
  struct Given {
    const char *prompt, *says;
  };
  const std::vector<Given> all = {{"ABCABCABCABCABCABC", "shorten the prompt"}, {"Once", "(O)"}, {"", "The prompt is empty"}};
  for (const auto& [prompt, says] : all) {
    Document session;
    session.model = "sort-nano";
    session.prompt = prompt;
    const std::string path = (folder_ / "given.json").string();
    ASSERT_TRUE(save_document(session, path));
    for (const bool by_session : {false, true}) {
      Lab lab(loop.post());
      if (by_session) {
        const auto loaded = lab.load(path);
        ASSERT_TRUE(loaded) << loaded.error().message;
      } else {
        lab.execute(set_prompt(prompt));
        lab.open_model("sort-nano");
      }
      ASSERT_TRUE(settle(lab));
      EXPECT_EQ(lab.document().prompt, prompt);
      ASSERT_TRUE(lab.error()) << prompt;
      EXPECT_NE(lab.error()->message.find(says), std::string::npos) << lab.error()->message;
      EXPECT_FALSE(lab.run());
      lab.open_model("fable");
      ASSERT_TRUE(loop.pump_until([&] { return lab.up_to_date() && lab.model()->weights->name == "fable"; }));
      EXPECT_FALSE(lab.error()) << "another model reads it, or gets a prompt of its own";
    }
  }
}

}  // namespace
}  // namespace gf::doc

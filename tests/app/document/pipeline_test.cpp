#include "app/document/background/pipeline.h"

#include <gtest/gtest.h>

#include "tests/app/document/loop.h"

namespace gf::doc {
namespace {

/// A pipeline that writes down its callbacks.
struct Led {
  explicit Led(Jobs& jobs)
      : pipeline(jobs, {.asked = [this] { heard += "asked; "; },
                        .model =
                            [this](bool opened) {
                              heard += (opened ? "opened " : "back to ") + pipeline.open()->name + "; ";
                              subject.prompt = prompt_for(*pipeline.model(), subject.prompt);
                              follow();
                            },
                        .not_opened = [this](const std::string& name, const Error&) { heard += "no " + name + "; "; },
                        .run = [this](int generated) { heard += "run" + (generated > 0 ? " +" + std::to_string(generated) : "") + "; "; },
                        .failed = [this](const Error&) { heard += "failed; "; },
                        .renewed = [this] { heard += "renewed; "; }}) {}
  void follow() { followed = pipeline.run_for(subject, {}); }
  std::string take() { return std::exchange(heard, {}); }

  std::string heard;
  Subject subject;
  Result<void> followed;
  Pipeline pipeline;
};

struct PipelineTest : testing::Test {
  bool settle(Led& led) {
    return loop.pump_until([&] { return led.pipeline.settled(); });
  }
  bool opens(Led& led, const char* model) {
    led.subject.model = model;
    led.follow();
    return settle(led);
  }
  Loop loop;
};

TEST_F(PipelineTest, leads_a_subject_to_its_run_and_goes_back_to_the_model_before_at_once) {
  Jobs jobs(loop.post());
  Led led(jobs);
  led.subject.model = "sort-nano";
  led.follow();
  EXPECT_EQ(jobs.listed().at(0).title, "opening sort-nano");
  ASSERT_TRUE(settle(led));
  EXPECT_EQ(led.take(), "opened sort-nano; asked; run; ");
  led.follow();
  EXPECT_EQ(led.take(), "") << "the same again asks for nothing";
  const auto model = led.pipeline.model();
  led.subject.model = "induction-nano";
  led.follow();
  EXPECT_FALSE(led.pipeline.settled());
  EXPECT_EQ(led.pipeline.model(), model) << "it stays until the other is there";
  ASSERT_TRUE(settle(led));
  EXPECT_EQ(led.take(), "opened induction-nano; asked; run; ");
  led.subject.model = "sort-nano";
  led.follow();
  EXPECT_EQ(led.take(), "back to sort-nano; asked; ");
  EXPECT_EQ(led.pipeline.model(), model);
  ASSERT_TRUE(settle(led));
}

TEST_F(PipelineTest, another_state_of_the_open_model_takes_its_place_with_its_run) {
  Jobs jobs(loop.post());
  Led led(jobs);
  ASSERT_TRUE(opens(led, "sort-nano"));
  (void)led.take();
  const auto state = [](int step) {
    auto opened = open_by_name("sort-nano@" + std::to_string(step));
    EXPECT_TRUE(opened);
    opened->name = "sort-nano";
    return std::move(*opened);
  };
  const auto model = led.pipeline.model();
  const auto run = led.pipeline.run();
  const OpenModel first = state(0), second = state(100), third = state(300);
  led.pipeline.renew(OpenModel(first));
  led.pipeline.renew(OpenModel(second));
  led.pipeline.renew(OpenModel(third));
  EXPECT_EQ(led.take(), "asked; ");
  EXPECT_EQ(led.pipeline.model(), model) << "it stays until the run of the other is there";
  EXPECT_EQ(led.pipeline.run(), run);
  ASSERT_TRUE(loop.pump_until([&] { return led.pipeline.model() == third.model && led.pipeline.settled(); }));
  EXPECT_EQ(led.take(), "renewed; run; asked; renewed; run; ") << "the second was left out";
  EXPECT_NE(led.pipeline.run()->base, run->base);
  EXPECT_EQ(&led.pipeline.session()->model(), third.model.get());
  OpenModel other = state(100);
  other.name = "another";
  led.pipeline.renew(std::move(other));
  EXPECT_EQ(led.take(), "") << "that model is not open";
  EXPECT_EQ(led.pipeline.model(), third.model);
}

TEST_F(PipelineTest, a_model_that_does_not_open_is_not_tried_again_by_itself) {
  Jobs jobs(loop.post());
  Led led(jobs);
  led.subject.model = "/no/such/model";
  led.follow();
  ASSERT_TRUE(loop.pump_until([&] { return !led.heard.empty(); }));
  EXPECT_EQ(led.take(), "no /no/such/model; ");
  led.follow();
  EXPECT_TRUE(jobs.listed().empty());
  led.pipeline.retry();
  led.follow();
  EXPECT_FALSE(jobs.listed().empty());
}

TEST_F(PipelineTest, a_newer_subject_takes_the_place_of_an_older_one) {
  Jobs jobs(loop.post());
  Led led(jobs);
  ASSERT_TRUE(opens(led, "sort-nano"));
  led.take();
  for (const char* prompt : {"CBA", "BCA", "ACB"}) {
    led.subject.prompt = prompt;
    led.follow();
  }
  ASSERT_TRUE(settle(led));
  EXPECT_EQ(led.take(), "asked; asked; asked; run; ");
  const auto ids = led.pipeline.run()->base->ids();
  EXPECT_EQ(led.pipeline.model()->tokenizer->decode({ids.begin(), ids.end()}), "ACB");
}

TEST_F(PipelineTest, another_strength_of_an_edit_waits_for_the_run_that_is_on_its_way) {
  Jobs jobs(loop.post());
  Led led(jobs);
  ASSERT_TRUE(opens(led, "sort-nano"));
  Edit scale;
  scale.hook = "blocks.0.attn.hook_z";
  scale.op = EditOp::Scale;
  scale.factor = 0.1F;
  led.subject.recipe.edits = {scale};
  led.follow();
  ASSERT_TRUE(settle(led));
  led.take();
  const auto drag_to = [&](float factor) {
    led.subject.recipe.edits[0].factor = factor;
    led.follow();
    EXPECT_FALSE(led.pipeline.settled());
  };
  for (const float factor : {0.2F, 0.3F, 0.4F}) drag_to(factor);
  ASSERT_TRUE(settle(led));
  EXPECT_EQ(led.take(), "asked; run; asked; run; ") << "the first one, and the last one after it";
  EXPECT_EQ(led.pipeline.run()->request.recipe.edits.at(0).factor, 0.4F);
  for (const float factor : {0.5F, 0.6F}) drag_to(factor);
  led.subject.recipe.edits.clear();
  led.follow();
  ASSERT_TRUE(settle(led));
  EXPECT_EQ(led.take(), "asked; asked; run; ") << "anything else interrupts it";
  EXPECT_TRUE(led.pipeline.run()->request.recipe.empty());
}

TEST_F(PipelineTest, what_cannot_be_run_is_told_and_the_run_stays) {
  Jobs jobs(loop.post());
  Led led(jobs);
  ASSERT_TRUE(opens(led, "sort-nano"));
  const auto run = led.pipeline.run();
  led.subject.prompt.clear();
  led.follow();
  ASSERT_FALSE(led.followed);
  EXPECT_EQ(led.followed.error().message, "The prompt is empty; type some text for the model to read.");
  EXPECT_EQ(led.pipeline.run(), run);
}

TEST_F(PipelineTest, generates_as_far_as_the_context_goes) {
  Jobs jobs(loop.post());
  Led led(jobs);
  ASSERT_TRUE(opens(led, "sort-nano"));
  led.take();
  const int n_ctx = led.pipeline.model()->weights->config.n_ctx, T = led.pipeline.run()->base->length();
  ASSERT_TRUE(led.pipeline.generate(led.subject, {}, 1000));
  ASSERT_TRUE(settle(led));
  EXPECT_EQ(led.take(), "asked; run +" + std::to_string(n_ctx - T) + "; ");
  led.subject.continuation = led.pipeline.run()->request.forced;
  led.follow();
  EXPECT_EQ(led.take(), "") << "it is the run of the longer subject";
  const auto full = led.pipeline.generate(led.subject, {}, 1);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().message, "The context of " + std::to_string(n_ctx) + " tokens is full; shorten the prompt to generate more.");
}

TEST_F(PipelineTest, two_lead_two_subjects_at_once) {
  Jobs jobs(loop.post());
  Led first(jobs), second(jobs);
  first.subject.model = "sort-nano";
  second.subject.model = "induction-nano";
  second.subject.recipe.edits.push_back(edit_of_head(0, 1));
  first.follow();
  second.follow();
  EXPECT_EQ(jobs.listed().size(), 2U);
  ASSERT_TRUE(settle(first));
  ASSERT_TRUE(settle(second));
  EXPECT_EQ(first.take(), "opened sort-nano; asked; run; ");
  EXPECT_EQ(second.take(), "opened induction-nano; asked; run; ");
  EXPECT_FALSE(first.pipeline.run()->has_edits());
  EXPECT_TRUE(second.pipeline.run()->has_edits());
}

}  // namespace
}  // namespace gf::doc

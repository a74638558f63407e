#include "app/document/background/studies.h"

#include <condition_variable>
#include <gtest/gtest.h>
#include <latch>
#include <span>
#include <utility>
#include <vector>

#include "app/document/background/pipeline.h"
#include "model/base/text.h"
#include "tests/app/document/loop.h"

namespace gf::doc {
namespace {

/// Lines about what happened, in order; any thread may write them.
class Protocol {
 public:
  void write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    text_ += line + "; ";
    written_.notify_all();
  }
  /// Waits until another thread has written the line.
  [[nodiscard]] bool wait_for(const std::string& line) {
    std::unique_lock lock(mutex_);
    return written_.wait_for(lock, std::chrono::seconds(60), [&] { return text_.find(line) != std::string::npos; });
  }
  std::string take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(text_, {});
  }
  [[nodiscard]] bool has(const std::string& line) {
    const std::lock_guard lock(mutex_);
    return text_.find(line) != std::string::npos;
  }

 private:
  std::mutex mutex_;
  std::condition_variable written_;
  std::string text_;
};

const char* word_of(StudyState state) {
  switch (state) {
    case StudyState::Absent: return "absent";
    case StudyState::Waiting: return "waiting";
    case StudyState::Computing: return "computing";
    case StudyState::Ready: return "ready";
    case StudyState::Failed: break;
  }
  return "failed";
}

/// A subject in sort-nano, with its run and its studies.
struct StudiesTest : testing::Test {
  StudiesTest()
      : jobs(loop.post()),
        pipeline(jobs, {.asked = [this] { studies.hold(0); },
                        .model = [this](bool) { tell(); },
                        .not_opened = [](const std::string&, const Error& error) { FAIL() << error.message; },
                        .run =
                            [this](int) {
                              log.write("run");
                              tell();
                            },
                        .failed = [this](const Error&) { tell(); }}),
        studies(jobs, [] {}) {
    subject.model = "sort-nano";
    subject.prompt = "CBABBCA";
  }
  void tell() {
    follow();
    const auto run = pipeline.run();
    if (!pipeline.running()) studies.update(0, {pipeline.session(), run, a, {}, position});
  }
  void follow() { EXPECT_TRUE(pipeline.run_for(subject, {})); }
  void open() {
    follow();
    ASSERT_TRUE(loop.pump_until([&] { return pipeline.settled(); }));
    log.take();
  }
  bool ready(const auto& watch) {
    return loop.pump_until([&] { return watch.now().state == StudyState::Ready; });
  }
  /// A study that writes a line when it begins. With `blocks`, the first computation goes on until it is stopped.
  Inquiry<int> counting(const std::string& key, Side side = Side::Edited, bool in_view = false, bool blocks = false) {
    auto first = std::make_shared<std::atomic<bool>>(blocks);
    return {{.key = key, .title = key, .side = side, .in_view = in_view}, [this, key, first](const Asking& asking) -> Result<int> {
              log.write(key);
              if (!first->exchange(false)) return asking.trace().length();
              std::mutex mutex;
              std::unique_lock lock(mutex);
              std::condition_variable_any never;
              never.wait(lock, asking.stop, [] { return false; });
              log.write(key + " gives way");
              return fail(ErrorCode::Cancelled, "stopped");
            }};
  }

  Loop loop;
  Protocol log;
  Subject subject;
  std::optional<TokenId> a;
  int position = -1;
  Jobs jobs;
  Pipeline pipeline;
  Studies studies;
};

TEST_F(StudiesTest, are_computed_while_they_are_watched) {
  const Watch<int> early = studies.watch(counting("early"));
  EXPECT_STREQ(word_of(early.now().state), "absent");
  open();
  ASSERT_TRUE(ready(early));
  EXPECT_EQ(*early.now().answer, 7);
  log.take();
  subject.prompt = "CBA";
  follow();
  EXPECT_STREQ(word_of(early.now().state), "ready") << "of the run that is there";
  ASSERT_TRUE(loop.pump_until([&] { return pipeline.settled() && early.now().state == StudyState::Ready; }));
  EXPECT_EQ(*early.now().answer, 3);
  EXPECT_EQ(log.take(), "run; early; ");
  {
    const Watch<int> short_lived = studies.watch(counting("unseen", Side::Base, false, true));
  }
  EXPECT_TRUE(jobs.listed().empty()) << "nobody watches it any more";
}

TEST_F(StudiesTest, a_run_that_is_asked_for_does_not_wait_for_them) {
  open();
  const Watch<int> sweep = studies.watch(counting("sweep", Side::Edited, false, true));
  ASSERT_TRUE(log.wait_for("sweep"));
  EXPECT_STREQ(word_of(sweep.now().state), "computing");
  subject.recipe.edits.push_back(edit_of_head(0, 1));
  follow();
  EXPECT_STREQ(word_of(sweep.now().state), "waiting");
  ASSERT_TRUE(ready(sweep));
  EXPECT_EQ(log.take(), "sweep; sweep gives way; run; sweep; ");
}

TEST_F(StudiesTest, a_sweep_computes_nothing_more_before_a_run_that_is_asked_for) {
  subject.model = "fable";
  subject.prompt = "The capital of France is";
  open();
  std::vector<Edit> cuts;
  constexpr int kTimes = 8, kLayers = 6, kHeads = 8;
  for (int i = 0; i < kTimes * kLayers * kHeads; ++i) cuts.push_back(edit_of_head(i / kHeads % kLayers, i % kHeads));
  std::latch begun(1), toggled(1);
  int answered = 0;
  bool again = false;  // it is asked twice, and the second time nobody is in its way
  const Watch<int> sweep =
      studies.watch(Inquiry<int>{{.key = "sweep"}, [&](const Asking& asking) -> Result<int> {
                                   log.write("sweep");
                                   if (std::exchange(again, true)) return 2;
                                   const auto each = [&](std::size_t i, std::span<const float>) {
                                     ++answered;
                                     if (i > 0) return;
                                     begun.count_down();
                                     toggled.wait();
                                   };
                                   if (const auto swept = asking.session.sweep(asking.run, cuts, each, asking.stop); !swept) {
                                     log.write("sweep gives way");
                                     return tl::unexpected(swept.error());
                                   }
                                   return 1;
                                 }});
  begun.wait();
  subject.recipe.edits.push_back(edit_of_head(0, 1));
  follow();
  toggled.count_down();
  ASSERT_TRUE(ready(sweep));
  EXPECT_EQ(log.take(), "sweep; sweep gives way; run; sweep; ");
  constexpr int kAtOnce = 64;  // variants that go through the model together; those with the first one were already computed
  EXPECT_LE(answered, kAtOnce) << "of " << cuts.size();
}

TEST_F(StudiesTest, a_cut_does_not_touch_what_is_of_the_base_alone) {
  open();
  const Watch<int> base = studies.watch(counting("one", Side::Base)), edited = studies.watch(counting("one", Side::Edited));
  ASSERT_TRUE(ready(base));
  ASSERT_TRUE(ready(edited));
  EXPECT_EQ(log.take(), "one; ") << "without edits both are the same";
  EXPECT_EQ(base.now().answer, edited.now().answer);
  const auto before = base.now().answer;
  subject.recipe.edits.push_back(edit_of_head(0, 1));
  follow();
  ASSERT_TRUE(loop.pump_until([&] { return log.has("run") && edited.now().state == StudyState::Ready; }));
  EXPECT_EQ(base.now().answer, before);
  EXPECT_NE(edited.now().answer, before);
  EXPECT_EQ(log.take(), "run; one; ");
  subject.recipe = {};
  follow();
  ASSERT_TRUE(loop.pump_until([&] { return log.has("run") && edited.now().state == StudyState::Ready; }));
  EXPECT_EQ(edited.now().answer, before);
  EXPECT_EQ(log.take(), "run; ");
}

TEST_F(StudiesTest, what_is_in_view_goes_first) {
  open();
  const Watch<int> sweep = studies.watch(counting("sweep", Side::Edited, false, true));
  const Watch<int> later = studies.watch(counting("later"));
  ASSERT_TRUE(log.wait_for("sweep"));
  const Watch<int> seen = studies.watch(counting("seen", Side::Edited, true));
  ASSERT_TRUE(ready(later));
  EXPECT_EQ(log.take(), "sweep; sweep gives way; seen; sweep; later; ");
}

TEST_F(StudiesTest, are_kept_while_unwatched_until_a_newer_run) {
  open();
  {
    const Watch<int> one = studies.watch(counting("one"));
    ASSERT_TRUE(ready(one));
  }
  log.take();
  {
    const Watch<int> again = studies.watch(counting("one"));
    EXPECT_STREQ(word_of(again.now().state), "ready");
  }
  EXPECT_EQ(log.take(), "");
  subject.prompt = "CBA";
  follow();
  ASSERT_TRUE(loop.pump_until([&] { return log.has("run"); }));
  const Watch<int> anew = studies.watch(counting("one"));
  EXPECT_EQ(anew.now().answer, nullptr);
  ASSERT_TRUE(ready(anew));
}

TEST_F(StudiesTest, a_failure_is_told_and_tried_again_with_the_next_run) {
  open();
  const Watch<int> bad = studies.watch(Inquiry<int>{{.key = "bad"}, [](const Asking& asking) -> Result<int> {
                                                      if (asking.trace().length() > 3) return fail(ErrorCode::OutOfMemory, "too long");
                                                      return 1;
                                                    }});
  ASSERT_TRUE(loop.pump_until([&] { return bad.now().state == StudyState::Failed; }));
  EXPECT_EQ(bad.now().error->message, "too long");
  subject.prompt = "CBA";
  follow();
  ASSERT_TRUE(ready(bad));
  EXPECT_FALSE(bad.now().error);
}

TEST_F(StudiesTest, a_question_is_answered_as_on_the_command_line) {
  open();
  a = pipeline.run()->base->stats(6).top.front().id;
  const Question& question = *find_question("dla");
  const Watch<Answer> study = studies.watch({.question = &question});
  EXPECT_EQ(jobs.listed().at(0).title, gf::text(question.title));
  ASSERT_TRUE(loop.pump_until([&] { return study.now().state == StudyState::Failed; }));
  EXPECT_EQ(study.now().error->message, "dla needs a token to explain");
  tell();  // now there is a token
  ASSERT_TRUE(ready(study));
  const gf::Run& run = *pipeline.run();
  const auto direct = ask(question, {.session = *pipeline.session(), .request = run.request, .run = run, .a = a, .b = {}, .params = {}});
  ASSERT_TRUE(direct) << direct.error().message;
  EXPECT_EQ(study.now().answer->grid("heads"), direct->grid("heads"));
  const auto at_the_end = study.now().answer;
  position = 2;
  tell();
  EXPECT_NE(study.now().state, StudyState::Ready) << "it depends on the position";
  ASSERT_TRUE(ready(study));
  EXPECT_NE(study.now().answer->grid("heads"), at_the_end->grid("heads"));
}

TEST_F(StudiesTest, what_asks_the_weights_alone_outlives_runs) {
  open();
  const Watch<Answer> circuits = studies.watch({.question = find_question("circuits")});
  ASSERT_TRUE(ready(circuits));
  const auto answer = circuits.now().answer;
  subject.prompt = "CBA";
  follow();
  ASSERT_TRUE(loop.pump_until([&] { return log.has("run"); }));
  EXPECT_STREQ(word_of(circuits.now().state), "ready");
  EXPECT_EQ(circuits.now().answer, answer);
}

TEST_F(StudiesTest, whoever_hears_of_a_job_may_watch_something_else) {
  open();
  std::optional<Watch<int>> sweep = studies.watch(counting("sweep", Side::Edited, false, true)), next;
  ASSERT_TRUE(log.wait_for("sweep"));
  // Like a dock that is being hidden: it is told that the sweep waits for a run, and stops watching it.
  jobs.on_change([&] {
    sweep.reset();
    if (!next) next = studies.watch(counting("next"));
  });
  subject.prompt = "CBA";
  follow();
  ASSERT_TRUE(next);
  ASSERT_TRUE(ready(*next));
  EXPECT_EQ(*next->now().answer, 3);
  EXPECT_EQ(log.take(), "sweep; sweep gives way; run; next; ");
  jobs.on_change({});
}

TEST_F(StudiesTest, what_is_let_go_of_while_it_starts_is_not_computed) {
  open();
  std::optional<Watch<int>> first = studies.watch(counting("first", Side::Edited, false, true)), second;
  ASSERT_TRUE(log.wait_for("first"));
  second = studies.watch(counting("second", Side::Edited, false, true));
  // When the first one ends, the second one starts, and the observer stops watching it at once.
  jobs.on_change([&] {
    if (!jobs.listed().empty() && jobs.listed().front().title == "second") second.reset();
  });
  first.reset();
  EXPECT_FALSE(second);
  EXPECT_TRUE(jobs.listed().empty());
  jobs.on_change({});
  const Watch<int> third = studies.watch(counting("third"));
  ASSERT_TRUE(ready(third));
}

TEST_F(StudiesTest, a_watcher_may_outlive_them) {
  Watch<int> watch;
  {
    Studies others(jobs, [] {});
    watch = others.watch(counting("other"));
  }
  EXPECT_STREQ(word_of(watch.now().state), "absent");
}

}  // namespace
}  // namespace gf::doc

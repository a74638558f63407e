#include "app/document/background/jobs.h"

#include <gtest/gtest.h>
#include <semaphore>

#include "tests/app/document/loop.h"

namespace gf::doc {
namespace {

/// "reading 40 %, film"
std::string text_of(const Jobs& jobs) {
  std::string all;
  for (const JobInfo& job : jobs.listed()) {
    all += (all.empty() ? "" : ", ") + job.title;
    if (job.fraction >= 0) all += " " + std::to_string(static_cast<int>(100 * job.fraction + 0.5)) + " %";
  }
  return all;
}

/// Blocks until the job is asked to stop.
void work_until_stopped(const JobWork& work) {
  std::binary_semaphore stopped(0);
  const std::stop_callback stop(work.stop(), [&] { stopped.release(); });
  stopped.acquire();
}

struct JobsTest : testing::Test {
  Loop loop;
  std::string heard;
  std::function<void(Result<int>)> hear(std::string name) {
    return [this, name = std::move(name)](const Result<int>& result) {
      heard += name +
               (result                                        ? " = " + std::to_string(*result)
                : result.error().code == ErrorCode::Cancelled ? " stopped"
                                                              : " failed") +
               "; ";
    };
  }
};

TEST_F(JobsTest, an_answer_is_heard_on_the_owners_thread) {
  Jobs jobs(loop.post());
  const auto here = std::this_thread::get_id();
  std::thread::id there, back;
  const Job job = jobs.start<int>(
      "adding", jobs.own_thread(),
      [&](const JobWork&) -> Result<int> {
        there = std::this_thread::get_id();
        return 5;
      },
      [&](const Result<int>& sum) {
        back = std::this_thread::get_id();
        EXPECT_EQ(*sum, 5);
      });
  EXPECT_EQ(text_of(jobs), "adding");
  EXPECT_TRUE(job.running());
  ASSERT_TRUE(loop.pump_until([&] { return !job.running(); }));
  EXPECT_TRUE(there != here);
  EXPECT_TRUE(back == here);
  EXPECT_EQ(text_of(jobs), "");
}

TEST_F(JobsTest, another_in_its_place_makes_an_answer_unheard) {
  Jobs jobs(loop.post());
  Job job;
  std::vector<JobAnswer<int>> answers;
  for (const char* name : {"first", "second"}) {
    auto [opened, answer] = jobs.open<int>(name, hear(name));
    job = std::move(opened);
    answers.push_back(answer);
  }
  EXPECT_EQ(text_of(jobs), "second");
  EXPECT_TRUE(answers[0].work().stop().stop_requested());
  EXPECT_FALSE(answers[1].work().stop().stop_requested());
  answers[0](1);  // too late
  answers[1](2);
  answers[1](3);  // only one counts
  ASSERT_TRUE(loop.pump_until([&] { return !job.running(); }));
  loop.pump();
  EXPECT_EQ(heard, "second = 2; ");
}

TEST_F(JobsTest, all_that_run_are_listed_and_each_can_be_stopped) {
  Jobs jobs(loop.post());
  int changes = 0;
  jobs.on_change([&] { ++changes; });
  const auto until_stopped = [](const JobWork& work) -> Result<int> {
    work_until_stopped(work);
    return fail(ErrorCode::Cancelled, "stopped");
  };
  const Job film = jobs.start<int>("film", jobs.own_thread(), until_stopped, hear("film"));
  const Job sweep = jobs.start<int>("sweep", jobs.own_thread(), until_stopped, hear("sweep"));
  const Job quiet = jobs.start<int>("", jobs.own_thread(), until_stopped, hear("quiet"));
  EXPECT_EQ(text_of(jobs), "film, sweep");
  EXPECT_EQ(changes, 2);
  jobs.cancel(jobs.listed()[1].id);
  ASSERT_TRUE(loop.pump_until([&] { return !sweep.running(); }));
  EXPECT_EQ(text_of(jobs), "film");
  jobs.cancel_all();
  ASSERT_TRUE(loop.pump_until([&] { return !film.running() && !quiet.running(); }));
  EXPECT_EQ(heard.find("sweep stopped; "), 0U) << heard;
}

TEST_F(JobsTest, progress_is_told_in_hundredths_and_never_piles_up) {
  Jobs jobs(loop.post());
  auto [job, answer] = jobs.open<int>("long", hear("long"));
  int changes = 0;
  jobs.on_change([&] { ++changes; });
  for (int i = 0; i < 10'000; ++i) answer.work().progress(i / 20'000.0);
  EXPECT_EQ(loop.waiting(), 1U);
  loop.pump();
  EXPECT_EQ(text_of(jobs), "long 50 %");
  answer.work().progress(0.4996);  // still the 49th hundredth
  EXPECT_EQ(loop.waiting(), 0U);
  answer.work().progress(2);
  loop.pump();
  EXPECT_EQ(text_of(jobs), "long 100 %");
  EXPECT_EQ(changes, 2);
  EXPECT_EQ(job.fraction(), 1);
}

TEST_F(JobsTest, what_was_given_up_before_it_began_is_told_as_cancelled) {
  Jobs jobs(loop.post());
  const Job job = jobs.start<int>("never", [](const auto&) {}, [](const JobWork&) -> Result<int> { return 1; }, hear("never"));
  ASSERT_TRUE(loop.pump_until([&] { return !job.running(); }));
  EXPECT_EQ(heard, "never stopped; ");
}

TEST_F(JobsTest, in_order_means_one_after_the_other) {
  Jobs jobs(loop.post());
  std::string order;
  std::vector<Job> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(jobs.start<int>("", jobs.in_order(),
                                  [&order, i](const JobWork&) -> Result<int> {
                                    order += std::to_string(i);
                                    return i;
                                  },
                                  {}));
  ASSERT_TRUE(loop.pump_until([&] { return !all.back().running(); }));
  EXPECT_EQ(order, "0123");
}

TEST_F(JobsTest, nothing_is_heard_once_they_are_gone) {
  std::atomic<bool> over = false;
  {
    Jobs jobs(loop.post());
    jobs.start<int>(
            "film", jobs.own_thread(),
            [&over](const JobWork& work) -> Result<int> {
              work_until_stopped(work);
              over = true;
              return 1;
            },
            hear("film"))
        .detach();
    jobs.poster()([this] { heard += "posted; "; });
  }
  EXPECT_TRUE(over) << "a thread of a job's own is waited for";
  loop.pump();
  EXPECT_EQ(heard, "");
}

}  // namespace
}  // namespace gf::doc

// The folder of kept sessions: who holds which, what is left, and what is never removed.
#include "app/document/kept_sessions.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace gf::doc {
namespace {

namespace fs = std::filesystem;

class KeptSessionsTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("glassformer_kept_" + std::to_string(getpid()));
    fs::remove_all(root_);
    kept = std::make_unique<KeptSessions>(folder());
  }
  void TearDown() override { fs::remove_all(root_); }
  [[nodiscard]] std::string folder() const { return (root_ / "sessions").string(); }
  [[nodiscard]] fs::path file(const std::string& id, const char* ending = ".json") const { return fs::path(folder()) / (id + ending); }
  static Document with_prompt(const std::string& prompt) {
    Document document;
    document.prompt = prompt;
    return document;
  }
  /// Keeps a session whose window is gone.
  std::string leave(const std::string& prompt, const KeptMark& mark = {}) {
    const std::string id = new_kept_id();
    const auto entry = kept->begin(id);
    EXPECT_TRUE(entry->write(with_prompt(prompt), mark, entry->next_number()));
    return id;
  }
  /// Sets the time at which a session was written, `seconds` after a fixed one.
  void set_time(const std::string& id, int seconds) const {
    const timespec times[2] = {{1'000'000 + seconds, 0}, {1'000'000 + seconds, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, file(id).c_str(), times, 0), 0);
  }
  std::vector<std::string> prompts_left() {
    std::vector<std::string> prompts;
    for (const KeptSession& s : kept->left()) prompts.push_back(s.document ? s.document->prompt : "?");
    return prompts;
  }
  fs::path root_;
  std::unique_ptr<KeptSessions> kept;
};

TEST_F(KeptSessionsTest, a_session_comes_back_whole) {
  Document document = with_prompt("to be kept");
  document.model = "sort-nano";
  document.storage.file = "/somewhere/mine.json";
  document.recipe.edits.emplace_back().hook = "blocks.1.attn.hook_z";
  const std::string id = new_kept_id();
  {
    const auto entry = kept->begin(id);
    EXPECT_TRUE(kept->left().empty()) << "nothing is on the disk before the first write";
    EXPECT_FALSE(fs::exists(folder()));
    ASSERT_TRUE(entry->write(document, {.closed = false, .on_trial = true}, entry->next_number()));
  }
  const auto left = kept->left();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].id, id);
  EXPECT_EQ(left[0].mark, (KeptMark{.closed = false, .on_trial = true}));
  ASSERT_TRUE(left[0].document);
  document.storage.kept = id;
  EXPECT_EQ(*left[0].document, document);
  EXPECT_TRUE(read_document(file(id).string())) << "it is a session file like any other";
}

TEST_F(KeptSessionsTest, belongs_to_the_user_alone) {
  const mode_t before = umask(0);
  const std::string id = leave("secret");
  umask(before);
  EXPECT_EQ(fs::status(folder()).permissions(), fs::perms(0700));
  EXPECT_EQ(fs::status(file(id)).permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(file(id, ".lock")).permissions(), fs::perms(0600));
}

TEST_F(KeptSessionsTest, a_session_that_a_window_holds_is_not_left) {
  const auto mine = kept->begin(new_kept_id());
  ASSERT_TRUE(mine->write(with_prompt("open"), {}, mine->next_number()));
  EXPECT_TRUE(kept->left().empty());
  const auto again = kept->take(mine->id());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "Another window has this session open.");
  EXPECT_FALSE(kept->remove(mine->id()));
  EXPECT_TRUE(fs::exists(file(mine->id())));
}

TEST_F(KeptSessionsTest, a_killed_process_leaves_its_session) {
  int ready[2] = {};
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto entry = kept->begin(new_kept_id());
    const char said = entry->write(with_prompt("of the killed"), {}, entry->next_number()) ? 'y' : 'n';
    if (write(ready[1], &said, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char said = 0;
  ASSERT_EQ(read(ready[0], &said, 1), 1);
  EXPECT_EQ(said, 'y');
  EXPECT_TRUE(kept->left().empty()) << "its process lives";
  kill(child, SIGKILL);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_EQ(prompts_left(), std::vector<std::string>{"of the killed"});
  for (const int end : ready) close(end);
}

TEST_F(KeptSessionsTest, what_is_in_a_lock_does_not_matter) {
  const std::string id = leave("mine");
  for (const char* content : {"", "\x01\xff garbage", "4711\nglassformer\nanother-host\n"}) {
    std::ofstream(file(id, ".lock")) << content;
    EXPECT_EQ(prompts_left(), std::vector<std::string>{"mine"});
    const auto taken = kept->take(id);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_TRUE((*taken)->write(with_prompt("mine"), {}, (*taken)->next_number()));
  }
  fs::remove(file(id, ".lock"));
  EXPECT_EQ(prompts_left(), std::vector<std::string>{"mine"});
  std::ofstream(root_ / "autosave.lock") << "1\nglassformer\nsomewhere\n";
  EXPECT_NE(leave("another"), "");
}

TEST_F(KeptSessionsTest, takes_in_the_one_session_of_an_earlier_version) {
  const std::string file = (root_ / "autosave.json").string();
  EXPECT_TRUE(kept->adopt(file)) << "there is none";
  EXPECT_FALSE(fs::exists(folder()));
  fs::create_directories(root_);
  std::ofstream(file) << to_json(with_prompt("of the earlier version"));
  ASSERT_TRUE(kept->adopt(file));
  EXPECT_FALSE(fs::exists(file));
  const auto left = kept->left();
  ASSERT_EQ(left.size(), 1);
  EXPECT_EQ(left[0].document->prompt, "of the earlier version");
  EXPECT_FALSE(left[0].mark.closed) << "as a crash leaves it";
  EXPECT_TRUE(kept->adopt(file));
  EXPECT_EQ(kept->left().size(), 1);
  fs::create_symlink(this->file(left[0].id), file);
  EXPECT_TRUE(kept->adopt(file));
  EXPECT_TRUE(fs::is_symlink(file)) << "a link is not followed and stays";
}

TEST_F(KeptSessionsTest, taking_over_leaves_the_file_until_it_is_written) {
  const std::string id = leave("before");
  const auto taken = kept->take(id);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(read_document(file(id).string())->prompt, "before");
  ASSERT_TRUE((*taken)->write(with_prompt("after"), {}, (*taken)->next_number()));
  EXPECT_EQ(read_document(file(id).string())->prompt, "after");
  EXPECT_FALSE(*kept->take("no-such-session"));
  EXPECT_FALSE(kept->read("../../etc/passwd"));
}

TEST_F(KeptSessionsTest, an_older_write_never_replaces_a_newer_one) {
  const auto entry = kept->begin(new_kept_id());
  const auto older = entry->next_number(), newer = entry->next_number();
  ASSERT_TRUE(entry->write(with_prompt("newer"), {.closed = true}, newer));
  ASSERT_TRUE(entry->write(with_prompt("older"), {}, older));
  EXPECT_EQ(read_document(file(entry->id()).string())->prompt, "newer");
}

TEST_F(KeptSessionsTest, the_newest_comes_first_and_what_cannot_be_read_says_why) {
  const std::string old = leave("old"), fresh = leave("fresh"), broken = leave("broken");
  set_time(old, 1);
  set_time(fresh, 3);
  std::ofstream(file(broken)) << "{\"version\": 7}";
  set_time(broken, 2);
  ASSERT_EQ(mkfifo(file("pipe").c_str(), 0600), 0);
  const auto left = kept->left();
  ASSERT_EQ(left.size(), 4U);
  EXPECT_EQ(left[0].id, "pipe");
  EXPECT_NE(left[0].wrong.find("is a pipe"), std::string::npos) << left[0].wrong;
  EXPECT_EQ(left[1].id, fresh);
  EXPECT_EQ(left[2].wrong, "The session's version is not 1, the one that this program reads.");
  EXPECT_EQ(left[3].id, old);
  EXPECT_TRUE(kept->remove(broken));
  EXPECT_FALSE(fs::exists(file(broken)));
}

TEST_F(KeptSessionsTest, old_ones_go_only_where_they_were_closed) {
  for (int i = 0; i < 14; ++i) set_time(leave("closed " + std::to_string(i), {.closed = true}), 100 + i);
  const std::string crashed = leave("crashed");
  set_time(crashed, 1);
  std::ofstream(file(crashed, ".json.abc.part")) << "half";
  const auto mine = kept->begin(new_kept_id());
  ASSERT_TRUE(mine->write(with_prompt("open"), {}, mine->next_number()));
  std::ofstream(file(mine->id(), ".json.abc.part")) << "half, and being written";
  kept->remove_old();
  const auto left = prompts_left();
  ASSERT_EQ(left.size(), 11U);
  EXPECT_EQ(left.front(), "closed 13");
  EXPECT_EQ(left[9], "closed 4");
  EXPECT_EQ(left.back(), "crashed");
  EXPECT_FALSE(fs::exists(file(crashed, ".json.abc.part")));
  EXPECT_TRUE(fs::exists(file(mine->id(), ".json.abc.part")));
}

TEST_F(KeptSessionsTest, a_full_or_missing_folder_is_an_error_and_the_old_file_stays) {
  const auto entry = kept->begin(new_kept_id());
  ASSERT_TRUE(entry->write(with_prompt("old"), {}, entry->next_number()));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto full = entry->write(with_prompt("new"), {}, entry->next_number());
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(full);
  EXPECT_NE(full.error().message.find("File too large; make room"), std::string::npos) << full.error().message;
  EXPECT_EQ(read_document(file(entry->id()).string())->prompt, "old");

  std::ofstream(root_ / "a file") << "x";
  const KeptSessions nowhere((root_ / "a file" / "sessions").string());
  EXPECT_TRUE(nowhere.left().empty());
  const auto lost = nowhere.begin(new_kept_id());
  const auto refused = lost->write(with_prompt("new"), {}, lost->next_number());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "Cannot keep sessions in " + (root_ / "a file" / "sessions").string() + ": Not a directory.");
}

/// Killed at any moment, the file is one of those that were written, and whole.
TEST_F(KeptSessionsTest, a_kill_at_any_moment_leaves_one_whole_session) {
  const std::string id = leave("0");
  for (int round = 0; round < 20; ++round) {
    int ready[2] = {};
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto entry = *kept->take(id);
      for (int i = 0;; ++i) {
        static_cast<void>(entry->write(with_prompt(std::string(20'000, 'x') + std::to_string(i)), {}, entry->next_number()));
        if (write(ready[1], "w", 1) != 1) _exit(1);
      }
    }
    for (int i = 0; i <= round % 4; ++i) {
      char byte = 0;
      ASSERT_EQ(read(ready[0], &byte, 1), 1);
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    for (const int end : ready) close(end);
    const auto session = kept->read(id);
    ASSERT_TRUE(session && session->document) << round;
    EXPECT_TRUE(session->document->prompt.starts_with("xxx"));
  }
  kept->remove_old();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder()), {}), 2) << "the session and its lock";
}

}  // namespace
}  // namespace gf::doc

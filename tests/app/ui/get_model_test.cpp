// A model comes from a hub into the window, and nothing is asked before the user does.
#include <QComboBox>
#include <QCoreApplication>
#include <QCryptographicHash>
#include <QLabel>
#include <QPushButton>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "model/io/loaders.h"
#include "tests/app/hub/hub_server.h"
#include "tests/app/ui/screen.h"

namespace gf::ui {
namespace {

namespace fs = std::filesystem;
using HubJson = nlohmann::json;

const std::string kHubCommit = "0123456789abcdef0123456789abcdef01234567";

std::string hub_content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class GetModel : public ::testing::Test {
 protected:
  void SetUp() override {
    need_application();
    home = fs::temp_directory_path() / ("glassformer_get_" + std::to_string(getpid()));
    server = std::make_unique<hub::HubServer>();
    state_ = qgetenv("XDG_STATE_HOME");
    setenv("HF_ENDPOINT", server->address().c_str(), 1);
    setenv("HF_HOME", home.c_str(), 1);
    qputenv("XDG_STATE_HOME", QByteArray::fromStdString((home / "state").string()));  // recent models are those of this test alone
    HubJson siblings = HubJson::array();
    for (const char* name : {"config.json", "model.safetensors", "vocab.json", "merges.txt", "tokenizer.json"}) {
      const fs::path file = fs::path(*resolve_model("sort-nano")) / name;
      if (!fs::exists(file)) continue;
      const std::string bytes = hub_content(file);
      const QByteArray hash = QCryptographicHash::hash(QByteArray::fromStdString(bytes), QCryptographicHash::Sha256).toHex();
      siblings.push_back({{"rfilename", name}, {"lfs", {{"sha256", hash.toStdString()}, {"size", bytes.size()}}}});
      server->answer("/org/tiny/resolve/" + kHubCommit + "/" + name,
                     [bytes](QTcpSocket& to, const hub::Request&) { hub::HubServer::send(to, 200, bytes); });
    }
    const HubJson answer{{"id", "org/tiny"}, {"sha", kHubCommit}, {"tags", {"gpt2", "license:mit"}}, {"siblings", siblings}};
    server->answer("/api/models/org/tiny/revision/main",
                   [text = answer.dump()](QTcpSocket& to, const hub::Request&) { hub::HubServer::send(to, 200, text); });
  }
  void TearDown() override {
    unsetenv("HF_ENDPOINT");
    unsetenv("HF_HOME");
    qputenv("XDG_STATE_HOME", state_);
    fs::remove_all(home);
  }
  std::unique_ptr<hub::HubServer> server;
  fs::path home;

 private:
  QByteArray state_;
};

TEST_F(GetModel, asks_first_and_opens_what_it_has_downloaded) {
  Screen screen;
  screen.run("get-model org/tiny");
  auto* look = screen.window().findChild<QPushButton*>("get_look");
  auto* fetch = screen.window().findChild<QPushButton*>("get_fetch");
  const auto* words = screen.window().findChild<QLabel*>("get_words");
  ASSERT_TRUE(look && fetch && words);
  QCoreApplication::processEvents();
  EXPECT_TRUE(server->requests.empty()) << "nothing is sent before it is asked for";
  EXPECT_FALSE(fetch->isEnabled());
  look->click();
  ASSERT_TRUE(screen.until([&] { return fetch->isEnabled(); }));
  EXPECT_TRUE(words->text().startsWith("org/tiny: ")) << words->text().toStdString();
  EXPECT_TRUE(words->text().contains("licence mit")) << words->text().toStdString();
  EXPECT_FALSE(fs::exists(home / "hub"));
  fetch->click();
  ASSERT_TRUE(screen.until([&] { return screen.lab().model() && screen.lab().document().model == "hf:org/tiny"; }));
}

TEST_F(GetModel, says_what_is_wrong_and_takes_another_name) {
  Screen screen;
  screen.run("get-model org/nothing");
  auto* look = screen.window().findChild<QPushButton*>("get_look");
  const auto* words = screen.window().findChild<QLabel*>("get_words");
  look->click();
  EXPECT_FALSE(look->isEnabled());
  ASSERT_TRUE(screen.until([&] { return look->isEnabled(); }));
  EXPECT_TRUE(words->text().contains("is not there; check the name")) << words->text().toStdString();
  EXPECT_FALSE(screen.window().findChild<QPushButton*>("get_fetch")->isEnabled());
  screen.window().findChild<QComboBox*>("get_name")->setEditText("org/tiny");
  EXPECT_TRUE(words->text().startsWith("A GPT-2 model of Hugging Face"));
}

}  // namespace
}  // namespace gf::ui

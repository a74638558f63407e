// Downloads from a hub that is well, breaks off, lies, redirects, stalls and sends something else.
#include "app/hub/fetch.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QEventLoop>
#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

#include "model/io/hub.h"
#include "tests/app/hub/hub_server.h"

namespace gf::hub {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567", kName = "org/tiny";
const std::string kConfig = R"({"model_type": "gpt2", "n_layer": 2, "n_head": 2, "n_embd": 4, "vocab_size": 9, "n_positions": 8})";

std::string hash_of(const std::string& bytes, bool large) {
  QByteArray all = QByteArray::fromStdString(bytes);
  if (!large) all.prepend(QByteArray("blob ") + QByteArray::number(all.size()) + '\0');
  return QCryptographicHash::hash(all, large ? QCryptographicHash::Sha256 : QCryptographicHash::Sha1).toHex().toStdString();
}

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Fetch : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static int argc = 1;
    static char name[] = "hub_test";
    static char* argv[] = {name, nullptr};
    static const QCoreApplication application(argc, argv);  // before the server listens
  }
  void SetUp() override {
    cache = fs::temp_directory_path() / ("glassformer_hub_" + std::to_string(getpid()));
    fs::remove_all(cache);
    options.endpoint = server.address();
    options.cache = cache.string();
    for (int i = 0; i < 200'000; ++i) weights += static_cast<char>(i * 31 % 251);
    put("config.json", kConfig, false);
    put("model.safetensors", weights, true);
    put("README.md", "nothing that a model needs", false);
    list();
  }
  void TearDown() override { fs::remove_all(cache); }

  /// A file of the repository, which is sent whole.
  void put(const std::string& name, const std::string& bytes, bool large) {
    Json row{{"rfilename", name}, {"blobId", hash_of(bytes, false)}, {"size", bytes.size()}};
    if (large) row["lfs"] = {{"sha256", hash_of(bytes, true)}, {"size", bytes.size()}, {"pointerSize", 134}};
    std::erase_if(siblings, [&](const Json& known) { return known["rfilename"] == name; });
    siblings.push_back(row);
    server.answer(path_of(name), [bytes](QTcpSocket& to, const Request&) { HubServer::send(to, 200, bytes); });
  }
  void list(const Json& more = {}) {
    Json answer{{"id", kName}, {"sha", kCommit}, {"cardData", {{"license", "mit"}}}, {"siblings", siblings}};
    answer.update(more.is_object() ? more : Json::object());
    server.answer("/api/models/" + kName + "/revision/main",
                  [text = answer.dump()](QTcpSocket& to, const Request&) { HubServer::send(to, 200, text); });
  }
  static std::string path_of(const std::string& file) { return "/" + kName + "/resolve/" + kCommit + "/" + file; }
  [[nodiscard]] fs::path blobs() const { return cache / "models--org--tiny" / "blobs"; }
  [[nodiscard]] fs::path snapshot() const { return cache / "models--org--tiny" / "snapshots" / kCommit; }
  [[nodiscard]] fs::path half() const { return blobs() / (hash_of(weights, true) + ".incomplete"); }
  [[nodiscard]] std::string plan_error() const {
    const auto plan = plan_fetch(kName, options);
    return plan ? "planned" : plan.error().message;
  }
  [[nodiscard]] Result<std::string> fetched() const {
    GF_TRY_ASSIGN(const FetchPlan plan, plan_fetch(kName, options));
    return fetch(plan, options);
  }
  [[nodiscard]] std::string fetch_error() const {
    const auto got = fetched();
    return got ? "fetched" : got.error().message;
  }
  [[nodiscard]] long asked(const std::string& path) const { return std::ranges::count(server.requests, path, &Request::path); }

  HubServer server;
  FetchOptions options;
  std::vector<Json> siblings;
  std::string weights;
  fs::path cache;
};

TEST_F(Fetch, says_size_and_licence_before_anything_is_downloaded) {
  const auto plan = plan_fetch(kName, options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(described(*plan), "org/tiny: 2 files, 0.2 MB, licence mit");
  EXPECT_EQ(asked(path_of("model.safetensors")), 0);
  EXPECT_FALSE(fs::exists(cache));
}

TEST_F(Fetch, lays_a_model_out_as_hugging_face_s_programs_do) {
  std::vector<double> fractions;
  options.progress = [&](double fraction) { fractions.push_back(fraction); };
  const auto got = fetched();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(*got, snapshot().string());
  EXPECT_EQ(fs::read_symlink(snapshot() / "model.safetensors"), fs::path("../../blobs") / hash_of(weights, true));
  EXPECT_EQ(content(snapshot() / "model.safetensors"), weights);
  EXPECT_EQ(content(snapshot() / "config.json"), kConfig);
  EXPECT_FALSE(fs::exists(snapshot() / "README.md"));
  EXPECT_EQ(content(cache / "models--org--tiny" / "refs" / "main"), kCommit);
  EXPECT_FALSE(fs::exists(half()));
  EXPECT_TRUE(std::ranges::is_sorted(fractions));
  EXPECT_EQ(fractions.back(), 1.0);
  setenv("HF_HUB_CACHE", cache.c_str(), 1);
  EXPECT_EQ(resolve_hub_model(kName).value_or(""), snapshot().string());
  unsetenv("HF_HUB_CACHE");
  // Once more: all is here.
  const auto again = plan_fetch(kName, options);
  EXPECT_EQ(described(*again), "org/tiny: 2 files, 0.2 MB, licence mit; 0.2 MB of it are here already");
  EXPECT_TRUE(fetch(*again, options));
  EXPECT_EQ(asked(path_of("model.safetensors")), 1);
}

TEST_F(Fetch, sends_the_request_and_no_more) {
  options.token = "hf_secret";
  ASSERT_TRUE(fetched());
  for (const Request& request : server.requests) {
    EXPECT_TRUE(request.line.starts_with("GET ")) << request.line;
    EXPECT_EQ(request.header("user-agent"), "glassformer/" GLASSFORMER_VERSION);
    EXPECT_EQ(request.header("authorization"), "Bearer hf_secret");
    for (const auto& [name, value] : request.headers) {
      static const std::vector<std::string> kSent{"host",       "connection",   "accept-encoding", "accept-language",
                                                  "user-agent", "authorization"};
      EXPECT_NE(std::ranges::find(kSent, name), kSent.end()) << name << ": " << value;
    }
  }
}

TEST_F(Fetch, goes_on_where_the_connection_broke_off) {
  int times = 0;
  server.answer(path_of("model.safetensors"), [&](QTcpSocket& to, const Request& request) {
    const std::size_t from = request.header("range").empty() ? 0 : std::stoul(request.header("range").substr(6));
    const std::string rest = weights.substr(from);
    const std::vector<std::string> headers{
        "Content-Length: " + std::to_string(rest.size()),
        "Content-Range: bytes " + std::to_string(from) + "-" + std::to_string(weights.size() - 1) + "/" + std::to_string(weights.size())};
    HubServer::begin(to, from > 0 ? 206 : 200, headers);
    to.write(QByteArray::fromStdString(++times < 4 ? rest.substr(0, 50'000) : rest));
    to.disconnectFromHost();
  });
  const auto got = fetched();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_GE(times, 4);
  EXPECT_EQ(content(snapshot() / "model.safetensors"), weights);
}

TEST_F(Fetch, keeps_what_has_arrived_for_the_next_time) {
  server.answer(path_of("model.safetensors"), [&](QTcpSocket& to, const Request& request) {
    HubServer::begin(to, request.header("range").empty() ? 200 : 503, {"Content-Length: " + std::to_string(weights.size())});
    if (request.header("range").empty()) to.write(QByteArray::fromStdString(weights.substr(0, 70'000)));
    to.disconnectFromHost();
  });
  EXPECT_EQ(fetch_error(), server.address() + path_of("model.safetensors") + " answers 503; try again later.");
  const auto bytes = fs::file_size(half());  // what was on its way when the connection ended may be lost
  EXPECT_TRUE(bytes > 0 && bytes <= 70'000) << bytes;
  EXPECT_FALSE(fs::exists(snapshot())) << "no snapshot before all is whole";
  // A server that cannot go on sends all of it, and what is here is replaced.
  server.answer(path_of("model.safetensors"), [&](QTcpSocket& to, const Request&) { HubServer::send(to, 200, weights); });
  ASSERT_EQ(fetch_error(), "fetched");
  EXPECT_EQ(server.requests.back().header("range"), "bytes=" + std::to_string(bytes) + "-");
  EXPECT_EQ(content(snapshot() / "model.safetensors"), weights);
}

TEST_F(Fetch, begins_anew_where_the_server_knows_no_such_range) {
  fs::create_directories(blobs());
  std::ofstream(half()) << std::string(weights.size() + 5, 'x');
  server.answer(path_of("model.safetensors"), [&](QTcpSocket& to, const Request& request) {
    if (!request.header("range").empty()) HubServer::send(to, 416, "no such range");
    else HubServer::send(to, 200, weights);
  });
  ASSERT_EQ(fetch_error(), "fetched");
  EXPECT_EQ(content(snapshot() / "model.safetensors"), weights);
}

TEST_F(Fetch, a_wrong_hash_is_never_kept) {
  std::string other = weights;
  other[1000] ^= 1;
  server.answer(path_of("model.safetensors"), [&](QTcpSocket& to, const Request&) { HubServer::send(to, 200, other); });
  EXPECT_EQ(fetch_error(),
            "model.safetensors has another hash than the hub says, so it was damaged on its way and was deleted; try again.");
  EXPECT_FALSE(fs::exists(half()));
  EXPECT_FALSE(fs::exists(blobs() / hash_of(weights, true)));
  EXPECT_FALSE(fs::exists(snapshot()));
  // Of a small file too, whose hash is git's. The plan reads the config as well, so it is another one that is damaged.
  put("model.safetensors", weights, true);
  put("vocab.json", "{}", false);
  list();
  server.answer(path_of("vocab.json"), [](QTcpSocket& to, const Request&) { HubServer::send(to, 200, "[]"); });
  EXPECT_TRUE(fetch_error().starts_with("vocab.json has another hash")) << fetch_error();
}

TEST_F(Fetch, lies_about_sizes_are_seen_early) {
  const auto says = [&](const std::vector<std::string>& headers, const std::string& body) {
    server.answer(path_of("model.safetensors"), [=](QTcpSocket& to, const Request&) {
      HubServer::begin(to, 200, headers);
      to.write(QByteArray::fromStdString(body));
      to.disconnectFromHost();
    });
    fs::remove_all(cache);
    return fetch_error();
  };
  EXPECT_EQ(says({"Content-Length: 200001"}, weights + "x"),
            "The hub sends 200001 bytes of model.safetensors, which has 200000; try again.");
  EXPECT_EQ(says({}, weights + "and more"), "The hub sends more of model.safetensors than its 200000 bytes; try again.");
  options.tries = 2;
  const std::string early = says({}, "");
  EXPECT_EQ(early, "The connection ended early. Of model.safetensors, 0 of 200000 bytes are here; the same command goes on from there.");
  server.answer(path_of("model.safetensors"), [&](QTcpSocket& to, const Request& request) {
    HubServer::begin(to, request.header("range").empty() ? 200 : 206, {"Content-Range: bytes 7-199999/200000", "Content-Length: 199993"});
    to.write(QByteArray::fromStdString(weights.substr(0, 100)));
    to.disconnectFromHost();
  });
  fs::create_directories(blobs());
  std::ofstream(half()) << weights.substr(0, 100);
  EXPECT_EQ(fetch_error(), "The hub sends another part of model.safetensors than the one asked for; try again.");
}

TEST_F(Fetch, a_connection_that_stalls_ends_by_its_limit) {
  options.wanted = {"model.safetensors"};
  const auto plan = plan_fetch(kName, options);
  ASSERT_TRUE(plan) << plan.error().message;
  options.stall_ms = 100;
  options.tries = 1;
  server.answer(path_of("model.safetensors"), [&](QTcpSocket& to, const Request& request) {
    HubServer::begin(to, request.header("range").empty() ? 200 : 206, {"Content-Range: bytes 10-199999/200000"});
    if (request.header("range").empty()) to.write("0123456789");  // and nothing more, with the connection open
  });
  const auto got = fetch(*plan, options);
  ASSERT_FALSE(got);
  EXPECT_TRUE(got.error().message.starts_with("127.0.0.1 has sent nothing for 0.1 s. Of model.safetensors, ")) << got.error().message;
  EXPECT_TRUE(got.error().message.ends_with(" of 200000 bytes are here; the same command goes on from there.")) << got.error().message;
}

TEST_F(Fetch, follows_redirects_and_keeps_the_token_to_its_own_host) {
  HubServer elsewhere;
  elsewhere.answer("/store/weights", [&](QTcpSocket& to, const Request&) { HubServer::send(to, 200, weights); });
  options.token = "hf_secret";
  const auto leads_to = [&](const std::string& place) {
    server.answer(path_of("model.safetensors"),
                  [=](QTcpSocket& to, const Request&) { HubServer::send(to, 302, "moved", {"Location: " + place}); });
  };
  leads_to(elsewhere.address() + "/store/weights?signature=x");
  ASSERT_EQ(fetch_error(), "fetched");
  ASSERT_EQ(elsewhere.requests.size(), 1);
  EXPECT_EQ(elsewhere.requests[0].header("authorization"), "");
  EXPECT_EQ(content(snapshot() / "model.safetensors"), weights);
  for (const char* place : {"file:///etc/passwd", "ftp://127.0.0.1/x"}) {
    fs::remove_all(cache);
    leads_to(place);
    EXPECT_EQ(fetch_error(), std::string("127.0.0.1 leads on to ") + place + ", where nothing is fetched from.");
  }
  leads_to(path_of("model.safetensors"));
  EXPECT_TRUE(fetch_error().ends_with("where nothing is fetched from.")) << "in a circle";
}

TEST_F(Fetch, is_stopped_in_the_middle_and_goes_on_later) {
  std::stop_source source;
  options.stop = source.get_token();
  server.answer(path_of("model.safetensors"), [&](QTcpSocket& to, const Request&) {
    HubServer::begin(to, 200, {"Content-Length: 200000"});
    to.write(QByteArray::fromStdString(weights.substr(0, 30'000)));  // the connection stays open
  });
  options.progress = [&](double fraction) {
    if (fraction > 0.1) source.request_stop();
  };
  const auto got = fetched();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::Cancelled);
  const auto bytes = fs::file_size(half());  // the system may deliver less at once than was sent
  EXPECT_TRUE(bytes > 0 && bytes <= 30'000) << bytes;
}

TEST_F(Fetch, refuses_other_models_before_their_weights_come) {
  put("config.json", R"({"model_type": "llama", "num_hidden_layers": 2})", false);
  list();
  EXPECT_NE(plan_error().find("org/tiny/config.json"), std::string::npos) << plan_error();
  EXPECT_NE(plan_error().find("llama"), std::string::npos) << plan_error();
  std::erase_if(siblings, [](const Json& row) { return row["rfilename"] == "config.json"; });
  list();
  EXPECT_TRUE(plan_error().starts_with("org/tiny has no config.json, so it is not a GPT-2 model;")) << plan_error();
}

TEST_F(Fetch, takes_files_and_folders_by_name) {
  put("blocks.1/cfg.json", "{}", false);
  put("blocks.1/sae_weights.safetensors", "weights of it", true);
  put("blocks.10/cfg.json", "{}", false);
  list();
  options.wanted = {"blocks.1/"};
  ASSERT_EQ(fetch_error(), "fetched");
  EXPECT_EQ(content(snapshot() / "blocks.1" / "sae_weights.safetensors"), "weights of it");
  EXPECT_EQ(fs::read_symlink(snapshot() / "blocks.1" / "cfg.json"), fs::path("../../../blobs") / hash_of("{}", false));
  EXPECT_FALSE(fs::exists(snapshot() / "blocks.10"));
  options.wanted = {"nothing"};
  EXPECT_EQ(plan_error(), "org/tiny has no file or folder nothing.");
}

TEST_F(Fetch, sharded_weights_come_with_their_index) {
  std::erase_if(siblings, [](const Json& row) { return row["rfilename"] == "model.safetensors"; });
  for (const char* name :
       {"model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "pytorch_model.bin"})
    put(name, name, true);
  list();
  const auto plan = plan_fetch(kName, options);
  ASSERT_TRUE(plan) << plan.error().message;
  std::string names;
  for (const FetchFile& file : plan->files) names += file.name + " ";
  EXPECT_EQ(names, "config.json model.safetensors.index.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors ");
}

TEST_F(Fetch, trusts_no_answer_of_the_hub) {
  const Json row = siblings[1];
  const auto with = [&](const char* key, const Json& value) {
    siblings[1] = row;
    siblings[1][key] = value;
    list();
    return plan_error();
  };
  EXPECT_NE(with("rfilename", "../../x").find("it names a file ../../x"), std::string::npos);
  EXPECT_NE(with("rfilename", "/etc/x").find("it names a file /etc/x"), std::string::npos);
  EXPECT_NE(with("rfilename", "a/./x").find("it names a file"), std::string::npos);
  EXPECT_NE(with("lfs", Json{{"sha256", "../../../x"}, {"size", 1}}).find("it has no hash of"), std::string::npos);
  EXPECT_NE(with("lfs", Json{{"sha256", hash_of("", true)}, {"size", -1}}).find("has -1 bytes"), std::string::npos);
  EXPECT_NE(with("lfs", Json{{"sha256", hash_of("", true)}}).find("it has no size of"), std::string::npos);
  siblings[1] = row;
  list({{"sha", "../../main"}});
  EXPECT_NE(plan_error().find("it names no commit"), std::string::npos);
  list({{"siblings", "none"}});
  EXPECT_NE(plan_error().find("it lists no files"), std::string::npos);
  list({{"id", "../../x/y"}});
  EXPECT_EQ(plan_fetch(kName, options)->repository, kName);
  server.answer("/api/models/" + kName + "/revision/main", [](QTcpSocket& to, const Request&) { HubServer::send(to, 200, "<html>"); });
  EXPECT_NE(plan_error().find("it is not JSON"), std::string::npos);
  server.answer("/api/models/" + kName + "/revision/main",
                [](QTcpSocket& to, const Request&) { HubServer::send(to, 200, std::string(200'000, '[')); });
  EXPECT_NE(plan_error(), "planned");
}

TEST_F(Fetch, says_what_is_wrong_with_a_name_an_address_and_a_status) {
  for (const char* name : {"", "a/b/c", "../x/y", "a//b", "a b"}) EXPECT_FALSE(plan_fetch(name, options)) << name;
  EXPECT_TRUE(
      plan_fetch("org/other", options).error().message.ends_with("/api/models/org/other/revision/main is not there; check the name."));
  server.answer("/api/models/org/gated/revision/main", [](QTcpSocket& to, const Request&) { HubServer::send(to, 401, "no"); });
  EXPECT_NE(plan_fetch("org/gated", options).error().message.find("set HF_TOKEN"), std::string::npos);
  options.revision = "../x";
  EXPECT_FALSE(plan_fetch(kName, options));
  options.revision = "main";
  options.endpoint = "nonsense";
  EXPECT_NE(plan_error().find("HF_ENDPOINT=nonsense"), std::string::npos);
  options.endpoint = "http://127.0.0.1:1";
  EXPECT_TRUE(plan_error().starts_with("The connection to 127.0.0.1 failed: ")) << plan_error();
}

TEST_F(Fetch, two_downloads_of_one_file_do_not_meet) {
  const fs::path lock = cache / ".locks" / "models--org--tiny" / (hash_of(weights, true) + ".lock");
  fs::create_directories(lock.parent_path());
  const int held = open(lock.c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(flock(held, LOCK_EX), 0);
  EXPECT_EQ(fetch_error(), "Another program is downloading model.safetensors; wait until it has ended.");
  close(held);
  EXPECT_EQ(fetch_error(), "fetched");
}

TEST(FetchEnvironment, is_that_of_hugging_face_s_programs) {
  const fs::path home = fs::temp_directory_path() / ("glassformer_hub_home_" + std::to_string(getpid()));
  fs::create_directories(home);
  std::ofstream(home / "token") << "hf_kept\n";
  setenv("HF_HOME", home.c_str(), 1);
  setenv("HF_ENDPOINT", "http://127.0.0.1:9/", 1);
  unsetenv("HF_TOKEN");
  EXPECT_EQ(fetch_options_of_environment().token, "hf_kept");
  EXPECT_EQ(fetch_options_of_environment().endpoint, "http://127.0.0.1:9");
  EXPECT_EQ(fetch_options_of_environment().cache, (home / "hub").string());
  setenv("HF_TOKEN", " hf_mine ", 1);
  EXPECT_EQ(fetch_options_of_environment().token, "hf_mine");
  setenv("HF_TOKEN", "two\r\nlines", 1);
  EXPECT_EQ(fetch_options_of_environment().token, "");
  for (const char* name : {"HF_HOME", "HF_ENDPOINT", "HF_TOKEN"}) unsetenv(name);
  EXPECT_EQ(fetch_options_of_environment().endpoint, "https://huggingface.co");
  fs::remove_all(home);
}

}  // namespace
}  // namespace gf::hub

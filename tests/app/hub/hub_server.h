// A hub on this machine that does what a test tells it to.
#pragma once

#include <QTcpServer>
#include <QTcpSocket>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace gf::hub {

struct Request {
  std::string line;  ///< "GET /gpt2/resolve/... HTTP/1.1"
  std::string path;
  std::map<std::string, std::string> headers;  ///< names in small letters
  [[nodiscard]] std::string header(const std::string& name) const { return headers.contains(name) ? headers.at(name) : std::string(); }
};

/// Listens on the loopback address, in the thread that made it. Each connection is closed after its answer.
class HubServer {
 public:
  using Answer = std::function<void(QTcpSocket&, const Request&)>;

  HubServer();
  [[nodiscard]] std::string address() const;
  /// What is said to requests for `path`, without its query; other paths are answered 404.
  void answer(const std::string& path, Answer answer) { answers_[path] = std::move(answer); }
  std::vector<Request> requests;

  /// A whole answer. Headers without their ends: "ETag: x".
  static void send(QTcpSocket& to, int status, const std::string& body, const std::vector<std::string>& headers = {});
  /// The beginning of one whose body the caller sends.
  static void begin(QTcpSocket& to, int status, const std::vector<std::string>& headers);

 private:
  void serve(QTcpSocket& socket);
  QTcpServer server_;
  std::map<std::string, Answer> answers_;
};

}  // namespace gf::hub

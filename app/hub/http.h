// One request at a time over HTTP, answered on the calling thread.
#pragma once

#include <QByteArray>
#include <QUrl>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "model/base/error.h"

class QNetworkAccessManager;

namespace gf::hub {

struct HttpOptions {
  std::string token;      ///< sent to the host of the first address alone, never to one that it redirects to
  int stall_ms = 60'000;  ///< how long nothing may arrive
  std::stop_token stop{};
};

/// What a server answered to a request.
struct HttpReply {
  int status = 0;            ///< 200, 206, 404, ...
  std::int64_t from = 0;     ///< 206: the first byte that is sent, of Content-Range; -1: it does not say
  std::int64_t length = -1;  ///< of Content-Length; -1: not said
};

/// Sends GET requests and nothing else: no cookies, no names of this machine. Follows up to five redirects, never from https
/// to http. A QCoreApplication has to exist. A request runs an event loop until it ends. Use an object on one thread alone.
class Http {
 public:
  explicit Http(HttpOptions options);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  /// What takes the body. `begin` gets the answer before the first byte; each call may refuse, which ends the transfer.
  struct Sink {
    std::function<Result<void>(const HttpReply&)> begin;
    std::function<Result<void>(const QByteArray&)> write;
  };
  /// Asks for the bytes from `from` on. Errors: Io (no connection, broken off, stalled), Cancelled, Unsupported (a redirect that
  /// is not followed), the sink's.
  Result<void> get(const QUrl& url, std::int64_t from, const Sink& sink);
  /// A whole body of at most `most_bytes`. Errors: as get(), and NotFound, Unsupported and Io by the status.
  Result<QByteArray> get_all(const QUrl& url, std::int64_t most_bytes);

 private:
  HttpOptions options_;
  std::unique_ptr<QNetworkAccessManager> manager_;
};

/// The sentence for a status that is not a success.
[[nodiscard]] Error refused_by_server(int status, const QUrl& url);

}  // namespace gf::hub

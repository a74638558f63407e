#include "app/hub/http.h"

#include <QEventLoop>
#include <QNetworkAccessManager>
#include <QNetworkCookieJar>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QRegularExpression>
#include <utility>

#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::hub {
namespace {

constexpr int kMostRedirects = 5;
constexpr qint64 kReadBytes = 4 << 20;  // what a server may send ahead of the disk

bool same_host(const QUrl& a, const QUrl& b) { return a.scheme() == b.scheme() && a.host() == b.host() && a.port() == b.port(); }

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

std::string host_of(const QUrl& url) { return url.host().toStdString(); }

HttpReply read_reply(const QNetworkReply& reply) {
  HttpReply read;
  read.status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
  if (reply.hasRawHeader("Content-Length")) read.length = reply.rawHeader("Content-Length").toLongLong();
  if (read.status == 206) {
    static const QRegularExpression kRange(QStringLiteral("^bytes (\\d{1,18})-"));
    const auto match = kRange.match(QString::fromLatin1(reply.rawHeader("Content-Range")));
    read.from = match.hasMatch() ? match.captured(1).toLongLong() : -1;
  }
  return read;
}

Error broken_off(const QNetworkReply& reply, const QUrl& url, int stall_ms) {
  if (reply.error() == QNetworkReply::OperationCanceledError || reply.error() == QNetworkReply::TimeoutError)
    return {ErrorCode::Io, text("{0} has sent nothing for {1} s.", host_of(url), numbers::significant(stall_ms / 1000.0, 3)), "Http"};
  return {ErrorCode::Io, text("The connection to {0} failed: {1}.", host_of(url), reply.errorString().toStdString()), "Http"};
}

}  // namespace

Error refused_by_server(int status, const QUrl& url) {
  const std::string name = url.toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery).toStdString();
  if (status == 401 || status == 403)
    return {ErrorCode::NotFound,
            text("{0} is not there, or not for everybody: accept its terms on its page, and set HF_TOKEN to a token of yours.", name),
            "Http"};
  if (status == 404 || status == 410) return {ErrorCode::NotFound, text("{0} is not there; check the name.", name), "Http"};
  if (status == 429) return {ErrorCode::Io, text("{0} has had too many requests; try again later.", host_of(url)), "Http"};
  return {ErrorCode::Io, text("{0} answers {1}; try again later.", name, status), "Http"};
}

Http::Http(HttpOptions options) : options_(std::move(options)), manager_(std::make_unique<QNetworkAccessManager>()) {
  manager_->setAutoDeleteReplies(false);
}
Http::~Http() = default;

Result<void> Http::get(const QUrl& first, std::int64_t from, const Sink& sink) {
  QUrl url = first;
  for (int redirects = 0;; ++redirects) {
    if (options_.stop.stop_requested()) return fail(ErrorCode::Cancelled, text("The download was stopped."), "Http");
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setRawHeader("User-Agent", "glassformer/" GLASSFORMER_VERSION);
    request.setRawHeader("Accept-Language", "*");
    request.setRawHeader("Accept-Encoding", "identity");  // sizes and ranges are those of the file
    if (from > 0) request.setRawHeader("Range", "bytes=" + QByteArray::number(static_cast<qint64>(from)) + "-");
    if (!options_.token.empty() && same_host(url, first))
      request.setRawHeader("Authorization", "Bearer " + QByteArray::fromStdString(options_.token));
    request.setTransferTimeout(options_.stall_ms);

    const std::unique_ptr<QNetworkReply> reply(manager_->get(request));
    reply->setReadBufferSize(kReadBytes);
    QEventLoop loop;
    Result<void> taken;
    bool begun = false;
    const auto take = [&] {
      const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
      if (!taken || status == 0 || is_redirect(status)) return;
      if (!std::exchange(begun, true)) taken = sink.begin(read_reply(*reply));
      while (taken && reply->bytesAvailable() > 0) taken = sink.write(reply->read(kReadBytes));
      if (!taken) loop.quit();
    };
    QObject::connect(reply.get(), &QNetworkReply::readyRead, &loop, take);
    QObject::connect(reply.get(), &QNetworkReply::finished, &loop, &QEventLoop::quit);
    const std::stop_callback stopped(options_.stop, [&loop] { QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection); });
    if (!reply->isFinished()) loop.exec();
    if (options_.stop.stop_requested()) {
      reply->disconnect();
      reply->abort();
      return fail(ErrorCode::Cancelled, text("The download was stopped."), "Http");
    }
    take();  // a body without bytes has no readyRead
    if (!taken) return taken;
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (is_redirect(status)) {
      const QUrl to = url.resolved(QUrl::fromEncoded(reply->rawHeader("Location")));
      const bool web = to.scheme() == QLatin1String("https") || to.scheme() == QLatin1String("http");
      const bool downgrade = url.scheme() == QLatin1String("https") && to.scheme() != QLatin1String("https");
      if (redirects == kMostRedirects || !web || downgrade || !to.isValid())
        return fail(ErrorCode::Unsupported,
                    text("{0} leads on to {1}, where nothing is fetched from.", host_of(url),
                         to.toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery).toStdString()),
                    "Http");
      url = to;
      continue;
    }
    if (status == 0 || (reply->error() != QNetworkReply::NoError && status < 400))
      return tl::unexpected(broken_off(*reply, url, options_.stall_ms));
    return {};
  }
}

Result<QByteArray> Http::get_all(const QUrl& url, std::int64_t most_bytes) {
  QByteArray body;
  const auto too_long = [&] {
    return fail(
        ErrorCode::Corrupt,
        text("{0} sends more than {1} bytes where a short text belongs.", url.toString(QUrl::RemoveQuery).toStdString(), most_bytes),
        "Http");
  };
  const Sink sink{[&](const HttpReply& reply) -> Result<void> {
                    if (reply.status != 200) return tl::unexpected(refused_by_server(reply.status, url));
                    if (reply.length > most_bytes) return too_long();
                    return {};
                  },
                  [&](const QByteArray& bytes) -> Result<void> {
                    body += bytes;
                    if (body.size() > most_bytes) return too_long();
                    return {};
                  }};
  GF_TRY(get(url, 0, sink));
  return body;
}

}  // namespace gf::hub

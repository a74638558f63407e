#include "tests/app/hub/hub_server.h"

#include <QHostAddress>
#include <gtest/gtest.h>
#include <memory>

namespace gf::hub {

HubServer::HubServer() {
  EXPECT_TRUE(server_.listen(QHostAddress::LocalHost));
  QObject::connect(&server_, &QTcpServer::newConnection, &server_, [this] {
    QTcpSocket* socket = server_.nextPendingConnection();
    QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
    QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket, text = std::make_shared<QByteArray>()] {
      *text += socket->readAll();
      if (!text->contains("\r\n\r\n")) return;
      Request request;
      const auto lines = text->left(text->indexOf("\r\n\r\n")).split('\n');
      request.line = lines[0].trimmed().toStdString();
      request.path = lines[0].split(' ').value(1).split('?').value(0).toStdString();
      for (qsizetype i = 1; i < lines.size(); ++i) {
        const auto colon = lines[i].indexOf(':');
        request.headers[lines[i].left(colon).toLower().toStdString()] = lines[i].mid(colon + 1).trimmed().toStdString();
      }
      text->clear();
      requests.push_back(request);
      if (const auto known = answers_.find(request.path); known != answers_.end()) known->second(*socket, request);
      else send(*socket, 404, "not here");
    });
  });
}

std::string HubServer::address() const { return "http://127.0.0.1:" + std::to_string(server_.serverPort()); }

void HubServer::begin(QTcpSocket& to, int status, const std::vector<std::string>& headers) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " X\r\nConnection: close\r\n";
  for (const std::string& header : headers) head += header + "\r\n";
  to.write(QByteArray::fromStdString(head + "\r\n"));
}

void HubServer::send(QTcpSocket& to, int status, const std::string& body, const std::vector<std::string>& headers) {
  std::vector<std::string> all = headers;
  all.push_back("Content-Length: " + std::to_string(body.size()));
  begin(to, status, all);
  to.write(QByteArray::fromStdString(body));
  to.disconnectFromHost();
}

}  // namespace gf::hub

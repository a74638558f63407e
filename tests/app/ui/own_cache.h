// A cache directory of a test's own.
#pragma once

#include <QTemporaryDir>

namespace gf::ui {

/// For this program and those that it starts.
class OwnCache {
 public:
  OwnCache() { qputenv("XDG_CACHE_HOME", folder_.path().toUtf8()); }
  ~OwnCache() { qputenv("XDG_CACHE_HOME", before_); }
  OwnCache(const OwnCache&) = delete;
  OwnCache& operator=(const OwnCache&) = delete;

 private:
  QTemporaryDir folder_;
  QByteArray before_ = qgetenv("XDG_CACHE_HOME");
};

}  // namespace gf::ui

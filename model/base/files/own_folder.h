// The folder that a thread renews while others read it: an exception to the rule of input_files.cpp, where its code is.
#pragma once

#include <string>

namespace gf {

/// While it lives, its thread may replace the files of one folder although the program reads them (input_files.h): a training
/// renews its own files. Each is replaced by a new one (whole_file.h), so that whoever has the old one open keeps it.
class OwnFolder {
 public:
  explicit OwnFolder(const std::string& folder);
  ~OwnFolder();
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;
  /// Whether the file at this path, which is there, lies in the folder of the present thread.
  [[nodiscard]] static bool holds(const std::string& path);

 private:
  std::string within_;  ///< canonical, with a slash at its end
  OwnFolder* outer_;
};

}  // namespace gf

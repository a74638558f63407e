// For tests of the Lab: it lives on the test's thread and keeps its files in a folder of the test's own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include "app/document/lab.h"
#include "tests/app/document/loop.h"

namespace gf::doc {

class LabFixture : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("glassformer_lab_test_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    setenv("XDG_STATE_HOME", folder_.c_str(), 1);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  /// Runs the loop until there is an error, or the newest run is ready and no job is listed. False after a minute.
  bool settle(Lab& lab) {
    return loop.pump_until([&] { return lab.error() || (lab.up_to_date() && !lab.busy()); });
  }
  Loop loop;
  std::filesystem::path folder_;
};

}  // namespace gf::doc

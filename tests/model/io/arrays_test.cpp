// Files of arrays have the format that their names promise.
#include "model/io/arrays/arrays.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

#include "model/io/files/safetensors.h"
#include "model/io/files/zip.h"
#include "tests/model/io/files.h"

namespace gf {
namespace {

namespace fs = std::filesystem;

const std::vector<NamedArray> kArrays = {
    {"grid", {{"layer", 2}, {"head", 3}}}, {"line, with a comma", {{"layer", 2}}}, {"one", {}}, {"none", {{"layer", 2}, {"key", 0}}}};
const std::vector<std::vector<float>> kNumbers = {{0.1F, -2, std::nanf(""), INFINITY, -INFINITY, 1e-20F}, {1, 2}, {42}, {}};

std::string written(const std::string& name, const ArrayMetadata& metadata = {{"model", "m"}, {"ids", "[1,2]"}}) {
  const std::string path = (test::fresh_folder() / name).string();
  const auto done = write_arrays(path, kArrays, metadata, [](std::size_t i, const ArraySink& write) -> Result<void> {
    // In two pieces: writers must not rely on whole arrays.
    const std::span<const float> all = kNumbers[i];
    GF_TRY(write(all.first(all.size() / 2)));
    return write(all.subspan(all.size() / 2));
  });
  EXPECT_TRUE(done) << done.error().message;
  return path;
}

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Arrays, as_csv_have_a_column_an_axis_and_then_the_value) {
  const std::string path = written("a.csv");
  EXPECT_EQ(text_of(path),
            "name,layer,head,key,value\n"
            "grid,0,0,,0.1\ngrid,0,1,,-2\ngrid,0,2,,NaN\ngrid,1,0,,inf\ngrid,1,1,,-inf\ngrid,1,2,,1e-20\n"
            "\"line, with a comma\",0,,,1\n\"line, with a comma\",1,,,2\none,,,,42\n");
  const auto about = nlohmann::json::parse(text_of(path + ".json"));
  EXPECT_EQ(about["model"], "m");
  EXPECT_EQ(about["ids"], nlohmann::json({1, 2}));
}

TEST(Arrays, as_json_are_nested_lists) {
  const auto json = nlohmann::json::parse(text_of(written("a.json")));
  EXPECT_EQ(json["metadata"]["ids"], nlohmann::json({1, 2}));
  const auto& grid = json["arrays"]["grid"];
  EXPECT_EQ(grid["axes"], nlohmann::json({"layer", "head"}));
  EXPECT_EQ(grid["shape"], nlohmann::json({2, 3}));
  EXPECT_EQ(grid["data"][0][1], -2);
  EXPECT_EQ(grid["data"][0][0].get<float>(), 0.1F);
  EXPECT_TRUE(grid["data"][0][2].is_null());
  EXPECT_EQ(json["arrays"]["one"]["data"], 42);
  EXPECT_EQ(json["arrays"]["none"]["data"], nlohmann::json::parse("[[],[]]"));
}

// This reads the zip file by the program's own reader; the command line's test uses numpy where it is installed.
TEST(Arrays, as_npz_are_stored_npy_files) {
  const std::string bytes = text_of(written("a.npz"));
  const auto entries = read_stored_zip(std::as_bytes(std::span(bytes)), "a.npz");
  ASSERT_TRUE(entries) << entries.error().message;
  ASSERT_EQ(entries->size(), kArrays.size() + 1);
  const auto& grid = (*entries)[0];
  EXPECT_EQ(grid.name, "grid.npy");
  const std::string npy(reinterpret_cast<const char*>(grid.bytes.data()), grid.bytes.size());
  EXPECT_EQ(npy.substr(1, 5), "NUMPY");
  const std::size_t header = 10 + static_cast<unsigned char>(npy[8]) + 256U * static_cast<unsigned char>(npy[9]);
  EXPECT_EQ(header % 64, 0U);
  EXPECT_EQ(npy.substr(10, npy.find('}') - 9), "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
  ASSERT_EQ(npy.size(), header + 6 * sizeof(float));
  float second = 0;
  std::memcpy(&second, npy.data() + header + sizeof second, sizeof second);
  EXPECT_EQ(second, -2);
  const auto shape = [&](std::size_t i) {
    const std::string text(reinterpret_cast<const char*>((*entries)[i].bytes.data()), 100);
    return text.substr(text.find("'shape': ") + 9, text.find(')') - text.find('(') + 1);
  };
  EXPECT_EQ(shape(1), "(2,)");
  EXPECT_EQ(shape(2), "()");
  EXPECT_EQ((*entries)[4].name, "metadata.npy");
}

TEST(Arrays, as_safetensors_carry_their_metadata) {
  const auto file = SafetensorsFile::open(written("a.safetensors"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->metadata().at("ids"), "[1,2]");
  EXPECT_EQ(file->find("grid")->shape, (std::vector<std::int64_t>{2, 3}));
}

TEST(Arrays, under_another_name_are_refused_with_the_list) {
  for (const char* name : {"t", "t.npy", "t.txt", "t.NPZ", "t.npz.bak"}) {
    const auto format = array_format_of(name);
    ASSERT_FALSE(format) << name;
    EXPECT_EQ(format.error().message,
              "The name " + std::string(name) + " does not say what to write; its ending must be one of .safetensors, .npz, .csv, .json.");
  }
  EXPECT_TRUE(array_format_of("/dev/null")) << "the name of a device cannot be chosen";
  const std::vector<NamedArray> twice = {{"a", {}}, {"a", {}}};
  EXPECT_FALSE(
      write_arrays((test::fresh_folder() / "a.npz").string(), twice, {}, [](std::size_t, const ArraySink&) { return Result<void>(); }));
}

TEST(Arrays, that_stop_leave_no_file) {
  const auto folder = test::fresh_folder();
  for (const ArrayFormat& format : array_formats()) {
    const std::string path = (folder / ("x" + std::string(format.ending))).string();
    const auto done = write_arrays(path, kArrays, {},
                                   [](std::size_t, const ArraySink&) -> Result<void> { return fail(ErrorCode::Cancelled, "stopped"); });
    EXPECT_FALSE(done);
  }
  EXPECT_TRUE(fs::is_empty(folder));
}

}  // namespace
}  // namespace gf

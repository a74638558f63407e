#include "model/io/files/safetensors.h"

#include <gtest/gtest.h>

#include "tests/model/io/files.h"

namespace gf {
namespace {

struct BadFile {
  const char* name;
  std::string bytes;
  std::string sentence;  ///< after "Cannot read PATH: "
};

std::string one(const std::string& fields) { return "{\"w\":{" + fields + "}}"; }
std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets;
}

const std::vector<BadFile>& bad_files() {
  using test::safetensors_bytes;
  static const std::vector<BadFile> files = {
      {"empty", "", "it has 0 bytes, too few for a safetensors file."},
      {"seven_bytes", "1234567", "it has 7 bytes, too few for a safetensors file."},
      {"table_cut_short", safetensors_bytes("{}", 0, 50),
       "its table claims 50 bytes, but only 2 follow; the file may be cut short, get it again."},
      {"huge_table", std::string(8, '\xff') + "{}", "its table claims 18446744073709551615 bytes, more than the format allows."},
      {"no_json", safetensors_bytes("hello", 0), "its table is not valid JSON at byte 1."},
      {"no_table_at_all", safetensors_bytes("", 4), "its table is not valid JSON at byte 1."},
      {"list", safetensors_bytes("[]", 0), "its table is not an object."},
      {"number_in_table", safetensors_bytes("{\"w\":3}", 0), "its table has the number 3 at w."},
      {"deep", safetensors_bytes("{\"w\":" + std::string(100000, '['), 0), "its table has a list at w."},
      {"deep_in_tensor", safetensors_bytes("{\"w\":{\"shape\":[[1]]}}", 0), "tensor w has a list in its shape."},
      {"twice", safetensors_bytes("{\"w\":{" + tensor("F32", "[1]", "[0,4]") + "},\"w\":{" + tensor("F32", "[1]", "[0,4]") + "}}", 4),
       "its table has w twice."},
      {"field_twice", safetensors_bytes(one(tensor("F32", "[1]", "[0,4]") + ",\"shape\":[2]"), 4), "tensor w has shape twice."},
      {"unknown_field", safetensors_bytes(one("\"strides\":[1]"), 4), "tensor w has an unknown field strides."},
      {"no_dtype", safetensors_bytes(one("\"shape\":[1],\"data_offsets\":[0,4]"), 4), "tensor w has no dtype."},
      {"no_offsets", safetensors_bytes(one("\"dtype\":\"F32\",\"shape\":[1]"), 4), "tensor w has no data_offsets."},
      {"one_offset", safetensors_bytes(one(tensor("F32", "[1]", "[0]")), 4), "tensor w needs two data_offsets."},
      {"three_offsets", safetensors_bytes(one(tensor("F32", "[1]", "[0,4,8]")), 8), "tensor w has more than two data_offsets."},
      {"negative_extent", safetensors_bytes(one(tensor("F32", "[-1]", "[0,4]")), 4), "tensor w has the negative number -1 in its shape."},
      {"negative_offset", safetensors_bytes(one(tensor("F32", "[1]", "[-4,0]")), 4),
       "tensor w has the negative number -4 in its data_offsets."},
      {"fraction", safetensors_bytes(one(tensor("F32", "[1.5]", "[0,4]")), 4), "tensor w has the number 1.5 in its shape."},
      {"dtype_number", safetensors_bytes(one("\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]"), 4),
       "tensor w has the number 7 as its dtype."},
      {"dtype_unknown", safetensors_bytes(one(tensor("F31", "[1]", "[0,4]")), 4), "tensor w has the unknown type F31."},
      {"overflow", safetensors_bytes(one(tensor("F32", "[4294967296,4294967296]", "[0,4]")), 4),
       "the shape [4294967296, 4294967296] of tensor w is too large."},
      {"too_large_extent", safetensors_bytes(one(tensor("F32", "[18446744073709551615]", "[0,4]")), 4),
       "tensor w has the number 18446744073709551615 in its shape."},
      {"wrong_size", safetensors_bytes(one(tensor("F32", "[2]", "[0,4]")), 4), "tensor w [2] of type F32 needs 8 bytes, but has 4."},
      {"backwards", safetensors_bytes(one(tensor("F32", "[1]", "[8,4]")), 8), "tensor w ends before it begins."},
      {"beyond_the_end", safetensors_bytes(one(tensor("F32", "[3]", "[0,12]")), 8),
       "tensor w ends at byte 12 of the data, which has 8; the file may be cut short, get it again."},
      {"overlap", safetensors_bytes("{\"a\":{" + tensor("F32", "[2]", "[0,8]") + "},\"b\":{" + tensor("F32", "[2]", "[4,12]") + "}}", 12),
       "tensors a and b overlap."},
      {"metadata_number", safetensors_bytes("{\"__metadata__\":{\"step\":7}}", 0),
       "its __metadata__ has the number 7 where a text belongs."},
      {"trailing_text", safetensors_bytes("{} x", 0), "its table is not valid JSON at byte 4."},
  };
  return files;
}

class BadSafetensors : public testing::TestWithParam<std::size_t> {};

TEST_P(BadSafetensors, gets_its_sentence) {
  const BadFile& file = bad_files()[GetParam()];
  const auto path = (test::fresh_folder() / "x.safetensors").string();
  test::write_text(path, file.bytes);
  const auto opened = SafetensorsFile::open(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message, "Cannot read " + path + ": " + file.sentence);
}
INSTANTIATE_TEST_SUITE_P(Files, BadSafetensors, testing::Range<std::size_t>(0, bad_files().size()),
                         [](const auto& p) { return std::string(bad_files()[p.param].name); });

TEST(Safetensors, every_cut_of_a_file_is_an_error) {
  const auto folder = test::fresh_folder();
  const std::string whole = test::safetensors_bytes("{\"w\":{" + tensor("F32", "[4]", "[0,16]") + "}}", 16);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    test::write_text(folder / "x.safetensors", whole.substr(0, length));
    EXPECT_FALSE(SafetensorsFile::open((folder / "x.safetensors").string())) << length;
  }
  test::write_text(folder / "x.safetensors", whole);
  EXPECT_TRUE(SafetensorsFile::open((folder / "x.safetensors").string()));
}

TEST(Safetensors, writes_what_it_reads) {
  const auto path = (test::fresh_folder() / "x.safetensors").string();
  const std::vector<float> a = {1, -2, 3.5F, 0, 7, 8};
  const std::vector<std::uint16_t> b = {0x3C00, 0xC000, 0x0001};
  const std::vector<SafetensorsTensor> tensors = {{"b", {reinterpret_cast<const std::byte*>(b.data()), DType::F16, {3}}},
                                                  {"a", {reinterpret_cast<const std::byte*>(a.data()), DType::F32, {2, 3}}}};
  ASSERT_TRUE(write_safetensors(path, tensors, {{"step", "150"}}));
  const auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->metadata().at("step"), "150");
  std::vector<std::shared_ptr<const void>> storage;
  const auto view = file->view(*file->find("a"), storage);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->shape, (Shape{2, 3}));
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(view->at(static_cast<std::int64_t>(i)), a[i]);
  EXPECT_EQ(storage.size(), 1U) << "six bytes of b leave a misaligned: it is copied";
  EXPECT_EQ(file->view(*file->find("b"), storage)->at(2), 0x1p-24F);
  EXPECT_EQ(file->find("c"), nullptr);
}

TEST(Safetensors, other_types_are_listed_but_not_viewed) {
  const auto path = (test::fresh_folder() / "x.safetensors").string();
  test::write_text(path, test::safetensors_bytes(one(tensor("I64", "[1]", "[0,8]")), 8));
  const auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file);
  std::vector<std::shared_ptr<const void>> storage;
  const auto view = file->view(file->entries()[0], storage);
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().message, "Tensor w in " + path + " has the type I64; supported are F32, F16, BF16 and F64.");
}

TEST(Safetensors, a_missing_file_is_named) {
  const auto file = SafetensorsFile::open("/nowhere/x.safetensors");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::NotFound);
  EXPECT_EQ(file.error().message, "There is no file /nowhere/x.safetensors.");
}

}  // namespace
}  // namespace gf

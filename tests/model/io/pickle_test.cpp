#include "model/io/files/pickle.h"

#include <fstream>
#include <gtest/gtest.h>

namespace gf {
namespace {

using namespace std::string_literals;

Result<Pickle> read(const std::string& bytes) { return Pickle::read(std::as_bytes(std::span(bytes)), "x.bin"); }

struct BadPickle {
  const char* name;
  std::string bytes, sentence;  ///< sentence: after "Cannot read x.bin: "
};

const std::vector<BadPickle>& bad_pickles() {
  static const std::vector<BadPickle> pickles = {
      {"empty", "", "the pickle ends too early, at byte 0."},
      {"no_stop", "\x80\x02}"s, "the pickle ends too early, at byte 3."},
      {"nothing", "\x80\x02."s, "the pickle takes from an empty stack, at byte 2."},
      {"protocol", "\x80\x07N."s, "the pickle has the protocol 7, at byte 0."},
      {"endless_name", "c" + std::string(5000, 'a'), "the pickle ends too early, at byte 0."},
      {"unknown_operation", "\x80\x02\x7f"s, "the pickle has the operation 0x7f at byte 2, which checkpoints of PyTorch do not use."},
      {"pop_nothing", "0."s, "the pickle takes from an empty stack, at byte 0."},
      {"pop_below_mark", "N(0."s, "the pickle takes from an empty stack, at byte 2."},
      {"no_mark", "t."s, "the pickle ends a list that it did not begin, at byte 0."},
      {"short_tuple", "N\x86."s, "the pickle takes from an empty stack, at byte 1."},
      {"odd_dict", "}(Nu."s, "the pickle has a key without a value, at byte 3."},
      {"append_to_dict", "}Na."s, "the pickle adds to something that is not a list, at byte 2."},
      {"set_in_list", "]NNs."s, "the pickle adds to something that is not a dict, at byte 3."},
      {"not_kept", "h\x05."s, "the pickle recalls the value 5, which it did not keep, at byte 0."},
      {"long_text",
       "X\xff\xff\xff\xff"
       "abc."s,
       "the pickle ends too early, at byte 0."},
      {"longest_text",
       "\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
       "abc."s,
       "the pickle ends too early, at byte 0."},
      {"calls_a_number", "K\x01)R."s, "the pickle calls something that is not a type, at byte 3."},
      {"tensor_of_nothing", "ctorch._utils\n_rebuild_tensor_v2\n)R."s,
       "the pickle has a tensor without storage, sizes and strides, at byte 34."},
      {"dict_of_no_pairs", "ccollections\nOrderedDict\n](Ne\x85R."s, "the pickle makes an OrderedDict of no pairs, at byte 30."},
  };
  return pickles;
}

class BadPickles : public testing::TestWithParam<std::size_t> {};
TEST_P(BadPickles, get_their_sentences) {
  const auto& bad = bad_pickles()[GetParam()];
  const auto pickle = read(bad.bytes);
  ASSERT_FALSE(pickle);
  EXPECT_EQ(pickle.error().message, "Cannot read x.bin: " + bad.sentence);
}
INSTANTIATE_TEST_SUITE_P(Pickles, BadPickles, testing::Range<std::size_t>(0, bad_pickles().size()),
                         [](const auto& p) { return std::string(bad_pickles()[p.param].name); });

TEST(Pickles, values_of_each_kind_are_read) {
  // {"a": -2, "b": (1.5, True), "a": 300}
  const std::string bytes =
      "\x80\x02}(X\x01\x00\x00\x00"
      "aJ\xfe\xff\xff\xffU\x01"
      "bG\x3f\xf8\x00\x00\x00\x00\x00\x00\x88\x86U\x01"
      "aM\x2c\x01u."
      "rest"s;
  const auto pickle = read(bytes);
  ASSERT_TRUE(pickle) << pickle.error().message;
  const PickleNode& root = pickle->at(pickle->root());
  EXPECT_EQ(pickle->find(root, "a")->integer, 300) << "the last one of a key counts";
  const PickleNode* b = pickle->find(root, "b");
  ASSERT_EQ(b->items.size(), 2U);
  EXPECT_EQ(pickle->at(b->items[0]).real, 1.5);
  EXPECT_EQ(pickle->at(b->items[1]).kind, PickleKind::Bool);
  EXPECT_EQ(pickle->find(root, "c"), nullptr);
  EXPECT_EQ(pickle->bytes_used(), bytes.size() - 4);
}

// A call in a pickle is described and never made.
TEST(Pickles, nothing_is_ever_called) {
  const std::string calls_system = "cos\nsystem\nU\x06rm -rf\x85R."s;  // texts point into what was read
  const auto system = read(calls_system);
  ASSERT_TRUE(system) << system.error().message;
  const PickleNode& root = system->at(system->root());
  EXPECT_EQ(root.kind, PickleKind::Object);
  EXPECT_EQ(root.text, "os.system");
  EXPECT_EQ(system->at(system->at(*root.args).items[0]).text, "rm -rf");
  const auto eval = read(
      "\x8c\x08"
      "builtins\x8c\x04"
      "eval\x93."s);
  ASSERT_TRUE(eval);
  EXPECT_EQ(eval->at(eval->root()).text, "builtins.eval");
  const auto twice = read("cbuiltins\ngetattr\n)R)R."s);
  ASSERT_TRUE(twice) << "the result of a call may be called";
  EXPECT_EQ(twice->at(twice->root()).kind, PickleKind::Object);
}

// tests/golden/pickles/make.py wrote them.
TEST(Pickles, objects_of_any_class_stay_descriptions_in_every_protocol) {
  for (int protocol = 0; protocol < 6; ++protocol) {
    std::ifstream in(GLASSFORMER_SOURCE_DIR "/tests/golden/pickles/objects-" + std::to_string(protocol) + ".pkl", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto pickle = read(bytes);
    ASSERT_TRUE(pickle) << protocol << ": " << pickle.error().message;
    EXPECT_EQ(pickle->bytes_used(), bytes.size());
    const PickleNode& root = pickle->at(pickle->root());
    const auto number = [&](const char* key, const char* inner = nullptr) -> std::int64_t {
      const PickleNode* node = pickle->find(root, key);
      if (node != nullptr && inner != nullptr) node = pickle->find(*node, inner);
      return node == nullptr ? -99 : pickle->whole_number(*node).value_or(-98);
    };
    EXPECT_EQ(number("first"), 1) << protocol;
    EXPECT_EQ(number("last"), 13) << protocol;
    EXPECT_EQ(number("minus"), -(std::int64_t{1} << 62)) << protocol;
    EXPECT_EQ(number("namespace", "n_head"), 8) << protocol;
    EXPECT_EQ(number("simple", "n_head"), 9) << protocol;
    EXPECT_EQ(number("defaultdict", "n_head"), 10) << protocol;
    EXPECT_EQ(number("ordered", "n_head"), 11) << protocol;
    EXPECT_EQ(number("dataclass", "n_head"), 4) << protocol;
    EXPECT_EQ(number("old", "n_head"), 6) << protocol;
    EXPECT_EQ(number("dict_of_mine", "n_head"), 7) << protocol;
    if (protocol == 0) continue;  // protocol 0 writes bytes as escaped text
    EXPECT_EQ(number("np_int"), 12) << protocol;
    EXPECT_EQ(number("np_int8"), -3) << protocol;
    EXPECT_EQ(number("np_float"), -98) << protocol;
    EXPECT_EQ(pickle->find(root, "real")->real, -0.25) << protocol;
    EXPECT_EQ(pickle->find(root, "dataclass")->text, "__main__.GPTConfig") << protocol;
    EXPECT_EQ(pickle->find(root, "huge")->kind, PickleKind::Big) << protocol;
  }
}

TEST(Pickles, long_numbers_are_read_and_longer_ones_stay_text) {
  const std::string ten =
      "\x8a\x0a"
      "0123456789."s;  // texts point into what was read
  const auto minus = read("\x8a\x01\xff."s), wide = read(ten), none = read("\x8a\x00."s);
  ASSERT_TRUE(minus && wide && none);
  EXPECT_EQ(minus->at(minus->root()).integer, -1);
  EXPECT_EQ(wide->at(wide->root()).kind, PickleKind::Big);
  EXPECT_EQ(wide->at(wide->root()).text, "0123456789");
  EXPECT_EQ(none->at(none->root()).integer, 0);
}

TEST(Pickles, a_list_that_holds_itself_is_read) {
  const auto pickle = read(
      "]q\x00h\x00"
      "a."s);
  ASSERT_TRUE(pickle);
  EXPECT_EQ(pickle->at(pickle->root()).items, std::vector<PickleId>{pickle->root()});
}

TEST(Pickles, a_bomb_of_values_is_refused) {
  const auto many = read(std::string(2'100'000, 'N'));
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().message, "Cannot read x.bin: the pickle has more than 2000000 values, at byte 2000000.");
  // One list of 1,000 pairs, made into a dict a thousand times.
  std::string bytes = "](";
  for (int i = 0; i < 1000; ++i) bytes += "K\x01K\x02\x86";
  bytes +=
      "e\x85q\x01"
      "ccollections\nOrderedDict\nq\x02";
  for (int i = 0; i < 1100; ++i) bytes += "h\x02h\x01R";
  const auto copies = read(bytes + ".");
  ASSERT_FALSE(copies);
  EXPECT_TRUE(copies.error().message.starts_with("Cannot read x.bin: the pickle has more than 2000000 values")) << copies.error().message;
  EXPECT_TRUE(read(std::string(1'000'000, '(') + "N.")) << "depth costs no stack";
}

}  // namespace
}  // namespace gf

#include "model/io/translations.h"

#include <gtest/gtest.h>

#include "tests/model/io/files.h"

namespace gf {
namespace {

std::string language_file(const std::string& content) {
  const auto path = (test::fresh_folder() / "xx.json").string();
  test::write_text(path, content);
  return path;
}

TEST(Translations, are_read_from_an_object_of_sentences) {
  const auto read = read_translations(language_file(R"({"There is no {0}": "没有{0}", "not yet": ""})"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, (Translations{{"There is no {0}", "没有{0}"}})) << "an empty translation is a missing one";
}

TEST(Translations, that_are_something_else_are_refused) {
  const auto message = [](const std::string& content) {
    const auto read = read_translations(language_file(content));
    return read ? std::string("read") : read.error().message;
  };
  EXPECT_NE(message("[]").find("is not a JSON object of sentences and their translations"), std::string::npos);
  EXPECT_NE(message("{\"a\": 1}").find("the translation of \"a\" is not text"), std::string::npos);
  EXPECT_NE(message(std::string(200, '[')).find("nests more than"), std::string::npos);
  EXPECT_FALSE(read_translations("/dev/zero"));
}

TEST(Speak, falls_back_to_english) {
  set_translations({{"There is no {0}", "没有{0}"}});
  for (const char* locale : {"en_GB", "xx", "", "../../x", "C"}) EXPECT_TRUE(speak(locale)) << locale;
  EXPECT_EQ(text("There is no {0}", "hook"), "There is no hook");
}

}  // namespace
}  // namespace gf

#include "model/io/translations.h"

#include <gtest/gtest.h>

#include "model/io/dictionaries/open_dictionary.h"
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

TEST(Speak, names_the_features_of_bundled_dictionaries) {
  for (const char* locale : {"zh_CN.UTF-8", "zh"}) {
    ASSERT_TRUE(speak(locale)) << locale;
    for (const BundledDictionary& one : bundled_dictionaries()) {
      const auto dictionary = open_dictionary(one.name).value();
      EXPECT_GT(dictionary->names.size(), 20U);
      for (const NamedFeature& named : dictionary->names)
        EXPECT_NE(dictionary->name_of_feature(named.feature), named.name) << "it has no name in this language";
    }
  }
  EXPECT_EQ(open_dictionary("fable").value()->name_of_feature(742), "颜色");
  ASSERT_TRUE(speak("en_GB"));
  EXPECT_EQ(open_dictionary("fable").value()->name_of_feature(742), "a colour");
}

}  // namespace
}  // namespace gf

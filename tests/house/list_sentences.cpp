// Prints the sentences that a language lacks, as JSON for translators to fill in. ./dev words LANG
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/house/sentences.h"

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "Name a language, like zh\n", 2;
  const auto file = gf::house::kRoot / "assets/translations" / (std::string(argv[1]) + ".json");
  const auto known = std::filesystem::exists(file) ? nlohmann::json::parse(gf::house::read_all(file)) : nlohmann::json::object();
  auto lacking = nlohmann::ordered_json::object();
  for (const auto& [english, said_in] : gf::house::all_sentences(gf::house::kRoot))
    if (!known.contains(english)) lacking[english] = "";
  std::cout << lacking.dump(1) << '\n';
}

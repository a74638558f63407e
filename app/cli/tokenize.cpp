#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "app/cli/commands.h"
#include "app/cli/json.h"
#include "app/cli/numbers.h"
#include "app/cli/options.h"

namespace gf::cli {

namespace tokenize_command {

struct Options {
  ModelOptions model;
  std::string text, decode, jsonl;
  bool special = false, json = false, has_text = false, has_decode = false;
};

Result<Json> encode(const Tokenizer& tokenizer, const std::string& text, bool special) {
  GF_TRY_ASSIGN(const auto spans, tokenizer.encode(text, special));
  Json r = {{"ids", Json::array()}, {"tokens", Json::array()}, {"bytes", Json::array()}, {"offsets", Json::array()}};
  for (const TokenSpan& s : spans) {
    const std::string bytes = tokenizer.bytes_of(s.id);
    r["ids"].push_back(s.id.v);
    r["tokens"].push_back(valid_utf8(bytes));
    r["bytes"].push_back(bytes_json(bytes));
    r["offsets"].push_back({s.begin, s.end});
  }
  return r;
}

int encode_text(const Tokenizer& tokenizer, const Options& o) {
  const auto reply = encode(tokenizer, o.text, o.special);
  if (!reply) return failed(reply.error());
  if (o.json) {
    print(*reply);
    return 0;
  }
  std::vector<std::vector<std::string>> rows{{"id", "token", "bytes"}};
  for (std::size_t i = 0; i < (*reply)["ids"].size(); ++i) {
    const int id = (*reply)["ids"][i];
    rows.push_back({std::to_string(id), visible_text(tokenizer.bytes_of(TokenId(id))),
                    (*reply)["offsets"][i][0].dump() + " to " + (*reply)["offsets"][i][1].dump()});
  }
  print_table(rows);
  return 0;
}

int decode_ids(const Tokenizer& tokenizer, const Options& o) {
  const auto ids = parse_ids(o.decode);
  if (!ids) return failed(ids.error());
  for (const TokenId id : *ids)
    if (id.v >= tokenizer.n_vocab())
      return failed(
          {ErrorCode::InvalidArgument,
           "token id " + std::to_string(id.v) + " is not in the vocabulary, whose ids are 0 to " + std::to_string(tokenizer.n_vocab() - 1),
           {}});
  const std::string text = tokenizer.decode(*ids);
  if (o.json) print({{"text", valid_utf8(text)}, {"bytes", bytes_json(text)}});
  else std::printf("%s\n", text.c_str());
  return 0;
}

int each_line(const Tokenizer& tokenizer, const Options& o) {
  std::ifstream file;
  if (o.jsonl != "-") file.open(o.jsonl);
  std::istream& in = o.jsonl == "-" ? std::cin : file;
  if (!in) return failed({ErrorCode::NotFound, "the file " + o.jsonl + " cannot be read; check the path", {}});
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    const Json text = Json::parse(line, nullptr, false);
    const std::string where = o.jsonl + ", line " + std::to_string(number) + ": ";
    if (!text.is_string()) return failed({ErrorCode::InvalidArgument, where + "each line must be one JSON string", {}});
    const auto reply = encode(tokenizer, text.get<std::string>(), o.special);
    if (!reply) return failed({reply.error().code, where + reply.error().message, {}});
    print(*reply);
  }
  return 0;
}

int act(const Options& o) {
  const bool gpt2 = o.model.model == "gpt2";  // the tokenizer alone
  std::shared_ptr<const Tokenizer> tokenizer;
  if (gpt2) {
    auto loaded = gpt2_tokenizer();
    if (!loaded) return failed(loaded.error());
    tokenizer = *loaded;
  } else {
    const auto model = open(o.model);
    if (!model) return failed(model.error());
    tokenizer = (*model)->tokenizer;
  }
  if (!o.jsonl.empty()) return each_line(*tokenizer, o);
  return o.has_decode ? decode_ids(*tokenizer, o) : encode_text(*tokenizer, o);
}

}  // namespace tokenize_command

Action setup_tokenize(CLI::App& app) {
  auto o = std::make_shared<tokenize_command::Options>();
  add_model_options(app, o->model);
  app.get_option("MODEL")->required()->description("a model, or gpt2 for GPT-2's tokenizer alone");
  auto* text = app.add_option("TEXT", o->text, "the text to split");
  auto* decode = app.add_option("--decode", o->decode, "the other way: ids like 1,2,3 to text");
  auto* jsonl =
      app.add_option("--jsonl", o->jsonl, "a file with one JSON string a line (- for standard input); one reply a line")->check(named());
  decode->excludes(text)->excludes(jsonl);
  jsonl->excludes(text);
  app.add_flag("--special", o->special, "special tokens written in the text are recognised");
  app.add_flag("--json", o->json, "print JSON");
  app.footer("Example: glassformer tokenize gpt2 \"Hello world\"");
  app.callback([o, text, decode, jsonl] {
    o->has_text = text->count() > 0;
    o->has_decode = decode->count() > 0;
    if (!o->has_text && !o->has_decode && jsonl->count() == 0) throw CLI::RequiredError("TEXT, --decode or --jsonl");
  });
  return [o] { return tokenize_command::act(*o); };
}

}  // namespace gf::cli

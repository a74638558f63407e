#include <CLI/CLI.hpp>

#include "app/cli/json.h"
#include "app/cli/options.h"
#include "app/cli/subcommands.h"
#include "app/cli/validators.h"
#include "model/base/files/json_bounds.h"
#include "model/base/files/text_lines.h"
#include "model/base/text.h"
#include "model/tokenizer/token_words.h"

namespace gf::cli {

namespace {

struct TokenizeOptions {
  ModelOptions model;
  std::string text, decode, jsonl;
  bool special = false, json = false, has_text = false, has_decode = false;
};

Result<Json> encode_json(const Tokenizer& tokenizer, const std::string& content, bool special) {
  GF_TRY_ASSIGN(const auto spans, tokenizer.encode(content, special));
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

int encode_text(const Tokenizer& tokenizer, const TokenizeOptions& o) {
  say_if_special(tokenizer, o.text, o.special);
  const auto reply = encode_json(tokenizer, o.text, o.special);
  if (!reply) return failed(reply.error());
  if (o.json) {
    print(*reply);
    return 0;
  }
  std::vector<std::vector<std::string>> rows{{text("id"), text("token"), text("bytes")}};
  for (std::size_t i = 0; i < (*reply)["ids"].size(); ++i) {
    const int id = (*reply)["ids"][i];
    rows.push_back({std::to_string(id), token_words(&tokenizer, TokenId(id)),
                    text("{0} to {1}", (*reply)["offsets"][i][0].dump(), (*reply)["offsets"][i][1].dump())});
  }
  print_table(rows);
  return 0;
}

int decode_ids(const Tokenizer& tokenizer, const TokenizeOptions& o) {
  const auto ids = parse_ids(o.decode);
  if (!ids) return failed(ids.error());
  for (const TokenId id : *ids)
    if (id.v >= tokenizer.n_vocab())
      return failed({ErrorCode::InvalidArgument,
                     text("token id {0} is not in the vocabulary, whose ids are 0 to {1}", id.v, tokenizer.n_vocab() - 1),
                     {}});
  const std::string bytes = tokenizer.decode(*ids);
  if (o.json) print({{"text", valid_utf8(bytes)}, {"bytes", bytes_json(bytes)}});
  else std::printf("%s\n", bytes.c_str());
  return 0;
}

Result<void> encode_lines(const Tokenizer& tokenizer, const TokenizeOptions& o) {
  GF_TRY_ASSIGN(TextLines lines, TextLines::open(o.jsonl, phrase("list of texts")));
  std::string line;
  for (int number = 1;; ++number) {
    GF_TRY_ASSIGN(const bool more, lines.next(line));
    if (!more) return {};
    constexpr std::size_t most_values = 1000;  // a string is one, and deep nesting ends here
    const auto bounded = check_json_bounds(line, most_values, text("it"));
    const Json parsed = bounded ? Json::parse(line, nullptr, false) : Json();
    const auto wrong = [&](const Error& e) { return fail(e.code, text("{0}, line {1}: {2}", o.jsonl, number, e.message)); };
    if (!bounded) return wrong(bounded.error());
    if (!parsed.is_string()) return wrong({ErrorCode::InvalidArgument, text("each line must be one JSON string"), {}});
    const auto content = parsed.get<std::string>();
    say_if_special(tokenizer, content, o.special);
    const auto reply = encode_json(tokenizer, content, o.special);
    if (!reply) return wrong(reply.error());
    print(*reply);
  }
}

int tokenize(const TokenizeOptions& o) {
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
  if (!o.jsonl.empty()) return exit_code(encode_lines(*tokenizer, o));
  return o.has_decode ? decode_ids(*tokenizer, o) : encode_text(*tokenizer, o);
}

}  // namespace

Runner setup_tokenize(CLI::App& app) {
  auto o = std::make_shared<TokenizeOptions>();
  add_model_options(app, o->model);
  app.get_option("MODEL")->required()->description(gf::text("a model, or gpt2 for GPT-2's tokenizer alone"));
  auto* text = app.add_option("TEXT", o->text, gf::text("the text to split"));
  auto* decode = app.add_option("--decode", o->decode, gf::text("the other way: ids like 1,2,3 to text"));
  auto* jsonl = app.add_option("--jsonl", o->jsonl, gf::text("a file with one JSON string a line (- for standard input); one reply a line"))
                    ->check(named());
  decode->excludes(text)->excludes(jsonl);
  jsonl->excludes(text);
  app.add_flag("--special", o->special, gf::text("special tokens written in the text are recognised"))->excludes(decode);
  app.add_flag("--json", o->json, gf::text("print JSON"));
  app.footer(gf::text("Example: glassformer tokenize gpt2 \"Hello world\""));
  app.callback([o, text, decode, jsonl] {
    o->has_text = text->count() > 0;
    o->has_decode = decode->count() > 0;
    if (!o->has_text && !o->has_decode && jsonl->count() == 0) throw CLI::RequiredError("TEXT, --decode or --jsonl");
  });
  return [o] { return tokenize(*o); };
}

}  // namespace gf::cli

// What check_gpu.sh left in a folder, as gpu-report.json and as text.
//   gpu_report report DIR [--host]
//   gpu_report same A.json B.json: whether two traces have the same shapes and, nearly, the same numbers
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "cuda/kit/figures.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::kit {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Null where the file is not there or is not whole.
Json json_of(const fs::path& path) {
  Json json = Json::parse(content(path), nullptr, false);
  return json.is_discarded() ? Json(nullptr) : json;
}

std::string first_line(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

/// parts.tsv, with the counts of the test programs beside their parts.
Json parts_of(const fs::path& folder) {
  Json parts = Json::array();
  std::istringstream lines(content(folder / "parts.tsv"));
  std::string line;
  std::getline(lines, line);  // the heading
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string name, status, seconds, why;
    std::getline(fields, name, '\t');
    std::getline(fields, status, '\t');
    std::getline(fields, seconds, '\t');
    std::getline(fields, why);
    Json part = {{"name", name}, {"status", status}, {"seconds", std::atoi(seconds.c_str())}, {"why", why}};
    if (const Json tests = json_of(folder / (name + ".tests.json")); tests.is_object()) {
      Json failed = Json::array();
      if (tests.contains("testsuites"))
        for (const Json& suite : tests["testsuites"])
          for (const Json& test : suite.value("testsuite", Json::array()))
            if (test.contains("failures")) failed.push_back(suite.value("name", "") + "." + test.value("name", ""));
      part["tests"] = {{"run", tests.value("tests", 0)}, {"failed", std::move(failed)}};
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

Json benches_of(const fs::path& folder) {
  constexpr std::string_view kPrefix = "bench-";
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  Json benches = Json::object();
  for (const fs::path& file : files)
    if (file.extension() == ".json" && file.filename().string().starts_with(kPrefix))
      if (Json bench = json_of(file); bench.is_object()) benches[file.stem().string().substr(kPrefix.size())] = std::move(bench);
  return benches;
}

using Rows = std::vector<std::vector<std::string>>;
std::string table(const Rows& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + (i + 1 < row.size() ? std::string(widths[i] + 2 - row[i].size(), ' ') : "");
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  return out;
}

std::string text_of(const Json& report) {
  const std::string device = report["device"].get<std::string>();
  std::string out =
      text("Glassformer {0} on {1}", report["version"].get<std::string>(), device.empty() ? text("no device") : device) + "\n";
  if (!report["nvidia_smi"].get<std::string>().empty()) out += report["nvidia_smi"].get<std::string>() + "\n";
  if (report["host"]) out += text("A dry run: the kernels ran on the CPU, and nothing of any GPU was measured.") + "\n";
  Rows rows{{text("part"), text("result"), "s", ""}};
  for (const Json& part : report["parts"]) rows.push_back({part["name"], part["status"], part["seconds"].dump(), part["why"]});
  out += "\n" + table(rows);

  rows = {{text("model"), text("copy GB/s"), text("launch us"), text("prompt ms: none"), text("default"), text("full"), "PyTorch",
           text("token ms: none"), text("default"), text("of copy"), text("launches alone"), "PyTorch", text("head cut ms")}};
  for (const auto& [name, b] : report["bench"].items()) {
    const auto of = [&b = b](const char* list, const char* capture, const char* key) {
      return number_at(row_with(value_at(b, list), "capture", capture), {key});
    };
    const double share = of("decode", "default", "share_of_copy");
    rows.push_back({name, shown(number_at(b, {"copy_gb_per_s"}), 0), shown(number_at(b, {"launch_us"}), 2),
                    shown(of("prefill", "none", "ms"), 2), shown(of("prefill", "default", "ms"), 2), shown(of("prefill", "full", "ms"), 2),
                    shown(number_at(report["torch"], {name, "prefill_ms"}), 2), shown(of("decode", "none", "ms_per_token"), 3),
                    shown(of("decode", "default", "ms_per_token"), 3), std::isfinite(share) ? numbers::percent(share) : "-",
                    shown(of("decode", "default", "launch_bound_ms"), 3), shown(number_at(report["torch"], {name, "decode_ms"}), 3),
                    shown(number_at(b, {"head_toggle", "ms"}), 2)});
  }
  if (rows.size() > 1) out += "\n" + table(rows);

  if (!report["host"]) {
    rows = {{text("figure"), text("measured"), text("at least"), text("reached")}};
    for (const Json& f : report["figures"]) rows.push_back({f["what"], f["measured"], f["wanted"], f["reached"]});
    out += "\n" + table(rows);
  }
  return out;
}

int report(const fs::path& folder, bool host) {
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char when[32] = "";
  std::strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &utc);
  Json r = {{"format", 1}, {"version", GLASSFORMER_VERSION}, {"when", when}, {"host", host}};
  const Json info = json_of(folder / "device.log");
  r["device"] = info.is_object() ? info.value("gpu", "") : "";
  r["nvidia_smi"] = first_line(folder / "nvidia-smi.log");
  r["parts"] = parts_of(folder);
  r["bench"] = benches_of(folder);
  r["torch"] = json_of(folder / "torch.json");
  r["figures"] = Json::array();
  if (!host)
    for (const Figure& f : figures_of(r["bench"], r["torch"]))
      r["figures"].push_back({{"what", f.what}, {"measured", f.measured}, {"wanted", f.wanted}, {"reached", f.verdict}});
  const std::string words = text_of(r);
  std::ofstream json(folder / "gpu-report.json"), plain(folder / "gpu-report.txt");
  // What a log holds may be broken UTF-8.
  json << r.dump(1, ' ', false, Json::error_handler_t::replace) << "\n" << std::flush;
  plain << words << std::flush;
  if (!json || !plain) {
    std::fputs((text("the report cannot be written into {0}", folder.string()) + "\n").c_str(), stderr);
    return 1;
  }
  std::fputs(words.c_str(), stdout);
  std::puts(text("The whole report: {0}", (folder / "gpu-report.json").string()).c_str());
  return 0;
}

/// Where two traces differ, and the largest difference of their numbers.
struct Comparison {
  std::string where;
  double largest = 0;
  std::size_t numbers = 0;
};
void compare(const Json& a, const Json& b, const std::string& path, Comparison& found) {
  if (!found.where.empty()) return;
  if (a.is_number() && b.is_number()) {
    const double x = a.get<double>(), y = b.get<double>(), apart = std::abs(x - y);
    ++found.numbers;
    found.largest = std::max(found.largest, apart);
    if (!(apart <= 2e-3 + 2e-3 * std::abs(y))) found.where = path + ": " + a.dump() + ", " + b.dump();
  } else if (a.type() != b.type() || a.size() != b.size()) {
    found.where = path;
  } else if (a.is_structured()) {
    for (auto x = a.begin(), y = b.begin(); x != a.end(); ++x, ++y) {
      const std::string key = a.is_object() ? x.key() : std::to_string(x - a.begin());
      if (a.is_object() && x.key() != y.key()) found.where = path + "/" + key;
      compare(*x, *y, path + "/" + key, found);
    }
  } else if (a != b) {
    found.where = path;
  }
}

int same(const fs::path& a, const fs::path& b) {
  const Json x = json_of(a), y = json_of(b);
  Comparison found;
  if (x.is_null() || y.is_null()) found.where = text("one of the files is not JSON");
  else compare(x, y, "", found);
  if (!found.where.empty()) {
    std::puts(text("they differ at {0}", found.where).c_str());
    return 1;
  }
  std::puts(
      text("{0} numbers, at most {1} apart", numbers::count(static_cast<long long>(found.numbers)), numbers::significant(found.largest, 2))
          .c_str());
  return found.numbers > 0 ? 0 : 1;
}

}  // namespace
}  // namespace gf::kit

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() >= 2 && words[0] == "report") return gf::kit::report(words[1], words.size() > 2 && words[2] == "--host");
  if (words.size() == 3 && words[0] == "same") return gf::kit::same(words[1], words[2]);
  std::fputs("usage: gpu_report report DIR [--host], gpu_report same A.json B.json\n", stderr);
  return 2;
}

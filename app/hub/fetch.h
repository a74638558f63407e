// Downloads from Hugging Face into the cache that its own programs use. Nothing is sent but the requests, and none is sent before
// it is asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "model/base/error.h"

namespace gf::hub {

struct FetchOptions {
  std::string endpoint;             ///< "https://huggingface.co"
  std::string token;                ///< empty: none
  std::string cache;                ///< the folder of the cache, see hub_folder()
  std::string revision = "main";    ///< a branch, a tag or a commit
  std::vector<std::string> wanted;  ///< files, or folders with all that is below; empty: what a GPT-2 model needs
  int stall_ms = 60'000;            ///< how long nothing may arrive before the connection counts as broken
  int tries = 5;                    ///< how often a broken connection is taken up again for a file
  std::stop_token stop{};
  std::function<void(double fraction)> progress{};  ///< of all bytes; on the thread that downloads
};
/// By $HF_ENDPOINT, $HF_TOKEN, or the token that Hugging Face's programs keep in $HF_HOME, $HF_HUB_CACHE.
[[nodiscard]] FetchOptions fetch_options_of_environment();

struct FetchFile {
  std::string name;  ///< its path in the repository; never leads out of it
  std::string hash;  ///< sha256 (`large`), or git's sha1; in hexadecimal. The name of its blob too
  bool large = false;
  std::int64_t bytes = 0;
  friend bool operator==(const FetchFile&, const FetchFile&) = default;
};

/// What would be downloaded.
struct FetchPlan {
  std::string repository;  ///< "openai-community/gpt2", as the hub calls it
  std::string commit;
  std::string licence;  ///< as the hub names it: "mit"; empty: it does not say
  std::vector<FetchFile> files;
  std::int64_t bytes = 0, bytes_here = 0;  ///< of all, and of those that are in the cache already
};

/// Asks the hub what is there. `name`: ORG/NAME or NAME. Errors: InvalidArgument, NotFound, Io, Cancelled, Corrupt (the hub's
/// answer), Unsupported (no GPT-2).
[[nodiscard]] Result<FetchPlan> plan_fetch(const std::string& name, const FetchOptions& options);

/// Downloads what is not here, checks each file's size and hash, and only when all are whole gives them their names in a snapshot,
/// whose folder is returned. What has arrived of a file stays (`blobs/HASH.incomplete`) and is gone on with by the next try; what
/// has a wrong hash is deleted. Errors: Io (connection, disk), Cancelled, Corrupt (size or hash), NotFound.
[[nodiscard]] Result<std::string> fetch(const FetchPlan& plan, const FetchOptions& options);

/// The plan in one sentence: "openai-community/gpt2: 6 files, 551 MB, licence mit".
[[nodiscard]] std::string described(const FetchPlan& plan);

}  // namespace gf::hub

#include "app/hub/fetch.h"

#include <algorithm>
#include <filesystem>
#include <sys/statvfs.h>

#include "app/hub/blob.h"
#include "app/hub/http.h"
#include "model/base/files/whole_file.h"
#include "model/base/numbers.h"
#include "model/base/text.h"

namespace gf::hub {
namespace {

namespace fs = std::filesystem;

/// Errors: Io, where the disk has too little room for what is still to come.
Result<void> check_room(const FetchPlan& plan, const FetchOptions& options) {
  fs::path folder = options.cache;
  std::error_code error;
  while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  struct statvfs disk = {};
  if (::statvfs(folder.c_str(), &disk) != 0) return {};
  const double free = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
  const auto wanted = static_cast<double>(plan.bytes - plan.bytes_here);
  if (wanted <= free) return {};
  return fail(ErrorCode::Io,
              text("{0} are to come, but {1} has room for {2}; make room, or set HF_HOME to another place.", numbers::bytes(wanted),
                   folder.string(), numbers::bytes(free)),
              "fetch");
}

/// A link to the blob, relative, so that the cache may be moved; in one step, so that there is always the old one or the new one.
Result<void> link_file(const fs::path& snapshot, const FetchFile& file) {
  const fs::path link = snapshot / file.name;
  fs::path to = "../..";
  for (auto folders = std::ranges::count(file.name, '/'); folders > 0; --folders) to /= "..";
  to = to / "blobs" / file.hash;
  std::error_code error;
  fs::create_directories(link.parent_path(), error);
  if (!error && fs::is_symlink(link, error) && fs::read_symlink(link, error) == to) return {};
  const fs::path fresh = link.string() + ".new";
  fs::remove(fresh, error);
  fs::create_symlink(to, fresh, error);
  if (!error) fs::rename(fresh, link, error);
  if (error) return cannot_write_blob(link, error.value());
  return {};
}

}  // namespace

Result<std::string> fetch(const FetchPlan& plan, const FetchOptions& options) {
  GF_TRY(check_room(plan, options));
  Http http({options.token, options.stall_ms, options.stop});
  std::int64_t before = 0;
  for (const FetchFile& file : plan.files) {
    GF_TRY(fetch_blob(http, plan, file, options, [&](std::int64_t bytes) {
      if (options.progress)
        options.progress(static_cast<double>(before + bytes) / static_cast<double>(std::max<std::int64_t>(1, plan.bytes)));
    }));
    before += file.bytes;
  }
  const fs::path folder = repository_folder(plan, options), snapshot = folder / "snapshots" / plan.commit;
  for (const FetchFile& file : plan.files) GF_TRY(link_file(snapshot, file));
  if (options.revision != plan.commit) {
    std::error_code error;
    fs::create_directories(folder / "refs", error);
    GF_TRY(write_whole_file((folder / "refs" / options.revision).string(), plan.commit));
  }
  return snapshot.string();
}

}  // namespace gf::hub

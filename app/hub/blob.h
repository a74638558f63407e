// Where the files of a download lie, in the layout of Hugging Face's cache: models--ORG--NAME/blobs/HASH holds the bytes,
// snapshots/COMMIT/PATH links to it, refs/REVISION names the commit.
#pragma once

#include <QUrl>
#include <filesystem>

#include "app/hub/fetch.h"
#include "app/hub/http.h"

namespace gf::hub {

/// The Error for a write that failed with this errno.
[[nodiscard]] tl::unexpected<Error> cannot_write_blob(const std::filesystem::path& path, int error_number);
[[nodiscard]] QUrl file_url(const FetchPlan& plan, const FetchFile& file, const FetchOptions& options);
[[nodiscard]] std::filesystem::path repository_folder(const FetchPlan& plan, const FetchOptions& options);
/// Whether the whole file is there, under its final name.
[[nodiscard]] bool is_here(const FetchPlan& plan, const FetchFile& file, const FetchOptions& options);

/// Downloads one file to its blob; returns at once where it is here. `arrived` gets the bytes of it that are on the disk.
/// Errors: as fetch().
[[nodiscard]] Result<void> fetch_blob(Http& http, const FetchPlan& plan, const FetchFile& file, const FetchOptions& options,
                                      const std::function<void(std::int64_t)>& arrived);

}  // namespace gf::hub

// Opening a dictionary: what a user typed or dropped, in any form that is known.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/dictionaries/fitted.h"

namespace gf {

/// A dictionary that comes with the program.
struct BundledDictionary {
  std::string name, path;
  std::string model;  ///< the bundled model that it was trained on
};
[[nodiscard]] std::vector<BundledDictionary> bundled_dictionaries();
/// Whether it is the name of one, and no file or folder of that name is there, which would win.
[[nodiscard]] bool names_bundled_dictionary(std::string_view name);

/// A path (a relative one from `folder`), a bundled dictionary's name, or hf:ORG/NAME[/FOLDER...] for one in Hugging Face's cache,
/// as a path. A path that exists wins over a bundled name. Errors: InvalidArgument, NotFound.
[[nodiscard]] Result<std::string> resolve_dictionary(std::string_view name, const std::string& folder = {});

/// Opens a dictionary by resolve_dictionary(): SAELens's folder or a file in it, a file of torch.save, a transcoder of
/// circuit-tracer's. The same unchanged file is read once as long as somebody holds it, and is the same object. Thread safe.
/// Errors: NotFound, Unsupported, Corrupt, Io; one sentence each. A folder of several dictionaries is an error that names them.
[[nodiscard]] Result<std::shared_ptr<const Dictionary>> open_dictionary(std::string_view name);

/// open_dictionary() and fit_dictionary(): `hook` is the hook where it reads, by its name; empty: the file's.
[[nodiscard]] Result<std::shared_ptr<const FittedDictionary>> open_fitted(std::string_view name, const std::string& hook,
                                                                          const Weights& weights);

/// Whether the path is a dictionary or a folder of them, by what is there: a drop asks before it takes it for a model.
[[nodiscard]] bool looks_like_dictionary(const std::string& path);

/// The dictionaries that a folder holds, itself or one or two levels down, as paths to open; sorted, at most `most`.
[[nodiscard]] std::vector<std::string> dictionaries_in(const std::string& folder, std::size_t most = 1000);

}  // namespace gf

#include "app/ui/dialogs/notebook_maker.h"

#include <utility>

#include "app/export/sidecar.h"
#include "model/base/files/whole_file.h"
#include "model/base/text.h"

namespace gf::ui {

doc::Job make_notebook(doc::Jobs& jobs, scene::SceneInput input, doc::Document document, exporting::NotebookParts parts, std::string path,
                       std::function<void(Result<std::string>)> done) {
  return jobs.start<std::string>(
      gf::text("making the notebook"), jobs.own_thread(),
      [input = std::move(input), document = std::move(document), parts,
       path = std::move(path)](const doc::JobWork& work) -> Result<std::string> {
        GF_TRY_ASSIGN(const auto session, Session::create(input.model, {}));
        GF_TRY_ASSIGN(const std::string notebook, exporting::notebook_of(*session, document, input.run->request, parts, work.stop(),
                                                                         [&](double fraction) { work.progress(fraction); }));
        GF_TRY(write_whole_file(path, notebook));
        GF_TRY(exporting::write_sidecar(document, input, {}, path));
        return path;
      },
      std::move(done));
}

}  // namespace gf::ui

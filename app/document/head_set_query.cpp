// The question that finds a set of heads. Apart from head_sets.cpp, which sessions are read with, because it asks questions.
#include "app/document/directions.h"
#include "app/document/head_sets.h"
#include "model/base/text.h"

namespace gf::doc {

Inquiry<Answer> heads_fitted_to(const HeadSetQuery& query) {
  const std::string key =
      query.question + " " + std::to_string(query.top) + (query.opposite ? " opposite " : " ") + query.heads + "\n" + query.set;
  const Question& question = *find_question(query.question);
  return {{.key = key, .title = text(question.title), .by_run = false}, [query, &question](const Asking& asking) -> Result<Answer> {
            Asking own = asking;
            GF_TRY_ASSIGN(own.set, prompts_named(query.set, asking.model()));
            own.params = Params(question.params);
            GF_TRY(own.params.set("top", std::to_string(query.top)));
            if (own.params.row("opposite") != nullptr && query.opposite) GF_TRY(own.params.set("opposite", "yes"));
            if (own.params.row("heads") != nullptr && !query.heads.empty()) GF_TRY(own.params.set("heads", query.heads));
            for (const PartInfo& part : question.parts) own.wanted.emplace_back(part.name);
            return ask(question, std::move(own));
          }};
}

}  // namespace gf::doc

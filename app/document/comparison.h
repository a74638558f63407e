// What differs between a document's run and that of the subject that it is compared with.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "app/document/document.h"
#include "app/document/patching.h"
#include "model/analysis/answer.h"
#include "model/analysis/question.h"

namespace gf::doc {

/// The subject that the document is compared with. If that subject has no prompt, it gets the document's text. nullopt: the document
/// is not compared with anything.
[[nodiscard]] std::optional<Subject> compared_subject(const Document& document);

/// One sentence for each of model or training step, prompt and edits that differs. Empty: all are the same.
[[nodiscard]] std::vector<std::string> differences_in_words(const Document& document);

/// What the other subject and the document's own are, in as few words as tell them apart, for two scenes beside each other. Both empty: the
/// document is not compared with anything.
[[nodiscard]] std::array<std::string, 2> names_of_both(const Document& document);

/// A Question with the titles and texts of the parts that the two functions below give.
[[nodiscard]] const Question& comparison_parts();

/// "next": the likeliest next tokens of both after these positions, by their texts, with their probabilities. Where both have
/// the same vocabulary, and at the end of both runs, also the difference of each logit, and "kl", KL(own || other) in nats.
[[nodiscard]] Answer compared_predictions(const Model& own_model, const Trace& own, int own_position, const Model& other_model,
                                          const Trace& other, int other_position);

/// Norms of other - own over those of own, by depth or layer and the own run's position ("stream", "attn_out", "mlp_out"), and
/// by head over all positions ("z"). Positions without a counterpart in the other run are NaN. Errors: Unsupported where the shapes differ,
/// a sentence; Cancelled.
[[nodiscard]] Result<Answer> compared_hooks(const Trace& own, const Trace& other, const std::vector<AlignedRow>& rows,
                                            std::stop_token stop);

}  // namespace gf::doc

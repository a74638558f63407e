// Where the newest pass spent its time, as words: what the window draws in a corner of the viewport.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/pass_times.h"

namespace gf::doc {

struct TimesContent {
  std::shared_ptr<const PassTimes> pass;  ///< null: none yet
  std::optional<Rates> limits;            ///< nullopt: being measured
  std::string backend;                    ///< "cpu (AVX-512)"
};

/// The panel as words: what is drawn, and what tests read.
struct TimesTable {
  struct Row {
    std::string operation, calls, ms, gb_per_s, gflops, share;  ///< a rate that is nothing to speak of is empty
    float part = 0;                                             ///< of the pass's time, 0..1
    float near = 0;                                             ///< to the limit, 0..1
  };
  std::string title, subtitle;
  std::vector<Row> rows;
  std::vector<std::string> notes;
};
/// At most so many rows: those that took least are added up in one more.
[[nodiscard]] TimesTable times_table(const TimesContent& content, std::size_t most_rows);

}  // namespace gf::doc

// Where the newest pass spent its time, as the words that the window draws in a corner of the viewport.
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
    std::string operation, calls, ms;     ///< name, number of calls, milliseconds in all
    std::string gb_per_s, gflops, share;  ///< empty where bytes or FLOPs are not counted; the share also until the limits are measured
    float part = 0;                       ///< share of the pass's time, 0..1
    float near = 0;                       ///< share of the limit that is reached, 0..1
  };
  std::string title, subtitle;
  std::vector<Row> rows;
  std::vector<std::string> notes;
};
/// At most `most_rows` rows: the operations that took least are added up in the last one.
[[nodiscard]] TimesTable times_table(const TimesContent& content, std::size_t most_rows);

}  // namespace gf::doc

// The message of a broken contract, for the report of a crash.
#pragma once

namespace gf {

/// What contract_failed() (error.h) has printed; empty before. A handler of SIGABRT may call it.
[[nodiscard]] const char* broken_contract();

}  // namespace gf

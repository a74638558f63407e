// Errors as values. Anything outside the program's control returns Result; a caller's mistake hits EXPECTS.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace gf {

enum class ErrorCode {
  InvalidArgument,  ///< the user's input cannot be meant (unknown hook, index out of range, ...)
  NotFound,         ///< a file, model or tensor that was named is not there
  Unsupported,      ///< understood, but not something this program can do
  Corrupt,          ///< a file contradicts itself or its format
  Io,               ///< the operating system refused
  OutOfMemory,      ///< memory or a device's memory does not suffice
  Device,           ///< Vulkan or CUDA failed
  Cancelled,        ///< a newer request or the user stopped it
  NotCaptured,      ///< the trace does not hold this hook
};

/// What went wrong. `message` is one sentence for the user: what, where, and what to do.
/// `where` is for us: function or file and line; empty where it would say nothing.
struct Error {
  ErrorCode code;
  std::string message;
  std::string where;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string where = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(where)});
}

/// Prints the broken contract on standard error and aborts. In every build.
[[noreturn]] void contract_failed(const char* condition, const char* why, const char* file, int line);

}  // namespace gf

/// A contract with the caller, checked in every build.
#define EXPECTS(condition, why) ((condition) ? static_cast<void>(0) : ::gf::contract_failed(#condition, why, __FILE__, __LINE__))

/// Returns the error of `expression` (a Result) from the calling function; otherwise goes on.
#define GF_TRY(expression)                                              \
  do {                                                                  \
    if (auto&& gf_try_ = (expression); !gf_try_) [[unlikely]]           \
      return ::tl::unexpected<::gf::Error>(std::move(gf_try_).error()); \
  } while (false)

#define GF_CONCAT_(a, b) a##b
#define GF_CONCAT(a, b) GF_CONCAT_(a, b)
/// GF_TRY_ASSIGN(auto x, f()): declares x from f()'s value, or returns f()'s error.
#define GF_TRY_ASSIGN(declaration, expression) GF_TRY_ASSIGN_(declaration, expression, GF_CONCAT(gf_result_, __LINE__))
#define GF_TRY_ASSIGN_(declaration, expression, name)              \
  auto name = (expression);                                        \
  if (!name) [[unlikely]]                                          \
    return ::tl::unexpected<::gf::Error>(std::move(name).error()); \
  declaration = std::move(*name)

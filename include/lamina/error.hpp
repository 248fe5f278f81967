// What went wrong -> one exception type that says where, what was expected and what was found.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/export.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace lamina {

/// Why an operation failed. The values are stable: the C interface uses the same numbers.
enum class Errc {
  io = 1,               ///< the operating system refused: cannot open, read, write or rename
  truncated,            ///< the data ends before what it declares
  malformed,            ///< the data breaks the rules of its format, or a text its grammar
  limit_exceeded,       ///< a declared size is beyond a limit (see Limits)
  unsupported_feature,  ///< a valid file or option that lamina does not handle
  unsupported_layer,    ///< a layer, activation or operator that lamina does not know
  unsafe_content,       ///< the file asks to run code or to read elsewhere; never done
  shape_mismatch,       ///< sizes that do not fit together
  dtype,                ///< an element type that cannot be used here
  missing_weight,       ///< a layer has no weights, or a file lacks some
  extra_weight,         ///< a file has weights that no layer takes
  invalid_argument,     ///< a parameter out of its range, or a call that breaks a stated rule
  out_of_memory,        ///< memory could not be had
  internal,             ///< a defect of lamina itself: please report it
  verification_failed,  ///< the model's answers are not those of its golden vectors, or it has none to check
  cancelled,            ///< the caller's stop token asked for it
  deadline_exceeded,    ///< the caller's deadline passed first
  unavailable,          ///< a queue is full or being shut down: the same call may succeed later, or elsewhere
};

/// "shape_mismatch" for Errc::shape_mismatch: a stable name for logs.
[[nodiscard]] LAMINA_API std::string_view to_string(Errc code) noexcept;

/// The only exception type that lamina throws on purpose (std::bad_alloc may pass through).
///
/// what() is one line: "place: what: expected E, got G". problems() lists everything that was found
/// wrong with a file when more than one thing was (what() is then the first of them). excerpt() is
/// non-empty where text was parsed: the offending line and, below it, a caret.
class LAMINA_API Error : public std::exception {
 public:
  Error(Errc code, std::string message);
  Error(Errc code, std::string message, std::vector<std::string> problems, std::string excerpt = {});
  Error(const Error&);
  Error& operator=(const Error&);
  ~Error() override;

  [[nodiscard]] Errc code() const noexcept { return code_; }
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }
  [[nodiscard]] const std::string& excerpt() const noexcept { return excerpt_; }

 private:
  Errc code_;
  std::string message_;
  std::vector<std::string> problems_;
  std::string excerpt_;
};

}  // namespace lamina

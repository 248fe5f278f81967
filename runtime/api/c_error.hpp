// C++ code that may throw -> a status code, and the text of lamina_last_error().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/error.hpp>
#include <lamina/lamina.h>

namespace lamina::api {

/// The exception that is being handled -> its code; its text is kept for this thread. Takes no memory.
[[nodiscard]] lamina_status keep_exception() noexcept;
[[nodiscard]] lamina_status keep_error(const Error& error) noexcept;

/// The wall of the C interface: everything that can throw runs in here.
template <class Body>
[[nodiscard]] lamina_status guarded(Body&& body) noexcept {
  try {
    body();
    return LAMINA_OK;
  } catch (...) {
    return keep_exception();
  }
}

/// Throws Error{invalid_argument, "place: name: expected ..., got null"} for a null pointer.
void require(const void* pointer, const char* place, const char* name);

}  // namespace lamina::api

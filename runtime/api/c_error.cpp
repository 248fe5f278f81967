// Exceptions -> status codes and texts that outlive them.
// SPDX-License-Identifier: Apache-2.0
#include "api/c_error.hpp"

#include "base/fail.hpp"

#include <lamina/error.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string_view>

namespace lamina::api {
namespace {

static_assert(LAMINA_IO == static_cast<int>(Errc::io) && LAMINA_TRUNCATED == static_cast<int>(Errc::truncated) &&
              LAMINA_MALFORMED == static_cast<int>(Errc::malformed) &&
              LAMINA_LIMIT_EXCEEDED == static_cast<int>(Errc::limit_exceeded) &&
              LAMINA_UNSUPPORTED_FEATURE == static_cast<int>(Errc::unsupported_feature) &&
              LAMINA_UNSUPPORTED_LAYER == static_cast<int>(Errc::unsupported_layer) &&
              LAMINA_UNSAFE_CONTENT == static_cast<int>(Errc::unsafe_content) &&
              LAMINA_SHAPE_MISMATCH == static_cast<int>(Errc::shape_mismatch) &&
              LAMINA_DTYPE == static_cast<int>(Errc::dtype) &&
              LAMINA_MISSING_WEIGHT == static_cast<int>(Errc::missing_weight) &&
              LAMINA_EXTRA_WEIGHT == static_cast<int>(Errc::extra_weight) &&
              LAMINA_INVALID_ARGUMENT == static_cast<int>(Errc::invalid_argument) &&
              LAMINA_OUT_OF_MEMORY == static_cast<int>(Errc::out_of_memory) &&
              LAMINA_INTERNAL == static_cast<int>(Errc::internal) &&
              LAMINA_VERIFICATION_FAILED == static_cast<int>(Errc::verification_failed));
static_assert(LAMINA_CANCELLED == static_cast<int>(Errc::cancelled) &&
              LAMINA_DEADLINE_EXCEEDED == static_cast<int>(Errc::deadline_exceeded) &&
              LAMINA_UNAVAILABLE == static_cast<int>(Errc::unavailable));

/// Text of a fixed size: keeping an error must neither take memory nor leave a destructor to the end of the thread.
template <std::size_t N>
class FixedText {
 public:
  void clear() noexcept { size_ = 0; }
  /// What does not fit is cut, not within a character of UTF-8.
  void append(std::string_view text) noexcept {
    std::size_t count = std::min(text.size(), N - 1 - size_);
    if (count < text.size()) {
      while (count > 0 && (static_cast<unsigned char>(text[count]) & 0xC0U) == 0x80) --count;
    }
    std::memcpy(text_.data() + size_, text.data(), count);
    size_ += count;
    text_[size_] = '\0';
  }
  [[nodiscard]] const char* c_str() const noexcept { return size_ == 0 ? "" : text_.data(); }

 private:
  std::size_t size_ = 0;
  std::array<char, N> text_ = {};
};

struct LastError {
  FixedText<1024> message;
  FixedText<3072> details;
};
constinit thread_local LastError last_error;

lamina_status keep(Errc code, std::string_view message) noexcept {
  last_error.message.clear();
  last_error.message.append(message);
  last_error.details.clear();
  return static_cast<lamina_status>(code);
}

}  // namespace

lamina_status keep_error(const Error& error) noexcept {
  const lamina_status status = keep(error.code(), error.what());
  for (const std::string& problem : error.problems()) {
    last_error.details.append(problem);
    last_error.details.append("\n");
  }
  last_error.details.append(error.excerpt());
  return status;
}

lamina_status keep_exception() noexcept {
  try {
    throw;
  } catch (const Error& error) {
    return keep_error(error);
  } catch (const std::bad_alloc&) {
    return keep(Errc::out_of_memory, "out of memory");
  } catch (const std::length_error&) {  // more elements than any memory has room for
    return keep(Errc::out_of_memory, "out of memory");
  } catch (const std::exception& error) {
    return keep(Errc::internal, error.what());
  } catch (...) {
    return keep(Errc::internal, "an exception of unknown type");
  }
}

void require(const void* pointer, const char* place, const char* name) {
  if (pointer == nullptr) base::fail(Errc::invalid_argument, place, name, "a pointer", "null");
}

}  // namespace lamina::api

extern "C" {

const char* lamina_status_name(lamina_status status) {
  return status == LAMINA_OK ? "ok" : lamina::to_string(static_cast<lamina::Errc>(status)).data();
}
const char* lamina_last_error(void) { return lamina::api::last_error.message.c_str(); }
const char* lamina_last_error_details(void) { return lamina::api::last_error.details.c_str(); }
}

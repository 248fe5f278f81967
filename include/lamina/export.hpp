// Symbol visibility: the library is built with hidden visibility; what carries LAMINA_API is its ABI.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(_WIN32)
#define LAMINA_API
#else
#define LAMINA_API __attribute__((visibility("default")))
#endif

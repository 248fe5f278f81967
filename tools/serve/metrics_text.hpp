// Counters of a server and its models -> the text format of Prometheus.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/catalog.hpp"
#include "serve/metrics.hpp"

#include <string>

namespace lamina::serve {

[[nodiscard]] std::string metrics_text(const Catalog& catalog, const ServerMetrics& server);

}  // namespace lamina::serve

// SIGINT, SIGTERM, SIGHUP -> the temporary file of an output that is not finished is removed, and the process ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lamina::tools {

/// At the start of the program. A signal that the caller has set to be ignored (nohup) stays ignored.
void remove_temporaries_when_ended();

}  // namespace lamina::tools

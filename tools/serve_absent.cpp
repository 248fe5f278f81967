// lamina serve in a program that was built without it -> where to get it.
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <lamina/error.hpp>

namespace lamina::tools {

Action add_serve(CLI::App& app) {
  app.allow_extras();
  return []() -> ExitStatus {
    throw Error(Errc::unsupported_feature,
                "this program was built without Boost: install libboost-dev and build with -DLAMINA_BUILD_SERVE=ON");
  };
}

}  // namespace lamina::tools

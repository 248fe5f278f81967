// The whole C++ interface of lamina, except <lamina/data.hpp> (array files).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lamina/batcher.hpp>
#include <lamina/error.hpp>
#include <lamina/functional.hpp>
#include <lamina/layer.hpp>
#include <lamina/model.hpp>
#include <lamina/plan.hpp>
#include <lamina/profile.hpp>
#include <lamina/system.hpp>
#include <lamina/tensor.hpp>
#include <lamina/verify.hpp>
#include <lamina/version.hpp>

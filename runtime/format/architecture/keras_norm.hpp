// Keras layers whose weights take their shape from the input: PReLU and the normalizations.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/keras_shape.hpp"

namespace lamina::format::architecture {

inline constexpr std::string_view kKerasBatchNorm[] = {"axis",
                                                       "momentum",
                                                       "epsilon",
                                                       "center",
                                                       "scale",
                                                       "beta_initializer",
                                                       "gamma_initializer",
                                                       "moving_mean_initializer",
                                                       "moving_variance_initializer",
                                                       "beta_regularizer",
                                                       "gamma_regularizer",
                                                       "beta_constraint",
                                                       "gamma_constraint",
                                                       "synchronized",
                                                       "renorm",
                                                       "renorm_clipping",
                                                       "renorm_momentum",
                                                       "fused",
                                                       "virtual_batch_size",
                                                       "mode",
                                                       "beta_init",
                                                       "gamma_init",
                                                       "weights"};
inline constexpr std::string_view kKerasLayerNorm[] = {"axis",
                                                       "epsilon",
                                                       "center",
                                                       "scale",
                                                       "beta_initializer",
                                                       "gamma_initializer",
                                                       "beta_regularizer",
                                                       "gamma_regularizer",
                                                       "beta_constraint",
                                                       "gamma_constraint",
                                                       "rms_scaling"};
inline constexpr std::string_view kKerasNormalization[] = {"axis", "mean", "variance", "invert"};
inline constexpr std::string_view kKerasRescaling[] = {"scale", "offset"};

[[nodiscard]] KerasOps keras_prelu(const KerasLayerCall& layer);
[[nodiscard]] KerasOps keras_batch_norm(const KerasLayerCall& layer);
[[nodiscard]] KerasOps keras_layer_norm(const KerasLayerCall& layer);
[[nodiscard]] KerasOps keras_unit_norm(const KerasLayerCall& layer);
[[nodiscard]] KerasOps keras_rescaling(const KerasLayerCall& layer);
/// Affine: shift is the mean, scale max(sqrt(variance), 1e-7), dividing. Without numbers in the call they are
/// zeros and ones of the right shape, to be filled in from the file's `mean` and `variance`.
[[nodiscard]] KerasOps keras_normalization(const KerasLayerCall& layer);

}  // namespace lamina::format::architecture

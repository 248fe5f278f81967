#!/usr/bin/env python3
# Nothing -> tests/hostile/hdf5: small files as Keras 2 writes them, but for what their names say.
# SPDX-License-Identifier: Apache-2.0
"""Run once with any h5py >= 3 and commit the result: python3 tests/hostile/make_hdf5.py"""
import json
import os

import h5py
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hdf5")


def model(name, kernel):
    """A Dense(2) over three numbers; `kernel` makes its kernel within a group."""
    layers = [{"class_name": "Dense", "config": {"name": "d", "units": 2, "use_bias": False, "activation": "linear",
                                                 "batch_input_shape": [None, 3]}}]
    with h5py.File(os.path.join(FOLDER, name + ".h5"), "w", libver="earliest") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"name": "m", "layers": layers}})
        file.attrs["keras_version"] = "2.4.0"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = np.array([b"d"])
        group = weights.create_group("d")
        group.attrs["weight_names"] = np.array([b"d/kernel:0"])
        kernel(group)


def virtual(group):
    layout = h5py.VirtualLayout((3, 2), "f4")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "y", (3, 2))
    group.create_virtual_dataset("d/kernel:0", layout)


def main():
    os.makedirs(FOLDER, exist_ok=True)
    name = "d/kernel:0"
    numbers = np.zeros((3, 2), np.float32)
    model("good", lambda group: group.create_dataset(name, data=numbers))
    model("shape_bomb", lambda group: group.create_dataset(name, (1 << 30, 1 << 30), "f4", chunks=(1, 1)))
    model("compressed_bomb", lambda group: group.create_dataset(name, data=np.zeros((1 << 20, 4), np.float32),
                                                                chunks=(1 << 20, 4), compression="gzip"))
    model("external_link", lambda group: group.__setitem__(name, h5py.ExternalLink("elsewhere.h5", "/y")))
    model("soft_link", lambda group: group.__setitem__(name, h5py.SoftLink("/etc/passwd")))
    model("external_storage", lambda group: group.create_dataset(name, (3, 2), "f4", external=[("/etc/passwd", 0, 24)]))
    model("virtual", virtual)
    model("loop", lambda group: group.__setitem__("d", group.parent))


if __name__ == "__main__":
    main()

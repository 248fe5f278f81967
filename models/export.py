# A trained torch module and held-out rows -> the files of one folder of models/.
# SPDX-License-Identifier: Apache-2.0
"""Writes model.safetensors, x.npy, expected.npy and the labels or targets beside them."""
import json
import pathlib
import struct

import numpy as np
import torch


def write_safetensors(path, module, architecture):
    """The format in full: a length, a JSON header padded to 8 bytes, then the tensors one after another."""
    header = {"__metadata__": {"format": "pt", "lamina.architecture": architecture}}
    data = bytearray()
    for name, tensor in module.state_dict().items():
        if name.endswith("num_batches_tracked"):  # a counter of the training, of no use to anyone else
            continue
        raw = tensor.numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def export(folder, module, architecture, x, truth_name, truth):
    """What lamina must give for x is what torch itself gives, in evaluation mode and float32."""
    folder = pathlib.Path(folder)
    module.eval()
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    write_safetensors(folder / "model.safetensors", module, architecture)
    np.save(folder / "x.npy", x)
    np.save(folder / "expected.npy", expected)
    np.save(folder / f"{truth_name}.npy", truth)
    return expected

#!/usr/bin/env python3
# Seed -> tests/golden/pytorch: small files of torch.save, what print(model) shows, and the weights as raw float32.
# SPDX-License-Identifier: Apache-2.0
"""Run once with any torch >= 1.12 and commit the result: python3 tests/golden/make_pytorch.py

NAME.pt       a file of torch.save
NAME.txt      "NAME SHAPE" of each float tensor in state_dict order; for a module first what print(model) shows
NAME.f32      the elements of those tensors, float32, little-endian, one after the other
"""
import os

import torch
from torch import nn

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch")


def every_layer():
    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(3, 4),
        nn.BatchNorm1d(4),
        nn.Sequential(nn.LayerNorm(4), nn.PReLU(), nn.Sequential(nn.Linear(4, 4, bias=False), nn.PReLU(4, 0.1))),
        nn.BatchNorm1d(4, eps=1e-3, momentum=None, affine=False),
        nn.Dropout(0.1), nn.AlphaDropout(0.2), nn.Identity(),
        nn.ReLU(inplace=True), nn.ReLU6(), nn.LeakyReLU(0.2), nn.RReLU(0.1, 0.3), nn.ELU(0.9), nn.SELU(), nn.CELU(1.1),
        nn.GELU(), nn.GELU("tanh"), nn.Sigmoid(), nn.Tanh(), nn.SiLU(), nn.Mish(), nn.Softplus(2.0, 10.0), nn.Softsign(),
        nn.LogSigmoid(), nn.Hardtanh(-2.0, 2.0), nn.Hardsigmoid(), nn.Hardswish(), nn.Hardshrink(0.3), nn.Softshrink(0.4),
        nn.Tanhshrink(), nn.Threshold(0.1, -0.2), nn.GLU(), nn.LayerNorm((2,), elementwise_affine=False),
        nn.Softmin(1), nn.LogSoftmax(1), nn.Softmax(-1),
    )
    model.train()
    model(torch.randn(8, 3))  # running statistics that are not their initial values
    return model.eval()


def small():
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1), nn.Sigmoid())


def views():
    base = torch.arange(24, dtype=torch.float32) / 8
    state = {
        "transposed": base.view(4, 6).t(),
        "column": base.view(4, 6)[:, 1],
        "cube": base.view(2, 3, 4).permute(2, 0, 1),
        "expanded": torch.tensor([1.5, 2.5]).view(2, 1).expand(2, 3),
        "tail": base[20:],
        "scalar": torch.tensor(3.25),
        "half": torch.tensor([0.1, 65504.0, 6e-8], dtype=torch.float16),
        "bfloat16": torch.tensor([0.1, 3e38, -1.0], dtype=torch.bfloat16),
        "double": torch.tensor([0.1, 1e-300, -2.0], dtype=torch.float64),
        "parameter": nn.Parameter(torch.tensor([4.0, 5.0])),
        "integers": torch.tensor([1, 2]),
    }
    return state


def checkpoint():
    model = nn.DataParallel(small())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model.module(torch.randn(4, 2)).sum().backward()
    optimizer.step()
    return {"epoch": 3, "loss": 0.5, "best": None, "names": ["a", "b"], "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict()}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 1)

    def forward(self, x):
        return torch.relu(self.fc1(x))


def write(name, value, tensors, text="", legacy=False):
    path = os.path.join(FOLDER, name)
    torch.save(value, path + ".pt", _use_new_zipfile_serialization=not legacy)
    with open(path + ".txt", "w") as listing, open(path + ".f32", "wb") as data:
        if text:
            listing.write(text + "\n")
        for key, tensor in tensors.items():
            if not tensor.is_floating_point():
                continue
            listing.write("%s [%s]\n" % (key, ", ".join(map(str, tensor.shape))))
            data.write(tensor.detach().to(torch.float32).contiguous().numpy().astype("<f4").tobytes())


def main():
    os.makedirs(FOLDER, exist_ok=True)
    torch.manual_seed(4)
    model = every_layer()
    write("module", model, model.state_dict(), str(model))
    state = small().state_dict()
    write("state_dict", state, state)
    write("state_dict_legacy", state, state, legacy=True)
    write("views", views(), views())
    value = checkpoint()
    write("checkpoint", value, {key[len("module."):]: tensor for key, tensor in value["model_state_dict"].items()})
    torch.save(Net(), os.path.join(FOLDER, "user_class.pt"))


if __name__ == "__main__":
    main()

# scikit-learn's diabetes study -> a small regression with BatchNorm1d on both sides of its Linear layers.
# SPDX-License-Identifier: Apache-2.0
"""Run from anywhere: `python3 models/diabetes/train.py`. Needs python3-torch and python3-sklearn of Debian 12."""
import pathlib
import sys

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from torch import nn

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from export import export  # noqa: E402

ARCHITECTURE = (
    "nn.Sequential(nn.BatchNorm1d(10), nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 16), nn.BatchNorm1d(16), "
    "nn.Sigmoid(), nn.Dropout(0.1), nn.Linear(16, 1))"
)


def train(module, x, target, epochs=40, batch=32):
    optimizer = torch.optim.AdamW(module.parameters(), lr=2e-3, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    loss = nn.MSELoss()
    module.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad()
            loss(module(x[rows]), target[rows]).backward()
            optimizer.step()
        schedule.step()


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)  # sums in one order: the same file on each run
    x, target = load_diabetes(return_X_y=True)
    x = x.astype(np.float32)
    target = target.astype(np.float32).reshape(-1, 1)
    train_x, test_x, train_y, test_y = train_test_split(x, target, test_size=90, random_state=7)
    mean, deviation = train_y.mean(), train_y.std()
    module = eval(ARCHITECTURE, {"nn": nn})
    train(module, torch.from_numpy(train_x), torch.from_numpy((train_y - mean) / deviation))
    with torch.no_grad():  # trained on the standardised target; the file answers in the study's own units
        module[-1].weight.mul_(float(deviation))
        module[-1].bias.mul_(float(deviation)).add_(float(mean))
    y = export(FOLDER, module, ARCHITECTURE, test_x, "targets", test_y)
    error = float(((y - test_y) ** 2).mean())
    print(f"held-out root mean square error: {error ** 0.5:.2f}, R^2: {1 - error / float(test_y.var()):.3f}")


if __name__ == "__main__":
    main()

# scikit-learn's handwritten digits -> a trained classifier with held-out rows and PyTorch's own answers.
# SPDX-License-Identifier: Apache-2.0
"""Run from anywhere: `python3 models/digits/train.py`. Needs python3-torch and python3-sklearn of Debian 12."""
import pathlib
import sys

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from export import export  # noqa: E402

ARCHITECTURE = "nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10), nn.Softmax(dim=1))"


def shifted(images):
    """Each image and its four copies moved by one pixel: 1437 drawings alone leave the network position-bound."""
    moves = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    return np.concatenate([padded[:, 1 + dy : 9 + dy, 1 + dx : 9 + dx] for dy, dx in moves])


def train(module, x, labels, epochs=60, batch=64):
    logits = module[:-1]  # the loss wants them; Softmax is for use only
    optimizer = torch.optim.AdamW(module.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    loss = nn.CrossEntropyLoss(label_smoothing=0.02)
    module.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad()
            loss(logits(x[rows]), labels[rows]).backward()
            optimizer.step()
        schedule.step()


def main():
    torch.manual_seed(2)
    torch.set_num_threads(1)  # sums in one order: the same file on each run
    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32).reshape(-1, 8, 8)
    train_x, test_x, train_y, test_y = train_test_split(images, labels, test_size=360, stratify=labels, random_state=7)
    module = eval(ARCHITECTURE, {"nn": nn})
    train(module, torch.from_numpy(shifted(train_x).reshape(-1, 64)), torch.from_numpy(np.tile(train_y, 5)))
    y = export(FOLDER, module, ARCHITECTURE, test_x.reshape(-1, 64), "labels", test_y.astype(np.int64))
    correct = int((y.argmax(axis=1) == test_y).sum())
    print(f"held-out accuracy: {correct} of {len(test_y)} ({100 * correct / len(test_y):.2f} %)")


if __name__ == "__main__":
    main()

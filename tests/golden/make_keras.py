#!/usr/bin/env python3
# Seed -> tests/golden/keras: files laid out as Keras 2 and 3 save them, an input, and the answers in float64.
# SPDX-License-Identifier: Apache-2.0
"""Run once with h5py and numpy and commit the result: python3 tests/golden/make_keras.py

One network, with a layer of each class that has weights and two nested models, in every form:
archive.keras   Keras 3.9: model.weights.h5 with a group per class and number
archive_new.keras  the same, in the newest style of HDF5
legacy2.h5      Keras 2.4: weight_names in Keras's order, cut into pieces; fixed strings
legacy3.h5      Keras 3.9: variable-length strings, names with the model's name
bare.h5         legacy2.h5 as save_weights() writes it, without the model
bare.json       the model of bare.h5: model.to_json() of Keras 2
x.f32           5 rows of 6 numbers: float32, little-endian
y2.f32, y3.f32  what the network gives for them by Keras 2 and 3, which differ in hard_sigmoid
"""
import io
import json
import os
import zipfile

import h5py
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras")
rng = np.random.default_rng(20)


def numbers(*shape):
    return rng.normal(size=shape).astype(np.float32)


def positive(*shape):
    return rng.uniform(0.5, 2.0, shape).astype(np.float32)


class Layer:
    """`arrays`: (name, values, trainable) in Keras's order; `call`: rows, arrays in float64 -> rows."""

    def __init__(self, class_name, name, config, arrays=(), call=None, children=()):
        self.class_name, self.name, self.config = class_name, name, config
        self.arrays, self.call, self.children = list(arrays), call, list(children)

    def __call__(self, x):
        for child in self.children:
            x = child(x)
        return self.call(x, *(a.astype(np.float64) for _, a, _ in self.arrays)) if self.call else x

    def frozen(self):
        return self.config.get("trainable") is False

    def all_arrays(self):
        """(layer's name, array's name, values), the trainable ones first: weight_names of a nested model."""
        flat = [(self.name, n, a, t and not self.frozen()) for n, a, t in self.arrays]
        flat += [entry for child in self.children for entry in child.all_arrays()]
        return [e for e in flat if e[3]] + [e for e in flat if not e[3]]


def dense(name, inputs, units, activation, call, bias=True, trainable=True):
    arrays = [("kernel", numbers(inputs, units), True)] + ([("bias", numbers(units), True)] if bias else [])
    config = {"name": name, "trainable": trainable, "units": units, "activation": activation, "use_bias": bias}
    return Layer("Dense", name, config, arrays, lambda x, w, b=0.0: call(x @ w + b))


def batch_norm(name, size, scale=True):
    arrays = [("gamma", positive(size), True)] if scale else []
    arrays += [("beta", numbers(size), True), ("moving_mean", numbers(size), False),
               ("moving_variance", positive(size), False)]

    def call(x, *a):
        gamma, beta, mean, variance = a if scale else (1.0, *a)
        return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    return Layer("BatchNormalization", name, {"name": name, "axis": [1], "epsilon": 1e-3, "scale": scale}, arrays, call)


def layer_norm(name, size):
    def call(x, gamma, beta):
        mean = x.mean(-1, keepdims=True)
        return (x - mean) / np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-3) * gamma + beta

    arrays = [("gamma", positive(size), True), ("beta", numbers(size), True)]
    return Layer("LayerNormalization", name, {"name": name, "axis": [-1], "epsilon": 1e-3}, arrays, call)


def normalization(name, size):
    arrays = [("mean", numbers(size), False), ("variance", positive(size), False),
              ("count", np.array(7, np.int64), False)]
    arrays[1][1][0] = 1e-20  # below the bound of the deviation, 1e-7
    arrays[0][1][0] = 0.0
    config = {"name": name, "axis": [-1], "mean": None, "variance": None, "invert": False}
    return Layer("Normalization", name, config, arrays,
                 lambda x, m, v, _: (x - m) / np.maximum(np.sqrt(v), 1e-7))


def prelu(name, size):
    return Layer("PReLU", name, {"name": name, "shared_axes": None}, [("alpha", numbers(size), True)],
                 lambda x, alpha: np.where(x > 0, x, alpha * x))


def plain(class_name, name, call=None, **config):
    return Layer(class_name, name, {"name": name, **config}, (), call)


def network():
    relu, linear = (lambda x: np.maximum(x, 0)), (lambda x: x)
    hard_sigmoid = lambda x: np.clip(0.2 * x + 0.5, 0, 1)  # noqa: E731  Keras 2's
    encoder = Layer("Sequential", "encoder", {"name": "encoder"}, children=[
        dense("first", 6, 5, "relu", relu), batch_norm("norm", 5), dense("second", 5, 5, "tanh", np.tanh, trainable=False),
        batch_norm("norm_b", 5, scale=False)])
    head = Layer("Functional", "head", {"name": "head"}, children=[
        plain("InputLayer", "head_in", batch_input_shape=[None, 5]),
        layer_norm("ln", 5), dense("first_of_head", 5, 4, "linear", linear, bias=False), prelu("slopes", 4)])
    return [plain("InputLayer", "in", batch_input_shape=[None, 6]), normalization("scale", 6), encoder,
            plain("Dropout", "drop", rate=0.5), plain("LeakyReLU", "leaky", lambda x: np.where(x > 0, x, 0.3 * x), alpha=0.3),
            head, dense("gate", 4, 4, "hard_sigmoid", hard_sigmoid), dense("out", 4, 3, "linear", linear),
            plain("Softmax", "probabilities",
                  lambda x: np.exp(x - x.max(-1, keepdims=True)) / np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True),
                  axis=-1)]


def layer_json(layer, before, major):
    children = layer.children
    config = dict(layer.config)
    if major == 3 and layer.class_name == "InputLayer":
        config["batch_shape"] = config.pop("batch_input_shape")
    if children:
        config = chain_config(layer.name, children, layer.class_name, major)
    result = {"class_name": layer.class_name, "config": config}
    if major == 3:
        result.update(module="keras" if children else "keras.layers", registered_name=None)
    if before is not None:
        result["name"] = layer.name
        history = [before, 0, 0]
        node = {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": history}}], "kwargs": {}}
        result["inbound_nodes"] = [] if before == "" else [node] if major == 3 else [[history + [{}]]]
    return result


def chain_config(name, layers, class_name, major):
    if class_name == "Sequential":
        return {"name": name, "layers": [layer_json(layer, None, major) for layer in layers]}
    names = [""] + [layer.name for layer in layers]
    return {"name": name, "layers": [layer_json(layer, names[i], major) for i, layer in enumerate(layers)],
            "input_layers": [[layers[0].name, 0, 0]], "output_layers": [[layers[-1].name, 0, 0]]}


def model_json(layers, major):
    config = {"class_name": "Functional", "config": chain_config("model", layers, "Functional", major)}
    if major == 3:
        config.update(module="keras", registered_name="Functional")
    return config


def snake(class_name):
    return {"Dense": "dense", "PReLU": "p_re_lu", "BatchNormalization": "batch_normalization", "LeakyReLU": "leaky_re_lu",
            "LayerNormalization": "layer_normalization", "InputLayer": "input_layer"}.get(class_name, class_name.lower())


def put_groups(group, layers, sequential):
    counts = {}
    for layer in layers:
        if sequential and layer.class_name == "InputLayer":
            continue
        stem = snake(layer.class_name)
        number = counts[stem] = counts.get(stem, -1) + 1
        own = group.create_group(f"layers/{stem}" + (f"_{number}" if number else ""))
        variables = own.create_group("vars")
        variables.attrs["name"] = layer.name
        for i, (_, values, _) in enumerate(layer.arrays):
            variables[str(i)] = values
        if layer.class_name == "Dropout":
            own["seed_generator/vars/0"] = np.array([1, 2], np.uint32)
        put_groups(own, layer.children, layer.class_name == "Sequential")


def put_legacy(group, layers, major):
    text = (lambda names: np.array([n.encode() for n in names])) if major == 2 else (lambda names: names)

    def names_attribute(target, name, names):
        if major == 2 and len(names) > 4:  # as Keras cuts what would not fit into an object's header
            for i, part in enumerate(np.array_split(names, 2)):
                target.attrs[f"{name}{i}"] = text(list(part))
        else:
            target.attrs[name] = text(names) if names else np.array([])

    names_attribute(group, "layer_names", [layer.name for layer in layers])
    for layer in layers:
        own = group.create_group(layer.name)
        names = []
        for owner, name, values, _ in layer.all_arrays():
            path = f"{owner}/{name}:0" if major == 2 else f"model/{owner}/{name}"
            own[path] = values
            names.append(path)
        names_attribute(own, "weight_names", names)
    group.create_group("top_level_model_weights").attrs["weight_names"] = np.array([])


def save_legacy(path, layers, major):
    version = {2: "2.4.0", 3: "3.9.2"}[major]
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(model_json(layers, major))
        file.attrs["keras_version"], file.attrs["backend"] = version, "tensorflow"
        put_legacy(file.create_group("model_weights"), layers, major)
        file["optimizer_weights/adam/iteration"] = np.array(3, np.int64)


def save_archive(path, layers, **style):
    memory = io.BytesIO()
    with h5py.File(memory, "w", **style) as file:
        put_groups(file, layers, False)
        file.create_group("vars").attrs["name"] = "model"
        file["optimizer/vars/0"] = np.array(3, np.int64)
    with zipfile.ZipFile(path, "w") as archive:
        members = {"metadata.json": json.dumps({"keras_version": "3.9.2", "date_saved": "2025-01-01@00:00:00"}),
                   "config.json": json.dumps(model_json(layers, 3)), "model.weights.h5": memory.getvalue()}
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def save_rows(name, rows):
    rows.astype(np.float32).tofile(os.path.join(FOLDER, name))


def answers(layers, x):
    for layer in layers:
        x = layer(x)
    return x


def main():
    os.makedirs(FOLDER, exist_ok=True)
    layers = network()
    x = numbers(5, 6)
    x[:, 0] *= 1e-7
    save_rows("x.f32", x)
    save_rows("y2.f32", answers(layers, x.astype(np.float64)))
    save_legacy(os.path.join(FOLDER, "legacy2.h5"), layers, 2)
    with h5py.File(os.path.join(FOLDER, "bare.h5"), "w") as file:
        put_legacy(file, layers, 2)
    with open(os.path.join(FOLDER, "bare.json"), "w") as file:
        json.dump({**model_json(layers, 2), "keras_version": "2.4.0"}, file, indent=1)
    gate = next(layer for layer in layers if layer.name == "gate")
    gate.call = lambda x, w, b: np.clip((x @ w + b + 3) / 6, 0, 1)  # Keras 3's hard_sigmoid
    save_rows("y3.f32", answers(layers, x.astype(np.float64)))
    save_legacy(os.path.join(FOLDER, "legacy3.h5"), layers, 3)
    save_archive(os.path.join(FOLDER, "archive.keras"), layers)
    save_archive(os.path.join(FOLDER, "archive_new.keras"), layers, libver="latest")


if __name__ == "__main__":
    main()

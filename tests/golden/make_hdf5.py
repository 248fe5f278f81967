#!/usr/bin/env python3
# Nothing -> tests/golden/hdf5: small HDF5 files of every form that lamina reads or refuses, and what h5py reads in them.
# SPDX-License-Identifier: Apache-2.0
"""Run once with any h5py >= 3 on HDF5 >= 1.10 and commit the result: python3 tests/golden/make_hdf5.py

read/NAME.h5      a file that lamina reads
read/NAME.txt     what h5py reads in it, a line each; names, texts and numbers are separated by tabs:
                  group PATH, then its members; texts PATH ATTRIBUTE, then the values;
                  dataset PATH SHAPE, then the elements as float32
refuse/NAME.h5    a file that lamina refuses, for what NAME says; what is refused lies at /x
"""
import ctypes
import os
import shutil

import h5py
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hdf5")
OLD = {"libver": "earliest"}
V108 = {"libver": ("v108", "v108")}
NEW = {"libver": "latest"}


def keras(file):
    file.attrs["model_config"] = '{"class_name": "Sequential"}'
    file.attrs["layer_names"] = np.array([b"dense", b"dense_1"])
    file.attrs["weight_names"] = np.array(["kernel", "\u00fcber", ""], dtype=h5py.string_dtype())
    file.attrs["none"] = np.zeros(0)
    dense = file.create_group("layers/dense")
    dense["kernel"] = np.array([[1.5, -2], [3, 4], [1e-40, np.inf]], np.float32)
    dense["bias:0"] = np.array([0.5, -0.0], np.float32)


def types(file):
    for dtype in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "u1", "<u2", ">u4", "<u8"]:
        file["n" + dtype.replace("<", "l").replace(">", "b")] = np.array([0, 1, 200], dtype)
    for dtype in ["i1", ">i2", "<i4", ">i8"]:
        file["s" + dtype.replace("<", "l").replace(">", "b")] = np.array([[-1], [100]], dtype)
    file["scalar"] = np.float32(2.5)
    file["zero"] = np.zeros((0, 3), np.float32)
    bfloat16 = file.create_dataset("bfloat16", data=np.array([0x3FC0, 0xC000], "<u2").view("V2"))
    bfloat16.attrs["dtype"] = "bfloat16"
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((2, 1))
    h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F32LE, space, compact).write(
        h5py.h5s.ALL, h5py.h5s.ALL, np.array([[7], [8]], np.float32))


def texts(file):
    for name, padding in [("terminated", h5py.h5t.STR_NULLTERM), ("null", h5py.h5t.STR_NULLPAD),
                          ("space", h5py.h5t.STR_SPACEPAD)]:
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(6)
        kind.set_strpad(padding)
        end = b" " if padding == h5py.h5t.STR_SPACEPAD else b"\0"
        attribute = h5py.h5a.create(file.id, name.encode(), kind, h5py.h5s.create_simple((2,)))
        attribute.write(np.array([b"ab" + 4 * end, b"a b" + 3 * end]).view("V6"), kind)
    file.attrs["number"] = 3
    file.attrs["null_space"] = h5py.Empty("S1")


def many(file, members, attributes=0, huge=False):
    for i in range(members):
        file.create_group("dense_%d" % i)
    for i in range(attributes):
        file.attrs["weight_names%d" % i] = np.array([b"kernel%d" % i, b"bias%d" % i])
    if huge:  # beyond what a heap keeps in its blocks
        file.attrs["huge"] = np.array([b"%020d" % i for i in range(250)])


def write(name, fill, kind, **options):
    path = os.path.join(FOLDER, "read", name)
    with h5py.File(path + ".h5", "w", **kind, **options) as file:
        fill(file)
    describe(path)


def describe(path):
    def line(*parts):
        listing.write("\t".join(parts) + "\n")

    def visit(item):
        for key in item.attrs:
            value = item.attrs[key]
            kind = item.attrs.get_id(key).get_type()
            if isinstance(value, h5py.Empty) or np.size(value) == 0:
                line("texts", item.name, key)
            elif isinstance(kind, h5py.h5t.TypeStringID):
                values = [v if isinstance(v, str) else v.decode() for v in np.array(value, object).reshape(-1)]
                line("texts", item.name, key, *[v.rstrip(" \0") for v in values])
        if isinstance(item, h5py.Dataset):
            data = item[()]
            if data.dtype.kind == "V":
                data = (data.view("<u2").astype("<u4") << 16).view("<f4")
            shape = "[%s]" % ", ".join(map(str, data.shape))
            line("dataset", item.name, shape, *["%.9g" % v for v in np.asarray(data, np.float32).reshape(-1)])
        else:
            line("group", item.name, *item.keys())
            for key in item:
                visit(item[key])

    with h5py.File(path + ".h5", "r") as file, open(path + ".txt", "w") as listing:
        visit(file["/"])


def with_settings(path, fill, settings):
    identifier = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    settings(identifier)
    with h5py.File(h5py.h5f.create((path + ".h5").encode(), h5py.h5f.ACC_TRUNC, identifier)) as file:
        fill(file)


def library():
    """The C library in which h5py's identifiers are valid, for what h5py does not wrap."""
    with open("/proc/self/maps") as maps:
        return ctypes.CDLL(next(line.split()[-1] for line in maps if "libhdf5" in line and "_hl" not in line))


def narrow(identifier):
    """Trees with two children a node, so that few members make a deep tree; superblock 1 for its other setting."""
    library().H5Pset_sym_k(ctypes.c_int64(identifier.id), 1, 1)
    library().H5Pset_istore_k(ctypes.c_int64(identifier.id), 16)


def shared_messages(identifier):
    library().H5Pset_shared_mesg_nindexes(ctypes.c_int64(identifier.id), 1)
    library().H5Pset_shared_mesg_index(ctypes.c_int64(identifier.id), 0, 0x1F, 8)


def refuse(name, fill, kind=NEW, **options):
    with h5py.File(os.path.join(FOLDER, "refuse", name + ".h5"), "w", **kind, **options) as file:
        fill(file)


def external_storage(file):
    file.create_dataset("x", (2,), "f4", external=[("elsewhere.bin", 0, 8)])


def virtual(file):
    layout = h5py.VirtualLayout((2,), "f4")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "y", (2,))
    file.create_virtual_dataset("x", layout)


def committed(file):
    file["type"] = np.dtype("<f4")
    file.create_dataset("x", data=np.zeros(2, np.float32), dtype=file["type"])


def hard_link(file):
    file["x"] = np.zeros(2, np.float32)
    file["y"] = file["x"]


def loop(file):
    file.create_group("x")["up"] = file["/"]


def put(value, **options):
    return lambda file: file.create_dataset("x", data=value, **options)


def link(value):
    def fill(file):
        file["x"] = value
    return fill


def refuse_all():
    chunks = {"chunks": (2,)}
    numbers = np.arange(4, dtype=np.float32)
    for name, kind in [("old", OLD), ("new", NEW)]:
        refuse("chunked_" + name, put(numbers, **chunks), kind)
        refuse("deflate_" + name, put(numbers, compression="gzip", **chunks), kind)
        refuse("soft_link_" + name, link(h5py.SoftLink("/y")), kind)
        refuse("external_link_" + name, link(h5py.ExternalLink("elsewhere.h5", "/y")), kind)
        refuse("external_storage_" + name, external_storage, kind)
        refuse("committed_" + name, committed, kind)
        refuse("hard_link_" + name, hard_link, kind)
        refuse("loop_" + name, loop, kind)
        refuse("unwritten_" + name, lambda file: file.create_dataset("x", (3,), "f4"), kind)
        refuse("compound_" + name, put(np.zeros(2, [("a", "f4"), ("b", "i4")])), kind)
    refuse("virtual", virtual)
    refuse("boolean", put(np.array([True])))
    refuse("complex", put(np.zeros(2, "c8")))
    refuse("array", lambda file: file.create_dataset("x", (2,), "2f4"))
    refuse("reference", lambda file: file.create_dataset("x", data=file.ref, dtype=h5py.ref_dtype))
    refuse("string", put("text"))
    refuse("list", lambda file: file.create_dataset("x", (1,), h5py.vlen_dtype("f4")))
    refuse("opaque", put(np.zeros(2, "V2")))
    refuse("nested", lambda file: file.create_group(33 * "/x"))
    refuse("bit_field", lambda file: h5py.h5d.create(file.id, b"x", h5py.h5t.STD_B8LE, h5py.h5s.create_simple((2,))))
    refuse("null", put(h5py.Empty("f4")))
    refuse("rank_9", put(np.zeros(9 * (1,), np.float32)))
    refuse("double_too_large", put(np.array([1e300])))
    with_settings(os.path.join(FOLDER, "refuse", "small_sizes"), put(numbers), lambda identifier: identifier.set_sizes(4, 4))
    with_settings(os.path.join(FOLDER, "refuse", "shared_messages"), put(numbers), shared_messages)
    path = os.path.join(FOLDER, "refuse", "open_for_writing.h5")
    with h5py.File(path + ".tmp", "w", **NEW) as file:
        put(numbers)(file)
        file.swmr_mode = True
        shutil.copy(path + ".tmp", path)
    os.remove(path + ".tmp")
    refuse("user_block", put(numbers), userblock_size=512)


def main():
    for folder in ["read", "refuse"]:
        os.makedirs(os.path.join(FOLDER, folder), exist_ok=True)
    for name, kind in [("old", OLD), ("v108", V108), ("new", NEW)]:
        write("keras_" + name, keras, kind)
    write("types_old", types, OLD)
    write("types_new", types, NEW)
    write("texts_old", texts, OLD)
    write("texts_new", texts, NEW)
    write("many_old", lambda file: many(file, 12, 9), OLD)
    write("many_new", lambda file: many(file, 60, 12, huge=True), NEW)
    write("dense", lambda file: many(file, 12, 9), NEW)
    write("by_creation_old", lambda file: [file.create_group(name) for name in ["b", "a", "c"]], OLD, track_order=True)
    write("by_creation_new", lambda file: [file.create_group(name) for name in "ihgfedcba"], NEW, track_order=True)
    for name, settings in [("narrow", narrow), ("extension", lambda identifier: identifier.set_file_space_strategy(
            h5py.h5f.FSPACE_STRATEGY_AGGR, False, 1))]:
        path = os.path.join(FOLDER, "read", name)
        with_settings(path, lambda file: many(file, 9), settings)
        describe(path)
    refuse_all()


if __name__ == "__main__":
    main()

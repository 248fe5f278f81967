# lamina serve under valid, invalid, slow and leaving clients and reloads for a while -> memory, descriptors, wrong answers.
# SPDX-License-Identifier: Apache-2.0
"""usage: soak.py LAMINA-PROGRAM SOURCE-FOLDER SECONDS"""
import os
import random
import signal
import sys
import threading
import time

from client import Rows, Server, answers_of_run, binary_request, json_request, output_bytes, post

PROGRAM, SOURCE, SECONDS = sys.argv[1], sys.argv[2], float(sys.argv[3])
MODEL = os.path.join(SOURCE, "models/digits/model.safetensors")
X = Rows(os.path.join(SOURCE, "models/digits/x.npy"))
Y = answers_of_run(PROGRAM, MODEL, os.path.join(SOURCE, "models/digits/x.npy"))
INFER = "/v2/models/digits/infer"
PAUSE = 0.001  # between requests of one client
SAMPLES = 20
ALLOWED_GROWTH = 4 << 20  # of memory, from the first quarter to the end

counts, counts_lock = {}, threading.Lock()
stop = threading.Event()


def count(name):
    with counts_lock:
        counts[name] = counts.get(name, 0) + 1


def expect(condition, name):
    count(name if condition else "wrong: " + name)


def valid(server, draw):
    with server.connect() as connection:
        for _ in range(draw.randrange(1, 200)):
            first = draw.randrange(X.count - 64)
            last = first + draw.randrange(1, 65)
            if draw.random() < 0.5:
                response = connection.post(INFER, json_request(X, first, last, nested=draw.random() < 0.5))
            else:
                response = connection.post(INFER, *binary_request(X, first, last, binary_output=draw.random() < 0.5))
            expect(response.status == 200 and output_bytes(response) == Y[first:last], "valid")
            time.sleep(PAUSE)


def invalid(server, draw):
    with server.connect() as connection:
        for _ in range(draw.randrange(1, 50)):
            body = bytearray(json_request(X, 0, draw.randrange(1, 4)))
            del body[draw.randrange(len(body)):]
            expect(connection.post(INFER, bytes(body)).status == 400, "invalid")
            expect(connection.post(INFER, *binary_request(X, 0, 65)).status == 400, "invalid")
            expect(connection.get("/v2/models/none").status == 404, "invalid")
            time.sleep(PAUSE)
        connection.send(bytes(draw.randrange(256) for _ in range(draw.randrange(1, 3000))) + b"\r\n\r\n")
        expect(connection.receive().status in (400, 431), "invalid")


def leaving(server, draw):
    data = post(INFER, json_request(X, 0, draw.randrange(1, 65)))
    with server.connect() as connection:
        connection.send(data[:draw.randrange(len(data) + 1)])
    count("left")
    time.sleep(PAUSE)


def slow(server, draw):
    i = draw.randrange(X.count)
    data = post(INFER, json_request(X, i, i + 1))
    with server.connect() as connection:
        if draw.random() < 0.5:
            for begin in range(0, len(data), 50):
                connection.send(data[begin:begin + 50])
                time.sleep(0.02)
            expect(output_bytes(connection.receive()) == Y[i], "slow")
        else:
            connection.send(data[:draw.randrange(1, len(data))])
            expect(connection.receive().status == 408 and connection.is_closed(), "too slow")


def repeat(server, action, seed):
    draw = random.Random(seed)
    while not stop.is_set():
        try:
            action(server, draw)
        except Exception as error:  # whatever it is, it is not what was to come
            count("wrong: %s: %r" % (action.__name__, error))


def sample(server):
    server.send(signal.SIGHUP)
    time.sleep(0.5)
    metrics = server.metrics()
    return metrics["process_resident_memory_bytes"], metrics["process_open_fds"]


def judge(samples, idle_files, last, cpu):
    print("\n".join("%s %d" % item for item in sorted(counts.items())))
    memory = [bytes_ / 2**20 for bytes_, _ in samples]
    print("memory, MiB: " + " ".join("%.1f" % each for each in memory))
    print("descriptors: " + " ".join("%d" % files for _, files in samples))
    print("at the end, without clients: %.1f MiB, %d descriptors (%d before), %.0f CPU seconds" %
          (last[0] / 2**20, last[1], idle_files, cpu))
    assert not [name for name in counts if name.startswith("wrong")]
    assert last[1] == idle_files
    settled = max(bytes_ for bytes_, _ in samples[:SAMPLES // 4])
    assert max(bytes_ for bytes_, _ in samples[SAMPLES // 4:]) - settled <= ALLOWED_GROWTH


def main():
    with Server(PROGRAM, "digits=" + MODEL, "--read-timeout", "2", "--max-delay", "50") as server:
        idle_files = sample(server)[1]
        actions = [valid, valid, valid, invalid, leaving, slow, slow, slow]
        threads = [threading.Thread(target=repeat, args=(server, action, seed)) for seed, action in enumerate(actions)]
        for thread in threads:
            thread.start()
        samples = []
        for _ in range(SAMPLES):
            time.sleep(SECONDS / SAMPLES - 0.5)
            samples.append(sample(server))
        stop.set()
        for thread in threads:
            thread.join()
        time.sleep(1)
        last = sample(server)
        cpu = server.cpu_seconds()
        assert server.end() == 0
    judge(samples, idle_files, last, cpu)


if __name__ == "__main__":
    main()
